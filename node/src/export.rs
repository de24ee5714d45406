//! `weir export` and the page's `POST /export`: the own account in a form that others read.
//!
//! The account is read page by page from its newest entry back to its opening, so every page comes
//! from the same chain of entries whatever is written meanwhile.

use crate::call::{CallRequest, Called};
use crate::failure::bad_input;
use crate::folder::write_private;
use crate::local::Remote;
use crate::member::{CallError, Member};
use anyhow::{Context, Result};
use holochain::prelude::Timestamp;
use indicatif::{ProgressBar, ProgressStyle};
use serde::de::DeserializeOwned;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::io::{ErrorKind, Write};
use std::path::Path;
use weir_exports::{Broken, Day, Failure, Format, Head, Statement};
use weir_wire::names::{ZOME_ACCOUNTS, ZOME_PLACE};
use weir_wire::{
    Activity, ActivityItem, ActivityKind, ActivityPage, CharterInfo, MemberProfile, MyCard,
    Payment, Position, Problem, ProfilesOf,
};

/// The most that one call of `profiles` answers for.
const PROFILES_MAX: usize = 100;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Export {
    pub format: Format,
    /// The first and the last day, in UTC; none from the opening, and to the newest entry.
    pub from: Option<Day>,
    pub to: Option<Day>,
}

impl Export {
    /// The days must be in order.
    pub fn check(self) -> Result<Self> {
        match (self.from, self.to) {
            (Some(from), Some(to)) if from > to => {
                Err(bad_input(format!("the first day, {from}, is after the last, {to}")))
            }
            _ => Ok(self),
        }
    }
}

/// Reads a day as it is written on a command line.
pub fn day(text: &str) -> Result<Day, String> {
    Day::parse(text).ok_or_else(|| "this is no day: write it like 2026-01-31".into())
}

/// Where the account is read.
pub enum Source<'a> {
    Here(&'a Member),
    /// In the process that runs the node.
    There(&'a Remote),
}

impl Source<'_> {
    async fn ask<I, O>(&self, zome: &str, function: &str, input: &I) -> Result<O>
    where
        I: Serialize + Debug,
        O: DeserializeOwned + Debug,
    {
        match self {
            Self::Here(member) => Ok(member.call(zome, function, input).await?),
            Self::There(remote) => {
                let input = serde_json::to_value(input)?;
                let (zome, function) = (zome.into(), function.into());
                match remote.post("/call", &CallRequest { zome, function, input }).await? {
                    Called::Ok(value) => Ok(serde_json::from_value(value)?),
                    Called::Error(problem) => Err(CallError::Refused(problem).into()),
                }
            }
        }
    }

    /// Every entry of the account, oldest first.
    async fn account(&self, bar: &ProgressBar) -> Result<Vec<ActivityItem>> {
        let mut items = Vec::new();
        let mut asked = ActivityPage::default();
        loop {
            let page: Activity = self.ask(ZOME_ACCOUNTS, "activity", &asked).await?;
            bar.inc(page.items.len() as u64);
            items.extend(page.items);
            match page.next {
                Some(next) => asked.from = Some(next),
                None => break,
            }
        }
        items.reverse();
        Ok(items)
    }

    /// The names of everybody, as far as they are known here.
    async fn names(&self, members: &BTreeSet<&str>) -> Result<BTreeMap<String, String>> {
        let mut names = BTreeMap::new();
        let members: Vec<&str> = members.iter().copied().collect();
        for members in members.chunks(PROFILES_MAX) {
            let members = members.iter().map(ToString::to_string).collect();
            let known: Vec<MemberProfile> =
                self.ask(ZOME_PLACE, "profiles", &ProfilesOf { members }).await?;
            let named = |known: MemberProfile| Some((known.member, known.profile?.name));
            names.extend(known.into_iter().filter_map(named));
        }
        Ok(names)
    }
}

/// Reads the whole account and keeps the days that are asked for. The bar is told how far it is.
pub async fn read(source: &Source<'_>, asked: Export, bar: &ProgressBar) -> Result<Statement> {
    let charter: CharterInfo = source.ask(ZOME_ACCOUNTS, "charter", &()).await?;
    let card: MyCard = source.ask(ZOME_ACCOUNTS, "my_card", &()).await?;
    let position: Position = source.ask(ZOME_ACCOUNTS, "position", &()).await?;
    bar.set_length(position.entries.into());
    let items = source.account(bar).await?;
    bar.finish_and_clear();

    let mut members = BTreeSet::from([card.member.as_str()]);
    for payment in items.iter().flat_map(payments) {
        members.extend([payment.payer.as_str(), payment.payee.as_str()]);
    }
    let head = Head {
        names: source.names(&members).await?,
        member: card.member,
        community: charter.name,
        unit: charter.unit,
        categories: charter.categories,
        made_ms: Timestamp::now().as_millis(),
    };
    Ok(Statement::new(&head, &items, asked.from, asked.to)?)
}

