//! The ledger entries that this node holds, and which of them are sound (rule P4a).
//!
//! An entry is sound here when this node itself accepted all operations of its action, nothing
//! below it on its own chain was rejected here, and the same holds for everything it cites, back to
//! the cards it starts from. This reads everything held: the node does it for `weir books`,
//! and for a payment only when it cannot vouch for everything at once; then it reads on from what
//! it kept.

use anyhow::Result;
use holochain::conductor::ConductorHandle;
use holochain::prelude::{
    Action, ActionData, ActionHash, CellId, ChainOp, DhtOp, DhtOpHash, Entry, EntryType,
    EntryVisibility, OpEntry, OpValidity,
};
use holochain_conductor_api::{DhtOpsCursor, OpTimingDump, OpTimingsCursor};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use weir_rules::entry::{Event, LedgerEntry};
use weir_rules::ids::{ActionId, MemberKey};

/// Operations read at once.
const PAGE_LEN: u32 = 2_000;
/// A new public entry makes three operations: record, entry and activity.
const OPS_OF_ENTRY: u8 = 3;

/// A ledger entry held here.
#[derive(Clone, Debug)]
pub struct HeldEntry {
    pub author: MemberKey,
    pub action_seq: u32,
    pub entry: LedgerEntry,
}

/// What this node holds of a ledger.
#[derive(Clone, Debug, Default)]
pub struct Held {
    pub entries: BTreeMap<ActionId, HeldEntry>,
    /// Per action, how many of its operations this node accepted itself.
    pub accepted: BTreeMap<ActionId, u8>,
    /// Actions of which something was rejected here, by their authors.
    pub rejected: BTreeMap<MemberKey, BTreeSet<ActionId>>,
    /// Each action's one before it on its chain.
    below: BTreeMap<ActionId, ActionId>,
}

/// What was read before and need not be read again.
#[derive(Default)]
pub struct Kept {
    held: Held,
    from: Option<Place>,
}

/// Where an operation stands in the order in which they arrived here.
pub type Place = (i64, DhtOpHash);

/// Reads everything that the conductor holds for the ledger of `cell`.
pub async fn read(conductor: &ConductorHandle, cell: &CellId) -> Result<Held> {
    read_on(conductor, cell, &mut Kept::default(), None).await
}

/// Reads on from what was kept. What stands up to `settled` does not change any more and is kept
/// for the next time.
pub async fn read_on(
    conductor: &ConductorHandle,
    cell: &CellId,
    kept: &mut Kept,
    settled: Option<Place>,
) -> Result<Held> {
    let verdicts = verdicts(conductor, cell, kept.from.clone()).await?;
    let mut newer = Vec::new();
    let mut cursor =
        kept.from.clone().map(|(when_received, hash)| DhtOpsCursor { when_received, hash });
    loop {
        let page = conductor.dump_full_cell_state(cell, cursor, Some(PAGE_LEN)).await?;
        let page = page.integration_dump;
        for op in page.integrated {
            match verdicts.get(&op.to_hash()) {
                Some((verdict, place)) if Some(place) <= settled.as_ref() => {
                    kept.held.take(&op, *verdict);
                }
                Some((verdict, _)) => newer.push((op, *verdict)),
                // It came between the two reads and is found by the next.
                None => {}
            }
        }
        match page.dht_ops_cursor {
            Some(next) => cursor = Some(next),
            None => break,
        }
    }
    kept.from = settled.or(kept.from.take());
    let mut held = kept.held.clone();
    for (op, verdict) in &newer {
        held.take(op, *verdict);
    }
    Ok(held)
}

