import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig, type Plugin } from "vite";
import { fakeVillage } from "./tests/fake/dev-plugin.ts";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  // Relative addresses let the same build stand behind a proxy or inside a launcher.
  base: "./",
  resolve: {
    alias: {
      // The page never signs by itself: 150 kB (gzipped) of key code would only delay it.
      "libsodium-wrappers": here("./src/lib/no-key-code.ts"),
      "@bitgo/blake2b": here("./src/lib/no-key-code.ts"),
    },
  },
  plugins: [svelte(), fakeVillage(), qrWorkerAsFile()],
  build: {
    target: "es2022",
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
});

/**
 * The reader of QR pictures carries its worker as a text that it runs from a blob, and the page's
 * content policy forbids that. In the build the worker becomes a file of its own.
 */
function qrWorkerAsFile(): Plugin {
  const text = /new Blob\(\[`([\s\S]*)`\]\)/;
  const hole = /(?<!\\)\$\{/;
  return {
    name: "qr-worker-as-file",
    apply: "build",
    load: {
      filter: { id: /qr-scanner-worker\.min\.js$/ },
      async handler(id) {
        const inside = text.exec(await readFile(id, "utf8"))?.[1];
        if (!inside || hole.test(inside)) throw new Error("qr-scanner carries no worker text");
        const source = inside.replace(/\\([\\`$])/g, "$1");
        const file = this.emitFile({ type: "asset", name: "qr-worker.js", source });
        const url = `import.meta.ROLLUP_FILE_URL_${file}`;
        return `export const createWorker = () => new Worker(${url});`;
      },
    },
  };
}
