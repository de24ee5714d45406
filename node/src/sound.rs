//! The soundness index (rule P4a): may this node vouch for what a payment rests on?
//!
//! Validation judges an entry by the bytes it cites and nothing more, so an entry can be valid on
//! top of one that is not. Honest nodes take only what is sound: every operation accepted by this
//! node itself, and everything cited likewise, back to the beginning.
//!
//! The rule, in full:
//! 1. The index pages through the verdicts on all operations that the conductor keeps.
//! 2. While no operation was ever rejected here, none waits for its verdict, and none is here only
//!    because it was fetched to check another, everything here is sound: the node vouches for any
//!    payment. This is the ordinary case and costs one short read.
//! 3. Otherwise it reads all ledger entries it holds and vouches for a payment exactly when the
//!    payment (for a reclaim: the ledger of the payment's payee) is in the sound set of
//!    [`crate::held`]: a rejected action taints its author's later
//!    entries and everything that cites them; what waits or was only fetched counts for nothing.
//! 4. When it does not vouch, the zome judges by itself and may answer that it cannot tell.
//!
//! What is settled is not read again: the index goes on from the last operation before which all
//! are settled. It stays a minute behind the newest, because a batch of operations is stamped when
//! it arrives and stored later, so that something older can still appear behind what was read.

use crate::held::{self, Held, Kept, Place, Verdict};
use anyhow::Result;
use holochain::conductor::ConductorHandle;
use holochain::prelude::{CellId, DhtOpHash, DnaHash, Timestamp};
use holochain_conductor_api::{OpTimingDump, OpTimingsCursor};
use std::collections::{BTreeSet, HashMap};
use tokio::sync::Mutex;

const PAGE_LEN: u32 = 2_000;
/// How far behind the newest operation reading goes on.
const SETTLE_US: i64 = 60_000_000;
/// What has waited for its verdict longer than this is stuck.
const STUCK_US: i64 = 600_000_000;

/// The index of one conductor, for each DNA that is looked at.
pub struct Sound {
    conductor: ConductorHandle,
    indexes: Mutex<HashMap<DnaHash, Index>>,
}

/// What a look found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// Operations checked here and kept.
    pub accepted: u64,
    /// Operations whose verdict is not known here yet.
    pub waiting: u64,
    /// Operations rejected here, ever.
    pub rejected: u64,
    /// Of those that wait, the ones that have for long and were not only fetched.
    pub stuck: u64,
}

impl Look {
    /// Is everything that is here sound?
    pub fn all_sound(self) -> bool {
        self.waiting == 0 && self.rejected == 0
    }
}

/// What is remembered between looks.
#[derive(Default)]
struct Index {
    /// Where reading goes on; everything up to here is settled.
    from: Option<Place>,
    accepted: u64,
    rejected: BTreeSet<DhtOpHash>,
    kept: Kept,
}

/// One look in progress: the settled part is behind, the rest is counted anew each time.
struct Reading<'a> {
    index: &'a mut Index,
    settled_before_us: i64,
    stuck_before_us: i64,
    /// True until the first operation that must be read again.
    settling: bool,
    look: Look,
}

impl Index {
    fn read(&mut self, now_us: i64) -> Reading<'_> {
        let settled_before_us = now_us.saturating_sub(SETTLE_US);
        let stuck_before_us = now_us.saturating_sub(STUCK_US);
        let look = Look::default();
        Reading { index: self, settled_before_us, stuck_before_us, settling: true, look }
    }
}

impl Reading<'_> {
    fn take(&mut self, op: &OpTimingDump) {
        let verdict = held::verdict(op);
        let place = held::place(op);
        self.settling &= verdict != Verdict::Waiting && place.0 < self.settled_before_us;
        if verdict == Verdict::Rejected {
            self.index.rejected.insert(op.op_hash.clone());
        }
        let accepted = u64::from(verdict == Verdict::Accepted);
        let place_us = place.0;
        if self.settling {
            self.index.accepted += accepted;
            self.index.from = Some(place);
        } else {
            self.look.accepted += accepted;
            self.look.waiting += u64::from(verdict == Verdict::Waiting);
            let is_stuck = op.when_integrated.is_none() && place_us < self.stuck_before_us;
            self.look.stuck += u64::from(is_stuck);
        }
    }

    fn done(self) -> Look {
        Look {
            accepted: self.index.accepted + self.look.accepted,
            waiting: self.look.waiting,
            rejected: self.index.rejected.len() as u64,
            stuck: self.look.stuck,
        }
    }
}

impl Sound {
    pub fn new(conductor: ConductorHandle) -> Self {
        Self { conductor, indexes: Mutex::default() }
    }

    /// Looks at everything that is new.
    pub async fn look(&self, dna: &DnaHash) -> Result<Look> {
        let mut indexes = self.indexes.lock().await;
        let index = indexes.entry(dna.clone()).or_default();
        let mut cursor =
            index.from.clone().map(|(when_received, hash)| OpTimingsCursor { when_received, hash });
        let mut reading = index.read(Timestamp::now().as_micros());
        loop {
            let page = self.conductor.dump_op_timings(dna, cursor, Some(PAGE_LEN)).await?;
            page.timings.iter().for_each(|op| reading.take(op));
            match page.cursor {
                Some(next) => cursor = Some(next),
                None => return Ok(reading.done()),
            }
        }
    }

