//! How good chances are, once the outcomes are known: in millionths.

use crate::bins::{total, Tally};
use crate::math::{int, round_div, small, Int};
use std::collections::BTreeMap;

/// A share in millionths.
pub type Millionths = i64;

const WHOLE: i64 = 1_000_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Measures {
    /// How often a bad row has a higher chance than a good one; ties count half.
    pub auc: Millionths,
    /// Mean squared error of the chance.
    pub brier: Millionths,
    /// Largest distance between the shares of bad and of good rows above a chance.
    pub ks: Millionths,
}

/// The measures of chances out of 10,000. Zero when all outcomes are alike.
pub fn measure(chances: &[u16], bad: &[bool]) -> Measures {
    let mut by_chance: BTreeMap<u16, Tally> = BTreeMap::new();
    for (chance, bad) in chances.iter().zip(bad) {
        by_chance.entry(*chance).or_default().add(*bad);
    }
    let all = total(&Vec::from_iter(by_chance.values().copied()));
    let (good, bad) = (int(all.good), int(all.bad));
    let (mut good_below, mut bad_below) = (int(0), int(0));
    let (mut twice_won, mut widest, mut error) = (int(0), int(0), int(0));
    for (chance, here) in &by_chance {
        let (good_here, bad_here) = (int(here.good), int(here.bad));
        twice_won += bad_here * (int(2) * good_below + good_here);
        good_below += good_here;
        bad_below += bad_here;
        widest = widest.max(absolute(good_below * bad - bad_below * good));
        let (chance, missed) = (int(*chance), int(10_000) - int(*chance));
        error += good_here * chance * chance + bad_here * missed * missed;
    }
    let millionths = |part: Int, whole: Int| small(round_div(part * int(WHOLE), whole));
    Measures {
        auc: millionths(twice_won, int(2) * good * bad),
        brier: millionths(error, (good + bad) * int(100_000_000)),
        ks: millionths(widest, good * bad),
    }
}

fn absolute(number: Int) -> Int {
    if number < int(0) {
        -number
    } else {
        number
    }
}

/// `part` of `whole` in millionths; none of nothing.
pub fn share(part: u64, whole: u64) -> Option<Millionths> {
    (whole > 0).then(|| small(round_div(int(part) * int(WHOLE), int(whole))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chances_that_sort_perfectly_half_and_wrongly() {
        let bad = [false, false, true, true];
        assert_eq!(measure(&[0, 0, 10_000, 10_000], &bad).auc, 1_000_000);
        assert_eq!(measure(&[0, 0, 10_000, 10_000], &bad).brier, 0);
        assert_eq!(measure(&[9, 9, 9, 9], &bad).auc, 500_000);
        assert_eq!(measure(&[9, 9, 9, 9], &bad).ks, 0);
        assert_eq!(measure(&[9, 9, 1, 1], &bad).auc, 0);
        assert_eq!(measure(&[9, 9, 1, 1], &bad).ks, 1_000_000);
    }

    #[test]
    fn the_measures_of_a_small_case_worked_out_by_hand() {
        // Pairs of a bad and a good row: (30, 10), (30, 20), (30, 30) tied, (15, 10), and
        // (15, 20), (15, 30) the wrong way round: 3.5 of 6.
        let (chances, bad) =
            ([1_000, 2_000, 3_000, 3_000, 1_500], [false, false, false, true, true]);
        let found = measure(&chances, &bad);
        assert_eq!(found.auc, 583_333);
        // (0.01 + 0.04 + 0.09 + 0.49 + 0.7225) / 5.
        assert_eq!(found.brier, 270_500);
        // Below 15 %: a third of the good rows and no bad one.
        assert_eq!(found.ks, 333_333);
        assert_eq!(measure(&[], &[]), Measures { auc: 0, brier: 0, ks: 0 });
    }
}
