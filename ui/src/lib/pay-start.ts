/** Begins a payment that was asked for: at its review when nothing is left to fill. */
import type { AskView, CharterInfo, CodeRead } from "../wire/types.ts";
import { account } from "./account.svelte.ts";
import { draft, type Draft } from "./draft.svelte.ts";
import { typedAmount } from "./money.ts";
import { payErrors } from "./pay-form.ts";
import { newRequest } from "./request.ts";
import { href, router } from "./route.svelte.ts";

export function payAsk(ask: AskView, charter: CharterInfo): void {
  start(
    {
      payee: ask.asker,
      amount: amountOf(ask.remaining, charter),
      category: ask.category,
      memo: ask.memo ?? "",
      ask: ask.ask,
      most: ask.remaining,
    },
    charter,
  );
}

/** `ask` is what is known here of the ask that the code names. */
export function payCode(code: CodeRead, ask: AskView | null, charter: CharterInfo): void {
  start(
    {
      payee: code.payee,
      amount: amountOf(code.amount, charter),
      category: code.category ?? ask?.category ?? null,
      memo: code.reference ?? ask?.memo ?? "",
      ask: code.ask,
      most: ask?.remaining ?? null,
    },
    charter,
  );
}

function start(wanted: Partial<Draft>, charter: CharterInfo): void {
  draft.begin(wanted);
  const errors = payErrors(draft.now, charter, account.position.data);
  if (Object.keys(errors).length > 0) return router.go(href.pay);
  draft.seal(newRequest());
  router.go(href.review);
}

function amountOf(minor: string | null, charter: CharterInfo): string {
  return minor === null ? "" : typedAmount(minor, charter.unit.decimals);
}
