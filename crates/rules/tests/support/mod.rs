//! A small world: members with their ledgers in memory, judged by the rules and nothing else.
#![allow(dead_code)] // Each test file compiles this for itself and uses a part of it.

pub mod msgpack;
pub mod samples;

use std::collections::BTreeMap;
use weir_rules::asks::{check_ask, Ask, AskEvent, Asked, Payer};
use weir_rules::charter::{Charter, CharterText, UnitText};
use weir_rules::entry::{Decline, Event, LedgerEntry, Pay, Proof, Receive, Reclaim};
use weir_rules::entry::{RequestId, State, Witness};
use weir_rules::ids::{ActionId, MemberKey, Signature};
use weir_rules::ledger::{apply, Acted, Before, Cited, Evidence, Step};
use weir_rules::limits_v1::GAP_MAX;
use weir_rules::month::{self, MonthPage};
use weir_rules::refusal::{Refusal, Stop};
use weir_rules::window::OpenPay;
use weir_units::{Amount, Time};

pub const SECOND: i64 = 1_000_000;
pub const MINUTE: i64 = 60 * SECOND;
pub const HOUR: i64 = 60 * MINUTE;
pub const DAY: i64 = 24 * HOUR;

/// When every community of these tests was founded.
pub const FOUNDED: i64 = 1_700_000_000_000_000;
/// When a named world has its members' cards.
pub const OPENED: i64 = FOUNDED + HOUR;
/// The seed of the trial charter.
pub const SEED: i64 = 10_000;

/// A founder's key as charters write it.
pub const FOUNDER: &str = "uhCAkJCuynkgVdMn_bzZ2ZYaVfygkn0WCuzfFspczxFnZM1QAyXoo";

pub const ANA: MemberKey = MemberKey::from_core([0xa1; 32]);
pub const BEN: MemberKey = MemberKey::from_core([0xb2; 32]);
pub const CEM: MemberKey = MemberKey::from_core([0xc3; 32]);

pub fn time(micros: i64) -> Time {
    Time::from_micros(micros)
}

pub fn amount(minor: i64) -> Amount {
    Amount::new(minor)
}

/// A name for the `n`th thing: a counter mixed over 32 bytes, so that the order of names says
/// nothing about the order of making, as with real hashes.
pub fn spread(n: u64) -> [u8; 32] {
    let mut core = [0; 32];
    for (i, chunk) in core.chunks_exact_mut(8).enumerate() {
        let lane = n.wrapping_mul(4).wrapping_add(i as u64);
        let mut x = lane.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        chunk.copy_from_slice(&(x ^ (x >> 31)).to_be_bytes());
    }
    core
}

/// The `n`th member of a larger world.
pub fn member(n: u64) -> MemberKey {
    MemberKey::from_core(spread(1_000_000 + n))
}

pub fn trial_text() -> CharterText {
    CharterText {
        name: "Trial".into(),
        unit: UnitText { name: "Oaks".into(), symbol: "O".into(), decimals: 2 },
        founded_us: FOUNDED,
        trial: true,
        founders: vec![],
        seed: SEED,
        founder_grant: 0,
        fee_bp: 0,
        levy_bp: 0,
        levy_floor: 0,
        amount_min: 1,
        expires_days: 30,
        categories: vec!["Food".into(), "Work".into()],
        bioregion: String::new(),
    }
}

/// A trial in which payments cost a fee.
pub fn fee_text(fee_bp: u32) -> CharterText {
    CharterText { fee_bp, ..trial_text() }
}

pub fn charter(text: CharterText) -> Charter {
    Charter::try_from(text).expect("the charters of the tests are in order")
}

/// One entry as it stands on somebody's chain.
#[derive(Clone, Debug)]
pub struct Written {
    pub author: MemberKey,
    pub at: Time,
    pub action_seq: u32,
    pub entry: LedgerEntry,
}

/// An action of somebody that is no ledger entry.
#[derive(Clone, Copy, Debug)]
pub struct Passed {
    pub author: MemberKey,
    pub at: Time,
    pub action_seq: u32,
    pub closes: bool,
}

/// Members, their ledgers, and a clock that moves a second with each entry.
#[derive(Clone)]
pub struct World {
    pub charter: Charter,
    pub now: i64,
    ledgers: BTreeMap<MemberKey, Vec<ActionId>>,
    entries: BTreeMap<ActionId, Written>,
    asks: BTreeMap<ActionId, Asked>,
    passed: BTreeMap<ActionId, Passed>,
}

