//! `weir score cv`: how well cards predict what they have not seen, and whether groups fare alike.

use super::say::{add_measures, share};
use super::{read_table, refused, PlanArgs};
use crate::failure::say;
use anyhow::Result;
use clap::Args;
use indicatif::ProgressBar;
use serde_json::{json, Value};
use std::path::PathBuf;
use weir_scorecard::data::Data;
use weir_scorecard::folds::cross_validate;
use weir_scorecard::groups::{cut_off, groups, Group};
use weir_scorecard::measure::{measure, Measures, Millionths};
use weir_scorecard::refusal::Refusal;

#[derive(Args)]
pub struct CvArgs {
    /// A CSV file with one row for each closed loan.
    file: PathBuf,
    #[command(flatten)]
    plan: PlanArgs,
    /// Into how many parts the rows are dealt; each is judged by a card of the others.
    #[arg(long, value_name = "N", default_value_t = 5)]
    folds: u64,
    /// Another seed deals the rows in another way.
    #[arg(long, value_name = "N", default_value_t = 42)]
    seed: u64,
    /// Columns whose groups are compared when the best 70 % are approved, dropped ones too;
    /// COL:N parts numbers below N from those of N and more.
    #[arg(long, value_name = "COLS", value_delimiter = ',')]
    groups: Vec<String>,
    /// Print one line of JSON.
    #[arg(long)]
    json: bool,
}

pub fn cross(args: &CvArgs) -> Result<()> {
    let fault = |refusal: Refusal| refused(&args.file, &refusal);
    let table = read_table(&args.file)?;
    let data = Data::read(&table, &args.plan.plan()).map_err(fault)?;
    // It draws only on a terminal.
    let bar = if args.json { ProgressBar::hidden() } else { ProgressBar::new(args.folds) };
    let chances = cross_validate(&data, args.folds, args.seed, || bar.inc(1));
    bar.finish_and_clear();
    let chances = chances.map_err(fault)?;
    let measures = measure(&chances, &data.bad);
    let found = groups(&table, &args.groups, &chances, &data.bad).map_err(fault)?;
    if args.json {
        say(as_json(args, &data, measures, cut_off(&chances), &found));
    } else {
        in_words(&data, measures, &found);
    }
    Ok(())
}

fn as_json(args: &CvArgs, data: &Data, found: Measures, cut: u16, groups: &[Group]) -> Value {
    let mut answer = json!({
        "rows": data.bad.len(),
        "bad": data.bad.iter().filter(|bad| **bad).count(),
        "folds": args.folds,
        "seed": args.seed,
        "approved_up_to_bad_bp": cut,
    });
    add_measures(&mut answer, found);
    let number = |millionths: Option<Millionths>| millionths.map(share);
    let groups = groups.iter().map(|group| {
        json!({
            "column": group.column,
            "group": group.group,
            "rows": group.rows,
            "approval": number(group.approved),
            "good_approval": number(group.good_approved),
            "approval_ratio": number(group.approval_ratio),
            "good_approval_ratio": number(group.good_approval_ratio),
            "good_gap": number(group.good_gap),
        })
    });
    answer["groups"] = json!(groups.collect::<Vec<_>>());
    answer
}

fn in_words(data: &Data, found: Measures, groups: &[Group]) {
    let bad = data.bad.iter().filter(|bad| **bad).count();
    say(format!("{} rows, {bad} of them bad.", data.bad.len()));
    let Measures { auc, brier, ks } = found;
    say(format!("AUC {:.3}   Brier {:.3}   KS {:.3}", share(auc), share(brier), share(ks)));
    if groups.is_empty() {
        return;
    }
    say("\nWhen the best 70 % are approved (ratio: against everybody else):");
    for group in groups {
        let number = |of: Option<Millionths>| {
            of.map_or("    –".into(), |of| format!("{:>5.2}", share(of)))
        };
        say(format!(
            "  {} {}: {} rows, approved {} ratio {}, of the good ones {} ratio {}",
            group.column,
            group.group,
            group.rows,
            number(group.approved),
            number(group.approval_ratio),
            number(group.good_approved),
            number(group.good_approval_ratio),
        ));
    }
}
