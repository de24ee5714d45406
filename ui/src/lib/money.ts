/**
 * Money is a decimal string of minor units on the wire, a bigint while the page counts, and text
 * only here. Nothing is ever rounded.
 */
import { locale } from "./words.ts";

/** U+2212 is the sign that screen readers speak most reliably. */
export const MINUS = "\u2212";

/** The rules of the network end here (2^53 - 1 minor units). */
export const AMOUNT_MAX = 9_007_199_254_740_991n;

const grouping = new Intl.NumberFormat(locale);
const point =
  new Intl.NumberFormat(locale).formatToParts(1.5).find((part) => part.type === "decimal")?.value ??
  ".";

export function formatAmount(minor: string | bigint, decimals: number): string {
  const value = BigInt(minor);
  const digits = (value < 0n ? -value : value).toString().padStart(decimals + 1, "0");
  const whole = grouping.format(BigInt(digits.slice(0, digits.length - decimals)));
  const rest = decimals > 0 ? point + digits.slice(-decimals) : "";
  return (value < 0n ? MINUS : "") + whole + rest;
}

/** An amount as a member would type it, which every field can read again. */
export function typedAmount(minor: string | bigint, decimals: number): string {
  const digits = BigInt(minor).toString().padStart(decimals + 1, "0");
  const rest = decimals > 0 ? point + digits.slice(-decimals) : "";
  return digits.slice(0, digits.length - decimals) + rest;
}

export type Unreadable = "empty" | "not_an_amount" | "too_many_decimals" | "too_large";
export type Parsed = { ok: true; minor: bigint } | { ok: false; why: Unreadable };

/**
 * Reads what a member typed. Comma and dot are both welcome as the decimal mark. A text that two
 * people could read differently ("1,000" in a unit with two decimals) is refused, never guessed.
 */
export function parseAmount(text: string, decimals: number): Parsed {
  const typed = text.replace(/[\s'\u2019]/g, "");
  if (typed === "") return { ok: false, why: "empty" };
  if (!/^[\d.,]+$/.test(typed) || !/\d/.test(typed)) return { ok: false, why: "not_an_amount" };

  const cut = decimalMarkAt(typed);
  const whole = cut < 0 ? typed : typed.slice(0, cut);
  const rest = cut < 0 ? "" : typed.slice(cut + 1);
  if (!/^(\d*|\d{1,3}([.,])\d{3}(\2\d{3})*)$/.test(whole)) {
    return { ok: false, why: "not_an_amount" };
  }
  if (rest.length > decimals) return { ok: false, why: "too_many_decimals" };

  const digits = whole.replace(/\D/g, "") + rest.padEnd(decimals, "0");
  const minor = BigInt(digits === "" ? "0" : digits);
  return minor > AMOUNT_MAX ? { ok: false, why: "too_large" } : { ok: true, minor };
}

/** Where the decimal mark stands, or -1: the last mark, unless the same mark stands twice. */
function decimalMarkAt(typed: string): number {
  const last = Math.max(typed.lastIndexOf("."), typed.lastIndexOf(","));
  return last >= 0 && typed.indexOf(typed.charAt(last)) < last ? -1 : last;
}

/** The fee that comes on top of an amount, rounded up as the rules do. */
export function feeOn(amount: bigint, feeBp: number): bigint {
  return (amount * BigInt(feeBp) + 9_999n) / 10_000n;
}

/** The largest payment still possible after paying `amount`; negative when that is too much. */
export function mostAfter(spendable: bigint, amount: bigint, feeBp: number): bigint {
  const room = spendable + feeOn(spendable, feeBp) - amount - feeOn(amount, feeBp);
  if (room <= 0n) return room;
  let most = (room * 10_000n) / (10_000n + BigInt(feeBp));
  while (most > 0n && most + feeOn(most, feeBp) > room) most -= 1n;
  return most;
}
