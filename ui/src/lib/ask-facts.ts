/** What follows from an ask by itself. */
import type { AskView } from "../wire/types.ts";

const DAY_MS = 86_400_000;
/** An invoice that is acknowledged comes back to mind this long before it is due. */
const SOON_MS = 3 * DAY_MS;
/** A member who joined later than this is told to be new here. */
const NEW_MS = 30 * DAY_MS;

/** True while it can be paid. */
export function isOpen({ status }: AskView): boolean {
  return status === "open" || status === "acknowledged";
}

/** Does this ask want something of its payer now? */
export function needsAnswer(ask: AskView, now: number): boolean {
  if (ask.status === "open") return true;
  return ask.status === "acknowledged" && ask.due_ms !== null && ask.due_ms < now + SOON_MS;
}

export function isLate({ due_ms }: AskView, now: number): boolean {
  return due_ms !== null && due_ms < now;
}

export function isNew(since_ms: number, now: number): boolean {
  return now - since_ms < NEW_MS;
}
