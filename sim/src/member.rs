//! A member and their program: they build as the coordinators do, on what their node holds.

use crate::config::{Broken, Config, Hostile, Plan, DAY, HOUR, MINUTE, SECOND};
use crate::node::Node;
use crate::record::{member_key, Draft, MemberNo, NodeNo, Record, RecordNo, Store};
use crate::rng::Rng;
use crate::world::{Due, World};
use std::collections::BTreeMap;
use weir_rules::asks::{AskEntry, AskEvent, Asked};
use weir_rules::entry::{Decline, Event, LedgerEntry, Proof, Receive, Reclaim, RequestId};
use weir_rules::ids::{ActionId, MemberKey};
use weir_rules::ledger::{Acted, Before, Cited, Evidence, Step};
use weir_rules::limits_v1::RECEIVE_MAX;
use weir_rules::refusal::Stop;
use weir_rules::window::Key;
use weir_units::{Span, Time};

pub struct Member {
    pub number: MemberNo,
    pub key: MemberKey,
    /// The node they live on.
    pub home: NodeNo,
    pub kind: Option<Hostile>,
    /// What their clock says beyond the true time.
    pub clock: i64,
    pub card: Option<RecordNo>,
    /// Their newest entry, on the branch they go on with.
    pub head: Option<RecordNo>,
    /// Payments to them that are sound on their node and not answered, by key.
    pub waiting: BTreeMap<Key, RecordNo>,
    /// Own payments that were sent back, with the Decline.
    pub sent_back: Vec<(RecordNo, RecordNo)>,
    /// Own payments that may come back unanswered.
    pub paid: Vec<RecordNo>,
    /// Own payments that were taken.
    pub settled: Vec<RecordNo>,
    /// Everything written beside the ledger.
    pub asides: Vec<RecordNo>,
    /// Asks that this member was shown.
    pub asked: Vec<RecordNo>,
    /// A wish whose outcome is not known (P12).
    pub wish: Option<(RequestId, Wish)>,
    /// Went on from an old copy of their data.
    pub old_copy: bool,
    /// Of 10,000 payments, so many are sent back.
    declines: u32,
    pub rng: Rng,
    answering: bool,
    requests: u64,
}

/// What a member wishes to write: on their ledger, or beside it.
#[derive(Clone, Debug)]
pub enum Wish {
    Entry(Event),
    Ask(AskEvent),
}

/// Why nothing was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotWritten {
    /// The node is down, or went down in the middle.
    Down,
    /// The rules refuse it.
    Refused,
    /// Something it cites is not held here.
    NotHeld,
}

/// Entries looked at for a wish that may have been written.
const LOOK_BACK: usize = 64;
/// Entries that one round of answering writes.
const ANSWERS_MAX: usize = 24;
/// Of 10,000 writes, so many end with the node being killed, where nodes are.
const KILLED_WRITES: u32 = 60;

impl Member {
    pub fn new(number: MemberNo, config: &Config, plan: &Plan) -> Self {
        let mut rng = Rng::stream(config.seed ^ (number as u64) << 20, "member");
        let kind = rng.chance(config.hostile).then(|| match config.hostile_kind {
            Some(kind) => kind,
            None => {
                let kinds = Hostile::among(config);
                kinds[rng.place(kinds.len())]
            }
        });
        let clock = match plan.profile {
            crate::config::Profile::Calm => 0,
            _ => rng.within(-3 * SECOND, 3 * SECOND),
        };
        Self {
            number,
            key: member_key(config.seed, number),
            home: number % config.nodes as usize,
            kind,
            clock,
            card: None,
            head: None,
            waiting: BTreeMap::new(),
            sent_back: Vec::new(),
            paid: Vec::new(),
            settled: Vec::new(),
            asides: Vec::new(),
            asked: Vec::new(),
            wish: None,
            old_copy: false,
            declines: [0, 300, 3_000][rng.place(3)],
            rng,
            answering: false,
            requests: 0,
        }
    }

