/** Following asks up: what is being written, what came of it, and what went wrong. */
import { tick } from "svelte";
import type { FollowUpKind, Problem } from "../wire/types.ts";
import { asks } from "./asks.svelte.ts";
import { isFinal, problemOf } from "./problem.ts";
import { wishes } from "./wishes.svelte.ts";

export class FollowUps {
  problem = $state<Problem | null>(null);
  said = $state("");
  /** Where the outcome is told: the pressed button may be gone, and focus must not be lost. */
  note = $state<HTMLElement | null>(null);

  readonly open = $derived(
    [...wishes.open.values()].filter((wish) => wish.fn === "follow_up"),
  );
  readonly blocked = $derived(this.open.length > 0);

  async send(ask: string, what: FollowUpKind, done: string): Promise<void> {
    if (this.blocked) return;
    this.problem = null;
    this.said = "";
    try {
      await asks.followUp(ask, what);
      await this.tell(done);
    } catch (error) {
      const failed = problemOf(error);
      if (isFinal(failed)) this.problem = failed;
      void asks.refresh();
    }
  }

  async tell(done: string): Promise<void> {
    this.said = done;
    await tick();
    this.note?.focus();
  }
}
