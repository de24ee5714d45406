//! A full node: it judges every entry by itself, in the order in which they reach it.
//!
//! What `crates/substrate` does on a conductor stands here on plain numbers: the form of the bytes
//! (P5), the walk back to the entry before (L1, L2), the rules, the account stated (L3), and the
//! wait for the activity of what is cited (F1). What has not arrived is waited for (P6). Above
//! that stands what the node makes of it: which entries are sound (P4a), whose record has two
//! versions, who wrote something invalid.

use crate::config::Broken;
use crate::record::{Body, MemberNo, NodeNo, Record, RecordNo, Store};
use crate::rng::mix;
use crate::rules::{Rules, Verdict};
use std::collections::{BTreeMap, BTreeSet};
use weir_rules::asks::{AskEntry, Asked};
use weir_rules::entry::LedgerEntry;
use weir_rules::ids::ActionId;
use weir_rules::ledger::{check_alone, check_stated, Acted, Before, Cited, Evidence, Step};
use weir_rules::limits_v1::GAP_MAX;
use weir_rules::refusal::{Refusal, Stop};
use weir_units::Time;

/// How far a node has come with a record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    #[default]
    Absent,
    /// Here, and something it cites is not.
    Waiting,
    /// Right by its bytes; the activity of what it cites is not held yet (F1).
    Judged,
    /// Accepted in every form: it can be served to others.
    Held,
    Rejected,
}

/// What a node came to know, for whoever is concerned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    Accepted(RecordNo),
    Rejected(RecordNo, Refusal),
    Sound(RecordNo),
    /// Two versions of this member's record are held here.
    Forked(MemberNo),
    /// What was sound is not any more, and the sound set was built anew.
    Tainted,
}

/// A network node with a disk.
#[derive(Default)]
pub struct Node {
    pub number: NodeNo,
    pub up: bool,
    /// Which part of a torn network it is in.
    pub side: u8,
    status: Vec<Status>,
    sound: Vec<bool>,
    /// Fetched to judge something else; never served and never built upon.
    fetched: BTreeSet<RecordNo>,
    pub forked: BTreeSet<MemberNo>,
    pub rejected_from: BTreeMap<MemberNo, u32>,
    /// Could not be had when it was time; comes when the network or the node is whole again.
    pub parked: Vec<RecordNo>,
    /// Records that wait, by what was missing when they were judged last.
    missed: BTreeMap<RecordNo, Vec<RecordNo>>,
    /// Written here and not sent out yet.
    pub unpublished: Vec<RecordNo>,
    pub news: Vec<News>,
}

/// What a node can see beyond itself while it judges.
pub struct Around<'a> {
    pub rules: &'a Rules,
    pub store: &'a Store,
    /// The other nodes; the judging one is taken out.
    pub others: &'a [Node],
    /// Of 10,000 requests for something that some other node has, so many are answered.
    pub answered: u32,
    pub seed: u64,
    pub taint_by_place: bool,
    /// The true time, for the rule that is broken by looking at it.
    pub now: i64,
    /// Also writes and reads the bytes again.
    pub decode: bool,
}

impl Node {
    pub fn new(number: NodeNo) -> Self {
        Self { number, up: true, ..Self::default() }
    }

    pub fn status(&self, record: RecordNo) -> Status {
        self.status.get(record).copied().unwrap_or_default()
    }

    pub fn has(&self, record: RecordNo) -> bool {
        self.status(record) != Status::Absent
    }

    pub fn is_held(&self, record: RecordNo) -> bool {
        self.status(record) == Status::Held
    }

    pub fn is_sound(&self, record: RecordNo) -> bool {
        self.sound.get(record).copied().unwrap_or_default()
    }

    /// Has this node seen two versions of this member's record, or something invalid of theirs?
    pub fn is_in_doubt(&self, member: MemberNo) -> bool {
        self.forked.contains(&member) || self.rejected_from.contains_key(&member)
    }

    /// Everything held or at hand is gone; what others have and it never had is asked for still.
    pub fn lose_disk(&mut self) {
        let parked = std::mem::take(&mut self.parked);
        let Self { number, up, side, .. } = *self;
        *self = Self { number, up, side, parked, ..Self::default() };
    }

    /// Takes in a record and judges it, and all that waited for it.
    pub fn take(&mut self, around: &Around<'_>, record: RecordNo) {
        if self.status.len() < around.store.len() {
            self.status.resize(around.store.len(), Status::Absent);
            self.sound.resize(around.store.len(), false);
        }
        let mut todo = vec![record];
        while let Some(record) = todo.pop() {
            if self.look(around, record) {
                let citing = around.store.cited_by(record).iter().copied();
                todo.extend(citing.filter(|citing| self.has(*citing)));
                todo.extend(self.missed.remove(&record).unwrap_or_default());
            }
        }
    }

