//! Whether this member may write (rule F5).
//!
//! A copy of a data folder, or a key on two computers, makes two versions of one record as soon as
//! both write, and nobody trusts either. So a node that starts first asks the others how far they
//! have seen the member's record. While they have seen more than is here it writes nothing. Whoever
//! knows of nobody to ask may write all the same after a moment; where there are others but none
//! answers, after a while.

use crate::accused;
use crate::member::Member;
use holochain::prelude::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;
use weir_wire::names::ZOME_ACCOUNTS;
use weir_wire::{Problem, RecordOrder, RecordState};

/// How long a write waits at most for the first answer. A node on a busy computer, among others
/// that have just started too, was seen to take two thirds of it.
const ANSWER_WAIT: Duration = Duration::from_secs(60);
/// A node that in this time has heard of nobody is alone.
const ALONE_AFTER: Duration = Duration::from_secs(15);
/// Between questions, until the record is known to be in order: at first, and after that time.
const ASK_AGAIN: Duration = Duration::from_secs(2);
const ASK_LESS: Duration = Duration::from_secs(20);
/// Somebody who was not there may know better than who was.
const ASK_LATER: Duration = Duration::from_secs(600);

const BEHIND: &str = "RECORD_BEHIND";
const TWO_VERSIONS: &str = "RECORD_TWO_VERSIONS";
/// Highest place on a chain that holds only what the platform writes first.
const FRESH: u32 = 4;

/// What is known about the own record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Known {
    /// Nobody has answered yet.
    Nothing,
    /// Nobody was there to answer in time.
    Alone,
    InOrder,
    /// Why nothing may be written.
    Trouble(Problem),
}

/// How the record stands, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Others are being asked.
    Asking,
    /// Nobody answered in time.
    NobodyAnswered,
    InOrder,
    Behind,
    TwoVersions,
    /// Somebody has accused this member, and the platform has believed it.
    Accused,
}

/// How the record stands, and what the last answer of others said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    pub standing: Standing,
    pub compared: Option<Compared>,
}

/// What others answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Compared {
    /// The highest place of the record here, and as far as others have seen it.
    pub here: u32,
    pub elsewhere: Option<u32>,
    pub at_ms: i64,
}

impl Known {
    pub fn standing(&self) -> Standing {
        match self {
            Self::Nothing => Standing::Asking,
            Self::Alone => Standing::NobodyAnswered,
            Self::InOrder => Standing::InOrder,
            Self::Trouble(problem) if problem.code == TWO_VERSIONS => Standing::TwoVersions,
            Self::Trouble(problem) if problem.code == BEHIND => Standing::Behind,
            Self::Trouble(_) => Standing::Accused,
        }
    }

    fn of(order: &RecordOrder) -> Self {
        let (code, message) = match order.state {
            // Where nothing of the account was written yet there is nothing to be behind of.
            RecordState::Unknown if order.here <= FRESH => return Self::InOrder,
            RecordState::Unknown => return Self::Nothing,
            RecordState::InOrder => return Self::InOrder,
            RecordState::Behind => {
                (BEHIND, "Other computers hold a newer record of this member than this one.")
            }
            RecordState::TwoVersions => {
                (TWO_VERSIONS, "There are two versions of this member's record.")
            }
        };
        let elsewhere = order.elsewhere.map(|seq| ("elsewhere".to_string(), seq.to_string()));
        let facts = [("here".to_string(), order.here.to_string())].into_iter().chain(elsewhere);
        let (code, message) = (code.to_string(), message.to_string());
        Self::Trouble(Problem { code, message, facts: facts.collect::<BTreeMap<_, _>>() })
    }
}