    pub fn is_honest(&self) -> bool {
        self.kind.is_none()
    }

    fn next_request(&mut self) -> RequestId {
        self.requests += 1;
        let wide = u128::from(self.requests) << 64 | self.number as u128;
        RequestId(wide.to_be_bytes())
    }
}

/// What a member's program may build on: what their node holds (P6).
pub struct AtHome<'a> {
    pub store: &'a Store,
    pub node: &'a Node,
}

impl AtHome<'_> {
    fn held(&self, id: &ActionId) -> Result<&Record, Stop<ActionId>> {
        let number = self.store.find(id).filter(|number| self.node.is_held(*number));
        Ok(self.store.record(number.ok_or(Stop::Missing(*id))?))
    }

    /// What cites a record, follows it up or is paid against it.
    pub fn held_about(&self, number: RecordNo) -> impl Iterator<Item = &Record> {
        let about = self.store.cited_by(number).iter().copied();
        about.filter(|it| self.node.is_held(*it)).map(|it| self.store.record(it))
    }
}

impl Evidence for AtHome<'_> {
    type Missing = ActionId;

    fn cited(&self, id: &ActionId) -> Result<Cited, Stop<ActionId>> {
        Ok(self.held(id)?.cited()?)
    }

    fn asked(&self, id: &ActionId) -> Result<Asked, Stop<ActionId>> {
        Ok(self.held(id)?.asked()?)
    }

    fn acted(&self, action: &ActionId, entry: &ActionId) -> Result<Acted, Stop<ActionId>> {
        Ok(self.held(action)?.acted(entry)?)
    }
}

impl World {
    /// What this member's clock says, never before their own record.
    pub fn clock_of(&self, member: MemberNo) -> i64 {
        let top = self.top_of(member).map(|top| top.at.micros() + 1);
        let clock = self.queue.now().saturating_add(self.members[member].clock);
        top.map_or(clock, |top| clock.max(top))
    }

    /// The newest ask entry above the newest own entry, if there is one.
    pub fn aside_of(&self, member: MemberNo) -> Option<RecordNo> {
        let it = &self.members[member];
        it.asides.last().copied().filter(|aside| self.store.record(*aside).below == it.head)
    }

    /// The newest that this member wrote, on the ledger or beside it.
    fn top_of(&self, member: MemberNo) -> Option<&Record> {
        let top = self.aside_of(member).or(self.members[member].head)?;
        Some(self.store.record(top))
    }

    /// The newest own entry.
    pub fn head_of(&self, member: MemberNo) -> Option<(RecordNo, &LedgerEntry)> {
        let head = self.members[member].head?;
        Some((head, self.store.entry(head)?))
    }

    pub fn open(&mut self, member: MemberNo) {
        // A card may have been written while the node was killed.
        if self.members[member].card.is_none() && self.commit(member, Event::Open).is_err() {
            return self.again(HOUR, Due::Open(member));
        }
        let wait = self.members[member].rng.within(MINUTE, 12 * HOUR);
        self.again(wait, Due::Wake(member));
    }

    /// A payment to this member became sound on their node.
    pub fn arrived(&mut self, payee: MemberNo, number: RecordNo) {
        let record = self.store.record(number);
        let key = Key::of(&record.id, record.at);
        self.members[payee].waiting.insert(key, number);
        self.answer_soon(payee);
    }

    /// The member's node looks into the inbox: at once or, where people decide, later.
    pub fn answer_soon(&mut self, member: MemberNo) {
        let it = &mut self.members[member];
        if it.answering {
            return;
        }
        it.answering = true;
        let wait = match it.rng.below(4) {
            0 => it.rng.within(HOUR, 3 * DAY),
            1 => it.rng.within(MINUTE, HOUR),
            _ => it.rng.within(SECOND, MINUTE),
        };
        self.queue.after(wait, Due::Answer(member));
    }

