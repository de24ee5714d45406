//! Cross-validation: every row is judged by a card that has not seen it.

use crate::data::Data;
use crate::refusal::Refusal;
use crate::train::{predict, train_on};

/// The fold of each row.
///
/// The rule, so that anybody gets the same folds: within the good rows, and within the bad ones,
/// rows stand in the order of `mix(seed, row)`, ties by row; good rows first, then bad ones, are
/// dealt to the folds in turn. So folds differ by at most one row, and by at most one bad one.
pub fn folds(bad: &[bool], folds: u64, seed: u64) -> Result<Vec<u64>, Refusal> {
    let of = |outcome: bool| {
        let mut rows: Vec<(u64, usize)> = Vec::new();
        for ((row, bad), number) in bad.iter().enumerate().zip(0_u64..) {
            if *bad == outcome {
                rows.push((mix(seed, number), row));
            }
        }
        rows.sort_unstable();
        rows
    };
    let (good, bad_rows) = (of(false), of(true));
    let max = u64::try_from(good.len().min(bad_rows.len())).unwrap_or(u64::MAX);
    if !(2..=max).contains(&folds) {
        return Err(Refusal::Folds { folds, max });
    }
    let mut dealt = vec![0; bad.len()];
    for ((_, row), turn) in good.into_iter().chain(bad_rows).zip(0_u64..) {
        if let Some(fold) = dealt.get_mut(row) {
            *fold = turn.checked_rem(folds).unwrap_or(0);
        }
    }
    Ok(dealt)
}

/// The number that a seeded SplitMix64 generator gives at this place.
fn mix(seed: u64, place: u64) -> u64 {
    let step = place.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let mut mixed = seed.wrapping_add(step);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

/// How many of 10,000 rows like each one go bad, as a card from the other folds says.
/// `done` is called after each fold.
pub fn cross_validate(
    data: &Data,
    count: u64,
    seed: u64,
    mut done: impl FnMut(),
) -> Result<Vec<u16>, Refusal> {
    let folds = folds(&data.bad, count, seed)?;
    let mut chances = vec![0; data.bad.len()];
    for fold in 0..count {
        let of = |inside: bool| {
            let numbered = folds.iter().enumerate().filter(move |(_, at)| (**at == fold) == inside);
            numbered.map(|(row, _)| row)
        };
        let card = train_on(data, &Vec::from_iter(of(false)))?;
        for row in of(true) {
            if let Some(chance) = chances.get_mut(row) {
                *chance = predict(&card, data, row)?;
            }
        }
        done();
    }
    Ok(chances)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds_are_stratified_seeded_and_written_down() {
        let bad: Vec<bool> = (0..103).map(|row| row % 4 == 0).collect();
        let dealt = folds(&bad, 5, 42).unwrap();
        for fold in 0..5 {
            let rows = || dealt.iter().zip(&bad).filter(|(at, _)| **at == fold);
            assert!((20..=21).contains(&rows().count()), "{fold}");
            assert!((5..=6).contains(&rows().filter(|(_, bad)| **bad).count()), "{fold}");
        }
        assert_eq!(dealt, folds(&bad, 5, 42).unwrap());
        assert_ne!(dealt, folds(&bad, 5, 43).unwrap());
        // SplitMix64 with the seed 1234567, as its author gives it.
        let first = [6_457_827_717_110_365_317_u64, 3_203_168_211_198_807_973];
        assert_eq!([mix(1_234_567, 0), mix(1_234_567, 1)], first);
    }

    #[test]
    fn there_are_two_folds_at_least_and_a_row_of_each_outcome_for_each() {
        let bad = [true, true, true, false, false, false, false];
        assert!(folds(&bad, 3, 1).is_ok() && folds(&bad, 2, 1).is_ok());
        for count in [0, 1, 4, u64::MAX] {
            assert_eq!(folds(&bad, count, 1), Err(Refusal::Folds { folds: count, max: 3 }));
        }
    }
}
