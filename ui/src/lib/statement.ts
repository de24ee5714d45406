/** A month as it is printed: the entries from its end back to the end of the month before. */
import type { ActivityItem } from "../wire/types.ts";
import { moved } from "./entries.ts";

export type Month = {
  /** Oldest first; without those that only keep the record in order. */
  rows: ActivityItem[];
  closed: boolean;
  from_ms: number;
  until_ms: number;
  opening: bigint;
  closing: bigint;
  sold: bigint;
  bought: bigint;
  fees: bigint;
  levy: bigint;
};

/** Where the month of the first entry began: the statement before it, or the opening. */
function beginning(newestFirst: ActivityItem[]): number {
  const ends = ({ kind }: ActivityItem, at: number) =>
    kind === "opened" || (kind === "month_closed" && at > 0);
  return newestFirst.findIndex(ends);
}

export function isWhole(newestFirst: ActivityItem[]): boolean {
  return beginning(newestFirst) >= 0;
}

/** Null when an entry is missing or a balance is not what the entries make it. */
export function monthOf(newestFirst: ActivityItem[]): Month | null {
  const at = beginning(newestFirst);
  const [last, first] = [newestFirst[0], newestFirst[at]];
  if (!last || !first) return null;
  const opened = first.kind === "opened";
  const entries = newestFirst.slice(0, opened ? at + 1 : at).reverse();
  const month: Month = {
    rows: entries.filter(({ kind }) => kind !== "checkpoint"),
    closed: last.kind === "month_closed",
    from_ms: first.at_ms,
    until_ms: last.at_ms,
    opening: opened ? 0n : BigInt(first.balance),
    closing: BigInt(last.balance),
    sold: 0n,
    bought: 0n,
    fees: 0n,
    levy: 0n,
  };
  let balance = month.opening;
  for (const item of entries) {
    const change = moved(item) ?? 0n;
    balance += change;
    if (balance !== BigInt(item.balance)) return null;
    if (item.kind === "received") month.sold += change;
    if (item.kind === "month_closed") month.levy -= change;
    // What came back is taken off what was bought, as in the record itself.
    if (item.kind === "came_back") month.bought -= change;
    if (item.kind === "paid") {
      month.bought += BigInt(item.payment.amount);
      month.fees += BigInt(item.payment.fee);
    }
  }
  return month;
}