impl Evidence for World {
    type Missing = ActionId;

    fn cited(&self, id: &ActionId) -> Result<Cited, Stop<ActionId>> {
        if self.asks.contains_key(id) {
            return Err(Refusal::WrongType {}.into());
        }
        let written = self.entries.get(id).ok_or(Stop::Missing(*id))?;
        Ok(Cited { author: written.author, at: written.at, entry: written.entry.clone() })
    }

    fn asked(&self, id: &ActionId) -> Result<Asked, Stop<ActionId>> {
        if self.entries.contains_key(id) {
            return Err(Refusal::WrongType {}.into());
        }
        self.asks.get(id).cloned().ok_or(Stop::Missing(*id))
    }

    /// As the walk on a chain gives it (L2).
    fn acted(&self, action: &ActionId, entry: &ActionId) -> Result<Acted, Stop<ActionId>> {
        let cited = self.cited(entry)?;
        if action == entry {
            return Ok(Acted { at: cited.at, closes: false, gap: 0, entry: cited });
        }
        if self.entries.contains_key(action) {
            return Err(Refusal::NotTheLast {}.into());
        }
        let Passed { author, at, action_seq, closes } =
            *self.passed.get(action).ok_or(Stop::Missing(*action))?;
        if author != cited.author {
            return Err(Refusal::WrongAuthor {}.into());
        }
        let from = self.written(entry).action_seq;
        let next = self.ledger(author).iter().map(|id| self.written(id).action_seq);
        let last = next.filter(|seq| *seq < action_seq).max();
        let gap = action_seq.checked_sub(from).filter(|_| last == Some(from));
        let gap = gap.ok_or(Refusal::NotTheLast {})?;
        if gap > GAP_MAX {
            return Err(Refusal::GapTooLong { max: GAP_MAX }.into());
        }
        Ok(Acted { at, closes, gap, entry: cited })
    }
}

impl World {
    pub fn empty(text: CharterText) -> Self {
        Self {
            charter: charter(text),
            now: OPENED,
            ledgers: BTreeMap::new(),
            entries: BTreeMap::new(),
            asks: BTreeMap::new(),
            passed: BTreeMap::new(),
        }
    }

    /// Ana, Ben and Cem with their cards.
    pub fn village(text: CharterText) -> Self {
        let mut world = Self::empty(text);
        for member in [ANA, BEN, CEM] {
            world.write(member, time(OPENED), Event::Open).expect("the village opens");
        }
        world
    }

    /// Ana, Ben and Cem in a trial without fees.
    pub fn trial() -> Self {
        Self::village(trial_text())
    }

    /// The next step of a member whose clock is right.
    pub fn step(&self, author: MemberKey, at: Time) -> Step {
        Step { author, at, stated: at, action_seq: self.top(author) + 1 }
    }

    fn last(&self, author: MemberKey) -> Option<&Written> {
        self.ledgers.get(&author)?.last().and_then(|id| self.entries.get(id))
    }

    /// Place of the newest action of a member.
    fn top(&self, author: MemberKey) -> u32 {
        let last = self.last(author).map_or(3, |written| written.action_seq);
        let passed = self.passed.values().filter(|passed| passed.author == author);
        passed.map(|passed| passed.action_seq).fold(last, u32::max)
    }

    /// The `count`th action from now, that is no ledger entry; those before it say nothing.
    pub fn pass(&mut self, author: MemberKey, at: i64, count: u32, closes: bool) -> ActionId {
        let id = ActionId::from_core(spread(2_000_000 + self.passed.len() as u64));
        let action_seq = self.top(author) + count;
        self.passed.insert(id, Passed { author, at: time(at), action_seq, closes });
        id
    }

    /// What the rules say to an event, without writing it.
    pub fn judge(&self, step: &Step, event: &Event) -> Result<State, Stop<ActionId>> {
        let id = self.ledgers.get(&step.author).and_then(|ids| ids.last());
        let before = id.map(|id| Before { id: *id, entry: &self.entries[id].entry });
        apply(&self.charter, step, before, event, self)
    }

    /// Judges and stores. What an event cites must be in the world.
    pub fn take(&mut self, step: &Step, event: Event) -> Result<ActionId, Refusal> {
        let state = match self.judge(step, &event) {
            Ok(state) => state,
            Err(Stop::Refused(refusal)) => return Err(refusal),
            Err(Stop::Missing(id)) => panic!("nobody wrote {id:?}"),
        };
        Ok(self.store(step, event, state))
    }

