// Generated from crates/wire by `cargo xtask wire`. Do not edit.

export type Problem = { code: string, message: string, facts: { [key in string]: string }, };

export type Unit = { 
/**
 * What members call it in the plural ("Oaks").
 */
name: string, 
/**
 * Short sign ("Ŏ"), shown where space is short.
 */
symbol: string, 
/**
 * Digits after the point, 0 to 6: one unit is 10^decimals minor units.
 */
decimals: number, };

export type CharterInfo = { name: string, unit: Unit, 
/**
 * A trial gives everyone a line without anyone standing behind it; every page says so.
 */
trial: boolean, 
/**
 * Names of the kinds of trade; a payment carries the index.
 */
categories: Array<string>, 
/**
 * Smallest payment, minor units.
 */
amount_min: string, 
/**
 * Fee in parts per 10,000 of the amount, rounded up.
 */
fee_bp: number, 
/**
 * Days for which a payment can be taken.
 */
expires_days: number, founded_ms: number, };

export type OpenAccount = { request: string, };

export type MyCard = { member: string, 
/**
 * Null until the account is opened.
 */
card: string | null, };

export type Member = { member: string, 
/**
 * Eight characters and a check, which tell members of one name apart and name the member in
 * a typed payment code.
 */
code: string, card: string, since_ms: number, };

export type MembersPage = { 
/**
 * Null for the newest; else `earlier` of the page before.
 */
month: number | null, };

export type Members = { members: Array<Member>, earlier: number | null, complete: boolean, };

export type Position = { 
/**
 * Earned minus spent; negative when more was spent.
 */
balance: string, 
/**
 * How far below zero the balance may go now.
 */
line: string, 
/**
 * Locked for people this member stands behind.
 */
committed: string, 
/**
 * The largest payment that is possible now; the fee fits on top of it.
 */
spendable: string, 
/**
 * Own payments whose fate this account still follows, at most 64.
 */
open: number, 
/**
 * Ledger entries written so far.
 */
entries: number, 
/**
 * True when the month of the last statement is over: `accounts/close_month` can be called.
 */
month_over: boolean, 
/**
 * Newest ledger entry ("receipt number"), null before the account is opened.
 */
head: string | null, };

export type Pay = { request: string, 
/**
 * True only when no earlier try with this id was ever sent: the account is then not searched
 * for it (rule P12).
 */
first_try: boolean, payee: string, amount: string, 
/**
 * Index in the charter's categories.
 */
category: number, 
/**
 * What it is for, at most 200 bytes of text; only payer and payee can read it.
 */
memo: string | null, 
/**
 * An ask of the payee that this pays (rule L4).
 */
ask: string | null, };

export type Receive = { request: string, 
/**
 * True only when no earlier try with this id was ever sent: the account is then not searched
 * for it (rule P12).
 */
first_try: boolean, payments: Array<string>, 
/**
 * Witness receipts (rule F2), where a single payment is taken: at most five. The member's own
 * node writes what it has gathered here; other front ends may leave it out.
 */
witnesses: Array<Witness>, 
/**
 * Set by the member's own node when its soundness index vouches for everything these
 * payments rest on (rule P4a). Front ends leave it false: the zome then looks for itself.
 */
vouched: boolean, };

export type Witness = { member: string, 
/**
 * In base64: what they signed is fixed by the rules.
 */
signature: string, };

export type AskWitness = { payment: string, member: string, };

export type BeWitness = { payment: string, };

export type Decline = { request: string, 
/**
 * True only when no earlier try with this id was ever sent: the account is then not searched
 * for it (rule P12).
 */
first_try: boolean, payment: string, 
/**
 * 0 no reason given, 1 not mine, 2 wrong amount, 3 not delivered, 4 too late.
 */
reason: number, vouched: boolean, };

export type Reclaim = { request: string, 
/**
 * True only when no earlier try with this id was ever sent: the account is then not searched
 * for it (rule P12).
 */
first_try: boolean, payment: string, vouched: boolean, };

export type CloseMonth = { request: string, };

