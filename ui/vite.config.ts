import { fileURLToPath } from "node:url";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";
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
  plugins: [svelte(), fakeVillage()],
  build: {
    target: "es2022",
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
});
