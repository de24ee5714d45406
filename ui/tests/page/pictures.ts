/** Pictures of codes for tests: as a file, and as what a made-up camera sees. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deflateSync } from "node:zlib";
import { create } from "qrcode/lib/core/qrcode.js";

const [WIDTH, HEIGHT] = [640, 480];

/** A grey picture with the code in its middle, one byte for each point; empty for no code. */
function points(code: string): Buffer {
  const picture = Buffer.alloc(WIDTH * HEIGHT, 0xff);
  if (code === "") return picture;
  const { modules } = create(code, { errorCorrectionLevel: "M" });
  const scale = Math.floor((HEIGHT - 40) / modules.size);
  const middle = (side: number) => (side - modules.size * scale) >> 1;
  for (let y = 0; y < modules.size * scale; y += 1) {
    for (let x = 0; x < modules.size * scale; x += 1) {
      const at = Math.floor(y / scale) * modules.size + Math.floor(x / scale);
      if (modules.data[at]) picture[(y + middle(HEIGHT)) * WIDTH + x + middle(WIDTH)] = 0;
    }
  }
  return picture;
}

/** A PNG with the code. */
export function pictureOf(code: string): Buffer {
  const picture = points(code);
  const rows = Array.from({ length: HEIGHT }, (_, y) =>
    Buffer.concat([Buffer.of(0), picture.subarray(y * WIDTH, (y + 1) * WIDTH)]),
  );
  const header = Buffer.alloc(13);
  header.writeUInt32BE(WIDTH, 0);
  header.writeUInt32BE(HEIGHT, 4);
  header.set([8, 0, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(Buffer.concat(rows))),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function chunk(name: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(name, "latin1"), data]);
  const whole = Buffer.alloc(body.length + 8);
  whole.writeUInt32BE(data.length, 0);
  body.copy(whole, 4);
  whole.writeUInt32BE(crc32(body), body.length + 4);
  return whole;
}

function crc32(bytes: Buffer): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}

/** Flags of a browser whose camera sees the code. */
export function cameraWith(code: string): { flags: string[]; remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), "weir-camera-"));
  const file = join(folder, "code.y4m");
  const grey = Buffer.alloc((WIDTH * HEIGHT) / 2, 0x80);
  const frame = Buffer.concat([Buffer.from("FRAME\n"), points(code), grey]);
  const head = Buffer.from(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F10:1 Ip A1:1 C420jpeg\n`);
  writeFileSync(file, Buffer.concat([head, ...Array.from({ length: 10 }, () => frame)]));
  const flags = [
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    `--use-file-for-fake-video-capture=${file}`,
  ];
  return { flags, remove: () => rmSync(folder, { recursive: true }) };
}
