//! `weir doctor`: is all well with this node, and if not, what to do?
//!
//! Everything is said in plain sentences and in numbers, so that the whole report can be given
//! away: it holds no name, no note, no amount, no key, no address and no path.

use crate::clock::{self, Clock};
use crate::copies::{Copies, ENOUGH};
use crate::gate::{Record, Standing};
use crate::member::Member;
use crate::web::status::{State, Status};
use holochain::prelude::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;
use std::path::Path;

/// With less space than this a node soon cannot write any more.
const FREE_BYTES_MIN: u64 = 1_000_000_000;
const MINUTE_MS: i64 = 60_000;

/// What is in the report, said on top of it.
const IN_IT: &str = "\
This report holds versions, the hash of the rules, the kind of system, and numbers: of computers, \
entries, bytes and minutes. It holds no name, note, amount, key, address or path.";

/// Everything that is looked at.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    pub node: Node,
    /// The hash of the rules that this node keeps.
    pub rules: Option<String>,
    /// The size of the data folder and what is free where it lies.
    pub used: u64,
    pub free: Option<u64>,
    /// Pieces of others' entries that wait for long here, and those that were refused.
    pub stuck: u64,
    pub rejected: u64,
}

#[derive(Clone, Debug, Default)]
pub enum Node {
    #[default]
    Stopped,
    /// It does not answer, or something else answers in its place.
    Silent,
    Locked,
    Runs(Box<Status>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum About {
    Node,
    Version,
    Disk,
    Others,
    Clock,
    Record,
    Copies,
    Stuck,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Finding {
    Well,
    /// It cannot be said, or not yet.
    Unknown,
    Wrong,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    pub about: About,
    pub finding: Finding,
    pub says: String,
    /// What to do; none when there is nothing to do.
    pub todo: Option<String>,
}

/// What `weir doctor` says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Is there nothing that is wrong or unknown?
    pub well: bool,
    pub program: String,
    pub holochain: String,
    pub rules: Option<String>,
    pub system: String,
    pub checks: Vec<Check>,
}

impl Facts {
    /// What can be seen without a node: the folder and its disk.
    pub fn of_folder(root: &Path, node: Node) -> Self {
        Self { node, used: size(root), free: free(root), ..Self::default() }
    }

    /// What a running node knows besides.
    pub async fn of_node(root: &Path, member: &Member, status: Status) -> Self {
        let verdicts = member.verdicts().await.unwrap_or_default();
        Self {
            rules: member.rules_hash().map(|hash| hash.to_string()),
            stuck: verdicts.iter().map(|of| of.stuck).sum(),
            rejected: verdicts.iter().map(|of| of.rejected).sum(),
            ..Self::of_folder(root, Node::Runs(Box::new(status)))
        }
    }
}

impl Report {
    pub fn of(facts: &Facts) -> Self {
        let now_ms = Timestamp::now().as_millis();
        let mut checks = vec![node(&facts.node)];
        if let Node::Runs(status) = &facts.node {
            checks.extend([
                version(status),
                others(status),
                clock(&status.clock, status.known),
                record(status.record, now_ms),
                copies(status.copies, now_ms),
                stuck(facts, status.waiting),
            ]);
        }
        checks.push(disk(facts));
        Self {
            well: checks.iter().all(|check| check.finding == Finding::Well),
            program: env!("CARGO_PKG_VERSION").into(),
            holochain: env!("WEIR_HOLOCHAIN").into(),
            rules: facts.rules.clone(),
            system: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
            checks,
        }
    }

    /// Says that this program is not the one that runs.
    pub fn noticed_by(mut self, program: &str) -> Self {
        if self.program != program {
            let says = format!("The node runs version {}, this is {program}.", self.program);
            let todo = "Stop the node and start it again, so that both are the same.";
            self.checks.push(wrong(About::Version, says, todo));
            self.well = false;
        }
        self
    }

    /// The report to give away.
    pub fn text(&self) -> String {
        format!("{IN_IT}\n\n{}", self.checked())
    }

    /// What was looked at, and what to do.
    pub fn checked(&self) -> String {
        let rules = self.rules.as_deref().unwrap_or("not known");
        let Self { program, holochain, system, .. } = self;
        let mut text =
            format!("Weir {program}, Holochain {holochain}, {system}\nRules: {rules}\n\n");
        for Check { finding, says, todo, .. } in &self.checks {
            let mark = match finding {
                Finding::Well => "well   ",
                Finding::Unknown => "unknown",
                Finding::Wrong => "WRONG  ",
            };
            let _ = writeln!(text, "{mark}  {says}");
            if let Some(todo) = todo {
                let _ = writeln!(text, "         -> {todo}");
            }
        }
        text
    }
}

fn well(about: About, says: impl Into<String>) -> Check {
    Check { about, finding: Finding::Well, says: says.into(), todo: None }
}

fn unknown(about: About, says: impl Into<String>, todo: &str) -> Check {
    Check { about, finding: Finding::Unknown, says: says.into(), todo: Some(todo.into()) }
}

fn wrong(about: About, says: impl Into<String>, todo: &str) -> Check {
    Check { about, finding: Finding::Wrong, says: says.into(), todo: Some(todo.into()) }
}

fn node(node: &Node) -> Check {
    match node {
        Node::Stopped => unknown(
            About::Node,
            "No node runs on this folder, so only the disk was looked at.",
            "Start it with `weir run`, and ask again.",
        ),
        Node::Silent => wrong(
            About::Node,
            "A node has this folder and does not answer, so only the disk was looked at.",
            "It may still be starting: ask again in a minute. Then stop it and start it again.",
        ),
        Node::Locked => unknown(
            About::Node,
            "The node runs and is locked, so only the disk was looked at.",
            "Open its page, enter your passphrase, and ask again.",
        ),
        Node::Runs(status) => match status.problems.iter().find(|of| of.code == "STOPPED") {
            None => well(About::Node, "The node runs and is unlocked."),
            Some(_) => wrong(
                About::Node,
                "The node runs, but the community in it has stopped.",
                "Stop the node and start it again.",
            ),
        },
    }
}

fn version(status: &Status) -> Check {
    let differs = status.notices.iter().any(|notice| notice == "BUNDLE_DIFFERS");
    if differs {
        return wrong(
            About::Version,
            "The rules inside this program are not the recorded ones.",
            "Use a Weir that was built with the recorded tools, or you meet nobody who does.",
        );
    }
    well(About::Version, "The rules inside this program are the recorded ones.")
}

fn others(status: &Status) -> Check {
    let Status { known, neighbours, held, expected, .. } = status;
    let said = format!("{known} other members are known, {neighbours} computers are reached.");
    match status.state {
        _ if *known == 0 => unknown(
            About::Others,
            "No other member is known, and none is reached.",
            "Look at the internet connection, the address of the meeting point, and the clock: \
             whose clock is 20 minutes ahead hears of nobody.",
        ),
        _ if *neighbours == 0 => unknown(
            About::Others,
            said,
            "Look at the internet connection. If it works, the others are away: wait for them.",
        ),
        State::CatchingUp => unknown(
            About::Others,
            format!("{said} This node is catching up: {held} pieces of {}.", about(*expected)),
            "Leave the node running.",
        ),
        State::UpToDate | State::Offline | State::Problem => {
            well(About::Others, format!("{said} {held} pieces are held here."))
        }
    }
}

fn about(expected: Option<u64>) -> String {
    expected.map_or("an unknown number".into(), |expected| format!("about {expected}"))
}

fn clock(clock: &Clock, known: u64) -> Check {
    let by = (clock.ahead_ms.unwrap_or_default().saturating_abs() + MINUTE_MS / 2) / MINUTE_MS;
    let members = clock.members;
    let off = |way: &str| {
        wrong(
            About::Clock,
            format!("This computer's clock is {by} minutes {way} {members} other members'."),
            "Set the clock right, best to be set by the network, before you pay.",
        )
    };
    match clock.state {
        clock::State::Ahead => off("ahead of"),
        clock::State::Behind => off("behind"),
        clock::State::Right => well(
            About::Clock,
            format!("This computer's clock agrees with {members} other members'."),
        ),
        clock::State::Unknown if known < 2 => unknown(
            About::Clock,
            "The clock was not compared: that takes two other members.",
            "Compare it with another clock yourself.",
        ),
        clock::State::Unknown => unknown(
            About::Clock,
            "The clock was not compared yet: other members show their time every few minutes.",
            "Ask again in five minutes.",
        ),
    }
}

fn record(record: Option<Record>, now_ms: i64) -> Check {
    let Some(Record { standing, compared }) = record else {
        return unknown(About::Record, "Your record was not looked at.", "Ask again.");
    };
    let said = compared.map_or(String::new(), |compared| {
        let elsewhere = compared.elsewhere.map_or("nothing".into(), |place| format!("{place}"));
        let (here, ago) = (compared.here, minutes(now_ms, compared.at_ms));
        format!(" Newest place here {here}, elsewhere {elsewhere}, compared {ago}.")
    });
    match standing {
        Standing::InOrder => well(About::Record, format!("Your record is in order.{said}")),
        Standing::Asking => unknown(
            About::Record,
            "Others are being asked how far they have seen your record.",
            "Ask again in a minute.",
        ),
        Standing::NobodyAnswered => unknown(
            About::Record,
            "Nobody answered how far they have seen your record.",
            "Leave the node running until others are there.",
        ),
        Standing::Behind => wrong(
            About::Record,
            format!("Others hold a newer record of yours than this computer.{said}"),
            "Nothing is written here. Leave the node running: it may come back by itself. If you \
             use your account on another computer, stop this one.",
        ),
        Standing::Accused => wrong(
            About::Record,
            "You were accused of breaking a rule, and the computers of the others refuse yours.",
            "Nothing is written here. Show your neighbours this report.",
        ),
        Standing::TwoVersions => wrong(
            About::Record,
            format!("There are two versions of your record.{said}"),
            "Nothing is written here. Stop every other copy, and ask your community for help.",
        ),
    }
}

fn copies(copies: Option<Copies>, now_ms: i64) -> Check {
    let Some(Copies { others, newest, enough, asked_ms }) = copies else {
        return unknown(
            About::Copies,
            "Nobody could be asked whether they hold a copy of your record.",
            "Leave the node running until others are there.",
        );
    };
    let ago = minutes(now_ms, asked_ms);
    let says = format!(
        "{others} other computers showed a copy of your record, {newest} of them the newest, {ago}."
    );
    if enough {
        return well(About::Copies, says);
    }
    let todo = format!(
        "Leave the node running until {ENOUGH} others hold your newest entry: coming back from a \
         backup takes them."
    );
    wrong(About::Copies, says, &todo)
}

fn stuck(facts: &Facts, waiting: u32) -> Check {
    let Facts { stuck, rejected, .. } = facts;
    let says = format!(
        "{waiting} own entries wait to be written. {stuck} pieces from others wait for more than \
         10 minutes; {rejected} broke a rule and were refused."
    );
    if *stuck == 0 {
        return well(About::Stuck, says);
    }
    wrong(
        About::Stuck,
        says,
        "What they rest on has not come. Leave the node running; payments that rest on them wait.",
    )
}

fn disk(facts: &Facts) -> Check {
    let used = megabytes(facts.used);
    let Some(free) = facts.free else {
        let says = format!("The data folder takes {used}. What is free cannot be told here.");
        return unknown(About::Disk, says, "Look at the disk yourself.");
    };
    let says = format!("The data folder takes {used}; {} are free.", megabytes(free));
    if free < FREE_BYTES_MIN {
        let todo = "Make room: with a full disk nothing can be written.";
        return wrong(About::Disk, says, todo);
    }
    well(About::Disk, says)
}

fn minutes(now_ms: i64, at_ms: i64) -> String {
    match now_ms.saturating_sub(at_ms) / MINUTE_MS {
        ..=0 => "just now".into(),
        1 => "a minute ago".into(),
        minutes => format!("{minutes} minutes ago"),
    }
}

fn megabytes(bytes: u64) -> String {
    format!("{} MB", bytes.div_ceil(1_000_000))
}

/// The bytes of all files in a folder. What goes away meanwhile counts nothing.
fn size(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let sizes = entries.map(|entry| match entry.metadata() {
        Ok(about) if about.is_dir() => size(&entry.path()),
        Ok(about) => about.len(),
        Err(_) => 0,
    });
    sizes.sum()
}

#[cfg(unix)]
fn free(folder: &Path) -> Option<u64> {
    let about = rustix::fs::statvfs(folder).ok()?;
    Some(about.f_bavail.saturating_mul(about.f_frsize))
}

#[cfg(not(unix))]
fn free(_: &Path) -> Option<u64> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::Compared;

    fn status() -> Status {
        let compared = Some(Compared { here: 9, elsewhere: Some(9), at_ms: 0 });
        Status {
            known: 4,
            neighbours: 3,
            held: 300,
            clock: Clock::of(&[0, 0, 1_000]),
            record: Some(Record { standing: Standing::InOrder, compared }),
            copies: Some(Copies { others: 3, newest: 2, enough: true, asked_ms: 0 }),
            ..Status::nothing(State::UpToDate, &[])
        }
    }

    fn facts(status: Status) -> Facts {
        let free = Some(FREE_BYTES_MIN);
        Facts { node: Node::Runs(Box::new(status)), free, ..Facts::default() }
    }

    /// What is not well.
    fn troubles(facts: &Facts) -> Vec<(About, Finding)> {
        let report = Report::of(facts);
        let troubles = report.checks.iter().filter(|check| check.finding != Finding::Well);
        let troubles: Vec<_> = troubles.map(|check| (check.about, check.finding)).collect();
        assert_eq!(report.well, troubles.is_empty());
        for check in &report.checks {
            assert_eq!(check.todo.is_some(), check.finding != Finding::Well, "{check:?}");
            assert!(report.text().contains(&check.says));
        }
        troubles
    }

    #[test]
    fn a_node_with_nothing_wrong_is_well() {
        assert_eq!(troubles(&facts(status())), []);
    }

    #[test]
    fn each_thing_that_is_wrong_is_said_and_what_to_do() {
        let record = |standing| Some(Record { standing, compared: None });
        let few = Copies { others: 2, newest: 1, enough: false, asked_ms: 0 };
        use Finding::{Unknown, Wrong};
        for (changed, expected) in [
            (Status { clock: Clock::of(&[700_000; 3]), ..status() }, (About::Clock, Wrong)),
            (Status { clock: Clock::of(&[-700_000; 3]), ..status() }, (About::Clock, Wrong)),
            (Status { clock: Clock::default(), ..status() }, (About::Clock, Unknown)),
            (Status { known: 0, neighbours: 0, ..status() }, (About::Others, Unknown)),
            (Status { neighbours: 0, ..status() }, (About::Others, Unknown)),
            (Status { state: State::CatchingUp, ..status() }, (About::Others, Unknown)),
            (Status { record: None, ..status() }, (About::Record, Unknown)),
            (Status { record: record(Standing::Asking), ..status() }, (About::Record, Unknown)),
            (
                Status { record: record(Standing::NobodyAnswered), ..status() },
                (About::Record, Unknown),
            ),
            (Status { record: record(Standing::Behind), ..status() }, (About::Record, Wrong)),
            (Status { record: record(Standing::TwoVersions), ..status() }, (About::Record, Wrong)),
            (Status { record: record(Standing::Accused), ..status() }, (About::Record, Wrong)),
            (Status { copies: None, ..status() }, (About::Copies, Unknown)),
            (Status { copies: Some(few), ..status() }, (About::Copies, Wrong)),
            (
                Status { notices: vec!["BUNDLE_DIFFERS".into()], ..status() },
                (About::Version, Wrong),
            ),
        ] {
            assert_eq!(troubles(&facts(changed.clone())), [expected], "{changed:?}");
        }
        let stuck = Facts { stuck: 1, ..facts(status()) };
        assert_eq!(troubles(&stuck), [(About::Stuck, Wrong)]);
        let full = Facts { free: Some(FREE_BYTES_MIN - 1), ..facts(status()) };
        assert_eq!(troubles(&full), [(About::Disk, Wrong)]);
    }

    #[test]
    fn a_node_that_cannot_be_asked_is_not_called_well() {
        use Finding::{Unknown, Wrong};
        let nodes = [(Node::Stopped, Unknown), (Node::Locked, Unknown), (Node::Silent, Wrong)];
        for (node, finding) in nodes {
            let facts = Facts { node, ..facts(status()) };
            assert_eq!(troubles(&facts), [(About::Node, finding)]);
        }
    }

    #[test]
    fn another_version_that_runs_is_noticed() {
        let report = Report::of(&facts(status()));
        assert!(report.clone().noticed_by(env!("CARGO_PKG_VERSION")).well);
        assert!(!report.noticed_by("0.0.0").well);
    }

    #[test]
    fn the_report_names_no_folder() {
        let temp = tempfile::tempdir().unwrap();
        std::fs::create_dir(temp.path().join("inner")).unwrap();
        std::fs::write(temp.path().join("inner/file"), [0; 1_500_000]).unwrap();
        let facts = Facts::of_folder(temp.path(), Node::Stopped);
        assert_eq!(facts.used, 1_500_000);
        let text = Report::of(&facts).text();
        assert!(text.contains("takes 2 MB"), "{text}");
        assert!(!text.contains(&temp.path().display().to_string()), "{text}");
        assert!(!text.contains('/'), "{text}");
    }
}
