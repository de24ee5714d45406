//! A community: its members, its nodes, what is written, and what happens next.

use crate::auditor::Auditor;
use crate::config::{Broken, Config, Plan, BEGIN, DAY, HOUR};
use crate::faults::FaultStreams;
use crate::member::{key_throw, Member};
use crate::network::{Network, GOSSIP};
use crate::node::{Around, News, Node};
use crate::record::{MemberNo, NodeNo, RecordNo, Store};
use crate::report::{Counts, Report};
use crate::rng::{mix, Rng};
use crate::rules::{Rules, Trouble};
use std::collections::BTreeMap;
use weir_rules::entry::Event;
use weir_rules::ids::MemberKey;

/// What can happen.
#[derive(Clone, Debug)]
pub enum Due {
    /// A member opens their account.
    Open(MemberNo),
    /// A member comes to their page and does something.
    Wake(MemberNo),
    /// A member's node answers what has arrived.
    Answer(MemberNo),
    Publish {
        node: NodeNo,
        record: RecordNo,
    },
    Deliver {
        node: NodeNo,
        record: RecordNo,
    },
    Gossip,
    Rift,
    Heal,
    Crash,
    Restart(NodeNo),
    LoseDisk,
    LieAboutTime,
    SetClockRight(MemberNo),
    OldCopy,
}

impl Due {
    /// Whether it begins something that nobody needs to see the end of.
    fn is_new(&self) -> bool {
        match self {
            Self::Open(_)
            | Self::Wake(_)
            | Self::Rift
            | Self::Crash
            | Self::LoseDisk
            | Self::LieAboutTime
            | Self::OldCopy => true,
            Self::Answer(_)
            | Self::Publish { .. }
            | Self::Deliver { .. }
            | Self::Gossip
            | Self::Heal
            | Self::Restart(_)
            | Self::SetClockRight(_) => false,
        }
    }
}

pub struct World {
    pub config: Config,
    pub plan: Plan,
    pub rules: Rules,
    pub store: Store,
    pub nodes: Vec<Node>,
    pub members: Vec<Member>,
    pub by_key: BTreeMap<MemberKey, MemberNo>,
    pub queue: Scheduler,
    pub network: Network,
    pub auditor: Auditor,
    pub counts: Counts,
    /// When members stop wishing for anything new.
    pub end: i64,
    pub faults: FaultStreams,
    pub hostile: Rng,
    /// Who sees to asks, and what they do.
    pub asking: Rng,
    digest: u64,
}

type Scheduler = crate::scheduler::Scheduler<Due>;

/// Every so many records are written to bytes and read back by each node.
const DECODE_EVERY: usize = 16;

impl World {
    pub fn new(config: &Config) -> Self {
        let config = Config {
            members: config.members.max(2),
            nodes: config.nodes.clamp(2, config.members.max(2)),
            ..config.clone()
        };
        let plan = Plan::of(&config);
        // A plan's charter is in order by its own making; without one there is no world.
        let charter = plan.charter().unwrap_or_else(|refusal| panic!("the plan: {refusal}"));
        let (count, nodes) = (config.members as usize, config.nodes as usize);
        let members: Vec<Member> =
            (0..count).map(|number| Member::new(number, &config, &plan)).collect();
        let by_key = members.iter().map(|member| (member.key, member.number)).collect();
        let end = BEGIN + i64::from(config.days) * DAY;
        let seed = config.seed;
        let mut world = Self {
            rules: Rules::new(charter, config.broken),
            store: Store::new(count),
            nodes: (0..nodes).map(Node::new).collect(),
            members,
            by_key,
            queue: Scheduler::new(BEGIN),
            network: Network::new(seed, plan.profile),
            auditor: Auditor::new(seed, BEGIN, plan.charter.clone(), nodes),
            counts: Counts::default(),
            end,
            faults: FaultStreams::new(seed),
            hostile: Rng::stream(seed, "hostile"),
            asking: Rng::stream(seed, "asking"),
            digest: 0,
            config,
            plan,
        };
        world.begin();
        world
    }