    /// Writes what was not known to be written, takes back, takes, and sends back.
    pub fn answer(&mut self, member: MemberNo) {
        self.members[member].answering = false;
        if self.members[member].card.is_none() {
            return;
        }
        if !self.nodes[self.members[member].home].up {
            self.members[member].answering = true;
            return self.again(HOUR, Due::Answer(member));
        }
        self.write_unsure(member);
        self.take_back(member);
        if self.members[member].kind == Some(Hostile::Silent) {
            return;
        }
        for _ in 0..ANSWERS_MAX {
            let Some(event) = self.next_answer(member) else { return };
            if self.commit(member, event).is_err() {
                return;
            }
        }
    }

    /// [P12] Looks for a wish in the own record before it is written again.
    fn write_unsure(&mut self, member: MemberNo) {
        let Some((request, wish)) = self.members[member].wish.take() else { return };
        let it = &self.members[member];
        let asides = it.asides.iter().rev().copied().take(LOOK_BACK);
        let written = self
            .store
            .down(it.head)
            .take(LOOK_BACK)
            .chain(asides)
            .any(|it| self.store.record(it).request() == Some(request));
        if written && !self.rules.is_broken(Broken::WritesTwice) {
            self.counts.found_written += 1;
            return;
        }
        let _ = self.write(member, request, wish);
    }

    fn take_back(&mut self, member: MemberNo) {
        let home = self.members[member].home;
        for (pay, decline) in std::mem::take(&mut self.members[member].sent_back) {
            if !self.nodes[home].is_sound(decline) {
                self.members[member].sent_back.push((pay, decline));
                continue;
            }
            let (pay_id, decline_id) = (self.store.record(pay).id, self.store.record(decline).id);
            let event = Event::Reclaim(Reclaim { pay: pay_id, by: Proof::Decline(decline_id) });
            if matches!(self.commit(member, event), Err(NotWritten::Down | NotWritten::NotHeld)) {
                self.members[member].sent_back.push((pay, decline));
            }
        }
    }

    /// The next thing to answer, in the order of keys: what expired or is not wanted goes back one
    /// by one, everything else is taken, up to sixteen at once.
    fn next_answer(&mut self, member: MemberNo) -> Option<Event> {
        let now = Time::from_micros(self.clock_of(member));
        let state = &self.head_of(member)?.1.state;
        let (wm, recent) = (state.wm, state.recent.clone());
        let free = |key: &Key| *key > wm && !recent.contains(key);
        self.members[member].waiting.retain(|key, _| free(key));
        let it = &self.members[member];
        let mut taken = Vec::new();
        for (key, number) in &it.waiting {
            let record = self.store.record(*number);
            // What is dated ahead waits for its time: else dust from the future would move the
            // window past everybody else's payments (L7).
            if record.at > now || !self.may_build_on(it, *number) {
                continue;
            }
            let expired = now > record.at.plus(Span::days(self.plan.charter.expires_days))
                && !self.rules.is_broken(Broken::TakesLate);
            let unwanted = key_throw(&record.id) < u64::from(it.declines);
            if expired || unwanted {
                let reason = if expired { 4 } else { 1 + (key.at().micros() % 3) as u8 };
                return Some(Event::Decline(Decline { pay: record.id, reason }));
            }
            taken.push(record.id);
            if taken.len() == RECEIVE_MAX {
                break;
            }
        }
        (!taken.is_empty()).then_some(Event::Receive(Receive { pays: taken, witnesses: vec![] }))
    }

    /// [P4a] Sound here, and by somebody in whom nothing is doubtful.
    fn may_build_on(&self, member: &Member, number: RecordNo) -> bool {
        let node = &self.nodes[member.home];
        if self.rules.is_broken(Broken::BuildsOnUnsound) {
            return true;
        }
        let doubtful =
            self.config.look_at_payer && node.is_in_doubt(self.store.record(number).author);
        node.is_sound(number) && !doubtful
    }

    /// Writes a new wish.
    pub fn commit(&mut self, member: MemberNo, event: Event) -> Result<RecordNo, NotWritten> {
        let request = self.members[member].next_request();
        self.write(member, request, Wish::Entry(event))
    }

