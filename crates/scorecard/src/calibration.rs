//! From score to chance: one slope and one offset for the whole card.

use crate::bins::Tally;
use crate::math::{chance_bp, floor_div, int, small, Int};

/// Slopes that are tried, in sixteenths: 4 to 20.
pub const SLOPES: core::ops::RangeInclusive<i64> = 4..=20;
/// Log of 2, in 1/65,536.
const LN_2_Q16: i64 = 45_426;
/// Offsets are looked for between −80 and 80 eighths of a logit, by halving 24 times.
const OFFSET_END: i64 = 80 << 16;
const HALVINGS: u32 = 24;

/// What turns a score into a chance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Calibration {
    /// In sixteenths.
    pub slope: i64,
    /// In 1/65,536 of an eighth of a logit.
    pub offset: i64,
}

/// Rows with one score.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AtScore {
    pub score: i64,
    pub rows: Tally,
}

impl Calibration {
    /// How many of 10,000 rows with this score go bad.
    pub fn bad_bp(&self, score: i64) -> u16 {
        chance_bp(logit(score, self.slope) + int(self.offset))
    }

    /// The slope and offset with which the mean chance is the share of bad rows, and the squared
    /// error is least; of equal ones the first.
    pub fn fit(scores: &[AtScore]) -> Self {
        let mut best: Option<(Int, Self)> = None;
        for slope in SLOPES {
            let fitted = Self { slope, offset: offset(scores, slope) };
            let error = fitted.error(scores);
            if best.is_none_or(|(least, _)| error < least) {
                best = Some((error, fitted));
            }
        }
        best.map_or(Self { slope: *SLOPES.start(), offset: 0 }, |(_, fitted)| fitted)
    }

    /// Sum of the squared errors.
    fn error(&self, scores: &[AtScore]) -> Int {
        scores.iter().fold(int(0), |sum, at| {
            let chance = int(self.bad_bp(at.score));
            let missed = int(10_000) - chance;
            sum + int(at.rows.bad) * missed * missed + int(at.rows.good) * chance * chance
        })
    }
}

/// Twenty points are one doubling of the odds, at the slope of 16 sixteenths.
fn logit(score: i64, slope: i64) -> Int {
    floor_div(-(int(score) * int(slope) * int(LN_2_Q16) * int(8)), int(320))
}

/// The largest offset tried that does not promise more bad rows than there are.
fn offset(scores: &[AtScore], slope: i64) -> i64 {
    let logits: Vec<(Int, Tally)> =
        scores.iter().map(|at| (logit(at.score, slope), at.rows)).collect();
    let wanted = logits.iter().fold(int(0), |sum, (_, rows)| sum + int(rows.bad) * int(10_000));
    let (mut low, mut high) = (int(-OFFSET_END), int(OFFSET_END));
    for _ in 0..HALVINGS {
        let middle = floor_div(low + high, int(2));
        let promised = logits.iter().fold(int(0), |sum, (logit, rows)| {
            sum + int(chance_bp(*logit + middle)) * int(rows.rows())
        });
        if promised < wanted {
            low = middle;
        } else {
            high = middle;
        }
    }
    small(low)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(score: i64, good: u64, bad: u64) -> AtScore {
        AtScore { score, rows: Tally { good, bad } }
    }

    #[test]
    fn the_mean_chance_is_the_share_of_bad_rows() {
        let scores = [at(-40, 40, 60), at(0, 150, 50), at(40, 190, 10)];
        let fitted = Calibration::fit(&scores);
        let promised: u64 =
            scores.iter().map(|at| u64::from(fitted.bad_bp(at.score)) * at.rows.rows()).sum();
        assert!(promised.abs_diff(120 * 10_000) < 500, "{promised}");
    }

    #[test]
    fn points_that_mean_what_they_say_keep_their_slope() {
        // Odds of 1, 2, 4 and 8 at 0, 20, 40 and 60 points.
        let scores = [at(0, 500, 500), at(20, 600, 300), at(40, 800, 200), at(60, 800, 100)];
        let fitted = Calibration::fit(&scores);
        assert_eq!(fitted.slope, 16);
        assert!(fitted.bad_bp(20).abs_diff(3_333) < 10, "{}", fitted.bad_bp(20));
    }

    #[test]
    fn a_higher_score_is_never_a_higher_chance() {
        let fitted = Calibration { slope: 13, offset: -413_496 };
        let chances: Vec<u16> = (-900..900).map(|score| fitted.bad_bp(score)).collect();
        assert!(chances.is_sorted_by(|a, b| a >= b));
    }
}
