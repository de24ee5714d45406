use crate::ActivityFilter;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The community's unit of account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Unit {
    /// What members call it in the plural ("Oaks").
    pub name: String,
    /// Short sign ("Ŏ"), shown where space is short.
    pub symbol: String,
    /// Digits after the point, 0 to 6: one unit is 10^decimals minor units.
    pub decimals: u8,
}

/// Answer of `accounts/charter`: what a front end must know of the community's rules.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct CharterInfo {
    pub name: String,
    pub unit: Unit,
    /// A trial gives everyone a line without anyone standing behind it; every page says so.
    pub trial: bool,
    /// Names of the kinds of trade; a payment carries the index.
    pub categories: Vec<String>,
    /// Smallest payment, minor units.
    pub amount_min: String,
    /// Fee in parts per 10,000 of the amount, rounded up.
    pub fee_bp: u32,
    /// Days for which a payment can be taken.
    pub expires_days: u32,
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub founded_ms: i64,
}

/// Input of `accounts/open_account`: writes the member card. Safe to repeat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct OpenAccount {
    pub request: String,
}

/// Answer of `accounts/my_card` and `accounts/open_account`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct MyCard {
    pub member: String,
    /// Null until the account is opened.
    pub card: Option<String>,
}

/// Input of `accounts/members`: one month of joiners, newest month first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct MembersPage {
    /// Null for the newest; else `earlier` of the page before.
    pub month: Option<u32>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Member {
    pub member: String,
    /// Eight characters and a check, which tell members of one name apart and name the member in
    /// a typed payment code.
    pub code: String,
    pub card: String,
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub since_ms: i64,
}

/// Answer of `accounts/members`. `complete` is false while cards of this month are still on
/// their way here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Members {
    pub members: Vec<Member>,
    pub earlier: Option<u32>,
    pub complete: bool,
}

/// Answer of `accounts/position`. All amounts in minor units.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Position {
    /// Earned minus spent; negative when more was spent.
    pub balance: String,
    /// How far below zero the balance may go now.
    pub line: String,
    /// Locked for people this member stands behind.
    pub committed: String,
    /// The largest payment that is possible now; the fee fits on top of it.
    pub spendable: String,
    /// Own payments whose fate this account still follows, at most 64.
    pub open: u32,
    /// Ledger entries written so far.
    pub entries: u32,
    /// True when the month of the last statement is over: `accounts/close_month` can be called.
    pub month_over: bool,
    /// Newest ledger entry ("receipt number"), null before the account is opened.
    pub head: Option<String>,
}

/// Input of `accounts/pay`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Pay {
    pub request: String,
    /// True only when no earlier try with this id was ever sent: the account is then not searched
    /// for it (rule P12).
    #[serde(default)]
    pub first_try: bool,
    pub payee: String,
    pub amount: String,
    /// Index in the charter's categories.
    pub category: u8,
    /// What it is for, at most 200 bytes of text; only payer and payee can read it.
    pub memo: Option<String>,
    /// An ask of the payee that this pays (rule L4).
    #[serde(default)]
    pub ask: Option<String>,
}

/// Input of `accounts/receive`: takes 1 to 16 payments together, all or none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Receive {
    pub request: String,
    /// True only when no earlier try with this id was ever sent: the account is then not searched
    /// for it (rule P12).
    #[serde(default)]
    pub first_try: bool,
    pub payments: Vec<String>,
    /// Witness receipts (rule F2), where a single payment is taken: at most five. The member's own
    /// node writes what it has gathered here; other front ends may leave it out.
    #[serde(default)]
    pub witnesses: Vec<Witness>,
    /// Set by the member's own node when its soundness index vouches for everything these
    /// payments rest on (rule P4a). Front ends leave it false: the zome then looks for itself.
    #[serde(default)]
    pub vouched: bool,
}

/// The word of a member that they hold a payment and no second version of its payer's record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Witness {
    pub member: String,
    /// In base64: what they signed is fixed by the rules.
    pub signature: String,
}

