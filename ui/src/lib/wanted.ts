/**
 * What a member looks for in their account. The address holds it as it was typed, so that "back"
 * and a bookmark lead to the same rows.
 */
import type { ActivityFilter } from "../wire/types.ts";
import { dayStart } from "./dates.ts";
import { type Parsed, parseAmount } from "./money.ts";
import { say } from "./words.ts";

export const DIRECTIONS = ["in", "out"] as const;
export const STATUSES = ["waiting", "taken", "declined", "returned", "too_late"] as const;

const DAY = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/;

/** What each field may hold; an address that says something else says nothing. */
const FITS = {
  text: () => true,
  from: (typed: string) => DAY.test(typed),
  to: (typed: string) => DAY.test(typed),
  direction: (typed: string) => DIRECTIONS.some((direction) => direction === typed),
  person: (typed: string) => /^uhCAk[\w-]+$/.test(typed),
  category: (typed: string) => /^\d{1,2}$/.test(typed),
  status: (typed: string) => STATUSES.some((status) => status === typed),
  least: () => true,
  most: () => true,
} satisfies Record<string, (typed: string) => boolean>;

export type Field = keyof typeof FITS;
export type Wanted = Record<Field, string>;

const FIELDS = Object.keys(FITS) as Field[];

export function wantedOf(query: string): Wanted {
  const given = new URLSearchParams(query);
  const value = (field: Field): [Field, string] => {
    const typed = (given.get(field) ?? "").trim();
    return [field, FITS[field](typed) ? typed : ""];
  };
  return Object.fromEntries(FIELDS.map(value)) as Wanted;
}

/** Empty when everything is wanted. */
export function queryOf(wanted: Wanted): string {
  const filled = FIELDS.filter((field) => wanted[field].trim() !== "");
  return new URLSearchParams(filled.map((field) => [field, wanted[field].trim()])).toString();
}

export type WantedErrors = { to?: string; least?: string; most?: string };

/** In the order of the form. */
export function wantedErrors(wanted: Wanted, decimals: number): WantedErrors {
  const errors: WantedErrors = {};
  const { from, to } = wanted;
  if (from !== "" && to !== "" && from > to) errors.to = say("export.backwards");
  for (const field of ["least", "most"] as const) {
    const amount = amountIn(wanted[field], decimals);
    if (amount && !amount.ok) errors[field] = say(`pay.error_${amount.why}`, { decimals });
  }
  return errors;
}

/** Null when nothing is asked. */
function amountIn(typed: string, decimals: number): Parsed | null {
  return typed.trim() === "" ? null : parseAmount(typed, decimals);
}

/** As it is asked of the account, with the members whose names hold the text. Days are the
 *  reader's, as they are shown. */
export function filterOf(wanted: Wanted, decimals: number, named: string[]): ActivityFilter {
  const minor = (typed: string) => {
    const amount = amountIn(typed, decimals);
    return amount?.ok ? String(amount.minor) : null;
  };
  return {
    from_ms: wanted.from === "" ? null : dayStart(wanted.from),
    before_ms: wanted.to === "" ? null : dayStart(wanted.to, 1),
    direction: DIRECTIONS.find((direction) => direction === wanted.direction) ?? null,
    member: wanted.person || null,
    category: wanted.category === "" ? null : Number(wanted.category),
    status: STATUSES.find((status) => status === wanted.status) ?? null,
    amount_least: minor(wanted.least),
    amount_most: minor(wanted.most),
    text: wanted.text || null,
    named: wanted.text === "" ? [] : named,
  };
}