export type StatementsPage = { 
/**
 * Null for the newest; else `next` of the page before.
 */
from: string | null, };

export type Statements = { items: Array<Statement>, next: string | null, 
/**
 * The month that is not closed yet, up to the newest entry; null but with the newest ones.
 */
running: Statement | null, };

export type Statement = { entry: string, 
/**
 * When it was written; it reaches back to the statement before.
 */
at_ms: number, 
/**
 * Balance before its first entry.
 */
opening: string, 
/**
 * Balance after the levy.
 */
balance: string, sales: string, purchases: string, fees: string, levy: string, 
/**
 * The largest partners, at most 64, and all others together.
 */
partners: Array<Partner>, others: Trade, kinds: Array<Kind>, };

export type Trade = { sales: string, purchases: string, };

export type Partner = { member: string, sales: string, purchases: string, };

export type Kind = { 
/**
 * Index in the charter's categories.
 */
category: number, sales: string, purchases: string, };

export type Written = { entry: string, at_ms: number, 
/**
 * True when an earlier try with this request id had already written it.
 */
repeated: boolean, position: Position, };

export type PaymentRef = { payment: string, 
/**
 * As the member's own node completes it.
 */
look: Look, };

export type Look = { 
/**
 * Set by the member's own node while its soundness index knows of nothing unsound here.
 */
vouched: boolean, 
/**
 * How many witnesses the member's own node has found, by payment (rule F2).
 */
seen_by: { [key in string]: number }, };

export type PaymentStatus = "announced" | "arrived" | "unclear" | "forked" | "waiting" | "taken" | "declined" | "returned" | "too_late";

export type Payment = { 
/**
 * Receipt number.
 */
payment: string, payer: string, payee: string, amount: string, 
/**
 * Paid by the payer on top.
 */
fee: string, category: number, 
/**
 * What it is for; null when there is none or it cannot be opened here.
 */
memo: string | null, at_ms: number, expires_ms: number, status: PaymentStatus, 
/**
 * Decline reason, when it was sent back.
 */
reason: number | null, 
/**
 * The ask that it pays.
 */
ask: string | null, 
/**
 * Payee's side: how many other members said that they hold it too and no second version of
 * the payer's record, at most 5. Null where nobody is asked: up to the larger of the seed and
 * a tenth of last month's sales (rule F2).
 */
seen_by: number | null, };

export type Waiting = { payments: Array<Payment>, complete: boolean, };

export type ActivityPage = { 
/**
 * Null for the newest; else `next` of the page before.
 */
from: string | null, filter: ActivityFilter, };

export type ActivityFilter = { 
/**
 * Not made before this moment.
 */
from_ms: number | null, 
/**
 * Made before this moment.
 */
before_ms: number | null, direction: Direction | null, 
/**
 * Who is on the other side.
 */
member: string | null, 
/**
 * Index in the charter's categories.
 */
category: number | null, status: PaymentStatus | null, 
/**
 * Not less than this, without the fee.
 */
amount_least: string | null, 
/**
 * Not more than this.
 */
amount_most: string | null, 
/**
 * Stands in the note, whatever the case of its letters.
 */
text: string | null, 
/**
 * Members whose names hold the text: their payments have it too. Names are not part of the
 * ledger, so whoever asks looks them up.
 */
named: Array<string>, };

export type Direction = "in" | "out";

export type Activity = { items: Array<ActivityItem>, 
/**
 * Where the next page starts; null when there is nothing more to find. A page may hold
 * nothing and still have a next one: each call looks at a bounded part of the account.
 */
next: string | null, 
/**
 * When the oldest entry was made that was looked at; null before the account is opened.
 */
looked_to_ms: number | null, };

export type ActivityItem = { entry: string, seq: number, at_ms: number, 
/**
 * Balance after this entry.
 */
balance: string, } & ({ "kind": "opened" } | { "kind": "paid", payment: Payment, } | { "kind": "received", payments: Array<Payment>, } | { "kind": "sent_back", payment: Payment, } | { "kind": "came_back", payment: Payment, } | { "kind": "month_closed", levy: string, } | { "kind": "checkpoint" });

