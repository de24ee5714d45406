/**
 * `npm run dev` serves a made-up village (WEIR_WORLD=newcomer: before joining); with
 * WEIR_NODE=http://127.0.0.1:PORT it hands the program's addresses on to a real one.
 */
import type { Plugin } from "vite";
import { FakeHost } from "./host.ts";
import { busyVillage, newcomer } from "./worlds.ts";

export function fakeVillage(): Plugin {
  const real = process.env.WEIR_NODE;
  return {
    name: "fake-village",
    apply: "serve",
    config: () => {
      if (!real) return {};
      // The program answers only its own origin; this developer's proxy speaks in its name.
      const to = { target: real, changeOrigin: true, headers: { origin: new URL(real).origin } };
      return {
        server: {
          proxy: {
            "/token": to,
            "/sign": to,
            "/export": to,
            "/backup": to,
            "/doctor": to,
            "/status": to,
            "/app": { ...to, ws: true },
          },
        },
      };
    },
    configureServer(server) {
      if (real) return;
      const world = process.env.WEIR_WORLD === "newcomer" ? newcomer() : busyVillage();
      const host = new FakeHost(world.anna);
      server.httpServer?.on("upgrade", (request, socket, head) =>
        host.upgrade(request, socket, head),
      );
      server.middlewares.use((request, response, next) => {
        host.answer(request, response).then((done) => done || next(), next);
      });
    },
  };
}
