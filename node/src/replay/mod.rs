//! `weir replay`: payments of a file through the real zomes of a village, and what came of them.

mod rows;
mod size;
mod taking;

use crate::community::{parse_charter, Bundle};
use crate::demo::founded_us;
use crate::demo::new_request;
use crate::failure::{bad_input, say};
use crate::member::CallError;
use crate::run::random_key;
use crate::village::{conductor_root, Plan, Village};
use crate::Embedded;
use anyhow::{Context, Result};
use indicatif::{ProgressBar, ProgressStyle};
use rows::{Row, Rows};
use serde::Serialize;
use size::kept_bytes;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use taking::Taker;
use weir_rules::charter::CharterText;
use weir_wire::names::ZOME_ACCOUNTS;
use weir_wire::{MyCard, OpenAccount, Pay, Position, Written};

/// What `weir replay` was asked for.
#[derive(Clone, Debug)]
pub struct Replay {
    pub file: PathBuf,
    pub conductors: usize,
    /// None takes a line with which every payment of the file is possible.
    pub line: Option<i64>,
    pub bundle: Option<PathBuf>,
    pub json: bool,
}

/// What came of it.
#[derive(Debug, Serialize)]
struct Report {
    payments: usize,
    members: BTreeMap<String, Account>,
    sum: i64,
    refused: Vec<Refused>,
    seconds: f64,
    bytes_per_payment: u64,
}

#[derive(Debug, Serialize)]
struct Account {
    balance: i64,
    entries: u32,
}

#[derive(Debug, Serialize)]
struct Refused {
    line: u64,
    payer: String,
    payee: String,
    amount: i64,
    code: String,
}

/// The line of everybody when the file needs none deeper.
const LINE_MIN: i64 = 100_000;
const LINE_MAX: i64 = 1_000_000_000_000;
pub const CONDUCTORS_MAX: usize = 8;
/// How long all conductors may take until they hold the same, at least.
const PATIENCE: Duration = Duration::from_secs(120);
/// Until an own payment has room again among those on their way.
const ROOM_WAIT: Duration = Duration::from_millis(200);
const TRIAL: &str = include_str!("../demo/trial.yaml");

pub async fn replay(asked: Replay, embedded: &Embedded) -> Result<()> {
    let rows = rows::read(&asked.file)?;
    let bundle = Bundle::load(asked.bundle.as_ref(), embedded)?;
    let plan = plan(&asked, &rows)?;
    let root = tempfile::tempdir().context("no place for a village")?;
    let bar = bar(&asked, rows.rows.len());

    let village = Village::start(root.path(), &plan, &bundle).await?;
    let outcome = run(&village, &rows, root.path(), &bar).await;
    village.stop().await;
    bar.finish_and_clear();
    tell(&asked, &outcome?)
}

/// One member per name on a trial charter with the line asked for.
fn plan(asked: &Replay, rows: &Rows) -> Result<Plan> {
    let members = rows.names.len();
    let line = asked.line.unwrap_or_else(|| rows.line_needed().max(LINE_MIN));
    if !(0..=LINE_MAX).contains(&line) {
        return Err(bad_input(format!("the line must be 0 to {LINE_MAX} minor units")));
    }
    if !(1..=CONDUCTORS_MAX.min(members)).contains(&asked.conductors) {
        return Err(bad_input(format!(
            "choose 1 to {} conductors for {members} members",
            CONDUCTORS_MAX.min(members)
        )));
    }
    let charter = CharterText {
        name: "Replay".into(),
        founded_us: founded_us()?,
        seed: line,
        categories: rows.categories.clone(),
        ..parse_charter(TRIAL)?
    };
    let conductors = asked.conductors;
    Ok(Plan { members, conductors, charter, network_seed: random_key()?, meeting_port: 0 })
}