/// What this node made of each operation, and where it stands.
async fn verdicts(
    conductor: &ConductorHandle,
    cell: &CellId,
    from: Option<Place>,
) -> Result<HashMap<DhtOpHash, (Verdict, Place)>> {
    let mut verdicts = HashMap::new();
    let mut cursor = from.map(|(when_received, hash)| OpTimingsCursor { when_received, hash });
    loop {
        let page = conductor.dump_op_timings(cell.dna_hash(), cursor, Some(PAGE_LEN)).await?;
        for op in page.timings {
            verdicts.insert(op.op_hash.clone(), (verdict(&op), place(&op)));
        }
        match page.cursor {
            Some(next) => cursor = Some(next),
            None => return Ok(verdicts),
        }
    }
}

pub fn place(op: &OpTimingDump) -> Place {
    (op.when_received.as_micros(), op.op_hash.clone())
}

/// What this node made of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Checked here and in order.
    Accepted,
    /// Checked here and refused.
    Rejected,
    /// Not checked here yet, or only fetched to check something else.
    Waiting,
}

pub fn verdict(op: &OpTimingDump) -> Verdict {
    match (op.when_integrated, op.validation_status) {
        (Some(_), Some(OpValidity::Rejected)) => Verdict::Rejected,
        // Warrants carry no mark of who checked them; they are never fetched unchecked.
        (Some(_), Some(OpValidity::Accepted)) if op.locally_validated != Some(false) => {
            Verdict::Accepted
        }
        _ => Verdict::Waiting,
    }
}

impl Held {
    fn take(&mut self, op: &DhtOp, verdict: Verdict) {
        let DhtOp::ChainOp(op) = op else { return };
        let (action, entry) = parts(op);
        let Some(author) = core(action.author().get_raw_32()).map(MemberKey::from_core) else {
            return;
        };
        let Some(id) = action_id(action) else { return };
        match verdict {
            // The activity of an entry carries no bytes and may come before those that do.
            Verdict::Accepted => *self.accepted.entry(id).or_default() += 1,
            Verdict::Rejected => {
                self.rejected.entry(author).or_default().insert(id);
            }
            Verdict::Waiting => {}
        }
        let below = action.prev_action().and_then(|hash| core(hash.get_raw_32()));
        if let Some(below) = below.map(ActionId::from_core) {
            self.below.insert(id, below);
        }
        if let Some(entry) = entry.and_then(|entry| ledger_entry(action, entry)) {
            let action_seq = action.action_seq();
            self.entries.entry(id).or_insert(HeldEntry { author, action_seq, entry });
        }
    }

    /// The entries that are sound here.
    ///
    /// Each clean entry waits for what it cites; those that wait for nothing are sound and release
    /// the others. What cites something unclean, or not held, is never released.
    pub fn sound(&self) -> BTreeSet<ActionId> {
        let mut waits: BTreeMap<ActionId, usize> = BTreeMap::new();
        let mut cited_by: BTreeMap<ActionId, Vec<ActionId>> = BTreeMap::new();
        let mut ready = Vec::new();
        for (id, held) in self.entries.iter().filter(|(id, held)| self.is_clean(id, held)) {
            let cited: BTreeSet<ActionId> = held.entry.cites().into_iter().collect();
            if cited.is_empty() {
                ready.push(*id);
            }
            waits.insert(*id, cited.len());
            for cited in cited {
                cited_by.entry(cited).or_default().push(*id);
            }
        }
        let mut sound = BTreeSet::new();
        while let Some(id) = ready.pop() {
            sound.insert(id);
            for citing in cited_by.remove(&id).unwrap_or_default() {
                let left = waits.entry(citing).or_default();
                *left = left.saturating_sub(1);
                if *left == 0 {
                    ready.push(citing);
                }
            }
        }
        sound
    }

    /// Is whatever shows that this payment comes back sound? That is something on its payee's
    /// ledger: all of it that is here and does not stand on something rejected.
    pub fn vouches_for_return(&self, payment: &ActionId) -> bool {
        let Some(Event::Pay(pay)) = self.entries.get(payment).map(|held| &held.entry.event) else {
            return false;
        };
        let sound = self.sound();
        self.entries
            .iter()
            .filter(|(id, held)| held.author == pay.payee && !self.stands_on_rejected(id, held))
            .all(|(id, _)| sound.contains(id))
    }

