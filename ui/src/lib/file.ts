/** What only Weir's own program can make, and saving it as a file of the member's. */
import type { Problem } from "../wire/types.ts";
import { beside } from "./host.ts";
import { problemOf, Refused } from "./problem.ts";

/** Asks the program; what it refuses is thrown as a `Refused`. */
export async function askProgram(name: string, wish: object, waitMs: number): Promise<Response> {
  const answer = await fetch(beside(name), {
    method: "POST",
    body: JSON.stringify(wish),
    headers: { "content-type": "application/json" },
    signal: AbortSignal.timeout(waitMs),
  }).catch((error: unknown) => {
    throw new Refused(problemOf(error));
  });
  if (answer.ok) return answer;
  const told = (await answer.json().catch(() => null)) as Problem | null;
  throw told ? new Refused(told) : new Error(`/${name} answered ${answer.status}`);
}

export function saveFile(file: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  // The browser has taken the file over before this task ends.
  setTimeout(() => URL.revokeObjectURL(link.href), 0);
}
