/** Asks for payment and payment codes of the fake village: their contract, not their bytes. */
import type {
  Ask,
  AskRef,
  Asks,
  AskView,
  AskWritten,
  CodeRead,
  FollowUp,
  MakeCode,
  Payment,
  PaymentCode,
  ReadCode,
} from "../../src/wire/types.ts";
import { DAY_MS } from "../../src/lib/dates.ts";
import { type FakeMember, fakeHash, Refusal, type Village } from "./village.ts";

const REMIND_MS = 3 * DAY_MS;

type Kept = Omit<AskView, "status" | "paid" | "remaining"> & {
  said: "acknowledged" | "refused" | "withdrawn" | null;
};
type Code = MakeCode & { payee: string; community: string };

export class FakeAsks {
  readonly kept = new Map<string, Kept>();
  readonly #village: Village;

  constructor(village: Village) {
    this.#village = village;
  }

  /** An ask in one step, for filling a history. */
  made(asker: FakeMember, wanted: Partial<Ask>, daysAgo = 0): AskView {
    const at_ms = Date.now() - daysAgo * DAY_MS - 60_000;
    const ask = fakeHash("uhCkk");
    this.kept.set(ask, {
      payer: null,
      amount: null,
      category: 0,
      memo: null,
      due_ms: null,
      until_ms: at_ms + 30 * DAY_MS,
      ...wanted,
      ask,
      asker: asker.member,
      at_ms,
      reason: null,
      reminded_ms: null,
      remind_from_ms: at_ms + REMIND_MS,
      said: null,
    });
    const view = this.view(ask);
    if (view.payer) this.#village.by(view.payer)?.signal({ type: "asked", ask });
    return view;
  }

