/** What an entry of the account was and did, the same in every list of them. */
import type { ActivityItem, Payment } from "../wire/types.ts";
import { people } from "./people.svelte.ts";
import { say } from "./words.ts";

/** What the entry did to the balance; null when it moved nothing. */
export function moved(item: ActivityItem): bigint | null {
  switch (item.kind) {
    case "paid":
      return -(BigInt(item.payment.amount) + BigInt(item.payment.fee));
    case "received":
      return item.payments.reduce((sum, payment) => sum + BigInt(payment.amount), 0n);
    case "came_back":
      return BigInt(item.payment.amount);
    case "month_closed":
      return item.levy === "0" ? null : -BigInt(item.levy);
    default:
      return null;
  }
}

export function paymentsOf(item: ActivityItem): Payment[] {
  if (item.kind === "received") return item.payments;
  return "payment" in item ? [item.payment] : [];
}

/** One of the payments that the entry names. */
export function titleOf(item: ActivityItem, payment: Payment): string {
  const mine = item.kind === "paid" || item.kind === "came_back";
  const kind = item.kind as "paid" | "received" | "sent_back" | "came_back";
  return say(`activity.${kind}`, {
    name: people.name(mine ? payment.payee : payment.payer),
  });
}

/** An entry that names no payment. */
export function titleAlone({ kind }: ActivityItem): string {
  if (kind === "opened") return say("activity.opened");
  return say(kind === "month_closed" ? "activity.month_closed" : "activity.checkpoint");
}