    /// Stores an entry that nobody judged, as a member with a changed program would.
    pub fn store(&mut self, step: &Step, event: Event, state: State) -> ActionId {
        let made = self.entries.len() as u64;
        let id = ActionId::from_core(spread(made));
        let request = RequestId((made as u128).to_be_bytes());
        let entry = LedgerEntry { request, event, state };
        let Step { author, at, action_seq, .. } = *step;
        self.entries.insert(id, Written { author, at, action_seq, entry });
        self.ledgers.entry(author).or_default().push(id);
        id
    }

    pub fn write(
        &mut self,
        author: MemberKey,
        at: Time,
        event: Event,
    ) -> Result<ActionId, Refusal> {
        let step = self.step(author, at);
        self.take(&step, event)
    }

    /// Writes a second later than the last time this was done.
    pub fn next(&mut self, author: MemberKey, event: Event) -> Result<ActionId, Refusal> {
        self.now += SECOND;
        self.write(author, time(self.now), event)
    }

    /// Writes an ask entry as [`World::next`] writes a ledger entry.
    pub fn ask(&mut self, author: MemberKey, event: AskEvent) -> Result<ActionId, Refusal> {
        self.now += SECOND;
        let at = time(self.now);
        match check_ask(&self.charter, &author, at, &event, self) {
            Ok(()) => {}
            Err(Stop::Refused(refusal)) => return Err(refusal),
            Err(Stop::Missing(id)) => panic!("nobody wrote {id:?}"),
        }
        let id = ActionId::from_core(spread(1_000_000 + self.asks.len() as u64));
        self.asks.insert(id, Asked { author, at, event });
        Ok(id)
    }

    /// An invoice in order: due in ten days, over in twenty.
    pub fn ask_of(&self, payer: MemberKey, minor: i64) -> Ask {
        Ask {
            payer: Some(Payer { member: payer, card: self.card(payer) }),
            amount: Some(amount(minor)),
            category: 0,
            due: Some(time(self.now + 10 * DAY)),
            until: time(self.now + 20 * DAY),
            memo: None,
        }
    }

    /// A payment in order, by the charter's fee and the payee's own card.
    pub fn pay_of(&self, payee: MemberKey, minor: i64) -> Pay {
        Pay {
            payee,
            card: self.card(payee),
            amount: amount(minor),
            fee: self.charter.fee().of_rounded_up(amount(minor)).unwrap_or(Amount::ZERO),
            category: 0,
            memo: None,
            against: None,
            forget: None,
        }
    }

    pub fn pay(
        &mut self,
        payer: MemberKey,
        payee: MemberKey,
        minor: i64,
    ) -> Result<ActionId, Refusal> {
        let pay = self.pay_of(payee, minor);
        self.next(payer, Event::Pay(pay))
    }

    pub fn receive(&mut self, payee: MemberKey, pays: &[ActionId]) -> Result<ActionId, Refusal> {
        self.next(payee, receive_of(pays))
    }

    pub fn decline(&mut self, payee: MemberKey, pay: ActionId) -> Result<ActionId, Refusal> {
        self.next(payee, decline_of(pay))
    }

    pub fn reclaim(
        &mut self,
        payer: MemberKey,
        pay: ActionId,
        decline: ActionId,
    ) -> Result<ActionId, Refusal> {
        self.next(payer, reclaim_of(pay, decline))
    }

    pub fn checkpoint(&mut self, author: MemberKey) -> Result<ActionId, Refusal> {
        self.next(author, Event::Checkpoint)
    }

    /// The month page that the rules give a member at a time.
    pub fn page_of(
        &self,
        author: MemberKey,
        at: Time,
        closes: bool,
    ) -> Result<MonthPage, Stop<ActionId>> {
        let step = self.step(author, at);
        let id = self.ledger(author).last().copied().expect("the member has a ledger");
        let before = Before { id, entry: &self.entries[&id].entry };
        month::page(&self.charter, &step, before, closes, self)
    }

    /// Writes it.
    pub fn paged(
        &mut self,
        author: MemberKey,
        at: Time,
        closes: bool,
    ) -> Result<ActionId, Refusal> {
        let page = match self.page_of(author, at, closes) {
            Ok(page) => page,
            Err(Stop::Refused(refusal)) => return Err(refusal),
            Err(Stop::Missing(id)) => panic!("nobody wrote {id:?}"),
        };
        self.write(author, at, Event::MonthPage(page))
    }

