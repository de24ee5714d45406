//! Everything that was ever written by anybody, by its bytes.
//!
//! Which node has what is the nodes' business; here stands what there is to have.

use crate::rng::mix;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use weir_rules::asks::{Ask, AskEntry, AskEvent, Asked};
use weir_rules::entry::{Against, Event, LedgerEntry, RequestId};
use weir_rules::ids::{ActionId, MemberKey};
use weir_rules::ledger::{Acted, Cited};
use weir_rules::refusal::Refusal;
use weir_units::Time;

/// Numbers of members, nodes and records, from 0.
pub type MemberNo = usize;
pub type NodeNo = usize;
pub type RecordNo = usize;

/// One entry as it stands on somebody's chain.
#[derive(Clone, Debug)]
pub struct Record {
    pub id: ActionId,
    pub author: MemberNo,
    pub key: MemberKey,
    pub at: Time,
    pub action_seq: u32,
    /// The ledger entry below it on this chain, whatever the entry itself says.
    pub below: Option<RecordNo>,
    /// The ask entry right below it, where one lies above that ledger entry.
    pub aside: Option<RecordNo>,
    pub body: Body,
    /// What it rests on and somebody has: what it cites, and the ask entry right below it.
    pub cites: Vec<RecordNo>,
    /// What it names as the ask that it follows up or is paid against. It does not rest on that: an
    /// ask is read by its bytes.
    pub about: Option<RecordNo>,
    /// Whether it cites what nobody has.
    pub cites_nothing: bool,
    /// Written by an unchanged program.
    pub honest: bool,
    /// Shown to the members of this node alone, and only when it asks.
    pub withheld_for: Option<NodeNo>,
}

/// What was written: an entry in its one form, or bytes that are none.
#[derive(Clone, Debug)]
pub enum Body {
    Entry(Box<LedgerEntry>),
    /// Beside the ledger (L4).
    Ask(Box<AskEntry>),
    Bytes(Vec<u8>),
}

impl Record {
    pub fn entry(&self) -> Option<&LedgerEntry> {
        match &self.body {
            Body::Entry(entry) => Some(entry),
            Body::Ask(_) | Body::Bytes(_) => None,
        }
    }

    /// The ask entry, when it is one.
    pub fn ask_entry(&self) -> Option<&AskEntry> {
        match &self.body {
            Body::Ask(entry) => Some(entry),
            Body::Entry(_) | Body::Bytes(_) => None,
        }
    }

    /// The ask, when it is one and nothing that follows one up.
    pub fn ask(&self) -> Option<&Ask> {
        match &self.ask_entry()?.event {
            AskEvent::Ask(ask) => Some(ask),
            _ => None,
        }
    }

    /// The wish that it was written for.
    pub fn request(&self) -> Option<RequestId> {
        match &self.body {
            Body::Entry(entry) => Some(entry.request),
            Body::Ask(entry) => Some(entry.request),
            Body::Bytes(_) => None,
        }
    }

    /// The ledger entry, or why the bytes are none.
    pub fn read(&self) -> Result<&LedgerEntry, Refusal> {
        match &self.body {
            Body::Entry(entry) => Ok(entry),
            Body::Ask(_) => Err(Refusal::WrongType {}),
            Body::Bytes(bytes) => match LedgerEntry::decode(bytes) {
                Err(refusal) => Err(refusal),
                // `Store::add` keeps as bytes only what cannot be read.
                Ok(_) => Err(Refusal::Malformed {}),
            },
        }
    }

    pub fn cited(&self) -> Result<Cited, Refusal> {
        let entry = self.read()?;
        Ok(Cited { author: self.key, at: self.at, entry: entry.clone() })
    }

    /// The ask entry, or why it is none.
    pub fn asked(&self) -> Result<Asked, Refusal> {
        let event = self.ask_entry().ok_or(Refusal::WrongType {})?.event.clone();
        Ok(Asked { author: self.key, at: self.at, event })
    }

    /// [L10] This action and its author's last ledger entry at it. Only ledger entries are shown
    /// here, so the two must be one.
    pub fn acted(&self, entry: &ActionId) -> Result<Acted, Refusal> {
        if self.id != *entry {
            return Err(Refusal::NotTheLast {});
        }
        Ok(Acted { at: self.at, closes: false, gap: 0, entry: self.cited()? })
    }
}