    /// Everybody comes on the first evening but one in eight, who come later.
    fn begin(&mut self) {
        for number in 0..self.members.len() {
            let rng = &mut self.members[number].rng;
            let late = if rng.chance(1_250) { (self.end - BEGIN) / 2 } else { 6 * HOUR };
            let wait = rng.within(0, late);
            self.queue.after(wait, Due::Open(number));
        }
        self.queue.after(GOSSIP, Due::Gossip);
        self.plan_faults();
    }

    /// Runs to the last day, then until everything has come to rest.
    pub fn run(mut self) -> Report {
        while let Some(due) = self.queue.next(self.end) {
            self.step(due);
        }
        self.come_to_rest();
        self.report()
    }

    /// One thing happens, and the auditor looks at what came of it.
    pub fn step(&mut self, due: Due) {
        if self.queue.now() > self.end && due.is_new() {
            return;
        }
        self.counts.steps += 1;
        self.auditor.at(self.counts.steps, self.queue.now());
        match due {
            Due::Open(member) => self.open(member),
            Due::Wake(member) => self.wake(member),
            Due::Answer(member) => self.answer(member),
            Due::Publish { node, record } => self.publish_written(node, record),
            Due::Deliver { node, record } => self.deliver(node, record),
            Due::Gossip => {
                (0..self.nodes.len()).for_each(|node| self.gossip(node));
                self.again(GOSSIP, Due::Gossip);
            }
            Due::Rift => {
                self.tear();
                self.plan_rift();
            }
            Due::Heal => self.heal(),
            Due::Crash => self.crash_somebody(),
            Due::Restart(node) => self.restart(node),
            Due::LoseDisk => self.lose_a_disk(),
            Due::LieAboutTime => self.lie_about_time(),
            Due::SetClockRight(member) => self.members[member].clock = 0,
            Due::OldCopy => self.go_on_from_an_old_copy(),
        }
        self.look_for_troubles();
        self.auditor.check_books();
    }

    /// Plans something again while the community lives.
    pub fn again(&mut self, wait: i64, due: Due) {
        if self.queue.now() < self.end {
            self.queue.after(wait, due);
        }
    }

    fn look_for_troubles(&mut self) {
        for trouble in self.rules.troubles() {
            match trouble {
                Trouble::Panicked { event } => self.auditor.panicked(&event),
                Trouble::AskedTooMuch { asked } => self.auditor.asked_too_much(asked),
            }
        }
    }

    /// Has a node take in a record, and tells whom it concerns what came of it.
    pub fn judge_at(&mut self, node: NodeNo, record: RecordNo) {
        self.with_node(node, |node, around| node.take(around, record));
    }

