/** The member's own account: state, what is on its way, and everything that writes. */
import type {
  Activity,
  ActivityFilter,
  ActivityItem,
  LedgerSignal,
  Look,
  MemberProfile,
  MyCard,
  Pay,
  Payment,
  Position,
  Waiting,
  Written,
} from "../wire/types.ts";
import { announcer } from "./announce.svelte.ts";
import { client } from "./client.svelte.ts";
import { people } from "./people.svelte.ts";
import { newRequest } from "./request.ts";
import { Resource } from "./resource.svelte.ts";
import { recall, remember, tab } from "./store.ts";
import { type Answer, type Write, wishes } from "./wishes.svelte.ts";
import { say } from "./words.ts";

/** The most payments that one entry can take. */
export const TAKE_MAX = 16;

/** The node writes what it knows of waiting payments into this. */
const LOOK: Look = { vouched: false, seen_by: {} };

export type Me = { member: string; open: boolean; name: string | null };

class Account {
  readonly me = new Resource<Me>(async () => {
    const [card, profile] = await Promise.all([
      client.ledger<MyCard>("my_card"),
      client.commons<MemberProfile>("my_profile"),
    ]);
    this.#forgetOthers(card.member);
    return { member: card.member, open: card.card !== null, name: profile.profile?.name ?? null };
  }, recall<Me>("me"));

  readonly position = new Resource<Position>(async () => {
    const position = await client.ledger<Position>("position");
    remember("position", position);
    return position;
  }, recall<Position>("position"));

  readonly recent = new Resource<Activity>(async () => {
    const activity = await this.activity(null);
    remember("recent", withoutMemos(activity));
    return activity;
  }, recall<Activity>("recent"));

  readonly waiting = new Resource<Waiting>(async () => {
    const waiting = await client.ledger<Waiting>("waiting", LOOK);
    remember("waiting", { ...waiting, payments: waiting.payments.map(withoutMemo) });
    return waiting;
  }, recall<Waiting>("waiting"));

  /** Own payments that nobody has taken yet: on their way, or sent back. */
  readonly sent = new Resource<Waiting>(() => client.ledger<Waiting>("sent"));

  readonly #payments = new Map<string, Resource<Payment>>();

  /** True once the member has a name and an account; null while that is unknown. */
  readonly joined = $derived(this.me.data && this.me.data.open && this.me.data.name !== null);

  /** From an entry on back, or from the newest; everything without a filter. */
  activity(from: string | null, filter: Partial<ActivityFilter> = {}): Promise<Activity> {
    return client.ledger<Activity>("activity", { from, filter });
  }

  payment(payment: string): Resource<Payment> {
    let resource = this.#payments.get(payment);
    if (!resource) {
      resource = new Resource(() => client.ledger<Payment>("payment", { payment, look: LOOK }));
      this.#payments.set(payment, resource);
    }
    return resource;
  }

  /** Own payments that were sent back and can be taken back. */
  readonly sentBack = $derived(
    (this.sent.data?.payments ?? []).filter((payment) => payment.status === "declined"),
  );

  /** Own payments without an answer: the payee has them before them, or they are coming back. */
  readonly onTheirWay = $derived(
    (this.sent.data?.payments ?? []).filter((payment) => payment.status !== "declined"),
  );

  async start(): Promise<void> {
    await this.me.load();
    const me = this.me.data;
    if (!this.me.fetched || !me) return;
    remember("me", me);
    for (const left of wishes.resume(me.member)) {
      // Whatever the outcome, the account may have changed; the outcome itself is in `wishes`.
      left.catch(() => undefined).then(() => this.me.load()).then(() => this.refresh());
    }
    await this.refresh();
  }

  async refresh(): Promise<void> {
    if (!this.me.data?.open) return;
    await Promise.all([
      this.position.load(),
      this.waiting.load(),
      this.recent.load(),
      this.sent.load(),
      people.everyone.load(),
      ...[...this.#payments.values()].map((payment) => payment.load()),
    ]);
  }

  async join(name: string): Promise<void> {
    await client.commons("set_profile", { profile: { name } });
    const request = this.#request("open_account", "");
    await this.#write({ fn: "open_account", input: { request } });
    await this.start();
  }

  async take(payments: string[]): Promise<void> {
    const request = this.#request("receive", payments.join());
    const input = { request, first_try: false, payments, witnesses: [], vouched: false };
    await this.#write({ fn: "receive", input });
  }

  async sendBack(payment: string, reason: number): Promise<void> {
    const request = this.#request("decline", payment);
    const input = { request, first_try: false, payment, reason, vouched: false };
    await this.#write({ fn: "decline", input });
  }

  async reclaim(payment: string): Promise<void> {
    const request = this.#request("reclaim", payment);
    const input = { request, first_try: false, payment, vouched: false };
    await this.#write({ fn: "reclaim", input });
  }

  /** Gives the receipt number. */
  async pay(input: Pay): Promise<string> {
    const written = (await this.#write({ fn: "pay", input })) as Written;
    return written.entry;
  }

  async hear(signal: LedgerSignal): Promise<void> {
    // Asks move no money: `asks` hears those.
    if (signal.type === "asked" || signal.type === "followed_up") return;
    if (signal.type === "arrived") announcer.say(say("live.arrived"));
    if (signal.type === "announced" || signal.type === "arrived") {
      await Promise.all([this.waiting.load(), this.#reload(signal.payment)]);
    } else if (signal.type === "answered") {
      await Promise.all([
        this.recent.load(),
        this.sent.load(),
        this.position.load(),
        this.#reload(signal.payment),
      ]);
      announcer.say(say("live.answered"));
    } else {
      await this.refresh();
    }
  }

  async #write(write: Write): Promise<Answer> {
    const member = this.me.data?.member ?? "";
    const answer = await wishes.send({ ...write, member });
    if ("position" in answer) this.position.set(answer.position);
    void this.refresh();
    return answer;
  }

  /** The id of the same wish if it is still open: pressing again must not make a second one. */
  #request(fn: Write["fn"], about: string): string {
    const same = [...wishes.open.values()].find(
      (wish) => wish.fn === fn && subject(wish) === about,
    );
    return same?.input.request ?? newRequest();
  }

  async #reload(payment: string): Promise<void> {
    await this.#payments.get(payment)?.load();
  }

  /** Figures remembered for another member of this address must not be shown for this one. */
  #forgetOthers(member: string): void {
    const remembered = this.me.data?.member;
    if (!remembered || remembered === member) return;
    for (const name of ["me", "position", "recent", "waiting", "names", "codes"]) remember(name, null);
    for (const draft of ["draft", "ask-draft"]) remember(draft, null, tab());
    for (const shown of [this.position, this.recent, this.waiting, this.sent]) shown.data = null;
  }
}

/** What a wish is about: equal for two presses of the same button. */
function subject(wish: Write): string {
  if (wish.fn === "receive") return wish.input.payments.join();
  return "payment" in wish.input ? wish.input.payment : "";
}

/** What a payment was for is sealed between two people; it is never kept in the open here. */
function withoutMemo(payment: Payment): Payment {
  return { ...payment, memo: null };
}

function withoutMemos(activity: Activity): Activity {
  const items = activity.items.map((item): ActivityItem => {
    if (item.kind === "received") return { ...item, payments: item.payments.map(withoutMemo) };
    if ("payment" in item) return { ...item, payment: withoutMemo(item.payment) };
    return item;
  });
  return { ...activity, items };
}

export const account = new Account();