/// Input of `accounts/ask_witness`: asks one member for a witness receipt. The answer is null when
/// they do not give one, for whatever reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct AskWitness {
    pub payment: String,
    pub member: String,
}

/// Input of `accounts/witness`, which other members call: asks for this one's word.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct BeWitness {
    pub payment: String,
}

/// Input of `accounts/decline`: sends one payment back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Decline {
    pub request: String,
    /// True only when no earlier try with this id was ever sent: the account is then not searched
    /// for it (rule P12).
    #[serde(default)]
    pub first_try: bool,
    pub payment: String,
    /// 0 no reason given, 1 not mine, 2 wrong amount, 3 not delivered, 4 too late.
    pub reason: u8,
    #[serde(default)]
    pub vouched: bool,
}

/// Input of `accounts/reclaim`: takes back a payment that its payee has sent back, or that nobody
/// took, as soon as the payee's own record shows that (rules L9, L10). Refused with
/// `NOT_ANSWERED expires_ms` while it does not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Reclaim {
    pub request: String,
    /// True only when no earlier try with this id was ever sent: the account is then not searched
    /// for it (rule P12).
    #[serde(default)]
    pub first_try: bool,
    pub payment: String,
    #[serde(default)]
    pub vouched: bool,
}

/// Input of `accounts/close_month`: writes the statement of the month that is over (rule L12).
/// Refused with `STATEMENT_EARLY` when none is, as when it was written before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct CloseMonth {
    pub request: String,
}

/// Input of `accounts/statements`: 12 own statements, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct StatementsPage {
    /// Null for the newest; else `next` of the page before.
    pub from: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Statements {
    pub items: Vec<Statement>,
    pub next: Option<String>,
    /// The month that is not closed yet, up to the newest entry; null but with the newest ones.
    pub running: Option<Statement>,
}

/// What was sold and bought. What came back is taken off what was bought, so that this may fall
/// below zero in the month after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Trade {
    pub sales: String,
    pub purchases: String,
}

/// Trade with one member.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Partner {
    pub member: String,
    #[serde(flatten)]
    pub trade: Trade,
}

/// Trade of one kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Kind {
    /// Index in the charter's categories.
    pub category: u8,
    #[serde(flatten)]
    pub trade: Trade,
}

/// A month as its statement sums it up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Statement {
    pub entry: String,
    /// When it was written; it reaches back to the statement before.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub at_ms: i64,
    /// Balance before its first entry.
    pub opening: String,
    /// Balance after the levy.
    pub balance: String,
    pub sales: String,
    pub purchases: String,
    pub fees: String,
    pub levy: String,
    /// The largest partners, at most 64, and all others together.
    pub partners: Vec<Partner>,
    pub others: Trade,
    pub kinds: Vec<Kind>,
}

/// Answer of every write of the ledger: the entry that holds it, and where the account stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Written {
    pub entry: String,
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub at_ms: i64,
    /// True when an earlier try with this request id had already written it.
    pub repeated: bool,
    pub position: Position,
}

/// Input of `accounts/payment`: one payment by its receipt number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct PaymentRef {
    pub payment: String,
    /// As the member's own node completes it.
    #[serde(default)]
    pub look: Look,
}

/// Input of `accounts/waiting`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Look {
    /// Set by the member's own node while its soundness index knows of nothing unsound here.
    #[serde(default)]
    pub vouched: bool,
    /// How many witnesses the member's own node has found, by payment (rule F2).
    #[serde(default)]
    pub seen_by: BTreeMap<String, u32>,
}

/// Where a payment stands, as far as this device can tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum PaymentStatus {
    /// Payee's side: heard of, not fully checked and held here yet. Hand nothing over.
    Announced,
    /// Payee's side: checked and held here; can be taken or sent back.
    Arrived,
    /// Payee's side: cannot be judged from here yet (rule P4a: UNCLEAR).
    Unclear,
    /// Payee's side: there are two versions of the payer's record, so that this may be spent
    /// twice. It can only be sent back.
    Forked,
    /// Payer's side: written; the payee has not answered.
    Waiting,
    /// Taken by the payee.
    Taken,
    /// Sent back by the payee; the payer can reclaim it.
    Declined,
    /// Taken back by the payer after it was sent back.
    Returned,
    /// Payee's side: expired or no longer remembered; it can at most be sent back. Payer's side:
    /// nobody took it in time; it comes back once the payee's own record shows that (rule L10).
    TooLate,
}