/// Asks the others about this member's record until the node stops.
pub async fn keep_asking(member: Arc<Member>) {
    let start = Instant::now();
    loop {
        let order = member.call::<_, RecordOrder>(ZOME_ACCOUNTS, "compare_record", &()).await;
        let known = match &order {
            Ok(order) => {
                tracing::debug!(?order, "the own record was compared");
                if order.state != RecordState::Unknown {
                    let RecordOrder { here, elsewhere, .. } = *order;
                    let at_ms = Timestamp::now().as_millis();
                    member.compared_record(Compared { here, elsewhere, at_ms });
                }
                Known::of(order)
            }
            Err(error) if accused::is_shut_out(error) => {
                Known::Trouble(accused::why(&member).await)
            }
            Err(error) => {
                tracing::debug!(%error, "the own record could not be compared");
                Known::Nothing
            }
        };
        let pause = match known {
            Known::InOrder => ASK_LATER,
            // To find out why takes reading everything, and nothing here ends it.
            _ if known.standing() == Standing::Accused => ASK_LATER,
            _ if start.elapsed() < ANSWER_WAIT => ASK_AGAIN,
            _ => ASK_LESS,
        };
        if known != Known::Nothing {
            member.knows_of_record(known);
        } else if start.elapsed() >= ALONE_AFTER && !member.has_heard_of_others().await {
            member.knows_of_nobody();
        }
        tokio::time::sleep(pause).await;
    }
}

/// Waits until something is known, for a moment; gives what stands in the way of a write.
pub async fn trouble(known: &watch::Sender<Known>) -> Option<Problem> {
    let mut heard = known.subscribe();
    let answer = heard.wait_for(|known| *known != Known::Nothing);
    if tokio::time::timeout(ANSWER_WAIT, answer).await.is_err() {
        alone(known);
    }
    match &*known.borrow() {
        Known::Trouble(problem) => Some(problem.clone()),
        Known::Nothing | Known::Alone | Known::InOrder => None,
    }
}

/// Nobody could be asked so far. Whoever comes later may still know better.
pub fn alone(known: &watch::Sender<Known>) {
    known.send_if_modified(|known| {
        let nothing = *known == Known::Nothing;
        if nothing {
            *known = Known::Alone;
        }
        nothing
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order_of(state: RecordState, here: u32, elsewhere: Option<u32>) -> RecordOrder {
        RecordOrder { state, here, elsewhere }
    }

    fn order(state: RecordState) -> Known {
        Known::of(&order_of(state, 7, Some(9)))
    }

    #[test]
    fn only_a_record_in_order_may_be_written_on() {
        assert_eq!(order(RecordState::InOrder), Known::InOrder);
        assert_eq!(order(RecordState::Unknown), Known::Nothing);
        let fresh = order_of(RecordState::Unknown, FRESH, None);
        assert_eq!(Known::of(&fresh), Known::InOrder);
        let Known::Trouble(problem) = order(RecordState::Behind) else { panic!("it is behind") };
        assert_eq!(problem.code, "RECORD_BEHIND");
        assert_eq!((&*problem.facts["here"], &*problem.facts["elsewhere"]), ("7", "9"));
        assert!(matches!(order(RecordState::TwoVersions), Known::Trouble(_)));
    }

    #[test]
    fn each_state_of_the_record_has_its_word() {
        assert_eq!(Known::Nothing.standing(), Standing::Asking);
        assert_eq!(Known::Alone.standing(), Standing::NobodyAnswered);
        for (state, standing) in [
            (RecordState::InOrder, Standing::InOrder),
            (RecordState::Behind, Standing::Behind),
            (RecordState::TwoVersions, Standing::TwoVersions),
        ] {
            assert_eq!(order(state).standing(), standing);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_write_waits_for_the_first_answer_and_not_for_ever() {
        let known = watch::Sender::new(Known::Nothing);
        assert_eq!(trouble(&known).await, None, "nobody answers");
        assert_eq!(*known.borrow(), Known::Alone, "the next write does not wait");
        known.send_replace(Known::InOrder);
        assert_eq!(trouble(&known).await, None);
        alone(&known);
        assert_eq!(*known.borrow(), Known::InOrder, "what was answered stays");
        known.send_replace(order(RecordState::Behind));
        let code = trouble(&known).await.map(|problem| problem.code);
        assert_eq!(code.as_deref(), Some("RECORD_BEHIND"));
    }
}
