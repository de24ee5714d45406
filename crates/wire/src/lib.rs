//! What the zome functions take and give: the contract with every front end.
//!
//! Conventions, the same everywhere:
//! - **Money** is a decimal string of minor units (`"2450"` is 24.50 in a unit with two decimals),
//!   because a JavaScript number cannot hold every 64-bit integer.
//! - **Hashes** (members, cards, payments) are text, as Holochain writes them (`uhCAk…`, `uhCkk…`).
//! - **Times** are whole milliseconds since 1970 by the author's own clock.
//! - **Request ids** are UUIDs of version 7, made by the client before the first try and sent again
//!   unchanged with every retry of the same wish (rule P12).
//! - **Errors** of a call are the text `weir:` followed by a JSON [`Problem`].
//!
//! The TypeScript types of the web app are generated from this crate (`cargo xtask wire`).

mod accounts;
mod asks;
pub mod code;
mod filter;
mod place;
mod problem;

pub use accounts::*;
pub use asks::*;
pub use filter::*;
pub use place::*;
pub use problem::*;

/// Zome and function names, so that no caller spells one twice.
pub mod names {
    pub const ROLE_LEDGER: &str = "ledger";
    pub const ROLE_COMMONS: &str = "commons";
    pub const ZOME_ACCOUNTS: &str = "accounts";
    pub const ZOME_PLACE: &str = "place";
    /// Functions that write, per zome: they go through the write queue (rule P12).
    pub const WRITES: &[(&str, &str)] = &[
        (ZOME_ACCOUNTS, "open_account"),
        (ZOME_ACCOUNTS, "pay"),
        (ZOME_ACCOUNTS, "receive"),
        (ZOME_ACCOUNTS, "decline"),
        (ZOME_ACCOUNTS, "reclaim"),
        (ZOME_ACCOUNTS, "close_month"),
        (ZOME_ACCOUNTS, "ask"),
        (ZOME_ACCOUNTS, "follow_up"),
        (ZOME_PLACE, "set_profile"),
    ];
    /// Reads into which the node writes what its soundness index knows (rule P4a).
    pub const VOUCHED_READS: &[(&str, &str)] =
        &[(ZOME_ACCOUNTS, "waiting"), (ZOME_ACCOUNTS, "payment")];
}

/// Writes every TypeScript type into one file's text, in the order of declaration.
#[cfg(feature = "ts")]
pub fn typescript() -> String {
    use ts_rs::TS;
    let config = ts_rs::Config::default();
    let mut text =
        String::from("// Generated from crates/wire by `cargo xtask wire`. Do not edit.\n");
    macro_rules! all {
        ($($ty:ty),* $(,)?) => {$(
            text.push_str("\nexport ");
            text.push_str(&<$ty>::decl(&config));
            text.push('\n');
        )*};
    }
    all!(
        Problem,
        Unit,
        CharterInfo,
        OpenAccount,
        MyCard,
        Member,
        MembersPage,
        Members,
        Position,
        Pay,
        Receive,
        Witness,
        AskWitness,
        BeWitness,
        Decline,
        Reclaim,
        CloseMonth,
        StatementsPage,
        Statements,
        Statement,
        Trade,
        Partner,
        Kind,
        Written,
        PaymentRef,
        Look,
        PaymentStatus,
        Payment,
        Waiting,
        ActivityPage,
        ActivityFilter,
        Direction,
        Activity,
        ActivityItem,
        ActivityKind,
        RecordState,
        RecordOrder,
        LedgerSignal,
        Ask,
        FollowUpKind,
        FollowUp,
        AskWritten,
        AskRef,
        AskStatus,
        AskView,
        Asks,
        MakeCode,
        PaymentCode,
        ReadCode,
        CodeRead,
        Profile,
        SetProfile,
        ProfilesOf,
        MemberProfile,
    );
    text
}
