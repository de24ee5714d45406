/** What follows from an ask by itself. */
import type { AskStatus, AskView } from "../wire/types.ts";
import { DAY_MS } from "./dates.ts";

/** An invoice that is acknowledged comes back to mind this long before it is due. */
const SOON_MS = 3 * DAY_MS;
/** A member who joined later than this is told to be new here. */
const NEW_MS = 30 * DAY_MS;

/** True while it can be paid. */
export function isOpen({ status }: AskView): boolean {
  return status === "open" || status === "acknowledged";
}

/** How an ask stands in one word: what was paid already is told apart from what waits. */
export function standing(ask: AskView): AskStatus | "again" | "part" {
  if (ask.paid === "0" || !isOpen(ask)) return ask.status;
  return ask.due_ms !== null && ask.remaining !== null ? "part" : "again";
}

/** Does this ask want something of its payer now? */
export function needsAnswer(ask: AskView, now: number): boolean {
  if (standing(ask) === "again") return false;
  if (ask.status === "open") return true;
  return ask.status === "acknowledged" && ask.due_ms !== null && ask.due_ms < now + SOON_MS;
}

export function isLate({ due_ms }: AskView, now: number): boolean {
  return due_ms !== null && due_ms < now;
}

export function isNew(since_ms: number, now: number): boolean {
  return now - since_ms < NEW_MS;
}

/** What a member still owes on invoices that are open. */
export type Tab = { member: string; asks: AskView[]; sum: bigint; due_ms: number };

/** Open invoices to members, the one due first on top; without those of an open amount. */
export function tabs(own: AskView[]): Tab[] {
  const found = new Map<string, Tab>();
  for (const ask of own) {
    const { payer, due_ms, remaining } = ask;
    if (payer === null || due_ms === null || remaining === null || !isOpen(ask)) continue;
    const tab = found.get(payer) ?? { member: payer, asks: [], sum: 0n, due_ms };
    tab.asks.push(ask);
    tab.sum += BigInt(remaining);
    tab.due_ms = Math.min(tab.due_ms, due_ms);
    found.set(payer, tab);
  }
  return [...found.values()].sort((a, b) => a.due_ms - b.due_ms);
}

/** Invoices that their payers have acknowledged, with what remains; the one due first on top. */
export function obligations(asks: AskView[]): AskView[] {
  return asks
    .filter(({ status, remaining }) => status === "acknowledged" && remaining !== null)
    .sort((a, b) => (a.due_ms ?? 0) - (b.due_ms ?? 0));
}