/// One payment as a member sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Payment {
    /// Receipt number.
    pub payment: String,
    pub payer: String,
    pub payee: String,
    pub amount: String,
    /// Paid by the payer on top.
    pub fee: String,
    pub category: u8,
    /// What it is for; null when there is none or it cannot be opened here.
    pub memo: Option<String>,
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub at_ms: i64,
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub expires_ms: i64,
    pub status: PaymentStatus,
    /// Decline reason, when it was sent back.
    pub reason: Option<u8>,
    /// The ask that it pays.
    pub ask: Option<String>,
    /// Payee's side: how many other members said that they hold it too and no second version of
    /// the payer's record, at most 5. Null where nobody is asked: up to the larger of the seed and
    /// a tenth of last month's sales (rule F2).
    pub seen_by: Option<u32>,
}

/// Answer of `accounts/waiting` (payments to this member that wait for an answer, oldest first)
/// and of `accounts/sent` (own payments that nobody has answered yet, newest first); at most 64.
/// `complete` is false when there may be more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Waiting {
    pub payments: Vec<Payment>,
    pub complete: bool,
}

/// Input of `accounts/activity`: at most 20 entries of the own account, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct ActivityPage {
    /// Null for the newest; else `next` of the page before.
    pub from: Option<String>,
    #[serde(default)]
    pub filter: ActivityFilter,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Activity {
    pub items: Vec<ActivityItem>,
    /// Where the next page starts; null when there is nothing more to find. A page may hold
    /// nothing and still have a next one: each call looks at a bounded part of the account.
    pub next: Option<String>,
    /// When the oldest entry was made that was looked at; null before the account is opened.
    #[cfg_attr(feature = "ts", ts(type = "number | null"))]
    pub looked_to_ms: Option<i64>,
}

/// What an entry of the account was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ActivityKind {
    Opened,
    Paid {
        payment: Payment,
    },
    Received {
        payments: Vec<Payment>,
    },
    SentBack {
        payment: Payment,
    },
    CameBack {
        payment: Payment,
    },
    /// A month was closed with a statement, which took a levy.
    MonthClosed {
        levy: String,
    },
    /// Nothing happened; the record was kept in order.
    Checkpoint,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct ActivityItem {
    pub entry: String,
    pub seq: u32,
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub at_ms: i64,
    /// Balance after this entry.
    pub balance: String,
    #[serde(flatten)]
    pub what: ActivityKind,
}

/// How the own record compares with what others hold of it (rule F5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum RecordState {
    /// Nobody could be asked, nobody holds any of it, or what was said could not be checked.
    Unknown,
    InOrder,
    /// Others hold more: this is an old copy, or the key is used elsewhere.
    Behind,
    /// There are two versions of it.
    TwoVersions,
}

/// Answer of `accounts/compare_record`: places on the own chain, here and as far as others have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct RecordOrder {
    pub state: RecordState,
    pub here: u32,
    pub elsewhere: Option<u32>,
}

/// What the ledger tells an open page. It carries names only; the page asks for the facts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum LedgerSignal {
    /// A payer says that a payment to this member is on its way.
    Announced { payment: String },
    /// A payment to this member is checked and held here (sent by the node).
    Arrived { payment: String },
    /// A payee says that a payment of this member was taken or sent back.
    Answered { payment: String },
    /// A member asks this one for payment, or reminds them.
    Asked { ask: String },
    /// Something happened to an ask of this member, or to one they were asked.
    FollowedUp { ask: String },
    /// This member's own account has a new entry.
    Written { entry: String },
}
