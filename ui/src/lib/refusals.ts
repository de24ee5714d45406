/**
 * Builds the sentence that a member reads from the code and the facts of a refusal: what happened,
 * and what would make it pass. A code that this page does not know yet is shown as it is.
 */
import type { Problem, Unit } from "../wire/types.ts";
import { day } from "./dates.ts";
import { formatAmount } from "./money.ts";
import { type Facts, isWord, say } from "./words.ts";

/** Facts that are money; all others are shown as they come. */
const MONEY = new Set(["most", "asked", "balance", "min"]);
/** Facts that are moments in microseconds; members read the day. */
const DAYS = new Set(["given", "from", "to", "until"]);

export function refusalText(problem: Problem, unit: Unit | null): string {
  const word = `refusal.${problem.code}`;
  if (!isWord(word)) return say("refusal.unknown", { code: problem.code });
  const text = say(word, readableFacts(problem, unit));
  // A fact may be missing when the network is older than the page: better the code than a hole.
  return text.includes("{") ? say("refusal.unknown", { code: problem.code }) : text;
}

function readableFacts(problem: Problem, unit: Unit | null): Facts {
  const facts: Facts = {};
  for (const [name, value] of Object.entries(problem.facts)) {
    if (value === undefined) continue;
    facts[name] = readable(name, value, unit);
  }
  return facts;
}

function readable(name: string, value: string, unit: Unit | null): string {
  if (name === "day" && (value === "due" || value === "until")) return say(`ask_day.${value}`);
  if (/^\d+$/.test(value)) {
    if (DAYS.has(name)) return day(Number(BigInt(value) / 1_000n));
    if (name === "until_ms") return day(Number(value));
  }
  if (!unit || !/^-?\d+$/.test(value)) return value;
  if (MONEY.has(name)) return `${formatAmount(value, unit.decimals)} ${unit.name}`;
  // A line of credit is a depth: members read it as the lowest balance they may reach.
  if (name === "line") return `${formatAmount(-BigInt(value), unit.decimals)} ${unit.name}`;
  return value;
}
