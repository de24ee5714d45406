//! Bins: where a column is cut, and what each bin says about the outcome.

use crate::data::{level, Values};
use crate::math::{count, floor_div, int, log2_q16, small, Int};
use crate::number::{thousandths, written, NotANumber};
use std::collections::BTreeSet;

pub const BINS_MAX: usize = 5;
/// Smallest information value of a feature, in 1/65,536 of log₂: 0.02 in natural logarithms.
pub const IV_MIN: i64 = 1_890;
/// A level stands for itself when it has one row in 50.
const LEVEL_SHARE: usize = 50;
/// Cases at the base rate that are added to every bin.
const PSEUDO_CASES: i64 = 10;
const POINTS_PER_DOUBLING: i64 = 20;
/// How many of the smallest and of the largest values are tried as cuts.
const ENDS: usize = 8;

/// How the cells of a column fall into bins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bins {
    /// The bin of a number is how many thresholds (in thousandths) it has reached; the last bin
    /// takes empty cells.
    Numbers(Vec<i64>),
    /// The bin of a level is its place; the last bin takes all others.
    Levels(Vec<String>),
}

/// Good and bad rows of one bin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub good: u64,
    pub bad: u64,
}

impl Tally {
    pub fn add(&mut self, bad: bool) {
        let side = if bad { &mut self.bad } else { &mut self.good };
        *side = side.saturating_add(1);
    }

    pub fn rows(&self) -> u64 {
        self.good.saturating_add(self.bad)
    }

    fn pure(&self) -> bool {
        self.good == 0 || self.bad == 0
    }
}

/// Sums over all bins.
pub fn total(tallies: &[Tally]) -> Tally {
    tallies.iter().fold(Tally::default(), |sum, tally| Tally {
        good: sum.good.saturating_add(tally.good),
        bad: sum.bad.saturating_add(tally.bad),
    })
}

/// Whether every bin is good or bad throughout: such a column knew the outcome.
pub fn leaking(tallies: &[Tally]) -> bool {
    tallies.iter().all(Tally::pure)
}

/// Whether one cut parts the good rows of a column of numbers from the bad ones. Bins need not show
/// it, because cuts are tried at some of the values only.
pub fn parted(values: &Values, bad: &[bool]) -> bool {
    let Values::Numbers(numbers) = values else { return false };
    let mut pairs = Vec::new();
    for (number, bad) in numbers.iter().zip(bad) {
        // A missing number would have to be looked at by itself.
        let Some(number) = number else { return false };
        pairs.push((*number, *bad));
    }
    let ends = |of: bool| {
        let side = pairs.iter().filter(move |(_, bad)| *bad == of).map(|(number, _)| *number);
        (side.clone().min(), side.max())
    };
    let ((good_min, good_max), (bad_min, bad_max)) = (ends(false), ends(true));
    good_max < bad_min || bad_max < good_min
}

/// Whether all rows are in one bin.
pub fn constant(tallies: &[Tally]) -> bool {
    tallies.iter().filter(|tally| tally.rows() > 0).count() < 2
}

impl Bins {
    /// The bins of a column, learnt from these rows, and the tally of each.
    pub fn learn(values: &Values, bad: &[bool], rows: &[usize]) -> (Self, Vec<Tally>) {
        let bins = match values {
            Values::Numbers(numbers) => Self::Numbers(thresholds(numbers, bad, rows)),
            Values::Levels { cells, names } => Self::Levels(levels(cells, names, rows)),
        };
        let mut tallies = vec![Tally::default(); bins.count()];
        let places = bins.places(values);
        for row in rows {
            let place = places.get(*row).copied().unwrap_or_default();
            if let (Some(tally), Some(bad)) = (tallies.get_mut(place), bad.get(*row)) {
                tally.add(*bad);
            }
        }
        (bins, tallies)
    }

    /// How many bins there are, the one for missing or other values among them.
    pub fn count(&self) -> usize {
        match self {
            Self::Numbers(thresholds) => thresholds.len().saturating_add(2),
            Self::Levels(levels) => levels.len().saturating_add(1),
        }
    }

    fn last(&self) -> usize {
        self.count().saturating_sub(1)
    }

    /// The bin of a cell.
    pub fn place(&self, cell: &str) -> Result<usize, NotANumber> {
        match self {
            Self::Numbers(_) if cell.is_empty() => Ok(self.last()),
            Self::Numbers(_) => Ok(self.place_of_number(Some(thousandths(cell)?))),
            Self::Levels(_) => Ok(self.place_of_level(level(cell))),
        }
    }

