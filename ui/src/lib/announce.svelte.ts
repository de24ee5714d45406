/** What the live regions of the page say to people who listen. */
import { untrack } from "svelte";

class Announcer {
  polite = $state("");
  /** For a failed payment only. */
  urgent = $state("");

  say(text: string): void {
    // The same words twice in a row would not be spoken again, so a blank tells them apart.
    // Who announces something from an effect must not run again because of it.
    this.polite = text === untrack(() => this.polite) ? `${text}\u00a0` : text;
  }

  warn(text: string): void {
    this.urgent = text;
  }
}

export const announcer = new Announcer();
