/** Draws a text as a QR picture. The library is loaded when the first one is wanted. */

/** One path on a field of `size` by `size`, without the quiet margin. */
export type Drawing = { size: number; path: string };

export async function drawQr(text: string): Promise<Drawing> {
  const { create } = await import("qrcode/lib/core/qrcode.js");
  const { modules } = create(text, { errorCorrectionLevel: "M" });
  return { size: modules.size, path: outline(modules.size, modules.data) };
}

/** Dark fields of a row that touch are one stroke, so that no gaps show between them. */
export function outline(size: number, dark: ArrayLike<number | boolean>): string {
  let path = "";
  for (let row = 0; row < size; row += 1) {
    for (let from = 0; from < size; from += 1) {
      let to = from;
      while (to < size && dark[row * size + to]) to += 1;
      if (to > from) path += `M${from} ${row}h${to - from}v1h${from - to}z`;
      from = to;
    }
  }
  return path;
}
