/**
 * The funnel through which every call goes: it keeps one connection, asks for a fresh token at
 * each connect, hands signals on, and turns every error into a `Refused` with a `Problem`.
 */
import type { LedgerSignal } from "../wire/types.ts";
import { problemOf, Refused } from "./problem.ts";
import type { Transport } from "./transport.ts";

export type Link = "starting" | "connected" | "lost";

const PAUSE_MS = [250, 500, 1_000, 2_000, 4_000];

class Client {
  link = $state<Link>("starting");

  #transport: Transport | null = null;
  #waiting: Array<() => void> = [];
  #connected: Array<() => void> = [];
  #heard: Array<(signal: LedgerSignal) => void> = [];

  /** Runs `then` after each connect, so that what was missed meanwhile is fetched. */
  onConnect(then: () => void): void {
    this.#connected.push(then);
    if (this.#transport) then();
  }

  onSignal(then: (signal: LedgerSignal) => void): void {
    this.#heard.push(then);
  }

  ledger<T>(fn: string, payload: unknown = null): Promise<T> {
    return this.#call("ledger", "accounts", fn, payload);
  }

  commons<T>(fn: string, payload: unknown = null): Promise<T> {
    return this.#call("commons", "place", fn, payload);
  }

  async #call<T>(role: string, zome: string, fn: string, payload: unknown): Promise<T> {
    const transport = await this.#ready();
    try {
      return (await transport.call({ role, zome, fn, payload })) as T;
    } catch (error) {
      throw new Refused(problemOf(error));
    }
  }

  async #ready(): Promise<Transport> {
    while (!this.#transport) await new Promise<void>((wake) => this.#waiting.push(wake));
    return this.#transport;
  }

  /** Connects and connects again for as long as the page is open. */
  async run(): Promise<never> {
    for (let failures = 0; ; ) {
      try {
        const { open } = await import("./transport.ts");
        const transport = await open((zome, payload) => this.#hear(zome, payload));
        failures = 0;
        this.#up(transport);
        await transport.closed;
      } catch (error) {
        console.warn("Weir is not reachable:", error);
      }
      this.#transport = null;
      this.link = "lost";
      await pause(PAUSE_MS[Math.min(failures, PAUSE_MS.length - 1)] ?? 0);
      failures += 1;
    }
  }

  #up(transport: Transport): void {
    this.#transport = transport;
    this.link = "connected";
    for (const wake of this.#waiting.splice(0)) wake();
    for (const then of this.#connected) then();
  }

  #hear(zome: string, payload: unknown): void {
    if (zome !== "accounts") return;
    for (const then of this.#heard) then(payload as LedgerSignal);
  }
}

/** Waits, but not longer than until the member looks at the page again. */
function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    document.addEventListener("visibilitychange", done);
  });
}

export const client = new Client();