    /// Does this node vouch for everything that these payments rest on?
    pub async fn vouches(&self, ledger: &CellId, payments: &[String]) -> Result<bool> {
        if self.look(ledger.dna_hash()).await?.all_sound() {
            return Ok(true);
        }
        let sound = self.held(ledger).await?.sound();
        Ok(payments
            .iter()
            .all(|payment| held::payment_id(payment).is_some_and(|id| sound.contains(&id))))
    }

    /// Does this node vouch for whatever shows that this payment comes back?
    pub async fn vouches_for_return(&self, ledger: &CellId, payment: &str) -> Result<bool> {
        if self.look(ledger.dna_hash()).await?.all_sound() {
            return Ok(true);
        }
        let held = self.held(ledger).await?;
        Ok(held::payment_id(payment).is_some_and(|payment| held.vouches_for_return(&payment)))
    }
}

impl Sound {
    /// The ledger entries held here, read on from those that are settled.
    async fn held(&self, ledger: &CellId) -> Result<Held> {
        let mut indexes = self.indexes.lock().await;
        let index = indexes.entry(ledger.dna_hash().clone()).or_default();
        held::read_on(&self.conductor, ledger, &mut index.kept, index.from.clone()).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use holochain::prelude::OpValidity;

    const NOW: i64 = 1_000_000_000;
    /// Something that has waited exactly as long as it may.
    const LATE: i64 = NOW - STUCK_US;

    fn op(n: u8, received_us: i64, status: Option<OpValidity>, own: Option<bool>) -> OpTimingDump {
        let at = Timestamp::from_micros(received_us);
        OpTimingDump {
            op_hash: DhtOpHash::from_raw_32(vec![n; 32]),
            when_received: at,
            when_integrated: status.map(|_| at),
            abandoned_at: None,
            validation_status: status,
            locally_validated: own,
        }
    }

    fn accepted(n: u8, received_us: i64) -> OpTimingDump {
        op(n, received_us, Some(OpValidity::Accepted), Some(true))
    }

    /// Reads as the conductor would give: what lies behind the place to go on from.
    fn look(index: &mut Index, ops: &[OpTimingDump]) -> Look {
        let from = index.from.clone();
        let mut reading = index.read(NOW);
        for op in ops {
            if from.as_ref().is_none_or(|from| held::place(op) > *from) {
                reading.take(op);
            }
        }
        reading.done()
    }

    #[test]
    fn all_is_sound_while_all_was_accepted_here() {
        let mut index = Index::default();
        let ops = [accepted(1, 10), accepted(2, 20), accepted(3, NOW)];
        let found = look(&mut index, &ops);
        assert_eq!(found, Look { accepted: 3, waiting: 0, rejected: 0, stuck: 0 });
        assert!(found.all_sound());
        assert_eq!(look(&mut index, &ops), found);
    }

    #[test]
    fn what_waits_or_was_only_fetched_is_not_sound_until_it_is_checked_here() {
        let mut index = Index::default();
        let limbo = op(2, LATE, None, None);
        let fetched = op(2, LATE, Some(OpValidity::Accepted), Some(false));
        for unchecked in [limbo, fetched] {
            let found = look(&mut index, &[accepted(1, 10), unchecked, accepted(3, NOW)]);
            assert_eq!(found, Look { accepted: 2, waiting: 1, rejected: 0, stuck: 0 });
            assert!(!found.all_sound());
        }
        let found = look(&mut index, &[accepted(1, 10), accepted(2, LATE), accepted(3, NOW)]);
        assert!(found.all_sound());
        assert_eq!(found.accepted, 3);
    }

    #[test]
    fn what_waits_for_more_than_ten_minutes_is_stuck() {
        let stuck = |unchecked| look(&mut Index::default(), &[accepted(1, 10), unchecked]).stuck;
        assert_eq!(stuck(op(2, LATE, None, None)), 0);
        assert_eq!(stuck(op(2, LATE - 1, None, None)), 1);
        assert_eq!(stuck(op(2, LATE - 1, Some(OpValidity::Accepted), Some(false))), 0);
    }

    #[test]
    fn a_rejection_is_remembered_for_good() {
        let mut index = Index::default();
        let rejected = op(2, 20, Some(OpValidity::Rejected), Some(true));
        let ops = [accepted(1, 10), rejected, accepted(3, 30)];
        assert_eq!(look(&mut index, &ops), Look { accepted: 2, waiting: 0, rejected: 1, stuck: 0 });
        assert_eq!(look(&mut index, &[]), Look { accepted: 2, waiting: 0, rejected: 1, stuck: 0 });
    }

    #[test]
    fn what_arrives_late_behind_newer_operations_is_still_read() {
        let mut index = Index::default();
        let newer = accepted(5, NOW - 1);
        assert!(look(&mut index, &[accepted(1, 10), newer.clone()]).all_sound());
        let late = op(4, NOW - 2, Some(OpValidity::Rejected), Some(true));
        let found = look(&mut index, &[accepted(1, 10), late, newer]);
        assert_eq!(found, Look { accepted: 2, waiting: 0, rejected: 1, stuck: 0 });
    }
}
