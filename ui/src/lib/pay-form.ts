/** Checks a payment before it is reviewed, with the same sentences that the network would cause. */
import type { CharterInfo, Position } from "../wire/types.ts";
import type { Draft } from "./draft.svelte.ts";
import { mostAfter, parseAmount } from "./money.ts";
import { refusalText } from "./refusals.ts";
import { say } from "./words.ts";

/** The longest text that fits the sealed part of a payment. */
export const MEMO_BYTES_MAX = 200;

/** By field id, in the order of the form. */
export type FormErrors = { who?: string; amount?: string; category?: string; memo?: string };

export function payErrors(
  draft: Draft,
  charter: CharterInfo,
  position: Position | null,
): FormErrors {
  const errors: FormErrors = {};
  if (draft.payee === "") errors.who = say("pay.error_who");
  const amount = amountError(draft, charter, position);
  if (amount) errors.amount = amount;
  if (draft.category === null) errors.category = say("pay.error_category");
  const memo = memoError(draft.memo);
  if (memo) errors.memo = memo;
  return errors;
}

function amountError(draft: Draft, charter: CharterInfo, position: Position | null) {
  const { unit, amount_min, fee_bp } = charter;
  const amount = parseAmount(draft.amount, unit.decimals);
  if (!amount.ok) return say(`pay.error_${amount.why}`, { decimals: unit.decimals });
  const refuse = (code: string, facts: Record<string, string>) =>
    refusalText({ code, message: "", facts }, unit);
  if (amount.minor === 0n) return refuse("AMOUNT_ZERO", {});
  if (amount.minor < BigInt(amount_min)) return refuse("AMOUNT_TOO_SMALL", { min: amount_min });
  if (draft.most !== null && amount.minor > BigInt(draft.most)) {
    return refuse("MORE_THAN_ASKED", { asked: String(amount.minor), most: draft.most });
  }
  if (!position) return null;
  const { spendable: most, line, balance } = position;
  if (mostAfter(BigInt(most), amount.minor, fee_bp) >= 0n) return null;
  return refuse("SPEND_OVER_LINE", { most, asked: String(amount.minor), line, balance });
}

function memoError(memo: string): string | null {
  if (memo.trim() === "") return say("pay.error_memo");
  const bytes = new TextEncoder().encode(memo.trim()).length;
  if (bytes <= MEMO_BYTES_MAX) return null;
  return refusalText({ code: "MEMO_TOO_LONG", message: "", facts: {} }, null);
}
