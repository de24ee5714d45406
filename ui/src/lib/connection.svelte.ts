/** One sentence about the connection: what the program says, or else the page's own link. */
import { client } from "./client.svelte.ts";
import type { IconName } from "./icons.ts";
import { node, type NodeStatus } from "./node.svelte.ts";
import { say } from "./words.ts";

type Tone = "good" | "wait" | "bad";
type Shown = { text: string; tone: Tone; icon: IconName };

function shown(): Shown {
  if (client.link === "lost") {
    return { text: say("chip.lost"), tone: "bad", icon: "offline" };
  }
  if (client.link === "starting") {
    return { text: say("chip.starting"), tone: "wait", icon: "sync" };
  }
  return node.status ? fromStatus(node.status) : linkOnly();
}

function linkOnly(): Shown {
  return { text: say("chip.connected"), tone: "good", icon: "link" };
}

function fromStatus(status: NodeStatus): Shown {
  switch (status.state) {
    case "up_to_date":
      return {
        text: say("chip.up_to_date", { n: status.neighbours }),
        tone: "good",
        icon: "link",
      };
    case "catching_up":
      return {
        text:
          status.expected === null
            ? say("chip.catching_up", { held: status.held })
            : say("chip.catching_up_of", { held: status.held, expected: status.expected }),
        tone: "wait",
        icon: "sync",
      };
    case "offline":
      return {
        text:
          status.waiting > 0
            ? say("chip.offline_waiting", { n: status.waiting })
            : say("chip.offline"),
        tone: "wait",
        icon: "offline",
      };
    case "problem":
      return { text: say("chip.problem"), tone: "bad", icon: "alert" };
  }
}

class Connection {
  #shown = $derived(shown());
  readonly text = $derived(this.#shown.text);
  readonly tone = $derived(this.#shown.tone);
  readonly icon = $derived(this.#shown.icon);
}

export const connection = new Connection();
