/**
 * Something that is fetched and shown: what is known, whether it comes from this visit, since when
 * the page waits for it, and why it could not be had. One fetch runs at a time; asking again while
 * one runs makes one more run afterwards, so that the last word is never missed.
 */
import type { Problem } from "../wire/types.ts";
import { problemOf } from "./problem.ts";

export class Resource<T> {
  data = $state.raw<T | null>(null);
  /** When `data` was fetched in this visit; null while it is only remembered or missing. */
  fetched = $state<number | null>(null);
  problem = $state.raw<Problem | null>(null);
  /** When the running fetch began. */
  since = $state<number | null>(null);

  readonly #fetch: () => Promise<T>;
  #running: Promise<void> | null = null;
  #again = false;

  constructor(fetch: () => Promise<T>, remembered: T | null = null) {
    this.#fetch = fetch;
    this.data = remembered;
  }

  load(): Promise<void> {
    if (this.#running) {
      this.#again = true;
      return this.#running;
    }
    this.#running = this.#run().finally(() => (this.#running = null));
    return this.#running;
  }

  /** Takes a fresher answer that came with another call. */
  set(data: T): void {
    this.data = data;
    this.fetched = Date.now();
    this.problem = null;
  }

  async #run(): Promise<void> {
    this.since = Date.now();
    do {
      this.#again = false;
      try {
        this.set(await this.#fetch());
      } catch (error) {
        this.problem = problemOf(error);
      }
    } while (this.#again);
    this.since = null;
  }
}
