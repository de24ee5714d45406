/** The ask for payment that is being written. It lives in its own tab and survives a reload. */
import { dateField } from "./dates.ts";
import { recall, remember, tab } from "./store.ts";

export type AskDraft = {
  /** Whoever sees the code, or one member. */
  to: "member" | "anyone";
  payer: string;
  /** The payer chooses the amount. */
  open: boolean;
  /** As typed. */
  amount: string;
  category: number | null;
  memo: string;
  /** Days as a date field gives them; `due` is empty for what is no invoice. */
  due: string;
  until: string;
  /** Made when the review begins; null while the draft may still change. */
  request: string | null;
  /** The ask before this one: a reload at the wrong moment finds it here. */
  asked: string | null;
};

/** How long an ask can be paid unless the member says otherwise. */
const LIFE_DAYS = 30;

/** What a code says it is for stands in no record: this browser keeps it, to show the code again. */
const REFERENCE = "reference.";

export function referenceOf(ask: string): string | null {
  return recall<string>(REFERENCE + ask);
}

function empty(): AskDraft {
  return {
    to: "member",
    payer: "",
    open: false,
    amount: "",
    category: null,
    memo: "",
    due: "",
    until: dateField(LIFE_DAYS),
    request: null,
    asked: null,
  };
}

class AskDrafts {
  now = $state<AskDraft>({ ...empty(), ...recall<AskDraft>("ask-draft", tab()) });

  /** From here on this is one wish with one id, however often it is pressed or reloaded. */
  seal(request: string): void {
    this.#keep({ ...this.now, request, asked: null });
  }

  /** The wish is carried out; the next ask starts empty. */
  done(asked: string): void {
    if (this.now.to === "anyone") remember(REFERENCE + asked, this.now.memo.trim());
    this.#keep({ ...empty(), asked });
  }

  #keep(draft: AskDraft): void {
    this.now = draft;
    remember("ask-draft", draft, tab());
  }
}

export const askDraft = new AskDrafts();
