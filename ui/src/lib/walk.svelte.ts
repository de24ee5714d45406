/** The account read back from an entry, page by page, for as long as somebody wants to see more. */
import type { Activity, ActivityItem, Problem } from "../wire/types.ts";
import { problemOf } from "./problem.ts";

export class Walk {
  items = $state.raw<ActivityItem[]>([]);
  /** Null when there is nothing more. */
  next = $state<string | null>(null);
  /** How far it has looked; the rows alone do not tell when few of them fit. */
  lookedTo = $state<number | null>(null);
  running = $state(false);
  problem = $state.raw<Problem | null>(null);

  readonly #page: (from: string) => Promise<Activity>;
  #stopped = false;

  constructor(page: (from: string) => Promise<Activity>) {
    this.#page = page;
  }

  begin(first: Activity): void {
    this.items = first.items;
    this.next = first.next;
    this.lookedTo = first.looked_to_ms;
    this.problem = null;
  }

  /** Goes on until there is enough, nothing more, or a `stop`. */
  async more(enough: () => boolean): Promise<void> {
    if (this.running) return;
    this.running = true;
    this.#stopped = false;
    this.problem = null;
    try {
      while (this.next !== null && !this.#stopped && !enough()) {
        const from: string = this.next;
        const page = await this.#page(from);
        // It may have begun anew meanwhile.
        if (this.next !== from) break;
        this.items = [...this.items, ...page.items];
        this.next = page.next;
        this.lookedTo = page.looked_to_ms;
      }
    } catch (error) {
      this.problem = problemOf(error);
    }
    this.running = false;
  }

  stop(): void {
    this.#stopped = true;
  }

  /** Statuses change in place. */
  refresh(newer: ActivityItem[]): void {
    const known = new Map(newer.map((item) => [item.entry, item]));
    this.items = this.items.map((item) => known.get(item.entry) ?? item);
  }
}