async fn run(village: &Village, rows: &Rows, root: &Path, bar: &ProgressBar) -> Result<Report> {
    open_accounts(village).await.context("the accounts could not be opened")?;
    let before = kept_bytes(&conductor_root(root, 0))?;
    let begun = Instant::now();
    let takers: BTreeMap<&str, Taker> = rows
        .names
        .iter()
        .zip(&village.members)
        .map(|(name, resident)| (name.as_str(), Taker::start(resident.member.clone())))
        .collect();
    let mut refused = Vec::new();
    for row in &rows.rows {
        if let Err(error) = pay(&takers, rows, row).await? {
            let Row { line, payer, payee, amount, .. } = row.clone();
            refused.push(Refused { line, payer, payee, amount, code: error });
        }
        bar.inc(1);
    }
    let mut members = BTreeMap::new();
    let mut entries = 0;
    for (name, taker) in &takers {
        taker.all_taken().await?;
        let position: Position = taker.member().call(ZOME_ACCOUNTS, "position", &()).await?;
        entries += usize::try_from(position.entries)?;
        let account = Account { balance: position.balance.parse()?, entries: position.entries };
        members.insert((*name).to_string(), account);
    }
    village.agree(entries, PATIENCE + Duration::from_millis(100 * entries as u64)).await?;
    let payments = rows.rows.len() - refused.len();
    let grown = kept_bytes(&conductor_root(root, 0))?.saturating_sub(before);
    Ok(Report {
        payments,
        sum: members.values().map(|account| account.balance).sum(),
        members,
        refused,
        seconds: begun.elapsed().as_millis() as f64 / 1000.0,
        bytes_per_payment: grown / u64::try_from(payments.max(1))?,
    })
}

async fn open_accounts(village: &Village) -> Result<()> {
    for resident in &village.members {
        let open = OpenAccount { request: new_request() };
        let _: MyCard = resident.member.call(ZOME_ACCOUNTS, "open_account", &open).await?;
    }
    village.agree(village.members.len(), PATIENCE).await
}

/// Makes one payment; gives the code when it is refused.
async fn pay(takers: &BTreeMap<&str, Taker>, rows: &Rows, row: &Row) -> Result<Result<(), String>> {
    let (Some(payer), Some(payee)) =
        (takers.get(row.payer.as_str()), takers.get(row.payee.as_str()))
    else {
        anyhow::bail!("line {}: nobody has that name", row.line);
    };
    let category = rows.categories.iter().position(|name| *name == row.category);
    let mut wish = Pay {
        request: new_request(),
        first_try: true,
        payee: payee.member().agent().to_string(),
        amount: row.amount.to_string(),
        category: u8::try_from(category.unwrap_or_default())?,
        memo: None,
        ask: None,
    };
    let begun = Instant::now();
    let mut waited_for_own = false;
    loop {
        let paid: Result<Written, CallError> =
            payer.member().call(ZOME_ACCOUNTS, "pay", &wish).await;
        let error = match paid {
            Ok(written) => {
                tracing::debug!(line = row.line, after = ?begun.elapsed(), "paid");
                payee.expect(written.entry);
                return Ok(Ok(()));
            }
            Err(error) => error,
        };
        wish.first_try = false;
        match error.code() {
            // In the file each payment is taken before the next is made; here some may still be on
            // their way to the payer.
            Some("SPEND_OVER_LINE") if !waited_for_own => {
                payer.all_taken().await?;
                waited_for_own = true;
            }
            // The payees have not answered yet, or their answers have not arrived here.
            Some("OPEN_FULL") if begun.elapsed() < PATIENCE => {
                tokio::time::sleep(ROOM_WAIT).await;
            }
            Some(code) => return Ok(Err(code.to_string())),
            None => return Err(error).with_context(|| format!("line {}", row.line)),
        }
    }
}

fn tell(asked: &Replay, report: &Report) -> Result<()> {
    if asked.json {
        say(serde_json::to_string(report)?);
        return Ok(());
    }
    say(format!("{} payments in {:.1} s", report.payments, report.seconds));
    for (name, account) in &report.members {
        say(format!("  {name:<20} {:>15}  {:>6} entries", account.balance, account.entries));
    }
    say(format!("  {:<20} {:>15}", "sum", report.sum));
    for refused in &report.refused {
        let Refused { line, payer, payee, amount, code } = refused;
        say(format!("  line {line}: {payer} to {payee}, {amount}: {code}"));
    }
    say(format!("{} bytes kept per payment", report.bytes_per_payment));
    Ok(())
}

fn bar(asked: &Replay, rows: usize) -> ProgressBar {
    if asked.json {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(rows as u64).with_message("Payments");
    if let Ok(style) = ProgressStyle::with_template("{msg} {bar:40} {pos}/{len} {eta}") {
        bar.set_style(style);
    }
    bar.tick();
    bar
}
