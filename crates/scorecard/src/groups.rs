//! Whether groups of people fare alike when the best 70 % are approved.

use crate::bins::{Bins, Tally};
use crate::data::level;
use crate::measure::{share, Millionths};
use crate::number::thousandths;
use crate::refusal::Refusal;
use crate::table::Table;
use std::collections::{BTreeMap, BTreeSet};

/// Share of all rows that is approved, in percent.
pub const APPROVED_PERCENT: usize = 70;
/// A column of numbers with more than so many different ones is cut into quarters.
const NUMBERS_MAX: usize = 12;
const GROUPS_MAX: usize = 50;

/// One group of a column, and everybody else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    pub column: String,
    pub group: String,
    pub rows: u64,
    /// Share of the group that is approved.
    pub approved: Option<Millionths>,
    /// Share of those of the group who turned out good that is approved.
    pub good_approved: Option<Millionths>,
    /// The group's share over that of all others.
    pub approval_ratio: Option<Millionths>,
    /// The same among those who turned out good.
    pub good_approval_ratio: Option<Millionths>,
    /// How far the good ones of the group fall behind the good ones of all others.
    pub good_gap: Option<Millionths>,
}

/// The highest chance that is still approved: rows with the same chance are treated alike, so a few
/// more than 70 % may be.
pub fn cut_off(chances: &[u16]) -> u16 {
    let mut sorted = chances.to_vec();
    sorted.sort_unstable();
    let approved = sorted.len().saturating_mul(APPROVED_PERCENT).checked_div(100).unwrap_or(0);
    approved.checked_sub(1).and_then(|last| sorted.get(last)).copied().unwrap_or(0)
}

/// Approvals by group, for each column asked for. `COLUMN:NUMBER` parts a column of numbers there.
pub fn groups(
    table: &Table,
    asked: &[String],
    chances: &[u16],
    bad: &[bool],
) -> Result<Vec<Group>, Refusal> {
    let cut_off = cut_off(chances);
    let mut found = Vec::new();
    for column in asked {
        let (name, at, parted) = column_of(table, column)?;
        let labels = labels(table, at, parted).ok_or(Refusal::Group { column: name.clone() })?;
        let mut sides: BTreeMap<&(usize, String), [Tally; 2]> = BTreeMap::new();
        let mut all = [Tally::default(); 2];
        for ((label, chance), bad) in labels.iter().zip(chances).zip(bad) {
            let here = sides.entry(label).or_default();
            for tallies in [here, &mut all] {
                let [approved, declined] = tallies;
                if *chance <= cut_off { approved } else { declined }.add(*bad);
            }
        }
        for ((_, label), here) in sides {
            found.push(group(name.clone(), label.clone(), here, all));
        }
    }
    Ok(found)
}

fn group(column: String, group: String, here: [Tally; 2], all: [Tally; 2]) -> Group {
    let rows = |[approved, declined]: [Tally; 2]| (approved.rows(), declined.rows());
    let good = |[approved, declined]: [Tally; 2]| (approved.good, declined.good);
    let rate = |(yes, no): (u64, u64)| share(yes, yes.saturating_add(no));
    let rest = |side: &dyn Fn([Tally; 2]) -> (u64, u64)| {
        let (all, here) = (side(all), side(here));
        (all.0.saturating_sub(here.0), all.1.saturating_sub(here.1))
    };
    // Of the exact counts, so that nothing is rounded twice.
    let ratio = |(yes, no): (u64, u64), (rest_yes, rest_no): (u64, u64)| {
        let here = yes.saturating_mul(rest_yes.saturating_add(rest_no));
        share(here, rest_yes.saturating_mul(yes.saturating_add(no)))
    };
    let gap = rate(rest(&good)).zip(rate(good(here)));
    Group {
        column,
        group,
        rows: here.iter().map(Tally::rows).fold(0, u64::saturating_add),
        approved: rate(rows(here)),
        good_approved: rate(good(here)),
        approval_ratio: ratio(rows(here), rest(&rows)),
        good_approval_ratio: ratio(good(here), rest(&good)),
        good_gap: gap.map(|(rest, here)| rest.saturating_sub(here)),
    }
}

/// A column's name and place, and where it is parted.
fn column_of(table: &Table, asked: &str) -> Result<(String, usize, Option<i64>), Refusal> {
    match (table.column(asked), asked.rsplit_once(':')) {
        (Err(_), Some((name, number))) => {
            let at = table.column(name)?;
            let parted = thousandths(number).map_err(|_| Refusal::Group { column: name.into() })?;
            Ok((name.into(), at, Some(parted)))
        }
        (at, _) => Ok((asked.into(), at?, None)),
    }
}

/// The group of each row, with a number that keeps groups in order.
fn labels(table: &Table, at: usize, parted: Option<i64>) -> Option<Vec<(usize, String)>> {
    let cells = || table.rows().map(move |row| row.cell(at));
    let filled = || cells().filter(|cell| !cell.is_empty());
    let numbers: Option<Vec<i64>> = filled().map(|cell| thousandths(cell).ok()).collect();
    let many = |numbers: &Vec<i64>| numbers.iter().collect::<BTreeSet<_>>().len() > NUMBERS_MAX;
    let bins = match (numbers, parted) {
        (Some(_), Some(number)) => Some(Bins::Numbers(vec![number])),
        (None, Some(_)) => return None,
        (Some(numbers), None) if many(&numbers) => Some(Bins::Numbers(quarters(numbers))),
        _ => None,
    };
    let labels: Option<Vec<(usize, String)>> = match bins {
        Some(bins) => cells()
            .map(|cell| bins.place(cell).ok().map(|place| (place, bins.words(place))))
            .collect(),
        None => Some(cells().map(|cell| (0, level(cell).to_string())).collect()),
    };
    labels.filter(|labels| labels.iter().collect::<BTreeSet<_>>().len() <= GROUPS_MAX)
}

fn quarters(mut numbers: Vec<i64>) -> Vec<i64> {
    numbers.sort_unstable();
    let at = |q: usize| numbers.get(numbers.len().saturating_mul(q).checked_div(4)?).copied();
    BTreeSet::from_iter((1..4).filter_map(at)).into_iter().collect()
}