fn payments(item: &ActivityItem) -> &[Payment] {
    match &item.what {
        ActivityKind::Received { payments } => payments,
        ActivityKind::Paid { payment }
        | ActivityKind::SentBack { payment }
        | ActivityKind::CameBack { payment } => std::slice::from_ref(payment),
        ActivityKind::Opened | ActivityKind::MonthClosed { .. } | ActivityKind::Checkpoint => &[],
    }
}

/// Shows how far reading is, where somebody looks on.
pub fn bar() -> ProgressBar {
    let bar = ProgressBar::new(0).with_message("Entries");
    if let Ok(style) = ProgressStyle::with_template("{msg} {bar:40} {pos}/{len} {eta}") {
        bar.set_style(style);
    }
    bar
}

/// The file, or why this format cannot hold the account: another can, so the asking was wrong.
pub fn bytes(statement: &Statement, format: Format) -> Result<Vec<u8>> {
    statement.bytes(format).map_err(|failure| match failure {
        Failure::Unfit { .. } => bad_input(failure.to_string()),
        Failure::Write(error) => error.into(),
    })
}

/// Says before anything is read that a file cannot be written there.
pub fn check_file(file: &Path) -> Result<()> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    if file.is_dir() || file.file_name().is_none() {
        return Err(bad_input(format!("{} is no name of a file", file.display())));
    }
    match folder {
        Some(folder) if !folder.is_dir() => {
            Err(bad_input(format!("there is no folder {}", folder.display())))
        }
        _ => Ok(()),
    }
}

/// Writes the file, whole or not at all, or everything to the standard output.
pub fn deliver(bytes: &[u8], file: Option<&Path>) -> Result<()> {
    if let Some(file) = file {
        return write_private(file, bytes);
    }
    match std::io::stdout().write_all(bytes) {
        // A reader that has seen enough is no error.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => written.context("the standard output cannot be written"),
    }
}

/// Why there is no export, for the page; none when it is a fault of the node.
pub fn problem(error: &anyhow::Error) -> Option<Problem> {
    if let Some(CallError::Refused(problem)) = error.downcast_ref() {
        return Some(problem.clone());
    }
    let told = |code: &str, facts| Problem { code: code.into(), message: error.to_string(), facts };
    if let Some(Failure::Unfit { amount }) = error.downcast_ref() {
        let facts = BTreeMap::from([("amount".to_string(), amount.clone())]);
        return Some(told("EXPORT_UNFIT", facts));
    }
    error.downcast_ref::<Broken>().map(|_| told("EXPORT_BROKEN", BTreeMap::new()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::BadInput;

    fn asked(from: &str, to: &str) -> Export {
        Export { format: Format::Csv, from: Day::parse(from), to: Day::parse(to) }
    }

    #[test]
    fn the_first_day_is_not_after_the_last() {
        assert!(asked("2026-01-31", "2026-01-31").check().is_ok());
        assert!(asked("2026-01-31", "").check().is_ok());
        let error = asked("2026-02-01", "2026-01-31").check().unwrap_err();
        assert!(error.is::<BadInput>(), "{error}");
        assert!(day("31.1.2026").is_err());
    }

    #[test]
    fn a_place_where_no_file_can_be_is_told_before_anything_is_read() {
        let temp = tempfile::tempdir().unwrap();
        let at = |name: &str| temp.path().join(name);
        assert!(check_file(&at("account.csv")).is_ok());
        assert!(check_file(Path::new("account.csv")).is_ok());
        for wrong in [temp.path(), &at("missing/account.csv"), Path::new(""), Path::new("..")] {
            assert!(check_file(wrong).unwrap_err().is::<BadInput>(), "{}", wrong.display());
        }
    }

    #[test]
    fn a_file_is_written_for_its_owner_alone_and_nothing_else_is_touched() {
        let temp = tempfile::tempdir().unwrap();
        let (file, beside) = (temp.path().join("account.csv"), temp.path().join("account.new"));
        std::fs::write(&beside, "mine").unwrap();
        deliver(b"rows", Some(&file)).unwrap();
        assert_eq!(std::fs::read(&file).unwrap(), b"rows");
        assert_eq!(std::fs::read(&beside).unwrap(), b"mine");
        assert_eq!(std::fs::read_dir(temp.path()).unwrap().count(), 2);
    }

    #[test]
    fn what_is_no_fault_of_the_node_is_told_by_its_code() {
        let unfit = Failure::Unfit { amount: "1.000001".into() };
        let told = problem(&unfit.into()).unwrap();
        assert_eq!(
            (told.code.as_str(), told.facts["amount"].as_str()),
            ("EXPORT_UNFIT", "1.000001")
        );
        let told = problem(&Broken::Sum { seq: 7 }.into()).unwrap();
        assert_eq!(told.code, "EXPORT_BROKEN");
        assert!(told.message.contains("entry 7"));
        assert!(problem(&anyhow::anyhow!("the disk is full")).is_none());
    }
}