    /// Goes on with a record as far as it goes; says whether it went on at all.
    fn look(&mut self, around: &Around<'_>, number: RecordNo) -> bool {
        let before = (self.status(number), self.is_sound(number));
        let record = around.store.record(number);
        if matches!(before.0, Status::Absent | Status::Waiting) {
            match self.judge(around, number) {
                Ok(()) => self.accept(around.store, number),
                Err(Stop::Missing(id)) if !around.rules.is_broken(Broken::MissingIsInvalid) => {
                    self.status[number] = Status::Waiting;
                    // A month page also reads what stands further down, which it does not cite.
                    if let Some(missing) = around.store.find(&id) {
                        self.missed.entry(missing).or_default().push(number);
                    }
                }
                Err(stop) => self.reject(around, number, stop),
            }
        }
        if self.status(number) == Status::Judged && self.activity_is_here(around.store, record) {
            self.status[number] = Status::Held;
        }
        if self.is_held(number) && !self.is_sound(number) && self.rests_on_sound(around, record) {
            self.sound[number] = true;
            self.news.push(News::Sound(number));
        }
        before != (self.status(number), self.is_sound(number))
    }

    fn accept(&mut self, store: &Store, number: RecordNo) {
        self.status[number] = Status::Judged;
        self.news.push(News::Accepted(number));
        let author = store.record(number).author;
        let twice = store.beside(number).iter().filter(|beside| self.is_accepted(**beside));
        if twice.count() > 1 && self.forked.insert(author) {
            self.news.push(News::Forked(author));
        }
    }

    fn is_accepted(&self, record: RecordNo) -> bool {
        matches!(self.status(record), Status::Judged | Status::Held)
    }

    fn reject(&mut self, around: &Around<'_>, number: RecordNo, stop: Stop<ActionId>) {
        let refusal = match stop {
            Stop::Refused(refusal) => refusal,
            Stop::Missing(_) => Refusal::WrongType {},
        };
        self.status[number] = Status::Rejected;
        self.news.push(News::Rejected(number, refusal));
        let Record { author, action_seq, .. } = around.store.record(number);
        let first = self.rejected_from.entry(*author).or_insert(u32::MAX);
        let lower = *action_seq < *first;
        *first = (*first).min(*action_seq);
        if lower && around.taint_by_place && self.build_sound_set(around) {
            self.news.push(News::Tainted);
        }
    }

    /// [F1] Everything of others that it consumes is judged here.
    fn activity_is_here(&self, store: &Store, record: &Record) -> bool {
        let foreign = record.cites.iter().filter(|cited| store.record(**cited).key != record.key);
        foreign.clone().all(|cited| self.status(*cited) >= Status::Judged)
    }

    /// [P4a] All that it rests on is sound here, and its author wrote nothing invalid below it.
    fn rests_on_sound(&self, around: &Around<'_>, record: &Record) -> bool {
        let rejected_from = self.rejected_from.get(&record.author).copied().unwrap_or(u32::MAX);
        !record.cites_nothing
            && record.cites.iter().all(|cited| self.is_sound(*cited))
            && (!around.taint_by_place || record.action_seq < rejected_from)
    }

    /// Builds the sound set anew from what is held; says whether it differs from the one kept.
    pub fn build_sound_set(&mut self, around: &Around<'_>) -> bool {
        let kept = std::mem::take(&mut self.sound);
        self.sound = vec![false; kept.len()];
        // What a record cites was written before it and has a smaller number.
        for number in 0..kept.len() {
            let record = around.store.record(number);
            self.sound[number] = self.is_held(number) && self.rests_on_sound(around, record);
        }
        kept != self.sound
    }

