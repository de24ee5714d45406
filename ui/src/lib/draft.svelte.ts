/** The payment that is being written. It lives in its own tab and survives a reload. */
import { recall, remember, tab } from "./store.ts";

export type Draft = {
  payee: string;
  /** As typed, so that a half-written amount is not changed under the member's hands. */
  amount: string;
  category: number | null;
  memo: string;
  /** The ask that this pays; null for a payment that nobody asked for. */
  ask: string | null;
  /** The most that this ask takes, in minor units; null: as much as the payer likes. */
  most: string | null;
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
  ask: null,
  most: null,
  request: null,
  paid: null,
};

class Drafts {
  now = $state<Draft>({ ...EMPTY, ...recall<Draft>("draft", tab()) });

  /** A payment that somebody asked for, by a request or a code. */
  begin(wanted: Partial<Draft>): void {
    this.now = { ...EMPTY, ...wanted };
    remember("draft", this.now, tab());
  }

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
