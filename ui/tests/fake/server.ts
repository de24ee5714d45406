/** Serves the built page and one fake member on a loopback port, under the program's policy. */
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { FakeHost } from "./host.ts";
import type { FakeMember } from "./village.ts";

const DIST = fileURLToPath(new URL("../../dist/", import.meta.url));
const TYPES: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
};

/** As in node/src/web/mod.rs, so that what works here works there. */
const POLICY =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; " +
  "style-src-attr 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self'; " +
  "connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; " +
  "frame-ancestors 'none'";

export type Served = { url: string; host: FakeHost; close: () => Promise<void> };

export async function serve(member: FakeMember): Promise<Served> {
  const host = new FakeHost(member);
  const server = createServer(async (request, response) => {
    if (await host.answer(request, response)) return;
    const path = normalize(new URL(request.url ?? "/", "http://page").pathname);
    try {
      const file = await readFile(join(DIST, path === "/" ? "index.html" : path));
      response.writeHead(200, {
        "content-type": TYPES[extname(path)] ?? "text/html; charset=utf-8",
        "content-security-policy": POLICY,
      });
      response.end(file);
    } catch {
      response.writeHead(404).end();
    }
  });
  host.attach(server);
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    host,
    close: () =>
      new Promise((closed) => {
        host.stop();
        server.closeAllConnections();
        server.close(() => closed());
      }),
  };
}