export type ActivityKind = { "kind": "opened" } | { "kind": "paid", payment: Payment, } | { "kind": "received", payments: Array<Payment>, } | { "kind": "sent_back", payment: Payment, } | { "kind": "came_back", payment: Payment, } | { "kind": "month_closed", levy: string, } | { "kind": "checkpoint" };

export type RecordState = "unknown" | "in_order" | "behind" | "two_versions";

export type RecordOrder = { state: RecordState, here: number, elsewhere: number | null, };

export type LedgerSignal = { "type": "announced", payment: string, } | { "type": "arrived", payment: string, } | { "type": "answered", payment: string, } | { "type": "asked", ask: string, } | { "type": "followed_up", ask: string, } | { "type": "written", entry: string, };

export type Ask = { request: string, 
/**
 * True only when no earlier try with this id was ever sent (rule P12).
 */
first_try: boolean, 
/**
 * The member asked. Null: whoever is shown the payment code.
 */
payer: string | null, 
/**
 * The most that can be paid: of an invoice in all, otherwise at a time. Null: as much as the
 * payer likes.
 */
amount: string | null, 
/**
 * Index in the charter's categories.
 */
category: number, 
/**
 * What it is for, at most 200 bytes of text; only for a payer who is named, and only they and
 * the asker can read it.
 */
memo: string | null, due_ms: number | null, 
/**
 * The last moment at which it can be paid: after `due_ms`, at most 400 days ahead.
 */
until_ms: number, };

export type FollowUpKind = { "kind": "remind" } | { "kind": "withdraw" } | { "kind": "acknowledge" } | { "kind": "refuse", reason: number, };

export type FollowUp = { request: string, first_try: boolean, ask: string, what: FollowUpKind, };

export type AskWritten = { 
/**
 * The ask, also where it was followed up.
 */
ask: string, 
/**
 * True when an earlier try with this request id had already written it.
 */
repeated: boolean, };

export type AskRef = { ask: string, };

export type AskStatus = "open" | "acknowledged" | "paid" | "refused" | "withdrawn" | "over";

export type AskView = { ask: string, asker: string, payer: string | null, amount: string | null, category: number, 
/**
 * What it is for; null when there is nothing or it cannot be opened here.
 */
memo: string | null, at_ms: number, due_ms: number | null, until_ms: number, status: AskStatus, 
/**
 * Paid against it, without what came back.
 */
paid: string, 
/**
 * The most that can still be paid: of an invoice in all, otherwise at a time. Null: as much
 * as the payer likes.
 */
remaining: string | null, 
/**
 * Reason of a refusal.
 */
reason: number | null, 
/**
 * When the asker reminded last.
 */
reminded_ms: number | null, 
/**
 * For the asker: from when on the next reminder may be sent.
 */
remind_from_ms: number, };

export type Asks = { 
/**
 * Asks of this member, at most 64.
 */
own: Array<AskView>, 
/**
 * Asks to this member that can still be paid, at most 64, and at most 8 of one asker.
 */
to_me: Array<AskView>, complete: boolean, };

export type MakeCode = { amount: string | null, category: number | null, 
/**
 * What it is for, at most 60 bytes of text. Whoever sees the code can read it.
 */
reference: string | null, until_ms: number | null, 
/**
 * An ask of this member, which the payment is then against.
 */
ask: string | null, };

export type PaymentCode = { 
/**
 * The whole code: for a QR picture, or to be sent.
 */
text: string, 
/**
 * Eight characters and a check, to be typed: they name the member alone.
 */
typed: string, };

export type ReadCode = { text: string, };

export type CodeRead = { 
/**
 * A member whose card is held here.
 */
payee: string, amount: string | null, category: number | null, reference: string | null, ask: string | null, };

export type Profile = { 
/**
 * 1 to 60 characters, no control or direction-changing characters.
 */
name: string, };

export type SetProfile = { profile: Profile, };

export type ProfilesOf = { members: Array<string>, };

export type MemberProfile = { member: string, profile: Profile | null, };
