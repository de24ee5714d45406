//! A card: what was learnt, with the counts it was learnt from.
//!
//! The file carries good and bad rows of every bin and of every score. Points, information, slope
//! and offset follow from them, so a reader works them out again and refuses the card whole when
//! any part is off. What a reader cannot see is whether the counts are those of the loans.

use crate::bins::{self, total, worth, Bins, Tally, Worth};
use crate::calibration::{AtScore, Calibration};
use crate::math::{count, int, Int};
use crate::number::NotANumber;
use crate::refusal::Refusal;
use crate::table::{Row, Table, CELL_BYTES_MAX, NAME_BYTES_MAX, ROWS_MAX};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

pub const FEATURES_MAX: usize = 10;
pub const CARD_BYTES_MAX: usize = 1_000_000;
const VERSION: &str = "weir-scorecard-1";
const SCORE_UNIT: &str = "20 points per doubling of good:bad odds";
/// Largest number in a table, in thousandths; see [`crate::number`].
const NUMBER_END: i64 = 1_000_000_000_000_000_000;

/// One column of a card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feature {
    pub name: String,
    pub bins: Bins,
    /// Rows of each bin.
    pub tallies: Vec<Tally>,
    pub worth: Worth,
}

impl Feature {
    pub fn points(&self, place: usize) -> i64 {
        self.worth.points.get(place).copied().unwrap_or(0)
    }

    /// The bin with the most points among those that pass; the first of equal ones.
    pub fn best(&self, passes: impl Fn(usize) -> bool) -> Option<(usize, i64)> {
        let places = self.worth.points.iter().copied().enumerate();
        places.filter(|(place, _)| passes(*place)).reduce(
            |best, next| {
                if next.1 > best.1 {
                    next
                } else {
                    best
                }
            },
        )
    }
}

/// A card that is in order: made by training, or read and worked out again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    pub(crate) target: String,
    /// Columns that this card must not see, in alphabetical order.
    pub(crate) dropped: Vec<String>,
    /// All rows it was learnt from.
    pub(crate) rows: Tally,
    /// Most informative first, ties by name.
    pub(crate) features: Vec<Feature>,
    /// Rows by score, ascending.
    pub(crate) scores: Vec<AtScore>,
    pub(crate) calibration: Calibration,
}

/// What a card says of one row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scored {
    pub score: i64,
    /// How many of 10,000 such rows go bad.
    pub bad_bp: u16,
    /// The bin of each feature.
    pub places: Vec<usize>,
}

impl Card {
    pub fn target(&self) -> &str {
        &self.target
    }

    pub fn rows(&self) -> Tally {
        self.rows
    }

    pub fn features(&self) -> &[Feature] {
        &self.features
    }

    pub fn calibration(&self) -> Calibration {
        self.calibration
    }

    /// Finds the card's columns in a table; others are not looked at.
    pub fn on<'a>(&'a self, table: &Table) -> Result<Reader<'a>, Refusal> {
        let column = |feature: &Feature| table.column(&feature.name);
        let columns = self.features.iter().map(column).collect::<Result<_, Refusal>>()?;
        Ok(Reader { card: self, columns })
    }

    /// The sum of the points of these bins, and its chance.
    pub(crate) fn score_of(&self, places: Vec<usize>) -> Scored {
        let points = self.features.iter().zip(&places).map(|(feature, at)| feature.points(*at));
        let score = points.fold(0_i64, i64::saturating_add);
        Scored { score, bad_bp: self.calibration.bad_bp(score), places }
    }
}

/// A card that knows where its columns stand in a table.
pub struct Reader<'a> {
    card: &'a Card,
    columns: Vec<usize>,
}

impl Reader<'_> {
    pub fn score(&self, row: Row<'_>) -> Result<Scored, Refusal> {
        let pairs = self.card.features.iter().zip(&self.columns);
        let places = pairs.map(|(feature, column)| {
            feature.bins.place(row.cell(*column)).map_err(|why| {
                let (line, column) = (row.line(), feature.name.clone());
                match why {
                    NotANumber::Malformed => Refusal::NumberMalformed { line, column },
                    NotANumber::OutOfRange => Refusal::NumberRange { line, column },
                }
            })
        });
        Ok(self.card.score_of(places.collect::<Result<_, _>>()?))
    }

    /// The cells that the card looks at, in the order of its features.
    pub fn cells<'a>(&self, row: Row<'a>) -> Vec<&'a str> {
        self.columns.iter().map(|column| row.cell(*column)).collect()
    }
}

