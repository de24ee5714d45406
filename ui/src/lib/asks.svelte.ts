/** Asks for payment: the member's own, those to the member, what follows them up, and codes. */
import { SvelteMap } from "svelte/reactivity";
import type {
  Ask,
  Asks,
  AskView,
  CodeRead,
  FollowUpKind,
  LedgerSignal,
  MakeCode,
  PaymentCode,
} from "../wire/types.ts";
import { account } from "./account.svelte.ts";
import { announcer } from "./announce.svelte.ts";
import { referenceOf } from "./ask-draft.svelte.ts";
import { isOpen, needsAnswer } from "./ask-facts.ts";
import { client } from "./client.svelte.ts";
import { dateField, endOfDay } from "./dates.ts";
import { newRequest } from "./request.ts";
import { Resource } from "./resource.svelte.ts";
import { recall, remember } from "./store.ts";
import { type Write, wishes } from "./wishes.svelte.ts";
import { say } from "./words.ts";

/** What somebody tells of has mostly not arrived yet: pauses after which it is looked for again. */
const LOOK_AGAIN_MS = [1_000, 2_000, 3_000, 4_000, 5_000, 10_000, 20_000];

class AllAsks {
  readonly all = new Resource<Asks>(() => client.ledger<Asks>("asks"));

  /** Asks to the member that are put off, and until when. */
  readonly #later = new SvelteMap<string, number>(recall<[string, number][]>("later") ?? []);
  readonly #ones = new Map<string, Resource<AskView>>();
  #looking = false;

  /** Asks to the member that can still be paid. */
  readonly toMe = $derived((this.all.data?.to_me ?? []).filter(isOpen));

  /** Those of them that want an answer now. */
  readonly needed = $derived(
    this.toMe.filter((ask) => needsAnswer(ask, Date.now()) && !this.isPutOff(ask.ask)),
  );

  isPutOff(ask: string): boolean {
    return (this.#later.get(ask) ?? 0) > Date.now();
  }

  /** Leaves an ask alone until tomorrow. Only this browser knows of it. */
  putOff(ask: string): void {
    this.#later.set(ask, endOfDay(dateField()));
    const kept = [...this.#later].filter(([, until]) => until > Date.now());
    remember("later", kept);
  }

  one(ask: string): Resource<AskView> {
    let resource = this.#ones.get(ask);
    if (!resource) {
      resource = new Resource(() => client.ledger<AskView>("asked", { ask }));
      this.#ones.set(ask, resource);
    }
    return resource;
  }

  async refresh(): Promise<void> {
    if (!account.me.data?.open) return;
    const shown = [...this.#ones.values()].map((one) => one.load());
    await Promise.all([this.all.load(), ...shown]);
  }

  async hear(signal: LedgerSignal): Promise<void> {
    if (signal.type === "announced") return;
    await this.#look();
    if (signal.type !== "asked" && signal.type !== "followed_up") return;
    // Whoever sends many signals is looked after once.
    if (this.#looking) return;
    this.#looking = true;
    for (const pause of LOOK_AGAIN_MS) {
      await new Promise((done) => setTimeout(done, pause));
      await this.#look();
    }
    this.#looking = false;
  }

  /** Tells what is new, and only what is there: a signal is a rumour. */
  async #look(): Promise<void> {
    const before = this.all.data;
    await this.refresh();
    const now = this.all.data;
    if (!before || !now) return;
    const known = new Map([...before.own, ...before.to_me].map((ask) => [ask.ask, ask]));
    const changed = ({ ask, status, paid, reminded_ms }: AskView) => {
      const old = known.get(ask);
      return old && (old.status !== status || old.paid !== paid || old.reminded_ms !== reminded_ms);
    };
    if (now.to_me.some((ask) => !known.has(ask.ask))) announcer.say(say("live.asked"));
    if ([...now.own, ...now.to_me].some(changed)) announcer.say(say("live.followed_up"));
  }

  async write(input: Ask): Promise<void> {
    await this.#send({ fn: "ask", input });
  }

  async followUp(ask: string, what: FollowUpKind): Promise<void> {
    const request = this.#request(ask, what);
    await this.#send({ fn: "follow_up", input: { request, first_try: false, ask, what } });
  }

  code(wanted: Partial<MakeCode>): Promise<PaymentCode> {
    const empty = { amount: null, category: null, reference: null, until_ms: null, ask: null };
    return client.ledger<PaymentCode>("payment_code", { ...empty, ...wanted });
  }

  /** The code that asks for what is still to be paid. */
  codeOf(ask: AskView): Promise<PaymentCode> {
    return this.code({
      amount: ask.remaining,
      category: ask.category,
      reference: referenceOf(ask.ask),
      until_ms: ask.until_ms,
      ask: ask.ask,
    });
  }

  read(text: string): Promise<CodeRead> {
    return client.ledger<CodeRead>("read_code", { text });
  }

  async #send(write: Write): Promise<void> {
    const member = account.me.data?.member ?? "";
    await wishes.send({ ...write, member });
    void this.refresh();
  }

  /** The id of the same wish if it is still open: pressing again must not make a second one. */
  #request(ask: string, { kind }: FollowUpKind): string {
    const same = [...wishes.open.values()].find(
      (wish) =>
        wish.fn === "follow_up" && wish.input.ask === ask && wish.input.what.kind === kind,
    );
    return same?.input.request ?? newRequest();
  }
}

export const asks = new AllAsks();