    pub(crate) fn place_of_number(&self, number: Option<i64>) -> usize {
        match (self, number) {
            (Self::Numbers(thresholds), Some(number)) => {
                thresholds.partition_point(|threshold| *threshold <= number)
            }
            _ => self.last(),
        }
    }

    pub(crate) fn place_of_level(&self, level: &str) -> usize {
        let Self::Levels(levels) = self else { return self.last() };
        levels.iter().position(|known| known == level).unwrap_or(self.last())
    }

    /// The bins of all cells of a column.
    pub(crate) fn places(&self, values: &Values) -> Vec<usize> {
        match values {
            Values::Numbers(numbers) => {
                numbers.iter().map(|number| self.place_of_number(*number)).collect()
            }
            Values::Levels { cells, names } => {
                let places: Vec<usize> = names.iter().map(|n| self.place_of_level(n)).collect();
                cells.iter().map(|cell| places.get(*cell).copied().unwrap_or_default()).collect()
            }
        }
    }

    /// Whether a bin stands for a value that somebody can have, not for a missing or rare one.
    pub fn stated(&self, place: usize) -> bool {
        place < self.last()
    }

    /// A bin in words.
    pub fn words(&self, place: usize) -> String {
        match self {
            Self::Levels(levels) => levels.get(place).cloned().unwrap_or("any other".into()),
            Self::Numbers(thresholds) => {
                let from = place.checked_sub(1).and_then(|before| thresholds.get(before));
                match (from, thresholds.get(place)) {
                    _ if place >= self.last() => "not stated".into(),
                    (None, None) => "any number".into(),
                    (None, Some(to)) => format!("below {}", written(*to)),
                    (Some(from), None) => format!("{} and more", written(*from)),
                    (Some(from), Some(to)) => {
                        format!("{} to below {}", written(*from), written(*to))
                    }
                }
            }
        }
    }
}

/// Smallest number of rows in a bin of numbers, of so many rows in all.
pub fn rows_min(rows: usize) -> usize {
    rows.checked_div(25).unwrap_or(0).max(20)
}

/// Whether a level with so many of the rows stands for itself.
pub fn kept(rows_of_level: usize, rows: usize) -> bool {
    rows_of_level.saturating_mul(LEVEL_SHARE) >= rows
}

/// Levels that stand for themselves: the frequent ones first, ties by first appearance.
fn levels(cells: &[usize], names: &[String], rows: &[usize]) -> Vec<String> {
    let mut counts: Vec<(usize, usize)> = vec![(0, usize::MAX); names.len()];
    for (at, row) in rows.iter().enumerate() {
        if let Some((count, first)) = cells.get(*row).and_then(|cell| counts.get_mut(*cell)) {
            *count = count.saturating_add(1);
            *first = at.min(*first);
        }
    }
    let mut found: Vec<_> = counts.iter().zip(names).filter(|((count, _), _)| *count > 0).collect();
    found.sort_by_key(|((count, first), _)| (core::cmp::Reverse(*count), *first));
    let frequent = found.into_iter().filter(|((count, _), _)| kept(*count, rows.len()));
    frequent.map(|(_, name)| name.clone()).collect()
}

/// Numbers in order, with the number of bad ones before each place.
struct Sorted {
    numbers: Vec<i64>,
    bad_before: Vec<u64>,
}

/// A stretch of sorted numbers: from a place up to, not including, another.
#[derive(Clone, Copy)]
struct Stretch {
    from: usize,
    to: usize,
}

impl Stretch {
    fn rows(self) -> usize {
        self.to.saturating_sub(self.from)
    }

    /// Both sides of a cut.
    fn cut(self, at: usize) -> (Self, Self) {
        (Self { from: self.from, to: at }, Self { from: at, to: self.to })
    }
}

impl Sorted {
    fn new(numbers: &[Option<i64>], bad: &[bool], rows: &[usize]) -> Self {
        let cell = |row: &usize| Some((numbers.get(*row).copied().flatten()?, *bad.get(*row)?));
        let mut pairs: Vec<(i64, bool)> = rows.iter().filter_map(cell).collect();
        pairs.sort_unstable();
        let mut bad_before = vec![0];
        let mut sum: u64 = 0;
        for (_, bad) in &pairs {
            sum = sum.saturating_add(u64::from(*bad));
            bad_before.push(sum);
        }
        Self { numbers: pairs.into_iter().map(|(number, _)| number).collect(), bad_before }
    }

