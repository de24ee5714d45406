//! What a member looks for in their account. All of it must hold; null and empty ask for nothing.

use crate::{Payment, PaymentStatus};
use serde::{Deserialize, Serialize};

/// Which way the balance went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    In,
    Out,
}

/// Period and direction are asked of entries. All else is asked of the payments that an entry
/// names: one of them must have all of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(default)]
pub struct ActivityFilter {
    /// Not made before this moment.
    #[cfg_attr(feature = "ts", ts(type = "number | null"))]
    pub from_ms: Option<i64>,
    /// Made before this moment.
    #[cfg_attr(feature = "ts", ts(type = "number | null"))]
    pub before_ms: Option<i64>,
    pub direction: Option<Direction>,
    /// Who is on the other side.
    pub member: Option<String>,
    /// Index in the charter's categories.
    pub category: Option<u8>,
    pub status: Option<PaymentStatus>,
    /// Not less than this, without the fee.
    pub amount_least: Option<String>,
    /// Not more than this.
    pub amount_most: Option<String>,
    /// Stands in the note, whatever the case of its letters.
    pub text: Option<String>,
    /// Members whose names hold the text: their payments have it too. Names are not part of the
    /// ledger, so whoever asks looks them up.
    pub named: Vec<String>,
}

impl ActivityFilter {
    /// Is an entry of this moment newer than the period?
    pub fn ends_before(&self, at_ms: i64) -> bool {
        self.before_ms.is_some_and(|before| at_ms >= before)
    }

    /// Is an entry of this moment older than the period? Then so is everything before it.
    pub fn begins_after(&self, at_ms: i64) -> bool {
        self.from_ms.is_some_and(|from| at_ms < from)
    }

    /// Does an entry that moved the balance this way have it?
    pub fn takes_way(&self, way: Option<Direction>) -> bool {
        self.direction.is_none() || self.direction == way
    }

    /// Can only an entry that names a payment have it?
    pub fn asks_for_payment(&self) -> bool {
        let Self { member, category, status, amount_least, amount_most, text, .. } = self;
        let asked = [
            member.is_some(),
            category.is_some(),
            status.is_some(),
            amount_least.is_some(),
            amount_most.is_some(),
            text.is_some(),
        ];
        asked.contains(&true)
    }

    /// May a payment with this member have it, by what it says to everybody? Where it stands and
    /// what it was for are not asked yet: both take longer to find out.
    pub fn may_take(&self, other: &str, amount: i64, category: u8) -> bool {
        let least = self.amount_least.as_deref().and_then(minor).unwrap_or(i64::MIN);
        let most = self.amount_most.as_deref().and_then(minor).unwrap_or(i64::MAX);
        self.member.as_deref().is_none_or(|member| member == other)
            && self.category.is_none_or(|wanted| wanted == category)
            && (least..=most).contains(&amount)
    }

    /// Does a payment with this member have it?
    pub fn takes(&self, payment: &Payment, other: &str) -> bool {
        let Some(amount) = minor(&payment.amount) else { return false };
        self.may_take(other, amount, payment.category)
            && self.status.is_none_or(|wanted| wanted == payment.status)
            && self.text.as_deref().is_none_or(|text| {
                let noted = payment.memo.as_deref().is_some_and(|note| holds(note, text));
                noted || self.named.iter().any(|member| member == other)
            })
    }
}

fn minor(amount: &str) -> Option<i64> {
    amount.parse().ok()
}

fn holds(note: &str, text: &str) -> bool {
    note.to_lowercase().contains(&text.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn honey() -> Payment {
        Payment {
            payment: "receipt".into(),
            payer: "anna".into(),
            payee: "ben".into(),
            amount: "1250".into(),
            fee: "13".into(),
            category: 2,
            memo: Some("Two jars of Honey, Österby".into()),
            at_ms: 1_000,
            expires_ms: 2_000,
            status: PaymentStatus::Taken,
            reason: None,
            ask: None,
            seen_by: None,
        }
    }

    fn any() -> ActivityFilter {
        ActivityFilter::default()
    }

    #[test]
    fn nothing_asked_lets_everything_through() {
        assert!(any().takes(&honey(), "ben"));
        assert!(any().takes_way(None) && any().takes_way(Some(Direction::In)));
        assert!(!any().begins_after(i64::MIN) && !any().ends_before(i64::MAX));
        assert!(!any().asks_for_payment());
    }

    #[test]
    fn a_period_holds_its_first_moment_and_not_the_one_after_it() {
        let period = ActivityFilter { from_ms: Some(10), before_ms: Some(20), ..any() };
        assert!(period.begins_after(9) && !period.begins_after(10));
        assert!(!period.ends_before(19) && period.ends_before(20));
        assert!(!period.asks_for_payment());
    }

    #[test]
    fn what_moved_nothing_went_neither_way() {
        let out = ActivityFilter { direction: Some(Direction::Out), ..any() };
        assert!(out.takes_way(Some(Direction::Out)));
        assert!(!out.takes_way(Some(Direction::In)) && !out.takes_way(None));
        assert!(!out.asks_for_payment());
    }

    #[test]
    fn each_thing_asked_of_a_payment_is_met_or_not() {
        let text = |text: &str| Some(text.to_string());
        let rows = [
            (ActivityFilter { member: text("ben"), ..any() }, true),
            (ActivityFilter { member: text("anna"), ..any() }, false),
            (ActivityFilter { category: Some(2), ..any() }, true),
            (ActivityFilter { category: Some(0), ..any() }, false),
            (ActivityFilter { status: Some(PaymentStatus::Taken), ..any() }, true),
            (ActivityFilter { status: Some(PaymentStatus::Waiting), ..any() }, false),
            (ActivityFilter { amount_least: text("1250"), ..any() }, true),
            (ActivityFilter { amount_least: text("1251"), ..any() }, false),
            (ActivityFilter { amount_most: text("1250"), ..any() }, true),
            (ActivityFilter { amount_most: text("1249"), ..any() }, false),
            (ActivityFilter { text: text("honey"), ..any() }, true),
            (ActivityFilter { text: text("ÖSTER"), ..any() }, true),
            (ActivityFilter { text: text("bread"), ..any() }, false),
        ];
        for (filter, met) in rows {
            assert_eq!(filter.takes(&honey(), "ben"), met, "{filter:?}");
            assert!(filter.asks_for_payment(), "{filter:?}");
        }
    }

    #[test]
    fn a_name_stands_for_a_note_and_all_else_must_hold_as_well() {
        let named = vec!["carla".to_string(), "ben".to_string()];
        let by_name = ActivityFilter { text: Some("ok".into()), named, ..any() };
        assert!(by_name.takes(&honey(), "ben"));
        assert!(!by_name.takes(&honey(), "deniz"));
        assert!(by_name.takes(&Payment { memo: None, ..honey() }, "ben"));
        let dear = ActivityFilter { amount_least: Some("1251".into()), ..by_name };
        assert!(!dear.takes(&honey(), "ben"));
    }

    #[test]
    fn what_everybody_can_read_is_asked_before_the_note_and_the_answer() {
        let late = Some(PaymentStatus::TooLate);
        let filter = ActivityFilter { status: late, text: Some("bread".into()), ..any() };
        assert!(filter.may_take("ben", 1_250, 2));
        assert!(!filter.takes(&honey(), "ben"));
    }
}
