//! Cards and explanations in words, and as JSON.

use crate::failure::say;
use serde_json::{json, Value};
use weir_scorecard::card::Card;
use weir_scorecard::explain::Explained;
use weir_scorecard::measure::{Measures, Millionths};

/// A share for JSON: the only place where it becomes a float.
pub fn share(millionths: Millionths) -> f64 {
    millionths as f64 / 1e6
}

/// A chance out of 10,000 in percent.
fn percent(bad_bp: u16) -> String {
    format!("{}.{:02} %", bad_bp / 100, bad_bp % 100)
}

pub fn add_measures(answer: &mut Value, measures: Measures) {
    answer["auc"] = json!(share(measures.auc));
    answer["brier"] = json!(share(measures.brier));
    answer["ks"] = json!(share(measures.ks));
}

/// Prints the points of every bin.
pub fn card(card: &Card) {
    let rows = card.rows();
    say(format!("Learnt from {} rows, {} of them bad.", rows.rows(), rows.bad));
    match super::history(card) {
        "short" => say("That is a short history: judge by the assessment, not by this card."),
        "middling" => say("That is not a long history: read the card beside the assessment."),
        _ => {}
    }
    for feature in card.features() {
        say(format!("\n{}", feature.name));
        for (place, tally) in feature.tallies.iter().enumerate() {
            let (words, points) = (feature.bins.words(place), feature.points(place));
            say(format!("  {points:>+5}  {words}  ({} rows, {} bad)", tally.rows(), tally.bad));
        }
    }
    say("");
}

pub fn explained(row: u64, explained: &Explained) {
    let chance = percent(explained.bad_bp);
    say(format!("Row {row}: score {}. Of such rows {chance} go bad.", explained.score));
    say("\nPoints:");
    for line in &explained.lines {
        let value = if line.value.is_empty() { "nothing" } else { &line.value };
        let (points, best) = (line.points, line.best_points);
        say(format!("  {points:>+5} of {best:>+4}  {}: {value} ({})", line.feature, line.bin));
    }
    if explained.reasons.is_empty() {
        say("\nNo bin would give more points.");
        return;
    }
    say("\nWhat costs most:");
    for reason in &explained.reasons {
        say(format!("  {:>+5}  {}", -reason.missing, reason.feature));
    }
    say("\nWhat would improve it, all else the same:");
    for reason in &explained.reasons {
        if let Some(better) = &reason.better {
            let chance = percent(better.bad_bp);
            let (feature, bin) = (&reason.feature, &better.bin);
            say(format!("  {feature} {bin}: score {}, {chance}", better.score));
        }
    }
}

pub fn explained_json(row: u64, explained: &Explained) -> Value {
    let lines = explained.lines.iter().map(|line| {
        json!({
            "feature": line.feature,
            "value": line.value,
            "bin": line.bin,
            "points": line.points,
            "best_points": line.best_points,
        })
    });
    let reasons = explained.reasons.iter().map(|reason| {
        let better = reason.better.as_ref().map(|better| {
            json!({
                "bin": better.bin,
                "points": better.points,
                "score": better.score,
                "bad_bp": better.bad_bp,
            })
        });
        json!({ "feature": reason.feature, "missing": reason.missing, "better": better })
    });
    json!({
        "row_index": row,
        "score": explained.score,
        "bad_bp": explained.bad_bp,
        "points": lines.collect::<Vec<_>>(),
        "reasons": reasons.collect::<Vec<_>>(),
    })
}