    fn is_clean(&self, id: &ActionId, held: &HeldEntry) -> bool {
        let accepted = self.accepted.get(id).copied().unwrap_or_default();
        // A cited action that is no ledger entry needs nothing more than to be checked here.
        let action = held.entry.cites_action();
        let action_checked = action.is_none_or(|action| self.accepted.contains_key(&action));
        accepted >= OPS_OF_ENTRY && action_checked && !self.stands_on_rejected(id, held)
    }

    /// Was this, or anything below it on its own chain, rejected here? Another branch taints
    /// nothing: else one forged entry beside a card would take the soundness from all that was ever
    /// paid with that key, and from everybody who took it.
    fn stands_on_rejected(&self, id: &ActionId, held: &HeldEntry) -> bool {
        let Some(rejected) = self.rejected.get(&held.author) else { return false };
        let mut at = Some(id);
        // As many steps as there are places below it.
        for _ in 0..=held.action_seq {
            match at {
                Some(id) if rejected.contains(id) => return true,
                Some(id) => at = self.below.get(id),
                None => break,
            }
        }
        false
    }
}

fn parts(op: &ChainOp) -> (&Action, Option<&Entry>) {
    let (action, entry) = match op {
        ChainOp::CreateRecord(action, entry)
        | ChainOp::CreateEntry(action, entry)
        | ChainOp::UpdateEntry(action, entry)
        | ChainOp::UpdateRecord(action, entry) => (action, Some(entry)),
        ChainOp::AgentActivity(action)
        | ChainOp::DeleteEntry(action)
        | ChainOp::DeleteRecord(action)
        | ChainOp::CreateLink(action)
        | ChainOp::DeleteLink(action) => (action, None),
    };
    let entry = entry.and_then(|entry| match entry {
        OpEntry::Present(entry) => Some(entry),
        OpEntry::Hidden | OpEntry::ActionOnly => None,
    });
    (action.data(), entry)
}

/// The bytes as a ledger entry, when the action says that they are a public one.
fn ledger_entry(action: &Action, entry: &Entry) -> Option<LedgerEntry> {
    let ActionData::Create(create) = &action.data else { return None };
    match (&create.entry_type, entry) {
        (EntryType::App(def), Entry::App(bytes)) if def.visibility == EntryVisibility::Public => {
            LedgerEntry::decode(bytes.bytes()).ok()
        }
        _ => None,
    }
}

fn action_id(action: &Action) -> Option<ActionId> {
    core(ActionHash::with_data_sync(action).get_raw_32()).map(ActionId::from_core)
}

/// The name of a payment from its text.
pub fn payment_id(text: &str) -> Option<ActionId> {
    core(ActionHash::try_from(text).ok()?.get_raw_32()).map(ActionId::from_core)
}

