//! `weir score`: scorecards from a file of closed loans. Needs no node and no network.
//!
//! The work is done in `crates/scorecard`; here are files, words and exit codes.

mod cross;
mod say;

use crate::failure::{bad_input, say};
use anyhow::{Context, Result};
use clap::{Args, Subcommand};
use serde_json::{json, Value};
use std::fs;
use std::path::{Path, PathBuf};
use weir_scorecard::card::{Card, Scored};
use weir_scorecard::data::{outcomes, Data, Plan};
use weir_scorecard::explain::explain;
use weir_scorecard::measure::measure;
use weir_scorecard::refusal::Refusal;
use weir_scorecard::table::Table;
use weir_scorecard::train::{train, History};

#[derive(Subcommand)]
pub enum Score {
    /// Learn a card from closed loans: a column for each thing known at the time, and the outcome.
    Train(TrainArgs),
    /// Say how well cards learnt from such a file predict rows that they have not seen.
    Cv(cross::CvArgs),
    /// Score the rows of a file.
    Apply(ApplyArgs),
    /// Say where the score of one row comes from, and what would improve it.
    Explain(ExplainArgs),
    /// Draw a card: the points of every bin, as an SVG picture.
    Picture(PictureArgs),
}

/// How the columns of a file are taken.
#[derive(Args)]
pub struct PlanArgs {
    /// The column that says what came of a row: 1 where it went bad, 0 where it went well.
    #[arg(long, value_name = "COL")]
    target: String,
    /// Columns that no card may see: protected ones, and what was known only afterwards.
    #[arg(long, value_name = "COLS", value_delimiter = ',')]
    drop: Vec<String>,
    /// Columns whose numbers are names, as in code lists.
    #[arg(long, value_name = "COLS", value_delimiter = ',')]
    cat: Vec<String>,
}

#[derive(Args)]
pub struct TrainArgs {
    /// A CSV file with one row for each closed loan.
    file: PathBuf,
    #[command(flatten)]
    plan: PlanArgs,
    /// Where the card is written.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Print one line of JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub struct ApplyArgs {
    /// A card made by `weir score train`.
    card: PathBuf,
    /// A CSV file with the card's columns; others are not looked at.
    file: PathBuf,
    /// Print one line of JSON, with measures when the file has the outcomes.
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub struct ExplainArgs {
    /// A card made by `weir score train`.
    card: PathBuf,
    /// A CSV file with the card's columns.
    file: PathBuf,
    /// Which row: 0 is the first one below the header.
    #[arg(long, value_name = "N")]
    row: u64,
    /// Print one line of JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub struct PictureArgs {
    /// A card made by `weir score train`.
    card: PathBuf,
    /// Where the picture is written.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

pub fn score(asked: Score) -> Result<()> {
    match asked {
        Score::Train(args) => train_card(&args),
        Score::Cv(args) => cross::cross(&args),
        Score::Apply(args) => apply(&args),
        Score::Explain(args) => explain_row(&args),
        Score::Picture(args) => picture(&args),
    }
}

impl PlanArgs {
    fn plan(&self) -> Plan {
        let Self { target, drop, cat } = self;
        Plan { target: target.clone(), drop: drop.clone(), cat: cat.clone() }
    }
}

/// What is wrong with a file: where, in words, by code.
fn refused(file: &Path, refusal: &Refusal) -> anyhow::Error {
    let place = refusal.line().map_or(String::new(), |line| format!(":{line}"));
    bad_input(format!("{}{place}: {} ({refusal})", file.display(), refusal.message()))
}

fn bytes(file: &Path) -> Result<Vec<u8>> {
    fs::read(file).map_err(|error| bad_input(format!("cannot read {}: {error}", file.display())))
}

fn read_table(file: &Path) -> Result<Table> {
    Table::parse(&bytes(file)?).map_err(|refusal| refused(file, &refusal))
}

fn read_card(file: &Path) -> Result<Card> {
    Card::parse(&bytes(file)?).map_err(|refusal| refused(file, &refusal))
}

fn write(file: &Path, text: &str) -> Result<()> {
    fs::write(file, text).with_context(|| format!("cannot write {}", file.display()))
}

fn train_card(args: &TrainArgs) -> Result<()> {
    let table = read_table(&args.file)?;
    let data = Data::read(&table, &args.plan.plan());
    let card = data.and_then(|data| train(&data)).map_err(|why| refused(&args.file, &why))?;
    write(&args.out, &card.written())?;
    if args.json {
        say(said_of_card(&card));
    } else {
        say::card(&card);
        say(format!("The card is written to {}.", args.out.display()));
    }
    Ok(())
}

fn said_of_card(card: &Card) -> Value {
    let feature = |feature: &weir_scorecard::card::Feature| {
        json!({
            "name": feature.name,
            "iv_log2_q16": feature.worth.information,
            "points_by_bin": feature.worth.points,
        })
    };
    json!({
        "n_train": card.rows().rows(),
        "bad_train": card.rows().bad,
        "history": history(card),
        "slope_num_over_16": card.calibration().slope,
        "offset_logit8_q16": card.calibration().offset,
        "features": card.features().iter().map(feature).collect::<Vec<_>>(),
    })
}

fn history(card: &Card) -> &'static str {
    match History::of(card.rows()) {
        History::Short => "short",
        History::Middling => "middling",
        History::Long => "long",
    }
}

fn apply(args: &ApplyArgs) -> Result<()> {
    let card = read_card(&args.card)?;
    let table = read_table(&args.file)?;
    let fault = |refusal: Refusal| refused(&args.file, &refusal);
    let reader = card.on(&table).map_err(fault)?;
    let scored: Vec<Scored> =
        table.rows().map(|row| reader.score(row)).collect::<Result<_, _>>().map_err(fault)?;
    if !args.json {
        say("row_index,score,bad_bp");
        for (row, Scored { score, bad_bp, .. }) in scored.iter().enumerate() {
            say(format!("{row},{score},{bad_bp}"));
        }
        return Ok(());
    }
    let rows: Vec<Value> = scored
        .iter()
        .enumerate()
        .map(|(row, at)| json!({"row_index": row, "score": at.score, "bad_bp": at.bad_bp}))
        .collect();
    let mut answer = json!({ "rows": rows });
    // A file of new requests has no outcomes yet.
    if let Ok(target) = table.column(card.target()) {
        if let Ok(bad) = outcomes(&table, target) {
            let chances: Vec<u16> = scored.iter().map(|at| at.bad_bp).collect();
            say::add_measures(&mut answer, measure(&chances, &bad));
        }
    }
    say(answer);
    Ok(())
}

fn explain_row(args: &ExplainArgs) -> Result<()> {
    let card = read_card(&args.card)?;
    let table = read_table(&args.file)?;
    let fault = |refusal: Refusal| refused(&args.file, &refusal);
    let reader = card.on(&table).map_err(fault)?;
    let row = table.row(args.row).map_err(fault)?;
    let explained = explain(&card, &reader, row).map_err(fault)?;
    if args.json {
        say(say::explained_json(args.row, &explained));
    } else {
        say::explained(args.row, &explained);
    }
    Ok(())
}

fn picture(args: &PictureArgs) -> Result<()> {
    write(&args.out, &read_card(&args.card)?.picture())
}
