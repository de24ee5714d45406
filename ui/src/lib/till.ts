/** Leaving the computer to somebody who may ask and see, and not pay: Weir's own program minds it. */
import { askProgram } from "./file.ts";
import { node } from "./node.svelte.ts";
import { Refused } from "./problem.ts";
import { wishes } from "./wishes.svelte.ts";

/** A wrong passphrase takes a second or two. */
const ANSWER_MS = 30_000;

export type TillWish =
  | { do: "begin" | "open"; pin: string }
  | { do: "lock" }
  | { do: "end"; passphrase: string };

export async function mindTill(wish: TillWish): Promise<void> {
  if (wish.do === "begin" && wishes.open.size > 0) {
    const message = "A wish of the member is still under way.";
    throw new Refused({ code: "WISH_OPEN", message, facts: {} });
  }
  await askProgram("till", wish, ANSWER_MS);
  if (wish.do === "end") {
    wishes.forgetAll();
    location.reload();
  }
  await node.ask();
}
