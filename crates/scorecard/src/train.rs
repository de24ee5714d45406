//! Training: counts, points, calibration, from rows whose outcome is known.

use crate::bins::{constant, leaking, parted, worth, Bins, Tally, IV_MIN};
use crate::calibration::{AtScore, Calibration};
use crate::card::{rank, Card, Feature, FEATURES_MAX};
use crate::data::{Column, Data, Values};
use crate::refusal::Refusal;
use std::collections::BTreeMap;

/// How far a community's own history carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum History {
    /// Fewer than 100 rows, or fewer than 30 bad ones: too few to be believed alone.
    Short,
    /// Fewer than 400 rows: to be read beside the assessment, not instead of it.
    Middling,
    Long,
}

impl History {
    pub fn of(rows: Tally) -> Self {
        match rows.rows() {
            _ if rows.bad < 30 => Self::Short,
            0..100 => Self::Short,
            100..400 => Self::Middling,
            _ => Self::Long,
        }
    }
}

/// A card from all rows. A column that gives the outcome away is refused.
pub fn train(data: &Data) -> Result<Card, Refusal> {
    let all = Vec::from_iter(0..data.bad.len());
    for column in &data.columns {
        let (_, tallies) = Bins::learn(&column.values, &data.bad, &all);
        if leaking(&tallies) || parted(&column.values, &data.bad) {
            return Err(Refusal::ColumnLeaking { column: column.name.clone() });
        }
    }
    train_on(data, &all)
}

/// A card from some rows. What is constant, or leaks, among these alone is passed over.
pub fn train_on(data: &Data, rows: &[usize]) -> Result<Card, Refusal> {
    let mut all = Tally::default();
    for bad in rows.iter().filter_map(|row| data.bad.get(*row)) {
        all.add(*bad);
    }
    if all.good == 0 || all.bad == 0 {
        return Err(Refusal::OneOutcome { good: all.good, bad: all.bad });
    }
    let mut learnt: Vec<(Feature, &Column)> = Vec::new();
    for column in &data.columns {
        let (bins, tallies) = Bins::learn(&column.values, &data.bad, rows);
        let worth = worth(&tallies);
        if worth.information >= IV_MIN && !constant(&tallies) && !leaking(&tallies) {
            let name = column.name.clone();
            learnt.push((Feature { name, bins, tallies, worth }, column));
        }
    }
    learnt.sort_by(|(a, _), (b, _)| rank(a).cmp(&rank(b)));
    learnt.truncate(FEATURES_MAX);
    if learnt.is_empty() {
        return Err(Refusal::NothingPredicts {});
    }
    let scores = scores(data, rows, &learnt);
    Ok(Card {
        target: data.target.clone(),
        dropped: data.dropped.clone(),
        rows: all,
        features: learnt.into_iter().map(|(feature, _)| feature).collect(),
        calibration: Calibration::fit(&scores),
        scores,
    })
}

/// How many of the rows have which score.
fn scores(data: &Data, rows: &[usize], learnt: &[(Feature, &Column)]) -> Vec<AtScore> {
    let mut sums = vec![0_i64; data.bad.len()];
    for (feature, column) in learnt {
        for (sum, place) in sums.iter_mut().zip(feature.bins.places(&column.values)) {
            *sum = sum.saturating_add(feature.points(place));
        }
    }
    let mut by_score: BTreeMap<i64, Tally> = BTreeMap::new();
    for row in rows {
        if let (Some(score), Some(bad)) = (sums.get(*row), data.bad.get(*row)) {
            by_score.entry(*score).or_default().add(*bad);
        }
    }
    by_score.into_iter().map(|(score, rows)| AtScore { score, rows }).collect()
}

/// What a card says of one row of the data it was, or was not, trained on.
pub fn predict(card: &Card, data: &Data, row: usize) -> Result<u16, Refusal> {
    let mut places = Vec::new();
    for feature in &card.features {
        let column = data.columns.iter().find(|column| column.name == feature.name);
        let Some(column) = column else {
            return Err(Refusal::ColumnUnknown { column: feature.name.clone() });
        };
        places.push(feature.bins.place_at(&column.values, row));
    }
    Ok(card.score_of(places).bad_bp)
}

impl Bins {
    /// The bin of one cell of a column that was read before.
    fn place_at(&self, values: &Values, row: usize) -> usize {
        match values {
            Values::Numbers(numbers) => {
                self.place_of_number(numbers.get(row).copied().unwrap_or_default())
            }
            Values::Levels { cells, names } => {
                let name = cells.get(row).and_then(|cell| names.get(*cell));
                self.place_of_level(name.map_or("", String::as_str))
            }
        }
    }
}
