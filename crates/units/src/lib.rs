//! Amounts, ratios and times as checked integers.
//!
//! There is no `+` and no `as` here: every operation that can leave its range returns `None`, and
//! the caller turns that into a refusal. Rounding stands in the name of the function that rounds.
#![forbid(unsafe_code)]
#![deny(clippy::arithmetic_side_effects, clippy::as_conversions, clippy::float_arithmetic)]
#![cfg_attr(test, allow(clippy::arithmetic_side_effects, clippy::as_conversions))]

use serde::{Deserialize, Serialize};

/// Money in minor units of the community (10⁻² of a unit by default). May be negative.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Amount(i64);

impl Amount {
    pub const ZERO: Self = Self(0);
    /// Largest amount of one payment: 2⁵³ − 1, the largest integer every front end keeps exactly.
    pub const PAYMENT_MAX: Self = Self(9_007_199_254_740_991);

    pub const fn new(minor: i64) -> Self {
        Self(minor)
    }

    /// Minor units.
    pub const fn minor(self) -> i64 {
        self.0
    }

    pub fn plus(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    pub fn minus(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }

    pub fn negated(self) -> Option<Self> {
        self.0.checked_neg().map(Self)
    }
}

impl core::fmt::Display for Amount {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.0.fmt(f)
    }
}

/// A ratio in parts per 10,000 ("basis points").
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Bp(u32);

const BP_WHOLE: i128 = 10_000;

impl Bp {
    pub const fn new(parts: u32) -> Self {
        Self(parts)
    }

    pub const fn parts(self) -> u32 {
        self.0
    }

    /// This share of `amount`, rounded up: against whoever pays it. `None` when out of range.
    pub fn of_rounded_up(self, amount: Amount) -> Option<Amount> {
        let product = i128::from(amount.0).checked_mul(i128::from(self.0))?;
        let floor = product.div_euclid(BP_WHOLE);
        let up = if product.rem_euclid(BP_WHOLE) == 0 { floor } else { floor.checked_add(1)? };
        i64::try_from(up).ok().map(Amount)
    }

    /// The largest `a ≥ 0` with `a + of_rounded_up(a) ≤ room`; zero when there is no room.
    pub fn largest_with_share_within(self, room: Amount) -> Amount {
        if room.0 <= 0 {
            return Amount::ZERO;
        }
        // a + ⌈a·bp/10,000⌉ ≤ room exactly when a·(10,000 + bp) ≤ 10,000·room, because room − a
        // is an integer; both products fit an i128 for every i64 and u32.
        let whole = BP_WHOLE.saturating_add(i128::from(self.0));
        let most = BP_WHOLE.saturating_mul(i128::from(room.0)).div_euclid(whole);
        i64::try_from(most).map_or(room, Amount)
    }
}

/// A moment by its author's own clock: microseconds since 1970.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Time(i64);

impl Time {
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Later by `span`; stays at the end of time instead of overflowing.
    pub const fn plus(self, span: Span) -> Self {
        Self(self.0.saturating_add(span.0))
    }

    /// From `earlier` to this moment; negative when `earlier` is later.
    pub const fn since(self, earlier: Self) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }
}

/// A length of time in microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span(i64);

impl Span {
    pub const ZERO: Self = Self(0);
    pub const MINUTE: Self = Self(60_000_000);
    pub const HOUR: Self = Self(3_600_000_000);
    pub const DAY: Self = Self(86_400_000_000);

    pub const fn days(days: u32) -> Self {
        // Every u32 of days fits: 2³² · 8.64·10¹⁰ saturates at the end of time instead of wrapping.
        Self::DAY.times(days)
    }

    pub const fn times(self, count: u32) -> Self {
        #[allow(clippy::as_conversions)] // Widening; `From` is not const.
        let count = count as i64;
        Self(self.0.saturating_mul(count))
    }

    pub const fn micros(self) -> i64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_rounded_up_one_below_at_and_above() {
        let tenth_percent = Bp::new(10);
        for (amount, fee) in [(0, 0), (1, 1), (999, 1), (1_000, 1), (1_001, 2), (2_000, 2)] {
            assert_eq!(tenth_percent.of_rounded_up(Amount(amount)), Some(Amount(fee)), "{amount}");
        }
    }

    #[test]
    fn the_largest_payment_is_the_largest() {
        for bp in [0, 1, 10, 33, 500, 10_000] {
            for room in (0..3_000).chain([i64::MAX, i64::MAX - 1, 9_007_199_254_740_991]) {
                let bp = Bp::new(bp);
                let most = bp.largest_with_share_within(Amount(room));
                let costs = |a: Amount| a.plus(bp.of_rounded_up(a)?);
                assert!(costs(most).is_some_and(|c| c.0 <= room), "{most} of {room}");
                let more = Amount(most.0.saturating_add(1));
                assert!(most.0 == i64::MAX || costs(more).is_none_or(|c| c.0 > room));
            }
        }
        assert_eq!(Bp::new(5).largest_with_share_within(Amount(-1)), Amount::ZERO);
    }

    #[test]
    fn nothing_wraps() {
        assert_eq!(Amount(i64::MAX).plus(Amount(1)), None);
        assert_eq!(Amount(i64::MIN).minus(Amount(1)), None);
        assert_eq!(Amount(i64::MIN).negated(), None);
        assert_eq!(Time(i64::MAX).plus(Span::days(u32::MAX)), Time(i64::MAX));
        assert_eq!(Time(i64::MIN).since(Time(i64::MAX)), Span(i64::MIN));
    }
}
