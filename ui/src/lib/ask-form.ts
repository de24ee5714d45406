/** Checks an ask before it is reviewed, with the same sentences that the network would cause. */
import type { Ask, CharterInfo } from "../wire/types.ts";
import type { AskDraft } from "./ask-draft.svelte.ts";
import { dateField, endOfDay } from "./dates.ts";
import { parseAmount } from "./money.ts";
import { MEMO_BYTES_MAX } from "./pay-form.ts";
import { refusalText } from "./refusals.ts";
import { say } from "./words.ts";

/** The longest text that a code carries in the open. */
export const REFERENCE_BYTES_MAX = 60;
/** An ask ends at most 400 days after it was written; one day is left for the time of the day. */
export const LIFE_DAYS_MAX = 399;

/** By field id, in the order of the form. */
export type AskErrors = {
  who?: string;
  amount?: string;
  category?: string;
  memo?: string;
  due?: string;
  until?: string;
};

export function askErrors(draft: AskDraft, charter: CharterInfo, now = Date.now()): AskErrors {
  const errors: AskErrors = {};
  if (draft.to === "member" && draft.payer === "") errors.who = say("ask.error_who");
  const amount = draft.open ? null : amountError(draft.amount, charter);
  if (amount) errors.amount = amount;
  if (draft.category === null) errors.category = say("pay.error_category");
  const memo = memoError(draft);
  if (memo) errors.memo = memo;
  const [today, last] = [dateField(0, now), dateField(LIFE_DAYS_MAX, now)];
  const isDay = (date: string) => /^\d{4}-\d\d-\d\d$/.test(date);
  // Days of one form compare as texts.
  if (draft.due !== "" && !isDay(draft.due)) errors.due = say("ask.error_day");
  else if (draft.due !== "" && draft.due < today) errors.due = say("ask.error_past");
  if (!isDay(draft.until)) errors.until = say("ask.error_day");
  else if (draft.until < today) errors.until = say("ask.error_past");
  else if (draft.until > last) errors.until = say("ask.error_far", { n: LIFE_DAYS_MAX });
  else if (draft.until < draft.due) errors.until = say("ask.error_order");
  return errors;
}

/** The wish that a draft without errors stands for; null when there is an error left. */
export function asAsk(draft: AskDraft, charter: CharterInfo): Ask | null {
  const { request, category } = draft;
  if (request === null || category === null) return null;
  if (Object.keys(askErrors(draft, charter)).length > 0) return null;
  const amount = parseAmount(draft.amount, charter.unit.decimals);
  const named = draft.to === "member";
  return {
    request,
    first_try: false,
    payer: named ? draft.payer : null,
    amount: draft.open || !amount.ok ? null : String(amount.minor),
    category,
    memo: named ? draft.memo.trim() : null,
    due_ms: draft.due === "" ? null : endOfDay(draft.due),
    until_ms: endOfDay(draft.until),
  };
}

function amountError(typed: string, { unit, amount_min }: CharterInfo): string | null {
  const amount = parseAmount(typed, unit.decimals);
  if (!amount.ok) return say(`pay.error_${amount.why}`, { decimals: unit.decimals });
  const refuse = (code: string, facts: Record<string, string>) =>
    refusalText({ code, message: "", facts }, unit);
  if (amount.minor === 0n) return refuse("AMOUNT_ZERO", {});
  if (amount.minor < BigInt(amount_min)) return refuse("AMOUNT_TOO_SMALL", { min: amount_min });
  return null;
}

function memoError({ memo, to }: AskDraft): string | null {
  if (memo.trim() === "") return say("pay.error_memo");
  const bytes = new TextEncoder().encode(memo.trim()).length;
  if (bytes <= (to === "member" ? MEMO_BYTES_MAX : REFERENCE_BYTES_MAX)) return null;
  const code = to === "member" ? "MEMO_TOO_LONG" : "REFERENCE_TOO_LONG";
  return refusalText({ code, message: "", facts: {} }, null);
}
