/**
 * A community in memory that behaves as the real one does towards a page: it keeps the contract of
 * the wire types and none of the checking behind it. Tests hold it in their hands: they make calls
 * fail, hang or lose their answer, and decide when a payment arrives.
 */
import { randomBytes } from "node:crypto";
import type {
  Activity,
  ActivityItem,
  ActivityFilter,
  ActivityKind,
  ActivityPage,
  Ask,
  AskRef,
  CharterInfo,
  Decline,
  FollowUp,
  LedgerSignal,
  MakeCode,
  Member,
  MemberProfile,
  Members,
  MyCard,
  OpenAccount,
  Pay,
  Payment,
  PaymentRef,
  Position,
  Problem,
  ProfilesOf,
  ReadCode,
  Receive,
  Reclaim,
  SetProfile,
  Statement,
  Statements,
  Waiting,
  Written,
} from "../../src/wire/types.ts";
import { DAY_MS } from "../../src/lib/dates.ts";
import type { NodeStatus } from "../../src/lib/node.svelte.ts";
import type { Preferences } from "../../src/lib/preferences.ts";
import { FakeAsks, typed } from "./asks.ts";

const PAGE = 20;
/** Entries that one call looks at. */
const LOOK = 200;

export class Refusal extends Error {
  readonly problem: Problem;

  constructor(code: string, facts: Record<string, string> = {}) {
    super(code);
    this.problem = { code, message: code, facts };
  }
}

export function fakeHash(kind: "uhCAk" | "uhCkk"): string {
  return kind + randomBytes(36).toString("base64url");
}

export const TRIAL: CharterInfo = {
  name: "Oakvale",
  unit: { name: "Oaks", symbol: "Ŏ", decimals: 2 },
  trial: true,
  categories: ["Food", "Repairs", "Care", "Other"],
  amount_min: "1",
  fee_bp: 0,
  expires_days: 30,
  founded_ms: Date.UTC(2026, 8, 1),
};

type Entry = ActivityKind & { entry: string; seq: number; at_ms: number; balance: bigint };

export class FakeMember {
  readonly member = fakeHash("uhCAk");
  readonly village: Village;
  card: string | null = null;
  since_ms = 0;
  name: string | null = null;
  balance = 0n;
  entries: Entry[] = [];
  requests = new Map<string, string>();
  status: NodeStatus | null = {
    state: "up_to_date",
    known: 5,
    neighbours: 4,
    waiting: 0,
    held: 300,
    expected: null,
    clock: { state: "right", ahead_ms: 1_000, members: 3 },
    record: {
      standing: "in_order",
      compared: { here: 14, elsewhere: 14, at_ms: Date.now() },
    },
    copies: { others: 4, newest: 3, enough: true, asked_ms: Date.now() },
    problems: [],
    notices: [],
    till: "off",
    since_ms: Date.now(),
  };
  /** What opens this member's key, and what was said of their device. */
  passphrase = "correct horse";
  pin = "";
  report = "well     The fake village is well.";
  months: Statement[] = [];
  preferences: Preferences = { take_up_to: null };
  /** Called with every signal for this member's open pages. */
  listeners = new Set<(signal: LedgerSignal) => void>();
  /** Runs before a call; may throw a `Refusal` or wait. */
  before: (fn: string) => Promise<void> | void = () => {};
  /** Runs after a call was carried out and before it is answered. */
  after: (fn: string) => Promise<void> | void = () => {};
  /** How often each function was called. */
  calls = new Map<string, number>();

  constructor(village: Village) {
    this.village = village;
  }

  signal(signal: LedgerSignal): void {
    for (const listener of this.listeners) listener(signal);
  }

  async call(zome: string, fn: string, payload: unknown): Promise<unknown> {
    this.calls.set(fn, (this.calls.get(fn) ?? 0) + 1);
    await this.before(fn);
    const answer = this.village.run(this, `${zome}/${fn}`, payload);
    await this.after(fn);
    return answer;
  }

  append(kind: ActivityKind, at_ms = Date.now()): Entry {
    const seq = this.entries.length;
    const entry = kind.kind === "paid" ? kind.payment.payment : fakeHash("uhCkk");
    const written = { ...kind, entry, seq, at_ms, balance: this.balance };
    this.entries.push(written);
    this.signal({ type: "written", entry });
    return written;
  }
}

export class Village {
  readonly charter: CharterInfo;
  readonly line: bigint;
  members: FakeMember[] = [];
  payments = new Map<string, Payment>();
  readonly asks = new FakeAsks(this);
  /** Payments that are heard of but not held at the payee until `arrive` is called. */
  arriveByItself = true;
  membersComplete = true;
  waitingComplete = true;
  look = LOOK;