/// What somebody is about to write.
#[derive(Clone, Debug)]
pub struct Draft {
    pub author: MemberNo,
    pub key: MemberKey,
    pub at: Time,
    pub action_seq: u32,
    pub below: Option<RecordNo>,
    pub aside: Option<RecordNo>,
    pub honest: bool,
    pub withheld_for: Option<NodeNo>,
}

#[derive(Default)]
pub struct Store {
    records: Vec<Record>,
    by_id: HashMap<ActionId, RecordNo, BuildHasherDefault<FirstBytes>>,
    /// Per record, those that cite it; per ask, what follows it up and what is paid against it.
    cited_by: Vec<Vec<RecordNo>>,
    /// Per ledger entry, those that stand right on top of it.
    above: Vec<Vec<RecordNo>>,
    /// Per member, those that stand on nothing.
    first: Vec<Vec<RecordNo>>,
}

/// Names are mixed already, so their first bytes serve; the map is never gone through.
#[derive(Default)]
pub struct FirstBytes(u64);

impl Hasher for FirstBytes {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        let first = bytes.first_chunk::<8>().copied().unwrap_or_default();
        self.0 = self.0.rotate_left(7) ^ u64::from_le_bytes(first);
    }
}

impl Store {
    pub fn new(members: usize) -> Self {
        Self { first: vec![Vec::new(); members], ..Self::default() }
    }

    /// Writes an entry; gives the number of the one that is there already, if it says the same.
    pub fn add(&mut self, draft: Draft, entry: LedgerEntry) -> RecordNo {
        match entry.encode() {
            Ok(bytes) => self.put(draft, &bytes, Body::Entry(Box::new(entry))),
            // Too large to be written: others get bytes that they refuse.
            Err(_) => self.add_bytes(draft, vec![0xc1]),
        }
    }

    /// Writes an ask entry.
    pub fn add_ask(&mut self, draft: Draft, entry: AskEntry) -> RecordNo {
        match entry.encode() {
            Ok(bytes) => self.put(draft, &bytes, Body::Ask(Box::new(entry))),
            Err(_) => self.add_bytes(draft, vec![0xc1]),
        }
    }

    /// Writes bytes, which may or may not be an entry.
    pub fn add_bytes(&mut self, draft: Draft, bytes: Vec<u8>) -> RecordNo {
        match LedgerEntry::decode(&bytes) {
            Ok(entry) => self.put(draft, &bytes, Body::Entry(Box::new(entry))),
            Err(_) => self.put(draft, &bytes.clone(), Body::Bytes(bytes)),
        }
    }

    fn put(&mut self, draft: Draft, bytes: &[u8], body: Body) -> RecordNo {
        let Draft { author, key, at, action_seq, below, aside, honest, withheld_for } = draft;
        let below_id = aside.or(below).map(|below| self.records[below].id);
        let id = name(&key, action_seq, below_id.as_ref(), at, bytes);
        if let Some(known) = self.by_id.get(&id) {
            return *known;
        }
        let number = self.records.len();
        let mut record = Record {
            id,
            author,
            key,
            at,
            action_seq,
            below,
            aside,
            body,
            cites: Vec::new(),
            about: None,
            cites_nothing: false,
            honest,
            withheld_for,
        };
        self.resolve(&mut record);
        for cited in record.cites.iter().copied().chain(record.about) {
            self.cited_by[cited].push(number);
        }
        match (record.ask_entry(), below) {
            (Some(_), _) => {}
            (None, Some(below)) => self.above[below].push(number),
            (None, None) => self.first[author].push(number),
        }
        self.by_id.insert(id, number);
        self.records.push(record);
        self.cited_by.push(Vec::new());
        self.above.push(Vec::new());
        number
    }

    /// Finds what a record cites. A name is made of what it names, so that nothing written later
    /// can be cited.
    fn resolve(&self, record: &mut Record) {
        let mut found: Vec<RecordNo> = record.aside.into_iter().collect();
        let mut lost = false;
        let cited = record.entry().map(|entry| (entry.cites(), entry.cites_action()));
        let (cited, action) = cited.unwrap_or_default();
        for id in cited.into_iter().chain(action) {
            match self.by_id.get(&id) {
                Some(number) => found.push(*number),
                None => lost = true,
            }
        }
        found.sort_unstable();
        found.dedup();
        record.cites = found;
        record.about = about(record).and_then(|about| self.find(&about));
        record.cites_nothing = lost;
    }

