//! The network between nodes: delay, loss that gossip mends, doubles, disorder, and a rift.

use crate::config::{Profile, HOUR, MINUTE, SECOND};
use crate::record::{NodeNo, RecordNo};
use crate::rng::Rng;
use crate::world::{Due, World};

pub struct Network {
    profile: Profile,
    rng: Rng,
    /// Whether it has fallen in two.
    pub torn: bool,
}

impl Network {
    pub fn new(seed: u64, profile: Profile) -> Self {
        Self { profile, rng: Rng::stream(seed, "network"), torn: false }
    }

    /// Of 10,000 deliveries, so many are lost at first.
    fn lost(&self) -> u32 {
        match self.profile {
            Profile::Calm => 0,
            Profile::Lossy | Profile::Any => 3_000,
            Profile::Torn => 300,
        }
    }

    /// Of 10,000 requests for something that another node has, so many are answered.
    pub fn answered(&self) -> u32 {
        match self.profile {
            Profile::Calm => 10_000,
            Profile::Lossy | Profile::Any => 4_000,
            Profile::Torn => 8_000,
        }
    }

    /// Most arrive within a second, some take minutes: that is what brings disorder.
    fn delay(&mut self) -> i64 {
        let slow = match self.profile {
            Profile::Calm => 100,
            _ => 1_500,
        };
        if self.rng.chance(slow) {
            self.rng.within(SECOND, 20 * MINUTE)
        } else {
            self.rng.within(SECOND / 100, SECOND)
        }
    }

    /// How long until the network falls in two again, if it ever does.
    pub fn next_rift(&mut self) -> Option<i64> {
        match self.profile {
            Profile::Calm => None,
            Profile::Lossy | Profile::Any => Some(self.rng.within(24 * HOUR, 240 * HOUR)),
            Profile::Torn => Some(self.rng.within(HOUR, 48 * HOUR)),
        }
    }

    /// Until gossip brings what was lost.
    fn mended(&mut self) -> i64 {
        self.rng.within(MINUTE, 3 * HOUR)
    }
}

/// How often nodes compare what they have.
pub const GOSSIP: i64 = 6 * HOUR;

impl World {
    /// Sends a record to every other node; `from` has it.
    pub fn publish(&mut self, from: Option<NodeNo>, record: RecordNo) {
        for node in 0..self.nodes.len() {
            if Some(node) != from {
                self.send(node, record);
            }
        }
    }

    fn send(&mut self, node: NodeNo, record: RecordNo) {
        let what = Due::Deliver { node, record };
        let lost = self.network.lost();
        if self.network.rng.chance(lost) {
            self.counts.lost += 1;
            let wait = self.network.mended();
            return self.queue.after(wait, what);
        }
        let wait = self.network.delay();
        self.queue.after(wait, what.clone());
        if self.network.rng.chance(lost / 2) {
            self.counts.doubled += 1;
            let wait = self.network.delay();
            self.queue.after(wait, what);
        }
    }

    /// A record reaches a node, if both are there and somebody in its part of the network has it.
    pub fn deliver(&mut self, node: NodeNo, record: RecordNo) {
        if self.nodes[node].has(record) {
            return;
        }
        if !self.nodes[node].up || !self.is_in_reach(node, record) {
            self.counts.parked += 1;
            return self.nodes[node].parked.push(record);
        }
        self.counts.deliveries += 1;
        self.judge_at(node, record);
    }

    /// Who wrote with a changed program speaks to every node that has not shut them out.
    fn is_in_reach(&self, node: NodeNo, record: RecordNo) -> bool {
        let here = &self.nodes[node];
        let written = self.store.record(record);
        let in_part = |other: &&crate::node::Node| other.up && other.side == here.side;
        self.nodes.iter().filter(in_part).any(|other| other.has(record))
            || !(written.honest || here.rejected_from.contains_key(&written.author))
    }

    /// What could not be had before is asked for again.
    pub fn gossip(&mut self, node: NodeNo) {
        if !self.nodes[node].up {
            return;
        }
        let mut out_of_reach = Vec::new();
        for record in std::mem::take(&mut self.nodes[node].parked) {
            if self.is_in_reach(node, record) {
                let wait = self.network.delay();
                self.queue.after(wait, Due::Deliver { node, record });
            } else {
                out_of_reach.push(record);
            }
        }
        self.nodes[node].parked = out_of_reach;
    }

    pub fn tear(&mut self) {
        self.network.torn = true;
        self.counts.partitions += 1;
        for node in 0..self.nodes.len() {
            self.nodes[node].side = self.network.rng.below(2) as u8;
        }
        let wait = self.network.rng.within(10 * MINUTE, 30 * HOUR);
        self.queue.after(wait, Due::Heal);
    }

    pub fn heal(&mut self) {
        self.network.torn = false;
        for node in 0..self.nodes.len() {
            self.nodes[node].side = 0;
        }
        (0..self.nodes.len()).for_each(|node| self.gossip(node));
    }
}