  ask(me: FakeMember, input: Ask): AskWritten {
    return this.#once(me, input.request, () => {
      const { request: _, first_try: __, ...wanted } = input;
      if (wanted.due_ms !== null && wanted.due_ms > wanted.until_ms) {
        const [from, to] = [Date.now(), wanted.until_ms];
        throw new Refusal("ASK_DAY", micros({ given: wanted.due_ms, from, to }, { day: "due" }));
      }
      if (wanted.payer === null && wanted.memo !== null) throw new Refusal("MEMO_TOO_LONG");
      return this.made(me, wanted).ask;
    });
  }

  followUp(me: FakeMember, { request, ask, what }: FollowUp): AskWritten {
    return this.#once(me, request, () => {
      const kept = this.#found(ask);
      const mine = kept.asker === me.member;
      if (mine !== (what.kind === "remind" || what.kind === "withdraw")) {
        throw new Refusal("NOT_ASKED");
      }
      if (what.kind === "remind") this.#remind(kept);
      else if (what.kind === "withdraw") kept.said = "withdrawn";
      else if (what.kind === "acknowledge") this.#acknowledge(kept);
      else Object.assign(kept, { said: "refused", reason: what.reason });
      const other = mine ? kept.payer : kept.asker;
      if (other) this.#village.by(other)?.signal({ type: "followed_up", ask });
      return ask;
    });
  }

  asks(me: FakeMember): Asks {
    const all = [...this.kept.keys()].map((ask) => this.view(ask)).reverse();
    const open = ({ status }: AskView) => status === "open" || status === "acknowledged";
    return {
      own: all.filter(({ asker }) => asker === me.member),
      to_me: all.filter((ask) => ask.payer === me.member && open(ask)),
      complete: true,
    };
  }

  asked({ ask }: AskRef): AskView {
    return this.view(ask);
  }

  /** May this payment be against this ask? */
  check(me: FakeMember, payee: string, amount: bigint, ask: string): void {
    const view = this.view(ask);
    if (view.asker !== payee) throw new Refusal("ASK_OF_ANOTHER");
    if (view.payer !== null && view.payer !== me.member) throw new Refusal("NOT_ASKED");
    if (view.until_ms < Date.now()) {
      throw new Refusal("ASK_OVER", micros({ until: view.until_ms }));
    }
    if (view.remaining !== null && amount > BigInt(view.remaining)) {
      throw new Refusal("MORE_THAN_ASKED", { asked: String(amount), most: view.remaining });
    }
  }

  view(ask: string): AskView {
    const { said, ...kept } = this.#found(ask);
    const paid = [...this.#village.payments.values()]
      .filter((payment) => payment.ask === ask && counts(payment))
      .reduce((sum, { amount }) => sum + BigInt(amount), 0n);
    const whole = kept.amount === null ? null : BigInt(kept.amount);
    const rest = whole !== null && kept.due_ms !== null ? whole - paid : whole;
    const isPaid = kept.due_ms !== null && rest === 0n;
    const over = kept.until_ms < Date.now();
    const status = isPaid ? "paid" : said === "acknowledged" && over ? "over" : said;
    return {
      ...kept,
      status: status ?? (over ? "over" : "open"),
      paid: String(paid),
      remaining: rest === null ? null : String(rest),
    };
  }

  code(me: FakeMember, wanted: MakeCode): PaymentCode {
    const code: Code = { ...wanted, payee: me.member, community: this.#village.charter.name };
    const hex = Buffer.from(JSON.stringify(code)).toString("hex").toUpperCase();
    return { text: `WEIR:${hex}`, typed: typed(me) };
  }

  read({ text }: ReadCode): CodeRead {
    const whole = /WEIR:([0-9A-F]+)/i.exec(text)?.[1];
    if (!whole) return this.#readTyped(text);
    let code: Code;
    try {
      code = JSON.parse(Buffer.from(whole, "hex").toString()) as Code;
    } catch {
      throw new Refusal("CODE_MALFORMED");
    }
    if (code.community !== this.#village.charter.name) throw new Refusal("CODE_OTHER_COMMUNITY");
    if (code.until_ms !== null && code.until_ms < Date.now()) {
      throw new Refusal("CODE_OVER", { until_ms: String(code.until_ms) });
    }
    const { payee, amount, category, reference, ask } = code;
    return { payee, amount, category, reference, ask };
  }

  #readTyped(text: string): CodeRead {
    const plain = text.replace(/[\s-]/g, "").toUpperCase();
    if (plain.length !== 9) throw new Refusal("CODE_MALFORMED");
    const fits = this.#village.members.filter(
      (member) => member.card && typed(member).replaceAll("-", "") === plain,
    );
    if (fits.length > 1) throw new Refusal("CODE_AMBIGUOUS");
    const [member] = fits;
    if (!member) throw new Refusal("CODE_UNKNOWN");
    return { payee: member.member, amount: null, category: null, reference: null, ask: null };
  }

  #acknowledge(kept: Kept): void {
    if (kept.due_ms === null) throw new Refusal("NO_INVOICE");
    kept.said = "acknowledged";
  }

  #remind(kept: Kept): void {
    if (Date.now() < kept.remind_from_ms) {
      throw new Refusal("REMIND_EARLY", micros({ from: kept.remind_from_ms }));
    }
    kept.reminded_ms = Date.now();
    kept.remind_from_ms = Date.now() + REMIND_MS;
  }

  #once(me: FakeMember, request: string, act: () => string): AskWritten {
    const repeated = me.requests.has(request);
    if (!repeated) me.requests.set(request, act());
    return { ask: me.requests.get(request) ?? "", repeated };
  }

  #found(ask: string): Kept {
    const kept = this.kept.get(ask);
    if (!kept) throw new Refusal("ASK_UNKNOWN");
    return kept;
  }
}

/** Eight signs and a check, as the real form looks. */
export function typed({ member }: FakeMember): string {
  const signs = Buffer.from(member).toString("hex").slice(10).toUpperCase();
  return `${signs.slice(0, 4)}-${signs.slice(4, 8)}-${signs.slice(8, 9)}`;
}

function counts({ status }: Payment): boolean {
  return status !== "declined" && status !== "returned";
}

function micros(times: Record<string, number>, facts: Record<string, string> = {}) {
  for (const [name, ms] of Object.entries(times)) facts[name] = String(BigInt(ms) * 1_000n);
  return facts;
}
