/** Leaving the computer to somebody who may ask and see, and not pay: Weir's own program minds it. */
import { askProgram } from "./file.ts";
import { node } from "./node.svelte.ts";

/** A wrong passphrase takes a second or two. */
const ANSWER_MS = 30_000;

export type TillWish =
  | { do: "begin" | "open"; pin: string }
  | { do: "lock" }
  | { do: "end"; passphrase: string };

export async function mindTill(wish: TillWish): Promise<void> {
  await askProgram("till", wish, ANSWER_MS);
  await node.ask();
}
