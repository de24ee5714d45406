//! What goes wrong at honest members: nodes that are killed, lost disks, wrong clocks, old copies.

use crate::config::{Broken, DAY, HOUR, MINUTE, SECOND};
use crate::node::Status;
use crate::record::{MemberNo, NodeNo, RecordNo};
use crate::rng::Rng;
use crate::world::{Due, World};

/// Each kind of fault has a stream of its own: switching one off leaves the others as they were.
pub struct FaultStreams {
    pub crashes: Rng,
    disks: Rng,
    clocks: Rng,
    copies: Rng,
}

impl FaultStreams {
    pub fn new(seed: u64) -> Self {
        Self {
            crashes: Rng::stream(seed, "crashes"),
            disks: Rng::stream(seed, "disks"),
            clocks: Rng::stream(seed, "clocks"),
            copies: Rng::stream(seed, "copies"),
        }
    }
}

/// Entries that are gone through at every start.
const LOOKED_THROUGH: u64 = 4_000;

impl World {
    /// Plans the first fault of each kind; each plans the next.
    pub fn plan_faults(&mut self) {
        self.plan_rift();
        self.plan_crash();
        self.plan_lost_disk();
        self.plan_lie();
        self.plan_old_copy();
    }

    pub fn plan_rift(&mut self) {
        if let Some(wait) = self.network.next_rift() {
            self.again(wait, Due::Rift);
        }
    }

    fn plan_crash(&mut self) {
        if self.plan.faults.crashes {
            let wait = self.faults.crashes.within(HOUR, 3 * DAY);
            self.again(wait, Due::Crash);
        }
    }

    pub fn crash_somebody(&mut self) {
        let node = self.faults.crashes.place(self.nodes.len());
        self.crash(node);
        self.plan_crash();
    }

    /// A node is killed. What it committed is on its disk; what it had not sent out waits.
    pub fn crash(&mut self, node: NodeNo) {
        if !self.nodes[node].up {
            return;
        }
        self.counts.crashes += 1;
        self.nodes[node].up = false;
        if self.rules.is_broken(Broken::ForgetsLastWrite) {
            for member in 0..self.members.len() {
                if self.members[member].home == node {
                    let head = self.members[member].head;
                    let below = head.and_then(|head| self.store.record(head).below);
                    self.members[member].head = below.or(head);
                }
            }
        }
        let down = match self.faults.crashes.below(3) {
            0 => self.faults.crashes.within(SECOND, MINUTE),
            1 => self.faults.crashes.within(MINUTE, HOUR),
            _ => self.faults.crashes.within(HOUR, 20 * HOUR),
        };
        self.queue.after(down, Due::Restart(node));
    }

    /// A node starts again: its disk is as it was, what it knew by heart is built anew.
    pub fn restart(&mut self, node: NodeNo) {
        self.nodes[node].up = true;
        // It must come to the same; where much is held, looking at every start takes too long.
        let every = 1 + self.store.len() as u64 / LOOKED_THROUGH;
        if self.counts.crashes.is_multiple_of(every) {
            self.build_sound_set_anew(node);
        }
        for record in std::mem::take(&mut self.nodes[node].unpublished) {
            self.publish(Some(node), record);
        }
        self.gossip(node);
        for member in 0..self.members.len() {
            if self.members[member].home == node && self.members[member].wish.is_some() {
                self.answer_soon(member);
            }
        }
    }

    fn build_sound_set_anew(&mut self, node: NodeNo) {
        let mut differs = false;
        self.with_node(node, |node, around| differs = node.build_sound_set(around));
        if differs {
            let facts = format!("node {node} calls other entries sound after a start than before");
            self.auditor.violation("P4a", facts);
            self.books_anew(node);
        }
    }

    fn plan_lost_disk(&mut self) {
        if self.plan.faults.lost_disks {
            let wait = self.faults.disks.within(DAY, 12 * DAY);
            self.again(wait, Due::LoseDisk);
        }
    }

    pub fn lose_a_disk(&mut self) {
        let node = self.faults.disks.place(self.nodes.len());
        if self.others_have_all_of(node) {
            self.lose_disk(node);
            self.plan_lost_disk();
        } else {
            // What nobody else has yet is lost for good: that is an old copy, another fault.
            self.again(6 * HOUR, Due::LoseDisk);
        }
    }

