/** What Weir's own program can do for a member in trouble: a backup, and a report to give away. */
import { askProgram, saveFile } from "./file.ts";

/** To seal a backup takes a second or two, and so does a wrong passphrase. */
const ANSWER_MS = 30_000;
const BACKUP = "weir.backup";

/** Makes a backup, sealed with the member's own passphrase, and saves it as a file. */
export async function saveBackup(passphrase: string): Promise<void> {
  const answer = await askProgram("backup", { passphrase }, ANSWER_MS);
  const { backup } = (await answer.json()) as { backup: string };
  saveFile(new Blob([backup], { type: "application/json" }), BACKUP);
}

/** What is wrong with this device, as a text without private facts. */
export async function report(): Promise<string> {
  const answer = await askProgram("doctor", {}, ANSWER_MS);
  return ((await answer.json()) as { text: string }).text;
}