    pub fn find(&self, id: &ActionId) -> Option<RecordNo> {
        self.by_id.get(id).copied()
    }

    pub fn record(&self, number: RecordNo) -> &Record {
        &self.records[number]
    }

    pub fn entry(&self, number: RecordNo) -> Option<&LedgerEntry> {
        self.records[number].entry()
    }

    pub fn len(&self) -> usize {
        self.records.len()
    }

    pub fn cited_by(&self, number: RecordNo) -> &[RecordNo] {
        &self.cited_by[number]
    }

    /// Everything that stands where this record stands, itself included.
    pub fn beside(&self, number: RecordNo) -> &[RecordNo] {
        let record = &self.records[number];
        match record.below {
            Some(below) => &self.above[below],
            None => &self.first[record.author],
        }
    }

    pub fn above(&self, number: RecordNo) -> &[RecordNo] {
        &self.above[number]
    }

    pub fn first(&self, member: MemberNo) -> &[RecordNo] {
        &self.first[member]
    }

    /// A record and those below it, newest first.
    pub fn down(&self, from: Option<RecordNo>) -> impl Iterator<Item = RecordNo> + '_ {
        std::iter::successors(from, |number| self.records[*number].below)
    }
}

/// The name of the ask that this follows up or is paid against.
fn about(record: &Record) -> Option<ActionId> {
    match &record.body {
        Body::Entry(entry) => match &entry.event {
            Event::Pay(pay) => pay.against.map(|Against::Ask(ask)| ask),
            _ => None,
        },
        Body::Ask(entry) => entry.event.follows(),
        Body::Bytes(_) => None,
    }
}

/// The name of an entry: its bytes and its place mixed into 256 bits.
fn name(
    key: &MemberKey,
    action_seq: u32,
    below: Option<&ActionId>,
    at: Time,
    bytes: &[u8],
) -> ActionId {
    let mut sponge = Sponge::default();
    sponge.absorb(key.core());
    sponge.absorb(&action_seq.to_le_bytes());
    sponge.absorb(below.map_or(&[0; 32], |below| below.core()));
    sponge.absorb(&at.micros().to_le_bytes());
    sponge.absorb(bytes);
    ActionId::from_core(sponge.squeeze())
}

/// The key of a member: a number mixed into 256 bits.
pub fn member_key(seed: u64, member: MemberNo) -> MemberKey {
    let mut sponge = Sponge::default();
    sponge.absorb(&seed.to_le_bytes());
    sponge.absorb(&(member as u64).to_le_bytes());
    MemberKey::from_core(sponge.squeeze())
}

/// Four lanes that take in eight bytes at a time. No hash: it only has to keep apart what differs.
#[derive(Default)]
struct Sponge {
    lanes: [u64; 4],
    taken: usize,
}

impl Sponge {
    fn absorb(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            let lane = self.taken % 4;
            let fed = self.lanes[lane] ^ u64::from_le_bytes(word);
            self.lanes[lane] = mix(fed.wrapping_add(self.taken as u64 | 1));
            self.taken += 1;
        }
        self.lanes[self.taken % 4] ^= bytes.len() as u64;
    }

    fn squeeze(mut self) -> [u8; 32] {
        for _ in 0..4 {
            for lane in 0..4 {
                let next = self.lanes[(lane + 1) % 4];
                self.lanes[lane] = mix(self.lanes[lane].wrapping_add(next.rotate_left(17)));
            }
        }
        let mut core = [0; 32];
        for (to, lane) in core.chunks_exact_mut(8).zip(self.lanes) {
            to.copy_from_slice(&lane.to_le_bytes());
        }
        core
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_differ_when_anything_differs() {
        let key = member_key(1, 0);
        let other = member_key(1, 1);
        let below = ActionId::from_core([3; 32]);
        let time = Time::from_micros;
        let names = [
            name(&key, 1, None, time(5), b"abc"),
            name(&other, 1, None, time(5), b"abc"),
            name(&key, 2, None, time(5), b"abc"),
            name(&key, 1, Some(&below), time(5), b"abc"),
            name(&key, 1, None, time(6), b"abc"),
            name(&key, 1, None, time(5), b"abd"),
            name(&key, 1, None, time(5), b"abc\0"),
        ];
        let different: std::collections::BTreeSet<_> = names.iter().collect();
        assert_eq!(different.len(), names.len());
        assert_eq!(names[0], name(&key, 1, None, time(5), b"abc"));
    }
}