  constructor(charter: Partial<CharterInfo> = {}, line = 20_000n) {
    this.charter = { ...TRIAL, ...charter };
    this.line = line;
  }

  newcomer(): FakeMember {
    const member = new FakeMember(this);
    this.members.push(member);
    return member;
  }

  settled(name: string): FakeMember {
    const member = this.newcomer();
    member.name = name;
    this.openAccount(member);
    return member;
  }

  by(member: string): FakeMember | undefined {
    return this.members.find((one) => one.member === member);
  }

  /** A payment in one step, for filling a history. */
  paid(payer: FakeMember, payee: FakeMember, amount: bigint, memo: string, daysAgo = 0): Payment {
    const at_ms = Date.now() - daysAgo * DAY_MS - 60_000;
    return this.writePayment(payer, payee, { amount, memo, category: 0, at_ms });
  }

  taken(payer: FakeMember, payee: FakeMember, amount: bigint, memo: string, daysAgo = 0): Payment {
    const payment = this.paid(payer, payee, amount, memo, daysAgo);
    this.take(payee, [payment], payment.at_ms + 30_000);
    return payment;
  }

  arrive(payment: Payment): void {
    payment.status = "arrived";
    this.by(payment.payee)?.signal({ type: "arrived", payment: payment.payment });
  }

  run(me: FakeMember, call: string, payload: unknown): unknown {
    switch (call) {
      case "accounts/charter":
        return this.charter;
      case "accounts/my_card":
        return { member: me.member, card: me.card } satisfies MyCard;
      case "accounts/open_account":
        return this.once(me, payload as OpenAccount, () => this.openAccount(me), () => ({
          member: me.member,
          card: me.card,
        }));
      case "accounts/members":
        return this.memberList();
      case "accounts/position":
        return this.position(me);
      case "accounts/pay":
        return this.write(me, payload as Pay, () => this.pay(me, payload as Pay));
      case "accounts/receive":
        return this.write(me, payload as Receive, () => this.receive(me, payload as Receive));
      case "accounts/decline":
        return this.write(me, payload as Decline, () => this.decline(me, payload as Decline));
      case "accounts/reclaim":
        return this.write(me, payload as Reclaim, () => this.reclaim(me, payload as Reclaim));
      case "accounts/waiting":
        return this.waitingFor(me);
      case "accounts/sent":
        return this.sentBy(me);
      case "accounts/statements":
        return this.statements(me);
      case "accounts/payment":
        return this.seenBy(me, this.found((payload as PaymentRef).payment));
      case "accounts/activity":
        return this.activity(me, payload as ActivityPage);
      case "accounts/ask":
        return this.asks.ask(me, payload as Ask);
      case "accounts/follow_up":
        return this.asks.followUp(me, payload as FollowUp);
      case "accounts/asks":
        return this.asks.asks(me);
      case "accounts/asked":
        return this.asks.asked(payload as AskRef);
      case "accounts/payment_code":
        return this.asks.code(me, payload as MakeCode);
      case "accounts/read_code":
        return this.asks.read(payload as ReadCode);
      case "place/my_profile":
        return profileOf(me);
      case "place/set_profile":
        me.name = (payload as SetProfile).profile.name;
        return null;
      case "place/profiles":
        return (payload as ProfilesOf).members.map((member) =>
          profileOf(this.by(member) ?? { member, name: null }),
        );
      default:
        throw new Error(`the fake village has no ${call}`);
    }
  }

  private openAccount(me: FakeMember): string {
    if (me.card) return me.card;
    me.since_ms = Date.now() - 40 * DAY_MS;
    me.card = me.append({ kind: "opened" }, me.since_ms).entry;
    return me.card;
  }

  private memberList(): Members {
    const members = this.members.flatMap((one): Member[] => {
      const { member, card, since_ms } = one;
      return card ? [{ member, code: typed(one), card, since_ms }] : [];
    });
    return { members, earlier: null, complete: this.membersComplete };
  }

  private once<T>(me: FakeMember, ask: { request: string }, act: () => string, answer: () => T): T {
    if (!me.requests.has(ask.request)) me.requests.set(ask.request, act());
    return answer();
  }

  private write(me: FakeMember, ask: { request: string }, act: () => string): Written {
    if (!me.card) throw new Refusal("NO_ACCOUNT");
    const repeated = me.requests.has(ask.request);
    return this.once(me, ask, act, () => ({
      entry: me.requests.get(ask.request) ?? "",
      at_ms: Date.now(),
      repeated,
      position: this.position(me),
    }));
  }

