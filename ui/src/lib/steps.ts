/**
 * What has happened to a payment and what comes next, told only as far as this device knows it.
 */
import type { Payment } from "../wire/types.ts";
import { day, when } from "./dates.ts";
import { say } from "./words.ts";

export type Step = { title: string; detail: string; state: "done" | "now" | "trouble" };

export const REASONS = [0, 1, 2, 3, 4] as const;

export function reasonText(reason: number | null): string {
  const known = REASONS.find((code) => code === reason);
  return known === undefined ? say("reason.0") : say(`reason.${known}`);
}

/** `neighbours` are the devices that can be reached now; null when nobody says. */
export function payerSteps(
  payment: Payment,
  payee: string,
  neighbours: number | null,
): Step[] {
  const saved: Step = {
    title: say("step.saved"),
    detail: when(payment.at_ms),
    state: "done",
  };
  switch (payment.status) {
    case "taken":
      return [saved, done("step.shared_all"), done("step.taken", { name: payee })];
    case "declined":
      return [saved, done("step.shared_all"), sentBack(payment, payee), now("step.reclaim")];
    case "returned": {
      const nobody = done("step.nobody_took", { name: payee });
      const why = payment.reason === null ? nobody : sentBack(payment, payee);
      return [saved, done("step.shared_all"), why, done("step.returned")];
    }
    case "too_late":
      return [saved, done("step.nobody_took", { name: payee }), comingBack(payment, payee)];
    default:
      return [saved, sharing(neighbours), waitingFor(payment, payee)];
  }
}

export function payeeSteps(payment: Payment, payer: string): Step[] {
  const announced: Step = {
    title: say("step.announced", { name: payer }),
    detail: when(payment.at_ms),
    state: "done",
  };
  switch (payment.status) {
    case "arrived":
      return [announced, done("step.arrived"), ...seen(payment), answerBy(payment)];
    case "taken":
      return [announced, done("step.arrived"), ...seen(payment), done("step.you_took")];
    case "declined":
    case "returned":
      return [
        announced,
        done("step.arrived"),
        { title: say("step.you_sent_back"), detail: reasonText(payment.reason), state: "done" },
      ];
    case "too_late":
      return [announced, trouble("step.too_late_here")];
    case "forked":
      return [announced, trouble("step.forked")];
    case "unclear":
      return [announced, now("step.unclear")];
    default:
      return [announced, now("step.being_checked")];
  }
}

/** Only an answer proves that neighbours hold a payment; until then it is on its way to them. */
function sharing(neighbours: number | null): Step {
  const detail = say("step.sharing_detail");
  if (neighbours === null) return { title: say("step.sharing"), detail, state: "now" };
  if (neighbours === 0) return { title: say("step.not_shared"), detail, state: "now" };
  return { title: say("step.sharing_with", { n: neighbours }), detail, state: "now" };
}

function waitingFor(payment: Payment, name: string): Step {
  return {
    title: say("step.waiting", { name }),
    detail: say("step.waiting_detail", { name, day: day(payment.expires_ms) }),
    state: "now",
  };
}

function comingBack(payment: Payment, name: string): Step {
  return {
    title: say("step.coming_back"),
    detail: say("step.coming_back_detail", { name, day: day(payment.expires_ms) }),
    state: "now",
  };
}

function answerBy(payment: Payment): Step {
  return {
    title: say("step.answer"),
    detail: say("step.answer_detail", { day: day(payment.expires_ms) }),
    state: "now",
  };
}

function sentBack(payment: Payment, name: string): Step {
  return {
    title: say("step.sent_back", { name }),
    detail: reasonText(payment.reason),
    state: "done",
  };
}

type StepWord =
  | "shared_all"
  | "taken"
  | "arrived"
  | "you_took"
  | "nobody_took"
  | "returned"
  | "reclaim";
type TroubleWord = "forked" | "too_late_here";
type NowWord = "reclaim" | "unclear" | "being_checked";

function done(word: `step.${StepWord}`, facts = {}): Step {
  return { title: say(word, facts), detail: "", state: "done" };
}

function now(word: `step.${NowWord}`): Step {
  return { title: say(word), detail: say(`${word}_detail`), state: "now" };
}

function trouble(word: `step.${TroubleWord}`): Step {
  return { title: say(word), detail: say(`${word}_detail`), state: "trouble" };
}

/** Who else holds a large payment. Nothing is said of small ones: nobody is asked. */
function seen({ seen_by }: Payment): Step[] {
  if (seen_by === null) return [];
  if (seen_by === 0) {
    const [title, detail] = [say("step.seen_by_nobody"), say("step.seen_by_nobody_detail")];
    return [{ title, detail, state: "trouble" }];
  }
  const title = say("step.seen_by", { n: seen_by });
  return [{ title, detail: say("step.seen_by_detail"), state: "done" }];
}