    fn others_have_all_of(&self, node: NodeNo) -> bool {
        let here = &self.nodes[node];
        let shared = |record: RecordNo| {
            let mut others = self.nodes.iter().filter(|other| other.number != node && other.up);
            others.any(|other| other.has(record))
        };
        here.up
            && !self.network.torn
            && here.unpublished.is_empty()
            && (0..self.store.len()).all(|record| !here.has(record) || shared(record))
    }

    /// [I16] A node loses everything and gets it back from the others, in any order.
    fn lose_disk(&mut self, node: NodeNo) {
        self.counts.lost_disks += 1;
        let others = |record: &RecordNo| {
            let mut others = self.nodes.iter().filter(|other| other.number != node && other.up);
            others.any(|other| other.has(*record))
        };
        let mut had: Vec<RecordNo> = (0..self.store.len()).filter(others).collect();
        let sound: Vec<RecordNo> = self.nodes[node].sound_records().collect();
        self.nodes[node].lose_disk();
        self.auditor.forget_books(node);
        for member in self.members.iter_mut().filter(|member| member.home == node) {
            member.waiting.clear();
            member.asked.clear();
            member.settled.clear();
            member.sent_back.clear();
        }
        self.faults.disks.shuffle(&mut had);
        if self.rules.is_broken(Broken::RestoresIncompletely) {
            had.pop();
        }
        for record in had {
            self.judge_at(node, record);
        }
        self.compare_restored(node, &sound);
    }

    fn compare_restored(&mut self, node: NodeNo, sound: &[RecordNo]) {
        if let Some(lost) = sound.iter().find(|record| !self.nodes[node].is_sound(**record)) {
            let facts = format!(
                "node {node} lost its disk and record {lost} is not sound any more: {:?}",
                self.nodes[node].status(*lost)
            );
            self.auditor.violation("I16", facts);
        }
        for member in 0..self.members.len() {
            let it = &self.members[member];
            if it.home != node || !self.is_plain(member) {
                continue;
            }
            let found = self.head_held_by(node, member);
            if found != it.head {
                let facts = format!(
                    "member {member} wrote up to {:?}, and the others give back {found:?}",
                    it.head
                );
                self.auditor.violation("I16", facts);
            }
        }
    }

    /// The newest entry of a member that a node holds, going up from the card.
    pub fn head_held_by(&self, node: NodeNo, member: MemberNo) -> Option<RecordNo> {
        let held = |list: &[RecordNo]| {
            list.iter().copied().find(|it| self.nodes[node].status(*it) == Status::Held)
        };
        let mut head = held(self.store.first(member))?;
        while let Some(next) = held(self.store.above(head)) {
            head = next;
        }
        Some(head)
    }

    fn plan_lie(&mut self) {
        if self.plan.faults.clocks {
            let wait = self.faults.clocks.within(6 * HOUR, 6 * DAY);
            self.again(wait, Due::LieAboutTime);
        }
    }

    /// A clock is wrong for a while: by minutes, hours, days or years, either way.
    pub fn lie_about_time(&mut self) {
        self.plan_lie();
        let rng = &mut self.faults.clocks;
        let member = rng.place(self.members.len());
        let span = match rng.below(20) {
            0 => 400 * DAY,
            1 => 40 * DAY,
            2..5 => 3 * DAY,
            5..12 => 5 * HOUR,
            _ => 30 * MINUTE,
        };
        let wrong = rng.within(-span, span);
        let while_wrong = rng.within(MINUTE, 2 * DAY);
        self.counts.clock_lies += 1;
        self.members[member].clock = wrong;
        self.queue.after(while_wrong, Due::SetClockRight(member));
    }

    fn plan_old_copy(&mut self) {
        if self.plan.faults.old_copies {
            let wait = self.faults.copies.within(2 * DAY, 40 * DAY);
            self.again(wait, Due::OldCopy);
        }
    }

    /// Somebody honest goes on from a copy of their data that lacks the last entries.
    pub fn go_on_from_an_old_copy(&mut self) {
        self.plan_old_copy();
        let member = self.faults.copies.place(self.members.len());
        let back = 1 + self.faults.copies.place(3);
        let it = &self.members[member];
        let old = self.store.down(it.head).nth(back);
        if !it.is_honest() || old.is_none() || !self.nodes[it.home].up {
            return;
        }
        self.counts.old_copies += 1;
        self.auditor.excuse(member);
        let it = &mut self.members[member];
        it.old_copy = true;
        it.head = old;
        it.wish = None;
        self.look_around(member);
    }
}
