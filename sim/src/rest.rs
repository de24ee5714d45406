//! The end of a run: everything is whole again, what was on its way arrives, and then it must all
//! agree.

use crate::auditor::End;
use crate::config::{DAY, HOUR};
use crate::node::{Node, Status};
use crate::record::{MemberNo, RecordNo};
use crate::rng::Rng;
use crate::world::World;
use weir_rules::asks::Asked;
use weir_rules::entry::Event;
use weir_rules::ids::ActionId;
use weir_rules::ledger::{Acted, Before, Cited, Evidence, Step};
use weir_rules::refusal::Stop;
use weir_rules::window::{Key, OpenPay};
use weir_units::Time;

/// Rounds in which members answer what has arrived, until nobody writes any more.
const ROUNDS_MAX: u32 = 64;

impl World {
    pub fn come_to_rest(&mut self) {
        self.make_whole();
        self.drain(2 * DAY);
        let mut clocks = Vec::new();
        for round in 0..ROUNDS_MAX {
            let before = self.store.len();
            clocks = (0..self.members.len()).map(|it| self.clock_of(it)).collect();
            for member in 0..self.members.len() {
                if self.members[member].is_honest() {
                    self.answer(member);
                    self.bring_back(member);
                }
            }
            self.drain(HOUR);
            (0..self.nodes.len()).for_each(|node| self.gossip(node));
            self.drain(12 * HOUR);
            if self.store.len() == before && round > 1 {
                break;
            }
        }
        self.auditor.at(self.counts.steps, self.queue.now());
        let odd = self.odd();
        self.check_agreement(&odd);
        self.check_honest_entries(&odd);
        self.check_a_newcomer(&odd);
        self.check_ends(&clocks);
        self.check_nobody_is_stuck();
        self.count_those_lost_in_the_future();
    }

    fn make_whole(&mut self) {
        self.heal();
        for node in 0..self.nodes.len() {
            if !self.nodes[node].up {
                self.restart(node);
            }
        }
        for member in &mut self.members {
            member.clock = 0;
        }
    }

    /// Lets things happen for so long.
    fn drain(&mut self, time: i64) {
        let end = self.queue.now() + time;
        while let Some(due) = self.queue.next(end) {
            self.step(due);
        }
    }

    /// Records that rest on what somebody withholds or nobody has, or name it as an ask: nodes may
    /// differ about them, and nothing honest may rest on them.
    fn odd(&self) -> Vec<bool> {
        let is_withheld = |it: RecordNo| self.store.record(it).withheld_for.is_some();
        let mut odd = vec![false; self.store.len()];
        for number in 0..self.store.len() {
            let record = self.store.record(number);
            odd[number] = record.cites_nothing
                || is_withheld(number)
                || record.about.is_some_and(is_withheld)
                || record.cites.iter().any(|cited| odd[*cited]);
        }
        odd
    }

    /// [I2, case 15] All nodes hold the same, judge it alike, and call the same sound.
    fn check_agreement(&mut self, odd: &[bool]) {
        for (number, odd) in odd.iter().enumerate() {
            let found: Vec<(Status, bool)> =
                self.nodes.iter().map(|it| (it.status(number), it.is_sound(number))).collect();
            if *odd {
                self.counts.stuck += u64::from(found.iter().any(|it| it.0 == Status::Waiting));
                if found.iter().any(|it| it.1) {
                    let facts = format!("record {number} is sound and rests on what is not there");
                    self.auditor.violation("P4a", facts);
                }
            } else if found.windows(2).any(|two| two[0] != two[1]) {
                let facts = format!("record {number} at rest: {found:?}");
                self.auditor.violation("I2", facts);
            }
        }
    }

    /// [P6, P4a] Nothing honest waits, and nothing honest rests on what was rejected.
    fn check_honest_entries(&mut self, odd: &[bool]) {
        let mut foul = vec![false; self.store.len()];
        for number in 0..self.store.len() {
            let record = self.store.record(number);
            foul[number] = self.nodes.iter().any(|it| it.status(number) == Status::Rejected)
                || record.cites.iter().any(|cited| foul[*cited]);
            if !record.honest {
                continue;
            }
            let author = record.author;
            if foul[number] {
                let facts = format!("record {number} of honest {author} rests on a rejected one");
                self.auditor.violation("P4a", facts);
            }
            let held = self.nodes.iter().find(|it| !it.is_held(number));
            if let Some(node) = held {
                let facts = format!(
                    "record {number} of honest {author} is {:?} at node {}{}",
                    node.status(number),
                    node.number,
                    if odd[number] { " and rests on what is not there" } else { "" }
                );
                self.auditor.violation("P6", facts);
            }
        }
    }

