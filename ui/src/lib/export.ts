/** The account as a file that other programs read: Weir's own program makes it. */
import { beside } from "./host.ts";
import { problemOf, Refused } from "./problem.ts";
import type { Problem } from "../wire/types.ts";

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
  const answer = await ask({ format, from: from || null, to: to || null });
  const rows = Number(answer.headers.get("weir-rows"));
  save(await answer.blob(), FORMATS[format]);
  return rows;
}

async function ask(wish: object): Promise<Response> {
  const answer = await fetch(beside("export"), {
    method: "POST",
    body: JSON.stringify(wish),
    headers: { "content-type": "application/json" },
    signal: AbortSignal.timeout(ANSWER_MS),
  }).catch((error: unknown) => {
    throw new Refused(problemOf(error));
  });
  if (answer.ok) return answer;
  const told = (await answer.json().catch(() => null)) as Problem | null;
  throw told ? new Refused(told) : new Error(`/export answered ${answer.status}`);
}

function save(file: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  // The browser has taken the file over before this task ends.
  setTimeout(() => URL.revokeObjectURL(link.href), 0);
}
