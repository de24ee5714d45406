use serde::{Deserialize, Serialize};

/// Input of `accounts/ask`: asks for payment (rule L4). With a day on which it is due it is an
/// invoice, which its payer can acknowledge; without, up to `amount` can be paid as often as the
/// payer likes until it is over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Ask {
    pub request: String,
    /// True only when no earlier try with this id was ever sent (rule P12).
    #[serde(default)]
    pub first_try: bool,
    /// The member asked. Null: whoever is shown the payment code.
    pub payer: Option<String>,
    /// The most that can be paid: of an invoice in all, otherwise at a time. Null: as much as the
    /// payer likes.
    pub amount: Option<String>,
    /// Index in the charter's categories.
    pub category: u8,
    /// What it is for, at most 200 bytes of text; only for a payer who is named, and only they and
    /// the asker can read it.
    pub memo: Option<String>,
    #[cfg_attr(feature = "ts", ts(type = "number | null"))]
    pub due_ms: Option<i64>,
    /// The last moment at which it can be paid: after `due_ms`, at most 400 days ahead.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub until_ms: i64,
}

/// What follows an ask up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum FollowUpKind {
    /// By the asker, three days after the ask or the reminder before.
    Remind,
    /// By the asker: lets it go.
    Withdraw,
    /// By the payer of an invoice: it is owed.
    Acknowledge,
    /// By the payer named: 0 no reason given, 1 not mine, 2 wrong amount, 3 not delivered, 4 too
    /// late.
    Refuse { reason: u8 },
}

/// Input of `accounts/follow_up`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct FollowUp {
    pub request: String,
    #[serde(default)]
    pub first_try: bool,
    pub ask: String,
    pub what: FollowUpKind,
}

/// Answer of `accounts/ask` and `accounts/follow_up`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct AskWritten {
    /// The ask, also where it was followed up.
    pub ask: String,
    /// True when an earlier try with this request id had already written it.
    pub repeated: bool,
}

/// Input of `accounts/asked`: one ask by its number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct AskRef {
    pub ask: String,
}

/// Where an ask stands, as far as this device can tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum AskStatus {
    Open,
    /// The payer says that it is owed.
    Acknowledged,
    /// All of it was paid.
    Paid,
    Refused,
    Withdrawn,
    /// Its last day has passed.
    Over,
}

/// One ask as a member sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct AskView {
    pub ask: String,
    pub asker: String,
    pub payer: Option<String>,
    pub amount: Option<String>,
    pub category: u8,
    /// What it is for; null when there is nothing or it cannot be opened here.
    pub memo: Option<String>,
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub at_ms: i64,
    #[cfg_attr(feature = "ts", ts(type = "number | null"))]
    pub due_ms: Option<i64>,
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub until_ms: i64,
    pub status: AskStatus,
    /// Paid against it, without what came back.
    pub paid: String,
    /// The most that can still be paid: of an invoice in all, otherwise at a time. Null: as much
    /// as the payer likes.
    pub remaining: Option<String>,
    /// Reason of a refusal.
    pub reason: Option<u8>,
    /// When the asker reminded last.
    #[cfg_attr(feature = "ts", ts(type = "number | null"))]
    pub reminded_ms: Option<i64>,
    /// For the asker: from when on the next reminder may be sent.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub remind_from_ms: i64,
}

/// Answer of `accounts/asks`, newest first. `complete` is false when there may be more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Asks {
    /// Asks of this member, at most 64.
    pub own: Vec<AskView>,
    /// Asks to this member that can still be paid, at most 64, and at most 8 of one asker.
    pub to_me: Vec<AskView>,
    pub complete: bool,
}

/// Input of `accounts/payment_code`: a code of this member. It writes nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct MakeCode {
    pub amount: Option<String>,
    pub category: Option<u8>,
    /// What it is for, at most 60 bytes of text. Whoever sees the code can read it.
    pub reference: Option<String>,
    #[cfg_attr(feature = "ts", ts(type = "number | null"))]
    pub until_ms: Option<i64>,
    /// An ask of this member, which the payment is then against.
    pub ask: Option<String>,
}

/// Answer of `accounts/payment_code`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct PaymentCode {
    /// The whole code: for a QR picture, or to be sent.
    pub text: String,
    /// Eight characters and a check, to be typed: they name the member alone.
    pub typed: String,
}

/// Input of `accounts/read_code`: a code as scanned, pasted or typed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct ReadCode {
    pub text: String,
}

/// Answer of `accounts/read_code`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct CodeRead {
    /// A member whose card is held here.
    pub payee: String,
    pub amount: Option<String>,
    pub category: Option<u8>,
    pub reference: Option<String>,
    pub ask: Option<String>,
}