    /// [I2, I16, case 15] Who comes last and gets everything in any order knows the same.
    fn check_a_newcomer(&mut self, odd: &[bool]) {
        let mut order: Vec<RecordNo> = (0..self.store.len())
            .filter(|it| self.nodes.iter().any(|node| node.has(*it)))
            .collect();
        Rng::stream(self.config.seed, "newcomer").shuffle(&mut order);
        let mut newcomer = Node::new(0);
        // In a part of the network of its own: nobody answers what it asks for.
        newcomer.side = u8::MAX;
        self.with_node(0, |_, around| {
            order.iter().for_each(|record| newcomer.take(around, *record));
        });
        newcomer.news.clear();
        for (number, odd) in odd.iter().enumerate() {
            let old = &self.nodes[0];
            let there = (old.status(number), old.is_sound(number));
            let here = (newcomer.status(number), newcomer.is_sound(number));
            if !odd && there != here {
                let facts = format!("record {number}: {there:?}, and for a newcomer {here:?}");
                self.auditor.violation("I16", facts);
            }
        }
        for member in 0..self.members.len() {
            let found = self.head_held_by(0, member);
            let head = self.members[member].head;
            if self.is_plain(member) && found != head {
                let facts = format!("member {member} wrote {head:?}, others hold {found:?}");
                self.auditor.violation("I16", facts);
            }
        }
    }

    /// [I4, P7] What one honest member paid another has ended, unless the rules let it hang.
    fn check_ends(&mut self, clocks: &[i64]) {
        for number in self.auditor.payments().collect::<Vec<_>>() {
            let record = self.store.record(number);
            let Some(Event::Pay(pay)) = record.entry().map(|entry| &entry.event) else { continue };
            let Some(payee) = self.by_key.get(&pay.payee).copied() else { continue };
            let end = self.auditor.end_of(number);
            if !self.is_plain(record.author) || !self.is_plain(payee) || !record.honest {
                continue;
            }
            match end {
                End::Taken | End::TakenBack => {}
                End::SentBack => {
                    let facts = format!("payment {number} was sent back and never taken back");
                    self.auditor.violation("P7", facts);
                }
                End::Open => self.check_why_open(number, payee, clocks[payee]),
            }
        }
    }

    /// `clock` is the payee's when they were last asked.
    fn check_why_open(&mut self, number: RecordNo, payee: MemberNo, clock: i64) {
        let record = self.store.record(number);
        let key = Key::of(&record.id, record.at);
        let behind = self.head_of(payee).is_some_and(|(_, entry)| key <= entry.state.wm);
        if behind {
            // It comes back by L10 (b), unless its payer had to give its place away.
            let payer = record.author;
            let place = OpenPay::of(&record.id, record.entry().map_or(0, |it| it.state.seq));
            let open = self.head_of(payer).is_some_and(|(_, it)| it.state.open.contains(&place));
            let facts = format!(
                "payment {number} of member {payer} to member {payee} fell behind the window and \
                 did not come back: open {open}, shown by {:?}",
                self.proof(payer, number)
            );
            self.auditor.violation("P7", facts);
        } else if record.at.micros() <= clock {
            let it = &self.members[payee];
            let node = &self.nodes[it.home];
            let facts = format!(
                "payment {number} of member {} to member {payee} was never answered: {:?}, sound \
                 {}, payer in doubt {}, in the inbox {}",
                record.author,
                node.status(number),
                node.is_sound(number),
                node.is_in_doubt(record.author),
                it.waiting.contains_key(&key),
            );
            self.auditor.violation("P7", facts);
        }
    }

    /// Honest, and never went on from an old copy.
    pub fn is_plain(&self, member: MemberNo) -> bool {
        self.members[member].is_honest() && !self.members[member].old_copy
    }

    /// Times never go back on a record: who wrote with a clock far ahead stays there (L7).
    fn count_those_lost_in_the_future(&mut self) {
        let life = i64::from(self.plan.charter.expires_days) * DAY;
        let latest = self.queue.now().saturating_add(life);
        let lost = self.members.iter().filter(|it| it.is_honest()).filter_map(|it| it.head);
        let lost = lost.filter(|head| self.store.record(*head).at.micros() > latest);
        self.counts.lost_in_the_future = lost.count() as u64;
    }

    /// [P7] Every honest member can go on writing.
    fn check_nobody_is_stuck(&mut self) {
        for member in 0..self.members.len() {
            let Some((number, entry)) = self.head_of(member) else { continue };
            let head = self.store.record(number);
            if !self.members[member].is_honest() {
                continue;
            }
            let at = Time::from_micros(self.clock_of(member));
            let action_seq = head.action_seq + 1;
            let step = Step { author: head.key, at, stated: at, action_seq };
            // Where a page is due, that page is what they can write (L12).
            let before = Before { id: head.id, entry };
            let answer = match self.page_due(member, &Event::Checkpoint) {
                Some(_) => continue,
                None => self.rules.apply(&step, Some(before), &Event::Checkpoint, &Nothing),
            };
            if answer.is_err() {
                self.auditor
                    .violation("P7", format!("member {member} can write nothing: {answer:?}"));
            }
        }
    }
}

/// Nothing is cited.
struct Nothing;

impl Evidence for Nothing {
    type Missing = ActionId;

    fn cited(&self, id: &ActionId) -> Result<Cited, Stop<ActionId>> {
        Err(Stop::Missing(*id))
    }

    fn asked(&self, id: &ActionId) -> Result<Asked, Stop<ActionId>> {
        Err(Stop::Missing(*id))
    }

    fn acted(&self, action: &ActionId, _: &ActionId) -> Result<Acted, Stop<ActionId>> {
        Err(Stop::Missing(*action))
    }
}
