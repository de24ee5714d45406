//! Every reason for which something is refused: one closed list, one stable code each.
//!
//! A code is never reused for another meaning. The numbers of a refusal travel with it under
//! stable names, so that a page can say what would make the wish pass.

use std::collections::BTreeMap;

macro_rules! refusals {
    ($(
        $(#[$doc:meta])*
        $code:literal $name:ident { $($fact:ident: $ty:ty),* } $text:literal;
    )*) => {
        /// Why something is refused. Facts that are amounts are in minor units, times in µs.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum Refusal { $( $(#[$doc])* $name { $($fact: $ty),* }, )* }

        impl Refusal {
            /// Every code with its plain meaning, in the order of the list.
            pub const CODES: &'static [(&'static str, &'static str)] = &[$(($code, $text)),*];

            /// The stable code.
            pub const fn code(&self) -> &'static str {
                match self { $( Self::$name { .. } => $code, )* }
            }

            /// Plain English for logs and the command line.
            pub const fn message(&self) -> &'static str {
                match self { $( Self::$name { .. } => $text, )* }
            }

            /// The numbers of this refusal.
            pub fn facts(&self) -> BTreeMap<String, String> {
                match self { $(
                    Self::$name { $($fact),* } => BTreeMap::from([
                        $((stringify!($fact).to_string(), $fact.to_string())),*
                    ]),
                )* }
            }
        }
    };
}

