/**
 * Payments that reach the member while the page is open, however they came to be known: by a
 * signal, by looking, or as taken by themselves. Each is told once, by sound and notice if wanted.
 */
import { untrack } from "svelte";
import type { Activity, Payment, Waiting } from "../wire/types.ts";
import { account } from "./account.svelte.ts";
import { beep, mayBeep } from "./beep.ts";
import { community } from "./community.svelte.ts";
import { people } from "./people.svelte.ts";
import { recall, remember } from "./store.ts";
import { say } from "./words.ts";

const SHOWN_MAX = 20;

class Arrivals {
  /** Newest first. */
  list = $state.raw<Payment[]>([]);
  sound = $state(recall<boolean>("arrival.sound") ?? false);
  notice = $state((recall<boolean>("arrival.notice") ?? false) && granted());

  readonly #known = new Set<string>();
  #begun = false;

  constructor() {
    if (this.sound) mayBeep();
  }

  /** Compares what is known now with what was known before. */
  look(): void {
    const { waiting, recent } = account;
    if (!waiting.data || !recent.data) return;
    if (waiting.fetched === null || recent.fetched === null) return;
    const here = arrived(waiting.data, recent.data);
    untrack(() => this.#compare(here));
  }

  #compare(here: Payment[]): void {
    const fresh = here.filter(({ payment }) => !this.#known.has(payment));
    for (const { payment } of fresh) this.#known.add(payment);
    const now = new Map(here.map((payment) => [payment.payment, payment]));
    const before = this.list.map((payment) => now.get(payment.payment) ?? payment);
    // What was here before the page was opened is no arrival.
    this.list = this.#begun ? [...fresh, ...before].slice(0, SHOWN_MAX) : before;
    if (this.#begun && fresh.length > 0) this.#tell(fresh);
    this.#begun = true;
  }

  setSound(on: boolean): void {
    this.sound = on;
    remember("arrival.sound", on);
    if (on) beep();
  }

  /** Asks the browser, which asks the member; false when one of them says no. */
  async setNotice(on: boolean): Promise<boolean> {
    const allowed = on && "Notification" in globalThis
      ? (await Notification.requestPermission()) === "granted"
      : false;
    this.notice = allowed;
    remember("arrival.notice", allowed);
    return allowed === on;
  }

  #tell(fresh: Payment[]): void {
    if (this.sound) beep();
    if (!this.notice || document.hasFocus()) return;
    for (const payment of fresh) {
      const facts = { name: people.name(payment.payer), amount: community.money(payment.amount) };
      try {
        new Notification(say("arrivals.notice", facts), { tag: payment.payment });
      } catch {
        // Phones allow notices of programs that are installed, and not of pages.
      }
    }
  }
}

/** All that has arrived, whether it was taken already or not. */
export function arrived(waiting: Waiting, recent: Activity): Payment[] {
  const ready = waiting.payments.filter(({ status }) => status === "arrived");
  const taken = recent.items.flatMap((item) => (item.kind === "received" ? item.payments : []));
  const seen = new Set<string>();
  return [...ready, ...taken].filter(({ payment }) => !seen.has(payment) && seen.add(payment));
}

function granted(): boolean {
  return "Notification" in globalThis && Notification.permission === "granted";
}

export const arrivals = new Arrivals();