    /// Places where a cut is tried, with the threshold: 63 order statistics and the values at both
    /// ends, in ascending order.
    fn candidates(&self) -> Vec<(i64, usize)> {
        let rows = self.numbers.len();
        let share = |q: usize| self.numbers.get(rows.saturating_mul(q).checked_div(64)?).copied();
        let mut distinct = self.numbers.clone();
        distinct.dedup();
        let cuts: BTreeSet<i64> = (1..64)
            .filter_map(share)
            .chain(distinct.iter().take(ENDS).copied())
            .chain(distinct.iter().rev().take(ENDS).copied())
            .collect();
        let place = |cut: i64| (cut, self.numbers.partition_point(|number| *number < cut));
        cuts.into_iter().map(place).collect()
    }

    /// How mixed a stretch is: ⌊good · bad · 256 / rows⌋.
    fn mixed(&self, stretch: Stretch) -> Int {
        let bad_up_to = |place| int(self.bad_before.get(place).copied().unwrap_or(0));
        let bad = bad_up_to(stretch.to) - bad_up_to(stretch.from);
        let rows = count(stretch.rows());
        floor_div((rows - bad) * bad * int(256), rows)
    }
}

/// The cuts of a column of numbers: greedy, the best cut of any stretch first.
fn thresholds(numbers: &[Option<i64>], bad: &[bool], rows: &[usize]) -> Vec<i64> {
    let sorted = Sorted::new(numbers, bad, rows);
    let candidates = sorted.candidates();
    let least = rows_min(rows.len());
    let mut stretches = vec![Stretch { from: 0, to: sorted.numbers.len() }];
    let mut thresholds = Vec::new();
    while stretches.len() < BINS_MAX {
        let mut best = (int(0), None);
        for (which, stretch) in stretches.iter().enumerate() {
            let whole = sorted.mixed(*stretch);
            for (threshold, place) in &candidates {
                let (left, right) = stretch.cut(*place);
                if left.rows() < least || right.rows() < least {
                    continue;
                }
                let gain = whole - sorted.mixed(left) - sorted.mixed(right);
                if gain > best.0 {
                    best = (gain, Some((which, *threshold, left, right)));
                }
            }
        }
        let Some((which, threshold, left, right)) = best.1 else { break };
        stretches.remove(which);
        stretches.extend([left, right]);
        thresholds.push(threshold);
    }
    thresholds.sort_unstable();
    thresholds
}

/// What the bins of a column are worth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Worth {
    /// Points of each bin: 20 for each doubling of the odds good to bad.
    pub points: Vec<i64>,
    /// How much the column says in all, in 1/65,536 of log₂.
    pub information: i64,
}

