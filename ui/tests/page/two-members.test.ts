/** The script that pays between two real nodes, run against two made-up ones. */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { serve } from "../fake/server.ts";
import { Village } from "../fake/village.ts";

const SCRIPT = fileURLToPath(new URL("../two-members.mjs", import.meta.url));

test("two members pay each other, with the payee away for a while", async () => {
  const village = new Village();
  const anna = await serve(village.newcomer());
  const ben = await serve(village.newcomer());
  const script = spawn(process.execPath, [SCRIPT, anna.url, ben.url, "--offline"], {
    env: { ...process.env, WEIR_STEP_SECONDS: "15" },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const said: string[] = [];
  createInterface({ input: script.stdout }).on("line", (line) => {
    said.push(line);
    if (line === ">> stop 2") ben.host.stop();
    if (line === ">> start 2") ben.host.start();
    if (line.startsWith(">>")) script.stdin.write("done\n");
  });
  const code = await new Promise((ended) => script.on("close", ended));
  await Promise.all([anna.close(), ben.close()]);
  expect(said.at(-1)).toMatch(/two members: \d+ steps passed/);
  expect(code).toBe(0);
});
