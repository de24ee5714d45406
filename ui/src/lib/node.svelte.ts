/** The connection as Weir's own program sees it; other hosts of the page have no such answer. */
import { beside, isLaunched } from "./host.ts";
import { recall, remember } from "./store.ts";

/** How this computer's clock compares with those of others. */
export type Clock = {
  state: "unknown" | "right" | "ahead" | "behind";
  ahead_ms: number | null;
  /** How many other members have shown their time. */
  members: number;
};

/** How the own record stands, and what others last answered about it. */
export type OwnRecord = {
  standing: "asking" | "nobody_answered" | "in_order" | "behind" | "two_versions" | "accused";
  compared: { here: number; elsewhere: number | null; at_ms: number } | null;
};

/** Other devices that showed a copy of the record, and of its newest entry. */
export type Copies = { others: number; newest: number; enough: boolean; asked_ms: number };

export type NodeStatus = {
  state: "up_to_date" | "catching_up" | "offline" | "problem";
  known: number;
  neighbours: number;
  /** Own writes that wait for their turn or run. */
  waiting: number;
  held: number;
  expected: number | null;
  clock: Clock;
  record: OwnRecord | null;
  copies: Copies | null;
  problems: Array<{ code: string; facts: { [key in string]: string } }>;
  notices: string[];
  /** Whether the computer was left at the till, where one can ask and see, and not pay. */
  till: "off" | "open" | "locked";
  since_ms: number;
};

const POLL_MS = 3_000;
const POLL_MISSING_MS = 30_000;

class NodeWatch {
  status = $state.raw<NodeStatus | null>(null);
  /** Whether the computer was left at the till: what was said last, though the program be away. */
  till = $state<NodeStatus["till"]>(recall("till") ?? "off");
  /** True once the program was asked, whether it answered or not. */
  asked = $state(false);

  run(): void {
    if (isLaunched()) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const poll = async () => {
      clearTimeout(timer);
      if (document.hidden) return;
      await this.ask();
      clearTimeout(timer);
      timer = setTimeout(poll, this.status ? POLL_MS : POLL_MISSING_MS);
    };
    document.addEventListener("visibilitychange", poll);
    void poll();
  }

  async ask(): Promise<void> {
    try {
      const answer = await fetch(beside("status"), { signal: AbortSignal.timeout(POLL_MS) });
      this.status = answer.ok ? ((await answer.json()) as NodeStatus) : null;
      if (this.status) {
        this.till = this.status.till;
        remember("till", this.till);
      }
    } catch {
      this.status = null;
    }
    this.asked = true;
  }
}

export const node = new NodeWatch();