    pub fn sound_records(&self) -> impl Iterator<Item = RecordNo> + '_ {
        self.sound.iter().enumerate().filter(|(_, sound)| **sound).map(|(number, _)| number)
    }

    /// The full rule on one record, by its bytes and by those it cites.
    fn judge(&mut self, around: &Around<'_>, number: RecordNo) -> Verdict {
        let record = around.store.record(number);
        if let Body::Ask(entry) = &record.body {
            return self.judge_ask(around, number, entry);
        }
        let entry = record.read()?;
        if around.decode {
            // What is kept as an entry must be what its bytes say.
            let bytes = entry.encode()?;
            if LedgerEntry::decode(&bytes)? != *entry {
                return Err(Refusal::Malformed {}.into());
            }
        }
        let LedgerEntry { request: _, event, state } = entry;
        let (at, stated) = (record.at, state.at);
        let step = Step { author: record.key, at, stated, action_seq: record.action_seq };
        check_alone(&around.rules.charter, &step, event)?;
        let sight = Sight { node: self, around, number, fetched: Default::default() };
        let verdict = sight.before(record, state.prev.as_ref()).and_then(|before| {
            let computed = around.rules.apply(&step, before, event, &sight)?;
            check_stated(state, &computed)?;
            Ok(())
        });
        let fetched = sight.fetched.take();
        self.fetched.extend(fetched);
        if around.rules.is_broken(Broken::JudgesByClock)
            && self.number == 1
            && at > Time::from_micros(around.now.saturating_add(60_000_000))
        {
            return Err(Refusal::BeforeFounding { founded: 0 }.into());
        }
        verdict
    }

    /// [L4] An entry beside the ledger: by its bytes and by the one that it names.
    fn judge_ask(&mut self, around: &Around<'_>, number: RecordNo, entry: &AskEntry) -> Verdict {
        if around.decode && AskEntry::decode(&entry.encode()?)? != *entry {
            return Err(Refusal::Malformed {}.into());
        }
        let record = around.store.record(number);
        let sight = Sight { node: self, around, number, fetched: Default::default() };
        let verdict = around.rules.check_ask(&record.key, record.at, &entry.event, &sight);
        let fetched = sight.fetched.take();
        self.fetched.extend(fetched);
        verdict
    }
}

/// What a node can see of the record it judges: its own disk, and what others answer.
struct Sight<'a> {
    node: &'a Node,
    around: &'a Around<'a>,
    number: RecordNo,
    fetched: std::cell::RefCell<Vec<RecordNo>>,
}

impl<'a> Sight<'a> {
    /// [L1, L2] The entry before: the one it names must be the one it stands on.
    fn before(
        &self,
        record: &Record,
        prev: Option<&ActionId>,
    ) -> Result<Option<Before<'a>>, Stop<ActionId>> {
        let Some(prev) = prev else {
            return match record.below {
                Some(_) => Err(Refusal::OpenTwice {}.into()),
                None => Ok(None),
            };
        };
        let number = self.fetch(prev)?;
        let found = self.around.store.record(number);
        if found.key != record.key {
            return Err(Refusal::WrongAuthor {}.into());
        }
        let gap = match record.action_seq.checked_sub(found.action_seq) {
            Some(gap) if gap > 0 => gap,
            _ => return Err(Refusal::NotTheLast {}.into()),
        };
        if gap > GAP_MAX {
            return Err(Refusal::GapTooLong { max: GAP_MAX }.into());
        }
        let entry = found.read()?;
        if record.below != Some(number) {
            return Err(Refusal::NotTheLast {}.into());
        }
        Ok(Some(Before { id: found.id, entry }))
    }

    fn fetch(&self, id: &ActionId) -> Result<RecordNo, Stop<ActionId>> {
        let number = self.around.store.find(id).ok_or(Stop::Missing(*id))?;
        if self.node.has(number) || self.node.fetched.contains(&number) {
            return Ok(number);
        }
        if self.others_answer(number) {
            self.fetched.borrow_mut().push(number);
            return Ok(number);
        }
        Err(Stop::Missing(*id))
    }

    /// Whether somebody who has it answers; a throw that the seed and both names decide.
    fn others_answer(&self, wanted: RecordNo) -> bool {
        let Around { store, others, answered, seed, .. } = self.around;
        if let Some(victim) = store.record(wanted).withheld_for {
            return victim == self.node.number;
        }
        let mut has = others.iter().filter(|other| other.up && other.side == self.node.side);
        let throw = mix(seed ^ mix((self.number as u64) << 32 ^ wanted as u64)) % 10_000;
        throw < u64::from(*answered) && has.any(|other| other.has(wanted))
    }
}

impl Evidence for Sight<'_> {
    type Missing = ActionId;

    fn cited(&self, id: &ActionId) -> Result<Cited, Stop<ActionId>> {
        let number = self.fetch(id)?;
        Ok(self.around.store.record(number).cited()?)
    }

    fn asked(&self, id: &ActionId) -> Result<Asked, Stop<ActionId>> {
        let number = self.fetch(id)?;
        Ok(self.around.store.record(number).asked()?)
    }

    fn acted(&self, action: &ActionId, entry: &ActionId) -> Result<Acted, Stop<ActionId>> {
        let number = self.fetch(action)?;
        Ok(self.around.store.record(number).acted(entry)?)
    }
}