fn core(bytes: &[u8]) -> Option<[u8; 32]> {
    bytes.try_into().ok()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use weir_rules::entry::{Params, Pay, Receive, RequestId, State, Stated, VERSION};
    use weir_rules::window::Window;
    use weir_units::{Amount, Time};

    pub(crate) fn id(n: u8) -> ActionId {
        ActionId::from_core([n; 32])
    }

    pub(crate) fn member(n: u8) -> MemberKey {
        MemberKey::from_core([n; 32])
    }

    pub(crate) fn state(seq: u32, prev: Option<ActionId>, balance: i64) -> State {
        let Window { wm, recent } = Window::empty();
        let zero = Amount::ZERO;
        State {
            version: VERSION,
            seq,
            at: Time::from_micros(1),
            prev,
            params: Params::Founding,
            seed: zero,
            balance: Amount::new(balance),
            committed: zero,
            cum_in: zero,
            cum_out: zero,
            reclaimed: zero,
            fees: zero,
            levies: zero,
            granted: zero,
            absorbed: zero,
            area: 0,
            wm,
            recent,
            open: Default::default(),
            line: None,
            loans: vec![],
            pledges: vec![],
            losses: vec![],
            stated: Stated { hash: None, at: Time::from_micros(1) },
            unpaged: 0,
        }
    }

    pub(crate) fn pay(payee: u8, card: u8, amount: i64) -> Event {
        Event::Pay(Pay {
            payee: member(payee),
            card: id(card),
            amount: Amount::new(amount),
            fee: Amount::ZERO,
            category: 0,
            memo: None,
            against: None,
            forget: None,
        })
    }

    pub(crate) fn receive(pays: &[u8]) -> Event {
        let pays = pays.iter().map(|n| id(*n)).collect();
        Event::Receive(Receive { pays, witnesses: vec![] })
    }

    impl Held {
        pub(crate) fn with(mut self, name: u8, author: u8, state: State, event: Event) -> Self {
            let entry = LedgerEntry { request: RequestId([0; 16]), event, state };
            let action_seq = 3 + entry.state.seq;
            self.below.extend(entry.state.prev.map(|prev| (id(name), prev)));
            let held = HeldEntry { author: member(author), action_seq, entry };
            self.entries.insert(id(name), held);
            self.accepted.insert(id(name), OPS_OF_ENTRY);
            self
        }
    }

    /// Anna (1) opens with 10 and pays with 11, Bruno (2) opens with 20 and takes it with 21,
    /// then pays Chiara (3, card 30) with 22, who takes that with 31.
    pub(crate) fn village() -> Held {
        Held::default()
            .with(10, 1, state(0, None, 0), Event::Open)
            .with(11, 1, state(1, Some(id(10)), -5), pay(2, 20, 5))
            .with(20, 2, state(0, None, 0), Event::Open)
            .with(21, 2, state(1, Some(id(20)), 5), receive(&[11]))
            .with(22, 2, state(2, Some(id(21)), 2), pay(3, 30, 3))
            .with(30, 3, state(0, None, 0), Event::Open)
            .with(31, 3, state(1, Some(id(30)), 3), receive(&[22]))
    }

    fn ids(names: &[u8]) -> BTreeSet<ActionId> {
        names.iter().map(|n| id(*n)).collect()
    }

    #[test]
    fn everything_is_sound_while_everything_was_accepted_here() {
        assert_eq!(village().sound(), ids(&[10, 11, 20, 21, 22, 30, 31]));
    }

    #[test]
    fn what_rests_on_an_unchecked_entry_is_not_sound() {
        let mut held = village();
        held.accepted.insert(id(11), 2);
        assert_eq!(held.sound(), ids(&[10, 20, 30]));
    }

    #[test]
    fn what_rests_on_an_entry_that_is_not_here_is_not_sound() {
        let mut held = village();
        held.entries.remove(&id(30));
        assert_eq!(held.sound(), ids(&[10, 11, 20, 21]));
    }

    #[test]
    fn a_rejected_action_taints_its_authors_later_entries_and_all_that_rests_on_them() {
        let rejecting = |name: u8| {
            let mut held = village();
            held.rejected.entry(member(2)).or_default().insert(id(name));
            held
        };
        assert_eq!(rejecting(22).sound(), ids(&[10, 11, 20, 21, 30]));
        assert_eq!(rejecting(21).sound(), ids(&[10, 11, 20, 30]));
        // An action in between that is no ledger entry.
        let mut held = rejecting(99);
        held.below.insert(id(22), id(99));
        held.below.insert(id(99), id(21));
        assert_eq!(held.sound(), ids(&[10, 11, 20, 21, 30]));
    }

    #[test]
    fn something_rejected_on_another_branch_taints_nothing_here() {
        let mut held = village();
        held.rejected.entry(member(2)).or_default().insert(id(90));
        held.below.insert(id(90), id(20));
        assert_eq!(held.sound(), ids(&[10, 11, 20, 21, 22, 30, 31]));
    }
}