  private pay(me: FakeMember, ask: Pay): string {
    const payee = this.by(ask.payee);
    if (!payee?.card) throw new Refusal("PAYEE_UNKNOWN");
    if (payee === me) throw new Refusal("SELF_PAYMENT");
    const amount = BigInt(ask.amount);
    const most = this.line + me.balance;
    if (amount > most) {
      throw new Refusal("SPEND_OVER_LINE", {
        most: String(most),
        asked: ask.amount,
        line: String(this.line),
        balance: String(me.balance),
      });
    }
    if (ask.ask !== null) this.asks.check(me, ask.payee, amount, ask.ask);
    return this.writePayment(me, payee, { ...ask, amount, at_ms: Date.now() }).payment;
  }

  private writePayment(
    payer: FakeMember,
    payee: FakeMember,
    what: Pick<Payment, "memo" | "category" | "at_ms"> & { amount: bigint; ask?: string | null },
  ): Payment {
    const payment: Payment = {
      payment: fakeHash("uhCkk"),
      payer: payer.member,
      payee: payee.member,
      amount: String(what.amount),
      fee: "0",
      category: what.category,
      memo: what.memo,
      at_ms: what.at_ms,
      expires_ms: what.at_ms + this.charter.expires_days * DAY_MS,
      status: "announced",
      reason: null,
      ask: what.ask ?? null,
      seen_by: null,
    };
    this.payments.set(payment.payment, payment);
    payer.balance -= what.amount;
    payer.append({ kind: "paid", payment }, what.at_ms);
    payee.signal({ type: "announced", payment: payment.payment });
    if (this.arriveByItself) this.arrive(payment);
    return payment;
  }

  private receive(me: FakeMember, ask: Receive): string {
    const payments = ask.payments.map((payment) => this.found(payment));
    for (const payment of payments) {
      if (payment.status === "announced") throw new Refusal("NOT_HELD");
      if (payment.status !== "arrived") throw new Refusal("ALREADY_ANSWERED");
    }
    return this.take(me, payments, Date.now());
  }

  private take(me: FakeMember, payments: Payment[], at_ms: number): string {
    for (const payment of payments) {
      payment.status = "taken";
      me.balance += BigInt(payment.amount);
      this.by(payment.payer)?.signal({ type: "answered", payment: payment.payment });
    }
    return me.append({ kind: "received", payments }, at_ms).entry;
  }

  private decline(me: FakeMember, ask: Decline): string {
    const payment = this.found(ask.payment);
    if (!["arrived", "forked", "too_late"].includes(payment.status)) {
      throw new Refusal("ALREADY_ANSWERED");
    }
    payment.status = "declined";
    payment.reason = ask.reason;
    this.by(payment.payer)?.signal({ type: "answered", payment: payment.payment });
    return me.append({ kind: "sent_back", payment }).entry;
  }

  private reclaim(me: FakeMember, ask: Reclaim): string {
    const payment = this.found(ask.payment);
    if (payment.status !== "declined") throw new Refusal("NOT_DECLINED");
    payment.status = "returned";
    me.balance += BigInt(payment.amount);
    return me.append({ kind: "came_back", payment }).entry;
  }

  private position(me: FakeMember): Position {
    return {
      balance: String(me.balance),
      line: String(this.line),
      committed: "0",
      spendable: String(me.balance + this.line),
      open: 0,
      entries: me.entries.length,
      month_over: false,
      head: me.entries.at(-1)?.entry ?? null,
    };
  }

  private waitingFor(me: FakeMember): Waiting {
    const open = ["announced", "arrived", "unclear", "forked", "too_late"];
    const payments = [...this.payments.values()].filter(
      ({ payee, status }) => payee === me.member && open.includes(status),
    );
    return { payments, complete: this.waitingComplete };
  }

  private sentBy(me: FakeMember): Waiting {
    const payments = [...this.payments.values()]
      .filter(
        ({ payer, status }) =>
          payer === me.member && ["announced", "arrived", "too_late", "declined"].includes(status),
      )
      .map((payment) => this.seenBy(me, payment));
    return { payments, complete: true };
  }

  private statements(me: FakeMember): Statements {
    const items = [...me.months].reverse();
    return { items, next: null, running: me.card ? this.month(me, 0n, Date.now()) : null };
  }

  /** Closes the running month of a member, as a node does by itself. */
  closeMonth(me: FakeMember, levy: bigint, at_ms: number): void {
    const month = this.month(me, levy, at_ms);
    me.balance -= levy;
    const { entry } = me.append({ kind: "month_closed", levy: String(levy) }, at_ms);
    me.months.push({ ...month, entry, balance: String(me.balance) });
  }