refusals! {
    /// P5: bytes that are not exactly what encoding the decoded entry gives.
    "MALFORMED" Malformed {} "The entry is not in its one written form.";
    "ENTRY_TOO_LARGE" EntryTooLarge { bytes: usize, max: usize } "The entry is too large.";
    /// P5: an action that is not a public ledger entry, where one belongs.
    "WRONG_TYPE" WrongType {} "What is named is not a public ledger entry.";
    "WRONG_EVENT" WrongEvent { wanted: &'static str }
        "The ledger entry named is of another kind.";
    "WRONG_AUTHOR" WrongAuthor {} "What is named was written by somebody else.";
    "CHARTER" Charter { path: &'static str } "The community's charter is not in order.";
    "KEPT_FOR_GOOD" KeptForGood {} "Nothing in the record book is ever changed or deleted.";
    /// L0.
    "NOT_ADMITTED" NotAdmitted {} "This key is not admitted to the community.";
    "BEFORE_FOUNDING" BeforeFounding { founded: i64 } "The time lies before the founding.";
    "TIME_BACKWARDS" TimeBackwards {} "The time lies before that of the entry before.";
    "TIME_STATED" TimeStated { stated: i64, at: i64 }
        "The time stated is not just before the time of the action.";
    /// L1.
    "OPEN_FIRST" OpenFirst {} "The first ledger entry opens the account.";
    "OPEN_TWICE" OpenTwice {} "An account is opened once.";
    "OPEN_TOO_LATE" OpenTooLate { max: u32 } "The account is opened too far along the chain.";
    /// L2.
    "NOT_THE_LAST" NotTheLast {} "The entry does not name the author's last ledger entry.";
    "GAP_TOO_LONG" GapTooLong { max: u32 } "Too many actions lie between two ledger entries.";
    "CLOSED" Closed {} "The chain is closed.";
    /// L3: `field` is the first part of the stated account that is not what the rules give.
    "STATE_MISMATCH" StateMismatch { field: &'static str }
        "The account stated is not what the rules give.";
    "OVERFLOW" Overflow {} "A number leaves its range.";
    /// L4.
    "ASK_DAY" AskDay { day: &'static str, given: i64, from: i64, to: i64 }
        "A day of the ask is out of range.";
    "REMIND_EARLY" RemindEarly { from: i64 } "It is too early for a reminder.";
    "NO_INVOICE" NoInvoice {} "Only an ask with a day on which it is due can be acknowledged.";
    "NOT_ASKED" NotAsked {} "The ask is to somebody else.";
    "ASK_OF_ANOTHER" AskOfAnother {} "The ask is by somebody else than the payee.";
    "ASK_OVER" AskOver { until: i64 } "The ask is over.";
    "MORE_THAN_ASKED" MoreThanAsked { asked: i64, most: i64 } "This is more than was asked for.";
    /// L5.
    "AMOUNT_ZERO" AmountZero {} "The amount is zero.";
    "AMOUNT_RANGE" AmountRange { amount: i64, max: i64 } "The amount is out of range.";
    "AMOUNT_TOO_SMALL" AmountTooSmall { amount: i64, min: i64 }
        "The amount is below the smallest payment.";
    "SELF_PAYMENT" SelfPayment {} "Nobody pays themselves.";
    "CATEGORY_UNKNOWN" CategoryUnknown { category: u8, known: usize }
        "The community has no such category.";
    "MEMO_SIZE" MemoSize { bytes: usize } "The sealed note has a wrong size.";
    "FEE" Fee { stated: i64, due: i64 } "The fee is not the one due.";
    "CARD_OF_ANOTHER" CardOfAnother {} "The card named is not the payee's.";
    /// L6: `most` is the largest payment possible now.
    "SPEND_OVER_LINE" SpendOverLine { asked: i64, most: i64, balance: i64, line: i64 }
        "The payment goes past the line.";
    /// L7, L8.
    "NONE_NAMED" NoneNamed {} "No payment is named.";
    "TOO_MANY" TooMany { count: usize, max: usize } "Too many payments are named.";
    "NOT_ASCENDING" NotAscending {} "The payments are not in the order of their keys.";
    "NOT_YOURS" NotYours {} "The payment is to somebody else.";
    "FROM_THE_FUTURE" FromTheFuture { at: i64, latest: i64 }
        "The payment is dated too far ahead.";
    "EXPIRED" Expired { expired: i64 } "The payment has expired.";
    "ALREADY_ANSWERED" AlreadyAnswered {} "The payment was taken or sent back before.";
    "BEHIND_THE_WINDOW" BehindTheWindow {} "The payment is older than those still remembered.";
    /// F2.
    "WITNESSES" Witnesses { part: &'static str }
        "What others say of the payment is not in order.";
    "REASON_UNKNOWN" ReasonUnknown { reason: u8, max: u8 } "There is no such reason.";
    /// L9.
    "OPEN_FULL" OpenFull { open: usize, max: usize }
        "Too many payments are still on their way.";
    "NOT_OPEN" NotOpen {} "The payment is not among those still open.";
    "NOT_DECLINED" NotDeclined {} "The payment was not sent back by what is named.";
    /// L10.
    "NOT_RETURNED" NotReturned {} "What is named does not show that the payment can come back.";
    /// L12.
    "PAGE_DUE" PageDue { unpaged: u32, max: u32 } "A month page is due first.";
    "PAGE_TOO_LONG" PageTooLong { max: u32 } "Too much lies before this month page.";
    "PAGE" Page { part: &'static str } "The month page does not say what the entries say.";
    "STATEMENT_EARLY" StatementEarly { month: u32 } "This month is not over yet.";
    "STATEMENT_DUE" StatementDue { since: i64 } "A statement is due before the next payment.";
    /// Commons.
    "PROFILE_NAME" ProfileName { part: &'static str } "The name cannot be used.";
    /// K1, K2, K4.
    "LINK" Link { part: &'static str } "The link does not say what its kind says.";
}

impl core::fmt::Display for Refusal {
    /// The code first, then the facts: what stands in a verdict and in a warrant.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.code())?;
        for (name, value) in self.facts() {
            write!(f, " {name}={value}")?;
        }
        Ok(())
    }
}

/// Why a rule could not say yes: it says no, or a fact it needs is not here yet.
///
/// The two must never be mixed up: a missing fact is waited for, a refusal expels its author.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop<Missing> {
    Refused(Refusal),
    Missing(Missing),
}

impl<Missing> From<Refusal> for Stop<Missing> {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn no_code_is_used_twice() {
        let codes: BTreeSet<_> = Refusal::CODES.iter().map(|(code, _)| code).collect();
        assert_eq!(codes.len(), Refusal::CODES.len());
    }

    #[test]
    fn the_text_of_a_verdict_starts_with_its_code() {
        let refusal = Refusal::SpendOverLine { asked: 101, most: 100, balance: 0, line: 100 };
        assert_eq!(refusal.to_string(), "SPEND_OVER_LINE asked=101 balance=0 line=100 most=100");
    }
}
