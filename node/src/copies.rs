//! How many other computers hold this member's record?
//!
//! The same question as `weir restore` asks: each of several computers is asked what it holds of
//! the record, and those that show something of it count. What they say is believed: a computer
//! may keep nothing and say it does, or have lost it a moment later. One that does not answer is
//! not counted, though it may hold everything.

use crate::inbox::ledger_signal;
use crate::member::Member;
use anyhow::Result;
use holochain::prelude::{ChainQueryFilter, ChainStatus, Signal, Timestamp};
use holochain_p2p::actor::GetActivityMultiOptions;
use holochain_p2p::event::GetActivityOptions;
use holochain_p2p::HolochainP2pError;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;
use weir_wire::names::ZOME_ACCOUNTS;
use weir_wire::{LedgerSignal, RecordOrder};

/// So many other computers give a record back ([`crate::restore`]).
pub const ENOUGH: u8 = 2;
/// More are not counted: every further one would be asked over the network.
const COUNTED: u8 = 5;
/// A computer that is there answers within this.
const ANSWER_MS: u64 = 5_000;
/// Between questions, while there are too few copies and after that.
const ASK_AGAIN: Duration = Duration::from_secs(20);
const ASK_LATER: Duration = Duration::from_secs(600);
/// A new entry has usually reached the others after this.
const SPREAD: Duration = Duration::from_secs(5);

/// Who holds the record besides this computer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Copies {
    /// Other computers that show something of the record; [`COUNTED`] stands for more, too.
    pub others: u32,
    /// Those of them that show its newest entry.
    pub newest: u32,
    /// Would they give the record back?
    pub enough: bool,
    pub asked_ms: i64,
}

impl Copies {
    /// Of what the others show: the highest place on the record, for each that shows any. `here`
    /// is the highest on this computer.
    fn of(shown: &[u32], here: u32, asked_ms: i64) -> Self {
        let newest = shown.iter().filter(|place| **place >= here).count();
        let enough = newest >= usize::from(ENOUGH);
        let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        Self { others: count(shown.len()), newest: count(newest), enough, asked_ms }
    }
}

/// Asks again and again until the node stops, and soon after each new entry.
pub async fn keep_asking(member: Arc<Member>) {
    let mut signals = member.signals();
    loop {
        let mut pause = ASK_AGAIN;
        match ask(&member).await {
            Ok(Some(copies)) => {
                tracing::debug!(?copies, "the copies of the own record were counted");
                member.knows_of_copies(copies);
                if copies.enough {
                    pause = ASK_LATER;
                }
            }
            Ok(None) => {}
            Err(error) => tracing::debug!(%error, "the copies could not be counted"),
        }
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = something_written(&mut signals) => tokio::time::sleep(SPREAD).await,
        }
    }
}

async fn something_written(signals: &mut broadcast::Receiver<Signal>) {
    loop {
        match signals.recv().await.map(|signal| ledger_signal(&signal)) {
            Ok(Some(LedgerSignal::Written { .. })) | Err(RecvError::Lagged(_)) => return,
            Ok(_) => {}
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
}

/// None when there is nobody to ask.
async fn ask(member: &Member) -> Result<Option<Copies>> {
    let there = u8::try_from(member.neighbours().await?).unwrap_or(u8::MAX);
    if there == 0 {
        return Ok(None);
    }
    // It also asks the others, which is more than is needed, and knows what is here.
    let order: RecordOrder = member.call(ZOME_ACCOUNTS, "compare_record", &()).await?;
    let of = |shown: &[u32]| Copies::of(shown, order.here, Timestamp::now().as_millis());
    // The platform gives an answer only when all that are required came, so it is asked for fewer
    // and fewer.
    for required in (1..=there.min(COUNTED)).rev() {
        if let Some(shown) = shown(member, required).await? {
            return Ok(Some(of(&shown)));
        }
    }
    Ok(Some(of(&[])))
}

/// What this many others show of the record; none when so many do not.
async fn shown(member: &Member, required: u8) -> Result<Option<Vec<u32>>> {
    let options = GetActivityMultiOptions {
        target_peer_count: COUNTED,
        required_responses: required,
        timeout_ms: Some(ANSWER_MS),
        remote_options: GetActivityOptions {
            include_valid_activity: false,
            include_rejected_activity: false,
            include_warrants: false,
            include_full_records: false,
        },
    };
    let (dna, agent) = (member.ledger().dna_hash().clone(), member.agent().clone());
    let network = member.conductor().holochain_p2p();
    let asked = network.get_agent_activity_multi(dna, agent, ChainQueryFilter::new(), options);
    match asked.await {
        Ok(answers) => {
            let places = answers.into_iter().filter_map(|(_, answer)| match answer.status {
                ChainStatus::Valid(head) | ChainStatus::Closed(head) => Some(head.action_seq),
                ChainStatus::Empty | ChainStatus::Forked(_) | ChainStatus::Invalid(_) => None,
            });
            Ok(Some(places.collect()))
        }
        Err(HolochainP2pError::InsufficientResponses { .. }) => Ok(None),
        Err(HolochainP2pError::NoPeersForLocation(..)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_safe_when_two_others_show_its_newest_entry() {
        let copies = |shown: &[u32]| Copies::of(shown, 7, 0);
        assert_eq!(copies(&[]), Copies { others: 0, newest: 0, enough: false, asked_ms: 0 });
        assert!(!copies(&[7]).enough);
        assert!(copies(&[7, 7]).enough);
        assert_eq!(copies(&[7, 6, 7]), Copies { others: 3, newest: 2, enough: true, asked_ms: 0 });
        assert!(!copies(&[7, 6]).enough, "coming back would wait for the second");
        assert_eq!(copies(&[6, 6]), Copies { others: 2, newest: 0, enough: false, asked_ms: 0 });
    }
}