/// The written form.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CardText {
    card: String,
    score_unit: String,
    target: String,
    dropped_protected: Vec<String>,
    n_train: u64,
    bad_train: u64,
    slope_num_over_16: i64,
    offset_logit8_q16: i64,
    features: Vec<FeatureText>,
    /// Score, good rows, bad rows.
    scores: Vec<(i64, u64, u64)>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FeatureText {
    name: String,
    kind: Kind,
    thresholds_x1000_or_levels: Cuts,
    good_by_bin: Vec<u64>,
    bad_by_bin: Vec<u64>,
    points_by_bin: Vec<i64>,
    iv_log2_q16: i64,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Num,
    Cat,
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Cuts {
    Numbers(Vec<i64>),
    Levels(Vec<String>),
}

impl Card {
    /// The file: one line for each feature, so that two cards can be compared.
    pub fn written(&self) -> String {
        let text = CardText::from(self);
        let one = |value: Result<String, serde_json::Error>| value.unwrap_or_default();
        let features: Vec<String> =
            text.features.iter().map(|feature| one(serde_json::to_string(feature))).collect();
        let head = CardText { features: vec![], scores: vec![], ..text };
        let head = one(serde_json::to_string(&head)).replace(",\"features\":[],\"scores\":[]}", "");
        let scores: Vec<_> =
            self.scores.iter().map(|at| (at.score, at.rows.good, at.rows.bad)).collect();
        let scores = one(serde_json::to_string(&scores));
        format!("{head},\n\"features\":[\n{}\n],\n\"scores\":{scores}}}\n", features.join(",\n"))
    }

    /// Reads a file and works the card out again; the first part that is off is named.
    pub fn parse(bytes: &[u8]) -> Result<Self, Refusal> {
        if bytes.len() > CARD_BYTES_MAX {
            return Err(Refusal::FileTooLarge { bytes: bytes.len(), max: CARD_BYTES_MAX });
        }
        let text: CardText = serde_json::from_slice(bytes).map_err(|error| {
            // The place stands in a fact of its own.
            let reason = error.to_string();
            let reason = reason.split(" at line ").next().unwrap_or_default().to_string();
            Refusal::CardUnreadable { line: error.line(), reason }
        })?;
        checked(text)
    }
}

impl From<&Card> for CardText {
    fn from(card: &Card) -> Self {
        Self {
            card: VERSION.into(),
            score_unit: SCORE_UNIT.into(),
            target: card.target.clone(),
            dropped_protected: card.dropped.clone(),
            n_train: card.rows.rows(),
            bad_train: card.rows.bad,
            slope_num_over_16: card.calibration.slope,
            offset_logit8_q16: card.calibration.offset,
            features: card.features.iter().map(FeatureText::from).collect(),
            scores: card.scores.iter().map(|at| (at.score, at.rows.good, at.rows.bad)).collect(),
        }
    }
}

impl From<&Feature> for FeatureText {
    fn from(feature: &Feature) -> Self {
        let (kind, cuts) = match &feature.bins {
            Bins::Numbers(thresholds) => (Kind::Num, Cuts::Numbers(thresholds.clone())),
            Bins::Levels(levels) => (Kind::Cat, Cuts::Levels(levels.clone())),
        };
        Self {
            name: feature.name.clone(),
            kind,
            thresholds_x1000_or_levels: cuts,
            good_by_bin: feature.tallies.iter().map(|tally| tally.good).collect(),
            bad_by_bin: feature.tallies.iter().map(|tally| tally.bad).collect(),
            points_by_bin: feature.worth.points.clone(),
            iv_log2_q16: feature.worth.information,
        }
    }
}

fn off(part: impl Into<String>) -> Refusal {
    Refusal::CardPart { part: part.into() }
}

fn require(holds: bool, part: &str) -> Result<(), Refusal> {
    if holds {
        Ok(())
    } else {
        Err(off(part))
    }
}

fn is_name(name: &str) -> bool {
    !name.trim().is_empty() && name.len() <= NAME_BYTES_MAX
}

fn checked(text: CardText) -> Result<Card, Refusal> {
    require(text.card == VERSION, "card")?;
    require(text.score_unit == SCORE_UNIT, "score_unit")?;
    require(is_name(&text.target), "target")?;
    let dropped = &text.dropped_protected;
    let legal = dropped.iter().all(|name| is_name(name) && *name != text.target);
    require(legal && dropped.is_sorted_by(|a, b| a < b), "dropped_protected")?;
    require(count(ROWS_MAX) >= int(text.n_train), "n_train")?;
    let good = text.n_train.checked_sub(text.bad_train).filter(|good| *good > 0);
    let (Some(good), true) = (good, text.bad_train > 0) else { return Err(off("bad_train")) };
    let rows = Tally { good, bad: text.bad_train };
    require((1..=FEATURES_MAX).contains(&text.features.len()), "features")?;

    let mut names = BTreeSet::from([text.target.clone()]);
    names.extend(dropped.iter().cloned());
    let mut features = Vec::new();
    for (at, written) in text.features.into_iter().enumerate() {
        if !is_name(&written.name) || !names.insert(written.name.clone()) {
            return Err(off(format!("features[{at}].name")));
        }
        features.push(feature(written, rows, at)?);
    }
    require(features.is_sorted_by(|a, b| rank(a) < rank(b)), "features")?;

    let at_score = |(score, good, bad): &(i64, u64, u64)| AtScore {
        score: *score,
        rows: Tally { good: *good, bad: *bad },
    };
    let scores: Vec<AtScore> = text.scores.iter().map(at_score).collect();
    require(scores_agree(&scores, rows, &features), "scores")?;
    let calibration = Calibration::fit(&scores);
    require(calibration.slope == text.slope_num_over_16, "slope_num_over_16")?;
    require(calibration.offset == text.offset_logit8_q16, "offset_logit8_q16")?;
    let (target, dropped) = (text.target, text.dropped_protected);
    Ok(Card { target, dropped, rows, features, scores, calibration })
}

/// The order of features: most informative first, ties by name.
pub(crate) fn rank(feature: &Feature) -> (core::cmp::Reverse<i64>, &str) {
    (core::cmp::Reverse(feature.worth.information), &feature.name)
}

/// A feature whose points follow from its counts, and whose bins the counts allow.
fn feature(text: FeatureText, rows: Tally, at: usize) -> Result<Feature, Refusal> {
    let part = |name: &str| off(format!("features[{at}].{name}"));
    let bins = match (text.kind, text.thresholds_x1000_or_levels) {
        (Kind::Num, Cuts::Numbers(thresholds)) => Bins::Numbers(thresholds),
        (Kind::Cat, Cuts::Levels(levels)) => Bins::Levels(levels),
        // An empty list does not say of what it is one.
        (Kind::Cat, Cuts::Numbers(none)) if none.is_empty() => Bins::Levels(vec![]),
        _ => return Err(part("thresholds_x1000_or_levels")),
    };
    if text.good_by_bin.len() != bins.count() {
        return Err(part("good_by_bin"));
    }
    if text.bad_by_bin.len() != bins.count() {
        return Err(part("bad_by_bin"));
    }
    let pairs = text.good_by_bin.iter().zip(&text.bad_by_bin);
    let tallies: Vec<Tally> = pairs.map(|(good, bad)| Tally { good: *good, bad: *bad }).collect();
    let all = total(&tallies);
    if all.good != rows.good {
        return Err(part("good_by_bin"));
    }
    if all.bad != rows.bad {
        return Err(part("bad_by_bin"));
    }
    if !bins_agree(&bins, &tallies, rows) {
        return Err(part("thresholds_x1000_or_levels"));
    }
    if bins::constant(&tallies) {
        return Err(Refusal::ColumnConstant { column: text.name });
    }
    if bins::leaking(&tallies) {
        return Err(Refusal::ColumnLeaking { column: text.name });
    }
    let worth = worth(&tallies);
    if worth.points != text.points_by_bin {
        return Err(part("points_by_bin"));
    }
    if worth.information != text.iv_log2_q16 || worth.information < bins::IV_MIN {
        return Err(part("iv_log2_q16"));
    }
    Ok(Feature { name: text.name, bins, tallies, worth })
}

/// Whether training could have made these bins with these counts.
fn bins_agree(bins: &Bins, tallies: &[Tally], rows: Tally) -> bool {
    let size = |tally: &Tally| usize::try_from(tally.rows()).unwrap_or(usize::MAX);
    let stated = || tallies.iter().take(bins.count().saturating_sub(1)).map(size);
    let rows = size(&rows);
    match bins {
        Bins::Numbers(thresholds) => {
            let least = if thresholds.is_empty() { 0 } else { bins::rows_min(rows) };
            thresholds.len() < bins::BINS_MAX
                && thresholds.is_sorted_by(|a, b| a < b)
                && thresholds.iter().all(|at| at.unsigned_abs() <= NUMBER_END.unsigned_abs())
                && stated().all(|rows_here| rows_here >= least)
        }
        Bins::Levels(levels) => {
            let different: BTreeSet<&String> = levels.iter().collect();
            different.len() == levels.len()
                && levels.iter().all(|l| !l.trim().is_empty() && l.len() <= CELL_BYTES_MAX)
                && stated().all(|rows_here| bins::kept(rows_here, rows))
                && stated().is_sorted_by(|a, b| a >= b)
        }
    }
}

/// Whether rows by score can be those of the bins: as many, and with the same sum of points.
fn scores_agree(scores: &[AtScore], rows: Tally, features: &[Feature]) -> bool {
    let tallies: Vec<Tally> = scores.iter().map(|at| at.rows).collect();
    let points = |side: fn(&Tally) -> u64| {
        let by_score =
            scores.iter().fold(int(0), |sum, at| sum + int(at.score) * int(side(&at.rows)));
        let by_bin = features.iter().fold(int(0), |sum, feature| {
            let pairs = feature.tallies.iter().zip(&feature.worth.points);
            pairs.fold(sum, |sum: Int, (tally, points)| sum + int(side(tally)) * int(*points))
        });
        by_score == by_bin
    };
    // Training gives no other scores; and a card with very many would take long to work out.
    let reached = |end: fn(&[i64]) -> Option<i64>| {
        let ends = features.iter().filter_map(|feature| end(&feature.worth.points));
        ends.fold(0_i64, i64::saturating_add)
    };
    let lowest = reached(|points| points.iter().copied().min());
    let highest = reached(|points| points.iter().copied().max());
    scores.is_sorted_by(|a, b| a.score < b.score)
        && scores.iter().all(|at| (lowest..=highest).contains(&at.score))
        && tallies.iter().all(|tally| tally.rows() > 0)
        && total(&tallies) == rows
        && points(|tally| tally.good)
        && points(|tally| tally.bad)
}
