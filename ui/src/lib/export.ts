/** The account as a file that other programs read: Weir's own program makes it. */
import { askProgram, saveFile } from "./file.ts";

/** What can be asked for, and the file that comes of it. */
export const FORMATS = {
  csv: "weir-account.csv",
  "csv-full": "weir-account-full.csv",
  hledger: "weir-account.journal",
  beancount: "weir-account.beancount",
  camt053: "weir-account.xml",
} as const;

export type Format = keyof typeof FORMATS;
/** Days as a date field gives them (2026-01-31); empty for all there are. */
export type Period = { from: string; to: string };

/** A long account takes its time to be gathered. */
const ANSWER_MS = 300_000;

/** Gathers the account, saves it as a file, and gives the number of its rows. */
export async function saveExport(format: Format, { from, to }: Period): Promise<number> {
  const wish = { format, from: from || null, to: to || null };
  const answer = await askProgram("export", wish, ANSWER_MS);
  const rows = Number(answer.headers.get("weir-rows"));
  saveFile(await answer.blob(), FORMATS[format]);
  return rows;
}
