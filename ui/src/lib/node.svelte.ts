/** The connection as Weir's own program sees it; other hosts of the page have no such answer. */
import { beside, isLaunched } from "./host.ts";

export type NodeStatus = {
  state: "up_to_date" | "catching_up" | "offline" | "problem";
  neighbours: number;
  /** Own writes that wait for their turn or run. */
  waiting: number;
  held: number;
  expected: number | null;
  problems: Array<{ code: string; facts: { [key in string]: string } }>;
  notices: string[];
  since_ms: number;
};

const POLL_MS = 3_000;
const POLL_MISSING_MS = 30_000;

class NodeWatch {
  status = $state.raw<NodeStatus | null>(null);

  run(): void {
    if (isLaunched()) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const poll = async () => {
      clearTimeout(timer);
      if (document.hidden) return;
      await this.#ask();
      clearTimeout(timer);
      timer = setTimeout(poll, this.status ? POLL_MS : POLL_MISSING_MS);
    };
    document.addEventListener("visibilitychange", poll);
    void poll();
  }

  async #ask(): Promise<void> {
    try {
      const answer = await fetch(beside("status"), { signal: AbortSignal.timeout(POLL_MS) });
      this.status = answer.ok ? ((await answer.json()) as NodeStatus) : null;
    } catch {
      this.status = null;
    }
  }
}

export const node = new NodeWatch();