  private month(me: FakeMember, levy: bigint, at_ms: number): Statement {
    const closed = me.entries.findLastIndex(({ kind }) => kind === "month_closed");
    const partners = new Map<string, [bigint, bigint]>();
    const kinds = new Map<number, [bigint, bigint]>();
    let fees = 0n;
    const add = ({ amount, category }: Payment, other: string, side: 0 | 1, sign: bigint) => {
      for (const sums of [found(partners, other), found(kinds, category)]) {
        sums[side] += BigInt(amount) * sign;
      }
    };
    for (const item of me.entries.slice(closed + 1)) {
      if (item.kind === "received") item.payments.forEach((one) => add(one, one.payer, 0, 1n));
      if (item.kind === "came_back") add(item.payment, item.payment.payee, 1, -1n);
      if (item.kind !== "paid") continue;
      add(item.payment, item.payment.payee, 1, 1n);
      fees += BigInt(item.payment.fee);
    }
    const trade = ([sales, purchases]: [bigint, bigint]) => ({
      sales: String(sales),
      purchases: String(purchases),
    });
    const all = [...kinds.values()].reduce(
      (sum, [sales, purchases]) => [sum[0] + sales, sum[1] + purchases] as [bigint, bigint],
      [0n, 0n] as [bigint, bigint],
    );
    return {
      entry: me.entries.at(-1)?.entry ?? "",
      at_ms,
      opening: String(me.entries[closed]?.balance ?? 0n),
      balance: String(me.balance),
      ...trade(all),
      fees: String(fees),
      levy: String(levy),
      partners: [...partners].map(([member, sums]) => ({ member, ...trade(sums) })),
      others: trade([0n, 0n]),
      kinds: [...kinds].map(([category, sums]) => ({ category, ...trade(sums) })),
    };
  }

  private activity(me: FakeMember, { from, filter }: ActivityPage): Activity {
    const newestFirst = [...me.entries].reverse();
    const start = from === null ? 0 : newestFirst.findIndex(({ entry }) => entry === from);
    const answer: Activity = { items: [], next: null, looked_to_ms: null };
    for (const [n, entry] of newestFirst.slice(start).entries()) {
      answer.looked_to_ms = entry.at_ms;
      answer.next = null;
      if (filter.from_ms && entry.at_ms < filter.from_ms) break;
      answer.next = newestFirst[start + n + 1]?.entry ?? null;
      const item = this.itemOf(me, entry);
      if (this.takes(filter, me, item)) answer.items.push(item);
      if (answer.items.length === PAGE || n + 1 >= this.look) break;
    }
    return answer;
  }

  private itemOf(me: FakeMember, entry: Entry): ActivityItem {
    const item = { ...entry, balance: String(entry.balance) };
    if (item.kind === "paid") return { ...item, payment: this.seenBy(me, item.payment) };
    return item;
  }

  private takes(filter: Partial<ActivityFilter>, me: FakeMember, item: ActivityItem): boolean {
    if (filter.before_ms && item.at_ms >= filter.before_ms) return false;
    const ways = { received: "in", came_back: "in", paid: "out", month_closed: "out" };
    const way = ways[item.kind as keyof typeof ways];
    if (filter.direction && way !== filter.direction) return false;
    const { member, category, status, amount_least, amount_most, text } = filter;
    const asked = [member, category, status, amount_least, amount_most, text];
    if (asked.every((one) => one === null || one === undefined)) return true;
    const named = item.kind === "received" ? item.payments : [];
    const payments = "payment" in item ? [item.payment] : named;
    return payments.some((payment) => {
      const other = payment.payer === me.member ? payment.payee : payment.payer;
      const noted = payment.memo?.toLowerCase().includes((text ?? "").toLowerCase());
      return (
        (!member || member === other) &&
        (typeof category !== "number" || category === payment.category) &&
        (!status || status === payment.status) &&
        (!amount_least || BigInt(payment.amount) >= BigInt(amount_least)) &&
        (!amount_most || BigInt(payment.amount) <= BigInt(amount_most)) &&
        (!text || noted === true || (filter.named ?? []).includes(other))
      );
    });
  }

  /** To the payer, everything before an answer is one and the same: waiting. */
  private seenBy(me: FakeMember, payment: Payment): Payment {
    const unanswered = ["announced", "arrived", "unclear", "forked"].includes(payment.status);
    return me.member === payment.payer && unanswered ? { ...payment, status: "waiting" } : payment;
  }

  private found(payment: string): Payment {
    const found = this.payments.get(payment);
    if (!found) throw new Refusal("NOT_HELD");
    return found;
  }
}

function found<K>(sums: Map<K, [bigint, bigint]>, key: K): [bigint, bigint] {
  const sum = sums.get(key) ?? [0n, 0n];
  sums.set(key, sum);
  return sum;
}

function profileOf({ member, name }: { member: string; name: string | null }): MemberProfile {
  return { member, profile: name === null ? null : { name } };
}
