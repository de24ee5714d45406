/** The ask for payment that is being written. It lives in its own tab and survives a reload. */
import { afterMonth, dateField } from "./dates.ts";
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
  /** Begun at the till: there the member goes back to. */
  till: boolean;
  /** Made when the review begins; null while the draft may still change. */
  request: string | null;
  /** The ask before this one: a reload at the wrong moment finds it here. */
  asked: string | null;
};

/** How long an ask can be paid unless the member says otherwise. */
const LIFE_DAYS = 30;
/** A tab is due so many days after its month, and can be paid this much longer. */
const TAB_DUE_DAYS = 14;
const TAB_UNTIL_DAYS = 74;

/** What a code is for stands in no record: this browser keeps it, to show the code again. */
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
    till: false,
    request: null,
    asked: null,
  };
}

class AskDrafts {
  now = $state<AskDraft>({ ...empty(), ...recall<AskDraft>("ask-draft", tab()) });

  begin(wanted: Partial<AskDraft>): void {
    this.#keep({ ...empty(), ...wanted });
  }

  /** What somebody takes along and pays later, in one go. */
  beginTab(amount: string): void {
    const [due, until] = [afterMonth(TAB_DUE_DAYS), afterMonth(TAB_UNTIL_DAYS)];
    this.begin({ amount, due, until, till: true });
  }

  /** From here on this is one wish with one id, however often it is pressed or reloaded. */
  seal(request: string): void {
    this.#keep({ ...this.now, request, asked: null });
  }

  /** The wish is carried out; the next ask starts empty. */
  done(asked: string): void {
    if (this.now.to === "anyone") remember(REFERENCE + asked, this.now.memo.trim());
    this.#keep({ ...empty(), till: this.now.till, asked });
  }

  #keep(draft: AskDraft): void {
    this.now = draft;
    remember("ask-draft", draft, tab());
  }
}

export const askDraft = new AskDrafts();