    /// Writes a new wish beside the ledger.
    pub fn commit_ask(
        &mut self,
        member: MemberNo,
        event: AskEvent,
    ) -> Result<RecordNo, NotWritten> {
        let request = self.members[member].next_request();
        self.write(member, request, Wish::Ask(event))
    }

    /// [P9] Builds with the rules that others judge by; in a crash the outcome is not known.
    fn write(
        &mut self,
        member: MemberNo,
        request: RequestId,
        wish: Wish,
    ) -> Result<RecordNo, NotWritten> {
        let home = self.members[member].home;
        if !self.nodes[home].up {
            return Err(NotWritten::Down);
        }
        let killed = self.plan.faults.crashes
            && self.queue.now() < self.end
            && self.faults.crashes.chance(KILLED_WRITES);
        if killed && self.faults.crashes.chance(5_000) {
            self.counts.unsure += 1;
            self.members[member].wish = Some((request, wish));
            self.crash(home);
            return Err(NotWritten::Down);
        }
        let number = match &wish {
            Wish::Entry(event) => {
                self.check_payable(member, event)?;
                self.page_before(member, event)?;
                let (draft, entry) = self.build(member, request, event)?;
                self.store.add(draft, entry)
            }
            Wish::Ask(event) => {
                let draft = self.build_ask(member, event)?;
                self.store.add_ask(draft, AskEntry { request, event: event.clone() })
            }
        };
        self.wrote(member, number, &wish);
        if killed {
            // It is on the disk (`db_sync_level: Full`), and nobody was told.
            self.counts.unsure += 1;
            self.members[member].wish = Some((request, wish));
            self.crash(home);
            return Err(NotWritten::Down);
        }
        Ok(number)
    }

    /// The place on top of all that a member wrote.
    pub fn draft(&self, member: MemberNo, at: i64) -> Draft {
        let it = &self.members[member];
        let gap = 1 + u32::from(at % 3 == 0);
        Draft {
            author: member,
            key: it.key,
            at: Time::from_micros(at),
            action_seq: self.top_of(member).map_or(3, |top| top.action_seq + gap),
            below: it.head,
            aside: self.aside_of(member),
            honest: it.is_honest(),
            withheld_for: None,
        }
    }

    /// The entry that a wish comes to, or why not.
    fn build(
        &mut self,
        member: MemberNo,
        request: RequestId,
        event: &Event,
    ) -> Result<(Draft, LedgerEntry), NotWritten> {
        let stated = self.clock_of(member);
        // The platform dates an action a moment after the coordinator read the clock.
        let at = stated + self.members[member].rng.within(0, SECOND);
        let draft = self.draft(member, at);
        let stated = Time::from_micros(stated);
        let step = Step { author: draft.key, at: draft.at, stated, action_seq: draft.action_seq };
        let head = self.head_of(member);
        let before = head.map(|(number, entry)| Before { id: self.store.record(number).id, entry });
        let sight = AtHome { store: &self.store, node: &self.nodes[self.members[member].home] };
        match self.rules.apply(&step, before, event, &sight) {
            Ok(state) => Ok((draft, LedgerEntry { request, event: event.clone(), state })),
            Err(stop) => Err(self.not_written(stop)),
        }
    }

    /// The place of an entry beside the ledger, or why it cannot be written.
    fn build_ask(&mut self, member: MemberNo, event: &AskEvent) -> Result<Draft, NotWritten> {
        let at = self.clock_of(member) + self.members[member].rng.within(0, SECOND);
        let draft = self.draft(member, at);
        let sight = AtHome { store: &self.store, node: &self.nodes[self.members[member].home] };
        match self.rules.check_ask(&draft.key, draft.at, event, &sight) {
            Ok(()) => Ok(draft),
            Err(stop) => Err(self.not_written(stop)),
        }
    }