    pub fn card(&self, member: MemberKey) -> ActionId {
        self.ledger(member).first().copied().unwrap_or(ActionId::from_core([0; 32]))
    }

    /// The names of a member's entries, oldest first.
    pub fn ledger(&self, member: MemberKey) -> &[ActionId] {
        self.ledgers.get(&member).map_or(&[], |ids| ids)
    }

    pub fn members(&self) -> Vec<MemberKey> {
        self.ledgers.keys().copied().collect()
    }

    pub fn written(&self, id: &ActionId) -> &Written {
        &self.entries[id]
    }

    pub fn all(&self) -> impl Iterator<Item = (&ActionId, &Written)> {
        self.entries.iter()
    }

    pub fn state(&self, member: MemberKey) -> &State {
        &self.last(member).expect("the member has a ledger").entry.state
    }

    pub fn balance(&self, member: MemberKey) -> i64 {
        self.state(member).balance.minor()
    }

    /// The name of a payment among its payer's open ones.
    pub fn open_name(&self, pay: &ActionId) -> OpenPay {
        OpenPay::of(pay, self.written(pay).entry.state.seq)
    }

    /// Changes the newest account of a member, to stand where no short story leads.
    pub fn amend(&mut self, member: MemberKey, change: impl FnOnce(&mut State)) {
        let id = self.ledger(member).last().copied().expect("the member has a ledger");
        change(&mut self.entries.get_mut(&id).expect("it is in the world").entry.state);
    }

    /// Gives a member money that came in at some time, so that the totals still add up.
    pub fn enrich(&mut self, member: MemberKey, minor: i64) {
        self.amend(member, |state| {
            state.balance = amount(minor);
            state.cum_in = amount(minor);
        });
    }
}

/// Names of payments in the order of their keys.
pub fn by_key(world: &World, pays: &[ActionId]) -> Vec<ActionId> {
    let mut sorted = pays.to_vec();
    sorted.sort_by_key(|id| weir_rules::window::Key::of(id, world.written(id).at));
    sorted
}

pub fn receive_of(pays: &[ActionId]) -> Event {
    Event::Receive(Receive { pays: pays.to_vec(), witnesses: vec![] })
}

/// A receipt of one payment, with the word of strangers by the first byte of their keys. Whether
/// it is theirs is not for the rules alone: see `weir-substrate`.
pub fn witnessed_by(pay: ActionId, strangers: &[u8]) -> Event {
    let witness = |first: &u8| Witness {
        member: MemberKey::from_core([*first; 32]),
        signature: Signature::from_bytes([*first; 64]),
    };
    Event::Receive(Receive { pays: vec![pay], witnesses: strangers.iter().map(witness).collect() })
}

pub fn decline_of(pay: ActionId) -> Event {
    Event::Decline(Decline { pay, reason: 0 })
}

pub fn reclaim_of(pay: ActionId, decline: ActionId) -> Event {
    Event::Reclaim(Reclaim { pay, by: Proof::Decline(decline) })
}

/// Takes back what a later action of the payee shows to be unanswered.
pub fn later_of(pay: ActionId, action: ActionId, entry: ActionId) -> Event {
    Event::Reclaim(Reclaim { pay, by: Proof::Later { action, entry } })
}

/// Takes back what this entry of the payee pushed out of the window.
pub fn pushed_out_of(pay: ActionId, entry: ActionId) -> Event {
    Event::Reclaim(Reclaim { pay, by: Proof::PushedOut(entry) })
}

/// How properties run: failures that were found are kept beside the tests and tried first.
pub fn settings(cases: u32) -> proptest::prelude::ProptestConfig {
    use proptest::test_runner::FileFailurePersistence::Direct;
    let kept = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/regressions.txt");
    proptest::prelude::ProptestConfig {
        cases,
        failure_persistence: Some(Box::new(Direct(kept))),
        ..proptest::prelude::ProptestConfig::default()
    }
}

fn hex(bytes: &[u8]) -> String {
    let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let lines: Vec<_> = digits.as_bytes().chunks(96).map(String::from_utf8_lossy).collect();
    lines.join("\n") + "\n"
}

/// Bytes that must be those kept in `golden/`.
pub fn same_as_the_file(name: &str, bytes: &[u8]) {
    let path =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/golden/{name}.hex"));
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    let now = hex(bytes);
    assert!(kept == now, "golden/{name}.hex is not what is written now:\n{now}");
}