    /// Does something with a node and what it can see of the others.
    pub fn with_node(&mut self, number: NodeNo, act: impl FnOnce(&mut Node, &Around<'_>)) {
        let mut node = std::mem::take(&mut self.nodes[number]);
        let around = Around {
            rules: &self.rules,
            store: &self.store,
            others: &self.nodes,
            answered: self.network.answered(),
            seed: self.config.seed,
            taint_by_place: self.config.taint_by_place,
            now: self.queue.now(),
            decode: self.store.len() % DECODE_EVERY == number % DECODE_EVERY,
        };
        act(&mut node, &around);
        let news = std::mem::take(&mut node.news);
        self.nodes[number] = node;
        for item in news {
            self.hear(number, item);
        }
    }

    fn hear(&mut self, node: NodeNo, news: News) {
        match news {
            News::Accepted(record) => {
                self.mix_in(node, record, 1);
                self.auditor.accepted(&self.store, node, record);
                self.show(node, record);
                if self.rules.is_broken(Broken::BuildsOnUnsound) {
                    self.tell(node, record);
                }
            }
            News::Rejected(record, refusal) => {
                self.mix_in(node, record, 2);
                let no_code = self.rules.is_broken(Broken::NoCode);
                let code = if no_code { "" } else { refusal.code() };
                *self.counts.rejected.entry(refusal.code()).or_default() += 1;
                self.auditor.rejected(&self.store, node, record, code, &refusal);
            }
            News::Sound(record) => {
                self.auditor.sound(&self.store, node, record);
                self.tell(node, record);
            }
            News::Forked(_) => {}
            News::Tainted => self.books_anew(node),
        }
    }

    /// A node's sound set was built anew; so are the auditor's books of it.
    pub fn books_anew(&mut self, node: NodeNo) {
        self.auditor.forget_books(node);
        for record in self.nodes[node].sound_records().collect::<Vec<_>>() {
            self.auditor.sound(&self.store, node, record);
        }
    }

    fn mix_in(&mut self, node: NodeNo, record: RecordNo, what: u64) {
        let id = self.store.record(record).id;
        let first = id.core().first_chunk::<8>().copied().unwrap_or_default();
        let seen = u64::from_le_bytes(first) ^ mix(node as u64 * 4 + what);
        self.digest = mix(self.digest ^ seen).wrapping_add(self.queue.now() as u64);
    }

    /// Shows an ask to whom it is for, on this node: what is to nobody in particular to one member
    /// of those who live here.
    fn show(&mut self, node: NodeNo, number: RecordNo) {
        let record = self.store.record(number);
        let Some(ask) = record.ask() else { return };
        let payer = match ask.payer {
            Some(payer) => self.by_key.get(&payer.member).copied(),
            None => {
                let here = (self.members.len() - node).div_ceil(self.nodes.len()) as u64;
                Some(node + self.nodes.len() * (key_throw(&record.id) % here) as usize)
            }
        };
        let author = record.author;
        if let Some(payer) = payer.filter(|it| self.members[*it].home == node && *it != author) {
            self.members[payer].asked.push(number);
        }
    }

    /// Tells members on this node what became sound and concerns them.
    fn tell(&mut self, node: NodeNo, number: RecordNo) {
        let Some(entry) = self.store.entry(number) else { return };
        match &entry.event {
            Event::Open | Event::Checkpoint | Event::Reclaim(_) | Event::MonthPage(_) => {}
            Event::Pay(pay) => {
                let payee = self.by_key.get(&pay.payee).copied();
                if let Some(payee) = payee.filter(|payee| self.members[*payee].home == node) {
                    self.arrived(payee, number);
                }
            }
            Event::Receive(receive) => {
                for pay in receive.pays.clone() {
                    if let Some((payer, pay)) = self.payer_here(node, &pay) {
                        self.members[payer].settled.push(pay);
                    }
                }
            }
            Event::Decline(decline) => {
                if let Some((payer, pay)) = self.payer_here(node, &decline.pay) {
                    self.members[payer].sent_back.push((pay, number));
                    self.answer_soon(payer);
                }
            }
        }
    }

    fn payer_here(
        &self,
        node: NodeNo,
        pay: &weir_rules::ids::ActionId,
    ) -> Option<(MemberNo, RecordNo)> {
        let number = self.store.find(pay)?;
        let payer = self.store.record(number).author;
        (self.members[payer].home == node).then_some((payer, number))
    }

    fn report(mut self) -> Report {
        self.counts.entries = self.store.len() as u64;
        self.counts.applied = self.rules.applied();
        let (not_taken_back, unanswered) = self.auditor.left_open();
        self.counts.not_taken_back = not_taken_back;
        self.counts.unanswered = unanswered;
        self.counts.forks = self.auditor.forks();
        self.counts.overpaid = self.auditor.overpaid(&self.store, |payer| self.is_plain(payer));
        let minted = (0..self.nodes.len()).map(|node| self.auditor.minted(node)).max();
        let (payments, amount) = minted.unwrap_or_default();
        self.counts.doubled_by_forks = payments;
        self.counts.minted_by_forks = u64::try_from(amount).unwrap_or(u64::MAX);
        let overspent = self.auditor.overspent(&self.store);
        self.counts.overspent_by_forks = u64::try_from(overspent).unwrap_or(u64::MAX);
        Report {
            seeds: 1,
            member_days: u64::from(self.config.members) * u64::from(self.config.days),
            violations: self.auditor.violations,
            more_violations: self.auditor.more,
            counts: self.counts,
            digest: self.digest,
        }
    }
}
