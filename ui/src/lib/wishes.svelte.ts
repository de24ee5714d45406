/**
 * Writes, as wishes that are kept until their outcome is known. The request id is made and stored
 * before the first try, so a double click, a reload or a lost answer repeats the same wish and the
 * network carries it out once. One wish is sent at a time.
 */
import { SvelteMap } from "svelte/reactivity";
import type {
  Ask,
  AskWritten,
  Decline,
  FollowUp,
  MyCard,
  OpenAccount,
  Pay,
  Problem,
  Receive,
  Reclaim,
  Written,
} from "../wire/types.ts";
import { client } from "./client.svelte.ts";
import { isFinal, problemOf } from "./problem.ts";
import { isFirstTry } from "./request.ts";
import { forgetAll, recallAll, remember } from "./store.ts";

export type Write =
  | { fn: "open_account"; input: OpenAccount }
  | { fn: "pay"; input: Pay }
  | { fn: "receive"; input: Receive }
  | { fn: "decline"; input: Decline }
  | { fn: "reclaim"; input: Reclaim }
  | { fn: "ask"; input: Ask }
  | { fn: "follow_up"; input: FollowUp };

/** What a write answers. */
export type Answer = Written | MyCard | AskWritten;

/** `member` guards against a wish of another member who used the same browser address before. */
export type Wish = Write & { member: string };

/** How far a wish is; `stuck` means that the page gave up asking and the member may ask again. */
export type Progress =
  | { state: "sending" | "checking" }
  | { state: "stuck" | "refused"; problem: Problem }
  | { state: "done"; entry: string | null };

const PAUSE_MS = [300, 1_000, 2_000, 4_000];
/** An outcome that is still unknown after this time is shown as "being checked". */
const CHECKING_AFTER_MS = 2_000;
const STORED = "wish.";

class Wishes {
  /** Wishes without a known outcome, by request id. */
  readonly open = new SvelteMap<string, Wish>();
  readonly progress = new SvelteMap<string, Progress>();

  #sending = new Map<string, Promise<Answer>>();
  #turn: Promise<unknown> = Promise.resolve();

  constructor() {
    // An earlier visit may have ended before the answer came: until then, nothing is sent again.
    for (const wish of recallAll<Wish>(STORED)) {
      this.open.set(wish.input.request, wish);
      this.#checking(wish.input.request);
    }
  }

  /** Asks again for every outcome that is still unknown, now that it is known who the member is. */
  resume(member: string): Promise<Answer>[] {
    const sent: Promise<Answer>[] = [];
    for (const [request, wish] of [...this.open]) {
      if (wish.member === member) sent.push(this.send(wish));
      else this.#forget(request);
    }
    return sent;
  }

  /** Sends a wish, or joins the one that is already under way with this request id. */
  send(wish: Wish): Promise<Answer> {
    const request = wish.input.request;
    const running = this.#sending.get(request);
    if (running) return running;
    // Only a wish that was never sent before need not be looked for among what is written.
    const first = isFirstTry(request);
    this.open.set(request, wish);
    remember(STORED + request, wish);
    const sending = this.#inTurn(wish, first).finally(() => this.#sending.delete(request));
    this.#sending.set(request, sending);
    return sending;
  }

  async #inTurn(wish: Wish, first: boolean): Promise<Answer> {
    const request = wish.input.request;
    const before = this.progress.get(request)?.state;
    const again = before === "checking" || before === "stuck";
    this.progress.set(request, { state: again ? "checking" : "sending" });
    const slow = setTimeout(() => this.#checking(request), CHECKING_AFTER_MS);
    const mine = this.#turn.then(() => this.#untilKnown(wish, first));
    this.#turn = mine.catch(() => undefined);
    try {
      const answer = await mine;
      this.#forget(request);
      this.progress.set(request, { state: "done", entry: entryOf(answer) });
      return answer;
    } catch (error) {
      const problem = problemOf(error);
      if (isFinal(problem)) this.#forget(request);
      this.progress.set(request, { state: isFinal(problem) ? "refused" : "stuck", problem });
      throw error;
    } finally {
      clearTimeout(slow);
    }
  }

  async #untilKnown(wish: Wish, first: boolean): Promise<Answer> {
    for (let tries = 0; ; tries += 1) {
      const first_try = first && tries === 0;
      const input = "first_try" in wish.input ? { ...wish.input, first_try } : wish.input;
      try {
        return await client.ledger(wish.fn, input);
      } catch (error) {
        const pause = PAUSE_MS[tries];
        if (isFinal(problemOf(error)) || pause === undefined) throw error;
        this.#checking(wish.input.request);
        await new Promise((resolve) => setTimeout(resolve, pause));
      }
    }
  }

  /** Nothing that somebody else left here is ever sent in the member's name. */
  forgetAll(): void {
    for (const request of [...this.open.keys()]) this.#forget(request);
    forgetAll(STORED);
  }

  #checking(request: string): void {
    this.progress.set(request, { state: "checking" });
  }

  /** The outcome is known: nothing is left to repeat. */
  #forget(request: string): void {
    this.open.delete(request);
    this.progress.delete(request);
    remember(STORED + request, null);
  }
}

/** What was written: a receipt number, or the ask that was made or followed up. */
function entryOf(answer: Answer): string | null {
  if ("entry" in answer) return answer.entry;
  return "ask" in answer ? answer.ask : null;
}

export const wishes = new Wishes();
