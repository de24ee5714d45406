//! `weir assess`: what a request would come to, and why. Needs no node and no network.

use crate::failure::{bad_input, say};
use anyhow::Result;
use clap::Args;
use serde_json::{json, Value};
use std::path::PathBuf;
use weir_credit::assess::{Part, Reason, Risk, Route};
use weir_credit::case::{Answer, Case, Off};

/// No request is longer.
const FILE_BYTES_MAX: usize = 100_000;

#[derive(Args)]
pub struct AssessArgs {
    /// A request with the facts it rests on (JSON); docs/credit.md shows one.
    file: PathBuf,
    /// Print one line of JSON.
    #[arg(long)]
    json: bool,
}

pub fn assess(args: &AssessArgs) -> Result<()> {
    let file = args.file.display();
    let bytes = std::fs::read(&args.file)
        .map_err(|error| bad_input(format!("cannot read {file}: {error}")))?;
    if bytes.len() > FILE_BYTES_MAX {
        return Err(bad_input(format!("{file}: the file is larger than {FILE_BYTES_MAX} bytes")));
    }
    let case: Case = serde_json::from_slice(&bytes)
        .map_err(|error| bad_input(format!("{file}:{}: {error}", error.line())))?;
    let answer =
        case.answer().map_err(|Off(part)| bad_input(format!("{file}: {part} cannot be")))?;
    if args.json {
        say(as_json(&answer));
    } else {
        tell(&case, &answer);
    }
    Ok(())
}

fn risk(risk: Risk) -> &'static str {
    match risk {
        Risk::Low => "low",
        Risk::Medium => "medium",
        Risk::High => "high",
    }
}

fn route(route: Route) -> &'static str {
    match route {
        Route::Automatic => "automatic",
        Route::Stewards => "stewards",
        Route::Vote => "vote",
    }
}

fn as_json(answer: &Answer) -> Value {
    let found = &answer.assessment;
    let mut scores = json!({});
    for (part, score) in found.scores {
        scores[part.name()] = json!(score);
    }
    let reasons = found.reasons.iter().map(|reason| {
        let Reason { part, missing, cost } = reason;
        json!({"part": part.name(), "missing": missing, "cost": cost})
    });
    let improve = answer.improve.iter().map(
        |improve| json!({"part": improve.part().map(Part::name), "text": improve.to_string()}),
    );
    let standing = &answer.standing;
    json!({
        "scores": scores,
        "total": found.total,
        "risk": risk(found.risk),
        "route": route(found.route),
        "terms": {"days": found.terms.days, "h_bp": answer.h.parts()},
        "reasons": reasons.collect::<Vec<_>>(),
        "improve": improve.collect::<Vec<_>>(),
        "limit": answer.limit.minor(),
        "base": answer.base.minor(),
        "facts": {
            "months": standing.months,
            "aged_partners": standing.aged_partners,
            "effective_sales": standing.effective_sales.minor(),
            "stakes": standing.stakes,
            "backing": standing.backing.minor(),
            "last_limit": standing.last_limit.minor(),
        },
    })
}

fn tell(case: &Case, answer: &Answer) {
    let found = &answer.assessment;
    say(format!(
        "Total {} of 100: {} risk. Decided by: {}.",
        found.total,
        risk(found.risk),
        route(found.route)
    ));
    for (part, score) in found.scores {
        say(format!("  {:<10} {score:>3} of 100, counts {} %", part.name(), part.weight()));
    }
    let asked = case.request.amount;
    let limit = answer.limit.minor();
    say(format!(
        "\nAsked for {asked}; the facts allow a line of {limit} for {} days at most.",
        found.terms.days
    ));
    say("\nWhat costs most:");
    for reason in &found.reasons {
        let points = f64::from(reason.cost) / 100.0;
        say(format!("  -{points:.1}  {} ({} missing)", reason.part.name(), reason.missing));
    }
    say("\nWhat would improve it:");
    for improve in &answer.improve {
        let part = improve.part().map_or("all", Part::name);
        say(format!("  {part}: {improve}"));
    }
}
