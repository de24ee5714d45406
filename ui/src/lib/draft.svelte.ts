/** The payment that is being written. It lives in its own tab and survives a reload. */
import { recall, remember, tab } from "./store.ts";

export type Draft = {
  payee: string;
  /** As typed, so that a half-written amount is not changed under the member's hands. */
  amount: string;
  category: number | null;
  memo: string;
  /** Made when the review begins; null while the draft may still change. */
  request: string | null;
  /** Receipt number of the payment before this one: a reload at the wrong moment finds it here. */
  paid: string | null;
};

const EMPTY: Draft = {
  payee: "",
  amount: "",
  category: null,
  memo: "",
  request: null,
  paid: null,
};

class Drafts {
  now = $state<Draft>(recall<Draft>("draft", tab()) ?? { ...EMPTY });

  /** From here on this is one wish with one id, however often it is pressed or reloaded. */
  seal(request: string): void {
    this.now.request = request;
    this.now.paid = null;
    remember("draft", this.now, tab());
  }

  /** The wish is carried out; the next payment starts empty. */
  done(paid: string): void {
    this.now = { ...EMPTY, paid };
    remember("draft", this.now, tab());
  }
}

export const draft = new Drafts();