/// Points and information of a column, from its counts alone.
pub fn worth(tallies: &[Tally]) -> Worth {
    let all = total(tallies);
    let rows = int(all.rows());
    let smoothed = |tally: &Tally| {
        let part = |here: u64, all: u64| int(here) * rows + int(PSEUDO_CASES) * int(all);
        (part(tally.good, all.good), part(tally.bad, all.bad))
    };
    let sums = tallies
        .iter()
        .map(smoothed)
        .fold((int(0), int(0)), |sum, (good, bad)| (sum.0 + good, sum.1 + bad));
    let mut points = Vec::new();
    let mut information = int(0);
    for (good, bad) in tallies.iter().map(smoothed) {
        let weight = log2_q16(good * sums.1) - log2_q16(bad * sums.0);
        let half_up = int(POINTS_PER_DOUBLING) * weight + int(1_i64 << 15);
        points.push(small(floor_div(half_up, int(1_i64 << 16))));
        let share = |part: Int, sum: Int| floor_div(part * int(1_i64 << 20), sum);
        information += (share(good, sums.0) - share(bad, sums.1)) * weight;
    }
    Worth { points, information: small(floor_div(information, int(1_i64 << 20))) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn learn(numbers: &[i64], bad: &[bool]) -> Vec<i64> {
        let cells: Vec<Option<i64>> = numbers.iter().map(|n| Some(*n)).collect();
        thresholds(&cells, bad, &Vec::from_iter(0..numbers.len()))
    }

    #[test]
    fn a_cut_lies_where_outcomes_change_and_no_bin_is_small() {
        let numbers: Vec<i64> = (0..100).collect();
        let bad: Vec<bool> = numbers.iter().map(|n| *n >= 60).collect();
        assert_eq!(learn(&numbers, &bad), [60]);
        let bad: Vec<bool> = numbers.iter().map(|n| *n >= 90).collect();
        // Ten bad rows alone are too few for a bin, and 79 is the last order statistic below 81.
        assert_eq!(learn(&numbers, &bad), [79]);
    }

    #[test]
    fn outcomes_that_do_not_depend_on_the_column_are_not_cut() {
        assert_eq!(learn(&[7; 100], &[true; 100]), [] as [i64; 0]);
        assert_eq!(learn(&[7; 30], &[false; 30]), [] as [i64; 0]);
        assert_eq!(learn(&[], &[]), [] as [i64; 0]);
    }

    #[test]
    fn of_equal_gains_the_first_cut_wins() {
        // Two mirrored steps of equal gain at 20 and at 80: the lower one is found first, and the
        // second cut is the other one.
        let numbers: Vec<i64> = (0..64).collect();
        let bad: Vec<bool> = numbers.iter().map(|n| *n < 20 || *n >= 44).collect();
        assert_eq!(learn(&numbers, &bad), [20, 44]);
    }

    #[test]
    fn levels_stand_in_the_order_of_their_number_and_rare_ones_together() {
        let names = ["rare", "b", "a", "c"].map(String::from).to_vec();
        // 1 rare, 50 a, 30 b, 30 c with c first: of 111 rows a level needs 3.
        let mut cells = vec![0, 3, 1];
        cells.extend([[2; 50].as_slice(), &[1; 29], &[3; 29]].concat());
        let rows = Vec::from_iter(0..cells.len());
        assert_eq!(levels(&cells, &names, &rows), ["a", "c", "b"]);
        assert!(kept(2, 100) && !kept(1, 51) && kept(1, 50));
    }

    #[test]
    fn a_number_is_in_the_bin_of_the_thresholds_it_has_reached() {
        let bins = Bins::Numbers(vec![1_000, 2_500]);
        let place = |cell| bins.place(cell).unwrap();
        assert_eq!(["0.999", "1", "2.4999", "2.5", "9e9", ""].map(place), [0, 1, 1, 2, 2, 3]);
        assert_eq!(bins.place("many"), Err(NotANumber::Malformed));
        let words = (0..4).map(|place| bins.words(place)).collect::<Vec<_>>();
        assert_eq!(words, ["below 1", "1 to below 2.5", "2.5 and more", "not stated"]);
        assert_eq!(Bins::Numbers(vec![]).words(0), "any number");
    }

    #[test]
    fn an_unknown_level_is_among_the_others_and_an_empty_cell_is_a_level() {
        let bins = Bins::Levels(vec!["x".into(), EMPTY.into()]);
        let place = |cell| bins.place(cell).unwrap();
        assert_eq!(["x", "", "NA", "y"].map(place), [0, 1, 1, 2]);
        assert_eq!(bins.words(2), "any other");
        assert!(bins.stated(1) && !bins.stated(2));
    }
    const EMPTY: &str = crate::data::EMPTY_LEVEL;

    #[test]
    fn twice_the_odds_are_twenty_points() {
        // Many rows, so that the ten that are added hardly show.
        let tally = |good, bad| Tally { good, bad };
        let worth = worth(&[tally(400_000, 100_000), tally(200_000, 100_000), tally(0, 0)]);
        // Odds of 4, 2 and 3 on average: log₂(4/3) and log₂(2/3) times 20.
        assert_eq!(worth.points, [8, -12, 0]);
        assert!(worth.information > IV_MIN);
    }

    #[test]
    fn what_every_bin_gives_away_leaks_and_what_has_one_bin_is_constant() {
        let tally = |good, bad| Tally { good, bad };
        assert!(leaking(&[tally(5, 0), tally(0, 3), tally(0, 0)]));
        assert!(!leaking(&[tally(5, 0), tally(1, 3)]));
        let numbers = |list: &[i64]| Values::Numbers(list.iter().copied().map(Some).collect());
        assert!(parted(&numbers(&[1, 9, 2]), &[true, false, true]));
        assert!(parted(&numbers(&[1, 9, 2]), &[false, true, false]));
        assert!(!parted(&numbers(&[1, 9, 9]), &[true, false, true]));
        assert!(!parted(&Values::Numbers(vec![Some(1), None]), &[true, false]));
        assert!(constant(&[tally(5, 4), tally(0, 0)]) && !constant(&[tally(1, 0), tally(1, 0)]));
    }
}
