/** What Weir's own program can do for a member in trouble. */
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
