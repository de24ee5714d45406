/** Times are the author's own clock in milliseconds; they are shown in the reader's time zone. */
import { locale, say } from "./words.ts";

export const DAY_MS = 86_400_000;

const clock = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit" });
const dayMonth = new Intl.DateTimeFormat(locale, { day: "numeric", month: "long" });
const dateAsKept = new Intl.DateTimeFormat(locale, { dateStyle: "medium" });
const dayMonthYear = new Intl.DateTimeFormat(locale, { dateStyle: "long" });

/** When a day of a date field (2026-01-31) begins here, or one that many days later. */
export function dayStart(date: string, later = 0): number {
  const [year = 0, month = 1, day = 1] = date.split("-").map(Number);
  return new Date(year, month - 1, day + later).getTime();
}

export function time(ms: number): string {
  return clock.format(ms);
}

export function day(ms: number, now = Date.now()): string {
  const sameYear = new Date(ms).getFullYear() === new Date(now).getFullYear();
  return (sameYear ? dayMonth : dayMonthYear).format(ms);
}

/** The last moment of a day that a date field gives (2026-01-31), in the reader's time zone. */
export function endOfDay(date: string): number {
  const [year = 0, month = 0, dayOfMonth = 0] = date.split("-").map(Number);
  return new Date(year, month - 1, dayOfMonth + 1).getTime() - 1;
}

/** A day as a date field takes it: so many days after the one of `now`. */
export function dateField(days = 0, now = Date.now()): string {
  const date = new Date(now);
  return written(new Date(date.getFullYear(), date.getMonth(), date.getDate() + days));
}

/** So many days after the last day of the month of `now`, as a date field takes it. */
export function afterMonth(days: number, now = Date.now()): string {
  const date = new Date(now);
  return written(new Date(date.getFullYear(), date.getMonth() + 1, days));
}

function written(date: Date): string {
  const two = (part: number) => String(part).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** "21 Dec 2026": a sheet of paper does not know in which year it is read. */
export function dayWithYear(ms: number): string {
  return dateAsKept.format(ms);
}

/** "14:02" today, else "21 December, 14:02". */
export function when(ms: number, now = Date.now()): string {
  const today = new Date(ms).toDateString() === new Date(now).toDateString();
  return today
    ? say("when.today", { time: time(ms) })
    : say("when.other", { day: day(ms, now), time: time(ms) });
}
