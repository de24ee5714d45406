/** The story of two real nodes, told by two made-up ones. */
import { test } from "vitest";
import { serve } from "../fake/server.ts";
import { Village } from "../fake/village.ts";
import { play } from "../two/play.ts";
import { launch } from "./browser.ts";

test("two members pay each other, with the payee away for a while", async () => {
  const village = new Village();
  const anna = await serve(village.newcomer());
  const ben = await serve(village.newcomer());
  const browser = await launch();
  const away = { stop: async () => ben.host.stop(), start: async () => ben.host.start() };
  try {
    await play(browser, [anna.url, ben.url], away, 15_000);
  } finally {
    await browser.close();
    await Promise.all([anna.close(), ben.close()]);
  }
});