    fn not_written(&mut self, stop: Stop<ActionId>) -> NotWritten {
        let (code, why) = match stop {
            Stop::Refused(refusal) => (refusal.code(), NotWritten::Refused),
            Stop::Missing(_) => ("NOT_HELD", NotWritten::NotHeld),
        };
        *self.counts.not_written.entry(code).or_default() += 1;
        why
    }

    /// It is committed: judged at home, the new head, and on its way to the others.
    fn wrote(&mut self, member: MemberNo, number: RecordNo, wish: &Wish) {
        let home = self.members[member].home;
        let it = &mut self.members[member];
        match wish {
            Wish::Entry(event) => {
                it.head = Some(number);
                match event {
                    Event::Open => it.card = Some(number),
                    Event::Pay(_) => it.paid.push(number),
                    Event::Receive(_)
                    | Event::Decline(_)
                    | Event::Reclaim(_)
                    | Event::Checkpoint
                    | Event::MonthPage(_) => {}
                }
            }
            Wish::Ask(_) => it.asides.push(number),
        }
        self.count(member, number);
        self.judge_at(home, number);
        self.nodes[home].unpublished.push(number);
        let wait = self.members[member].rng.within(0, 2 * SECOND);
        self.queue.after(wait, Due::Publish { node: home, record: number });
    }

    fn count(&mut self, member: MemberNo, number: RecordNo) {
        let counts = &mut self.counts;
        if let Some(entry) = self.store.record(number).ask_entry() {
            match entry.event {
                AskEvent::Ask(_) => counts.asks += 1,
                _ => counts.follow_ups += 1,
            }
        }
        let Some(LedgerEntry { event, state, .. }) = self.store.entry(number) else { return };
        counts.max_open = counts.max_open.max(state.open.as_slice().len() as u64);
        counts.max_recent = counts.max_recent.max(state.recent.as_slice().len() as u64);
        match event {
            Event::Open => {}
            Event::Pay(pay) => {
                counts.payments += 1;
                counts.paid_as_asked += u64::from(pay.against.is_some());
            }
            Event::Receive(receive) => {
                counts.receives += 1;
                counts.taken += receive.pays.len() as u64;
                for paid in receive.pays.iter().filter_map(|pay| self.store.find(pay)) {
                    let forked = self.auditor.has_forked(self.store.record(paid).author);
                    if forked && self.members[member].is_honest() {
                        counts.taken_from_forked += 1;
                    }
                }
            }
            Event::Decline(_) => counts.declines += 1,
            Event::Reclaim(_) => counts.reclaims += 1,
            Event::Checkpoint => counts.checkpoints += 1,
            Event::MonthPage(page) if page.levy.is_some() => counts.statements += 1,
            Event::MonthPage(_) => counts.month_pages += 1,
        }
    }

    /// Sends out what was written, unless the node is down; then it does so when it starts.
    pub fn publish_written(&mut self, node: NodeNo, record: RecordNo) {
        let here = &mut self.nodes[node];
        if !here.up {
            return;
        }
        if let Some(place) = here.unpublished.iter().position(|it| *it == record) {
            here.unpublished.swap_remove(place);
            self.publish(Some(node), record);
        }
    }

    /// Looks through what the node holds for payments to its member, and for answers to theirs:
    /// what a program knows after a start.
    pub fn look_around(&mut self, member: MemberNo) {
        let it = &self.members[member];
        let (key, node) = (it.key, &self.nodes[it.home]);
        let mut waiting = BTreeMap::new();
        for number in node.sound_records() {
            let record = self.store.record(number);
            if let Some(Event::Pay(pay)) = record.entry().map(|entry| &entry.event) {
                if pay.payee == key {
                    waiting.insert(Key::of(&record.id, record.at), number);
                }
            }
        }
        self.members[member].waiting = waiting;
        self.answer_soon(member);
    }
}

/// A throw that belongs to a payment, so that a member does not change their mind.
pub fn key_throw(id: &ActionId) -> u64 {
    let last = id.core().last_chunk::<8>().copied().unwrap_or_default();
    u64::from_le_bytes(last) % 10_000
}
