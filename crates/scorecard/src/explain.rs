//! Where a score comes from, and what would improve it.

use crate::card::{Card, Feature, Reader};
use crate::refusal::Refusal;
use crate::table::Row;

/// How many reasons are given.
pub const REASONS_MAX: usize = 4;

/// One feature of one row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub feature: String,
    /// The cell as it stands in the table.
    pub value: String,
    /// Its bin in words.
    pub bin: String,
    pub points: i64,
    /// Most points that any bin of this feature gives.
    pub best_points: i64,
}

/// Why a score is not higher, and what would change that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    pub feature: String,
    /// Points below the feature's best bin.
    pub missing: i64,
    /// The best bin that somebody can be in, when it is better than the present one.
    pub better: Option<Better>,
}

/// What would improve a score: another bin of one feature, all else the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Better {
    pub bin: String,
    pub points: i64,
    /// The whole score then.
    pub score: i64,
    pub bad_bp: u16,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explained {
    pub score: i64,
    pub bad_bp: u16,
    pub lines: Vec<Line>,
    /// Most missing points first, ties in the order of the card; at most four.
    pub reasons: Vec<Reason>,
}

pub fn explain(card: &Card, reader: &Reader<'_>, row: Row<'_>) -> Result<Explained, Refusal> {
    let scored = reader.score(row)?;
    let mut lines = Vec::new();
    let mut reasons = Vec::new();
    let cells = reader.cells(row);
    for ((feature, place), cell) in card.features().iter().zip(&scored.places).zip(cells) {
        let points = feature.points(*place);
        let best_points = feature.best(|_| true).map_or(points, |(_, points)| points);
        lines.push(Line {
            feature: feature.name.clone(),
            value: cell.to_string(),
            bin: feature.bins.words(*place),
            points,
            best_points,
        });
        let missing = best_points.saturating_sub(points);
        if missing > 0 {
            let better = better(card, feature, points, scored.score);
            reasons.push(Reason { feature: feature.name.clone(), missing, better });
        }
    }
    reasons.sort_by_key(|reason| core::cmp::Reverse(reason.missing));
    reasons.truncate(REASONS_MAX);
    Ok(Explained { score: scored.score, bad_bp: scored.bad_bp, lines, reasons })
}

/// Nobody can be "not stated" or "any other" on purpose: such bins are no advice.
fn better(card: &Card, feature: &Feature, points: i64, score: i64) -> Option<Better> {
    let (place, best) = feature.best(|place| feature.bins.stated(place))?;
    let gained = best.checked_sub(points).filter(|gained| *gained > 0)?;
    let score = score.saturating_add(gained);
    let bad_bp = card.calibration().bad_bp(score);
    Some(Better { bin: feature.bins.words(place), points: best, score, bad_bp })
}
