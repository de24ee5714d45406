//! How the node is doing: what the page's connection chip shows.

use super::till::Mode;
use crate::clock::Clock;
use crate::copies::Copies;
use crate::gate::Record;
use crate::member::Member;
use holochain::prelude::{AppStatus, Timestamp};
use serde::Serialize;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use tokio::sync::Mutex;
use weir_wire::Problem;

/// Asking more often gives the same answer again.
const FRESH: Duration = Duration::from_secs(1);
/// Neighbours count what they hold a moment before or after we do.
const BEHIND_MIN: u64 = 60;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    UpToDate,
    CatchingUp,
    Offline,
    Problem,
}

/// Something that is wrong, by its stable code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Trouble {
    pub code: String,
    pub facts: BTreeMap<String, String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Status {
    pub state: State,
    /// Other members that this node has heard of.
    pub known: u64,
    /// Computers of other members that are connected now.
    pub neighbours: u64,
    /// Own writes that wait or run.
    pub waiting: u32,
    /// Pieces of the shared records held here.
    pub held: u64,
    /// Pieces that the best informed neighbour holds, as far as any has said.
    pub expected: Option<u64>,
    /// How the own clock compares with those of others (rule F5).
    pub clock: Clock,
    /// How the own record stands (rule F5); none before the node is unlocked.
    pub record: Option<Record>,
    /// Who holds it besides this computer; none as long as nobody could be asked.
    pub copies: Option<Copies>,
    pub problems: Vec<Trouble>,
    /// What every page must say, as stable codes.
    pub notices: Vec<String>,
    /// Whether the page was left to somebody at the till.
    pub till: Mode,
    /// Since when the state is what it is.
    pub since_ms: i64,
}

/// What the conductor says about the network.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Seen {
    known: u64,
    neighbours: u64,
    held: u64,
    expected: Option<u64>,
    /// This node holds all that it means to hold.
    whole: bool,
    /// Pieces that have waited long for something that nobody here has.
    stuck: u64,
}

/// Remembers the last answer and when its state began.
pub struct Monitor {
    notices: Vec<String>,
    last: Mutex<Option<(Instant, Status)>>,
}

impl Monitor {
    pub fn new(notices: Vec<String>) -> Self {
        Self { notices, last: Mutex::default() }
    }

    pub async fn status(&self, member: &Member) -> Status {
        let mut last = self.last.lock().await;
        if let Some((at, status)) = &*last {
            if at.elapsed() < FRESH {
                return told(member, status.clone());
            }
        }
        let problems = problems(member).await;
        let seen = seen(member).await.unwrap_or_else(|error| {
            tracing::debug!(%error, "the network could not be looked at");
            Seen::default()
        });
        tracing::debug!(?seen, "looked at the network");
        let state = judge(&seen, !problems.is_empty());
        let now_ms = Timestamp::now().as_millis();
        let since_ms = match &*last {
            Some((_, before)) if before.state == state => before.since_ms,
            _ => now_ms,
        };
        let status = Status {
            known: seen.known,
            neighbours: seen.neighbours,
            held: seen.held,
            expected: seen.expected,
            problems,
            since_ms,
            ..Status::nothing(state, &[&self.notices[..], &alerts(&seen)].concat())
        };
        let status = told(member, status);
        *last = Some((Instant::now(), status.clone()));
        status
    }
}

impl Status {
    /// Said before the node is unlocked.
    pub fn locked(notices: &[String]) -> Self {
        let problems = vec![Trouble { code: "LOCKED".into(), facts: BTreeMap::new() }];
        Self { problems, ..Self::nothing(State::Problem, notices) }
    }

    /// Nothing but a state is known.
    pub fn nothing(state: State, notices: &[String]) -> Self {
        Self {
            state,
            known: 0,
            neighbours: 0,
            waiting: 0,
            held: 0,
            expected: None,
            clock: Clock::default(),
            record: None,
            copies: None,
            problems: Vec::new(),
            notices: notices.to_vec(),
            till: Mode::Off,
            since_ms: Timestamp::now().as_millis(),
        }
    }
}

/// With what the member remembers, which costs nothing to ask.
fn told(member: &Member, status: Status) -> Status {
    Status {
        waiting: member.waiting_writes(),
        clock: member.clock(),
        record: Some(member.record()),
        copies: member.copies(),
        ..status
    }
}

/// What the member must hear of although nothing is wrong with this node.
fn alerts(seen: &Seen) -> Vec<String> {
    (seen.stuck > 0).then(|| "ENTRIES_STUCK".into()).into_iter().collect()
}

fn judge(seen: &Seen, troubled: bool) -> State {
    let behind = seen.expected.unwrap_or_default().saturating_sub(seen.held);
    if troubled {
        State::Problem
    } else if seen.neighbours == 0 {
        State::Offline
    } else if !seen.whole || behind > BEHIND_MIN.max(seen.held / 100) {
        State::CatchingUp
    } else {
        State::UpToDate
    }
}

async fn problems(member: &Member) -> Vec<Trouble> {
    let app = member.conductor().get_app_info(&member.app().to_string()).await;
    match app.map(|app| app.map(|app| app.status)) {
        Ok(Some(AppStatus::Enabled)) => {
            let record = member.record_trouble();
            record.map(|Problem { code, facts, .. }| Trouble { code, facts }).into_iter().collect()
        }
        other => vec![Trouble {
            code: "STOPPED".into(),
            facts: BTreeMap::from([("state".into(), format!("{other:?}"))]),
        }],
    }
}

async fn seen(member: &Member) -> anyhow::Result<Seen> {
    let metrics = member.network_metrics().await?;
    let verdicts = member.verdicts().await?;
    let mut seen = Seen {
        known: member.announcements().await.len() as u64,
        neighbours: member.neighbours().await?,
        held: verdicts.iter().map(|verdicts| verdicts.accepted).sum(),
        stuck: verdicts.iter().map(|verdicts| verdicts.stuck).sum(),
        whole: member.holds_all(&metrics),
        expected: None,
    };
    for metrics in &metrics {
        let peers = metrics.gossip_state_summary.peer_meta.values();
        if let Some(most) = peers.filter_map(|peer| peer.dht_op_count).max() {
            seen.expected = Some(seen.expected.unwrap_or_default() + most);
        }
    }
    // A neighbour that holds less than we do makes us expect no less.
    seen.expected = seen.expected.map(|most| most.max(seen.held));
    Ok(seen)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WELL: Seen =
        Seen { known: 4, neighbours: 2, held: 300, expected: Some(310), whole: true, stuck: 0 };

    #[test]
    fn a_node_that_holds_about_what_its_neighbours_hold_is_up_to_date() {
        assert_eq!(judge(&WELL, false), State::UpToDate);
        assert_eq!(judge(&Seen { expected: None, ..WELL }, false), State::UpToDate);
    }

    #[test]
    fn one_that_holds_less_or_not_all_yet_is_catching_up() {
        assert_eq!(judge(&Seen { expected: Some(400), ..WELL }, false), State::CatchingUp);
        assert_eq!(judge(&Seen { whole: false, ..WELL }, false), State::CatchingUp);
    }

    #[test]
    fn what_has_waited_long_is_told_on_every_page() {
        assert_eq!(alerts(&WELL), Vec::<String>::new());
        assert_eq!(alerts(&Seen { stuck: 1, ..WELL }), ["ENTRIES_STUCK"]);
    }

    #[test]
    fn no_neighbour_is_offline_and_trouble_comes_first() {
        assert_eq!(judge(&Seen { neighbours: 0, ..WELL }, false), State::Offline);
        assert_eq!(judge(&WELL, true), State::Problem);
    }
}
