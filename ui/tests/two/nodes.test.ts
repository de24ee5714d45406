/** Two members on two nodes, which they run themselves; `WEIR_PROGRAM` is the program. */
import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { launch } from "../page/browser.ts";
import { play } from "./play.ts";

const TRIAL = fileURLToPath(new URL("../../../node/src/demo/trial.yaml", import.meta.url));
const PATIENCE = 120_000;

/** Every program that was started: all of them end with the test. */
const started: ChildProcess[] = [];

/** A running program and the line with which it said that it is there. */
type Running = { process: ChildProcess; said: string };

async function start(program: string, words: string[]): Promise<Running> {
  const process = spawn(program, words, { stdio: ["ignore", "pipe", "inherit"] });
  started.push(process);
  const said = await new Promise<string>((heard, failed) => {
    createInterface({ input: process.stdout }).once("line", heard);
    process.once("exit", (code) => failed(new Error(`weir ${words[0]} ended with ${code}`)));
  });
  return { process, said };
}

async function stop(process: ChildProcess): Promise<void> {
  if (process.exitCode !== null || process.signalCode !== null) return;
  const ended = new Promise((done) => process.once("exit", done));
  process.kill("SIGTERM");
  await ended;
}

test("two members pay each other, with the payee away for a while", async () => {
  const program = process.env.WEIR_PROGRAM ?? "";
  expect(program, "WEIR_PROGRAM names the program").not.toBe("");
  const folder = mkdtempSync(join(tmpdir(), "weir-two-"));
  const passphrase = join(folder, "passphrase");
  writeFileSync(passphrase, "a long passphrase\n");
  chmodSync(passphrase, 0o600);

  // Both want to be asked, so that the story can wait for each step.
  for (const member of ["anna", "ben"]) {
    mkdirSync(join(folder, member), { mode: 0o700 });
    writeFileSync(join(folder, member, "preferences.json"), '{"take_up_to":"0"}');
  }

  const run = (member: string, meet: string, port: string) => {
    const words = ["run", "--json", "--data", join(folder, member), "--port", port];
    words.push("--passphrase-file", passphrase, "--meet", meet);
    return start(program, [...words, "--charter", TRIAL, "--network-seed", "two members"]);
  };
  const address = ({ said }: Running) => (JSON.parse(said) as { url: string }).url;
  const browser = await launch();
  try {
    const meeting = await start(program, ["meet", "--listen", "127.0.0.1:0"]);
    const meet = meeting.said.split(" ").at(-1) ?? "";
    const anna = await run("anna", meet, "0");
    let ben = await run("ben", meet, "0");
    const addresses: [string, string] = [address(anna), address(ben)];
    const away = {
      stop: () => stop(ben.process),
      start: async () => {
        ben = await run("ben", meet, new URL(addresses[1]).port);
      },
    };
    await play(browser, addresses, away, PATIENCE);
  } finally {
    await browser.close();
    await Promise.all(started.map(stop));
    rmSync(folder, { recursive: true });
  }
});
