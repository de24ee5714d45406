//! What a cluster of made-up members could take on a graph of trust, measured by flow.
//!
//! Every stake is a capacity and flows from a few early, trusted members. What a set of keys can be
//! granted together is at most what flows into it: the stakes of those outside who endorse it. This
//! measures the shape of a graph. It is not the limit of a line [C3], whose bound is [C4].

use crate::flow::{Network, Node};
use crate::graph::{Graph, Person};
use std::collections::{BTreeMap, BTreeSet};

/// What each deceived member stakes on the cluster.
pub const STAKE: u64 = 5;
pub const FAKES_MAX: usize = 100_000;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attack {
    pub seeds_top: usize,
    /// k: how many made-up members there are.
    pub fakes: usize,
    /// How many honest members endorse one of them.
    pub edges: usize,
    /// Who they are; the strongest choice when nobody is named.
    pub endorsers: Vec<Person>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    pub seeds: Vec<Person>,
    pub endorsers: Vec<Person>,
    /// The flow to each member who is no seed, without the attack.
    pub flows: Vec<(Person, u64)>,
    /// How many of them have endorsed somebody: the medians are theirs, because who was only rated
    /// may never have taken part.
    pub active: usize,
    /// The median flow to them.
    pub median: u64,
    /// The median flow to the same members when the cluster is there.
    pub median_attacked: u64,
    /// The same after the cluster has taken all it can, and nobody else may use that.
    pub median_reserved: u64,
    /// Stakes of honest members in the cluster.
    pub attack_capacity: u64,
    /// What flows to the cluster as a whole.
    pub cluster: u64,
    /// What the fakes would get if each were looked at alone, and the same stake counted for each.
    pub each_alone: u64,
}

/// Why an attack cannot be tried on a graph.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wrong {
    Seeds {
        found: usize,
    },
    Fakes {
        max: usize,
    },
    Edges {
        most: usize,
    },
    /// Nobody has this number, or a seed has, or it is named twice.
    Endorser {
        person: Person,
    },
}

/// Tries an attack. `step` is called as members are looked at: three rounds of all who are no seed.
pub fn try_attack(graph: &Graph, attack: &Attack, step: &mut dyn FnMut()) -> Result<Found, Wrong> {
    let mut world = World::of(graph, attack.seeds_top)?;
    if !(1..=FAKES_MAX).contains(&attack.fakes) {
        return Err(Wrong::Fakes { max: FAKES_MAX });
    }
    let flows = world.flows(step);
    let endorsers = endorsers(&world, &flows, attack)?;
    let fakes = world.add_cluster(&endorsers, attack.fakes);
    let attacked = world.flows(step);
    let alone = fakes.first().map_or(0, |fake| world.flow_to(&[*fake]));
    let cluster = world.network.flow(&world.seeds, &fakes);
    world.network.keep();
    let reserved = world.flows(step);
    Ok(Found {
        seeds: world.seed_people.clone(),
        attack_capacity: count(endorsers.len()).saturating_mul(STAKE),
        active: world.active.len(),
        median: world.median(&flows),
        median_attacked: world.median(&attacked),
        median_reserved: world.median(&reserved),
        cluster,
        // Fakes endorse one another without end, so what reaches one reaches each of them.
        each_alone: alone.saturating_mul(count(fakes.len())),
        flows,
        endorsers,
    })
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

/// The graph as a network.
struct World {
    network: Network,
    seeds: Vec<Node>,
    seed_people: Vec<Person>,
    nodes: BTreeMap<Person, Node>,
    /// Everybody who is no seed.
    others: Vec<(Person, Node)>,
    /// Those of them who have endorsed somebody.
    active: BTreeSet<Person>,
}

impl World {
    fn of(graph: &Graph, seeds_top: usize) -> Result<Self, Wrong> {
        let nodes: BTreeMap<Person, Node> = graph.people().into_iter().zip(0..).collect();
        let seed_people = graph.early_trusted(seeds_top);
        if seed_people.is_empty() || seed_people.len() < seeds_top {
            return Err(Wrong::Seeds { found: seed_people.len() });
        }
        let mut network = Network::new(nodes.len());
        let mut active = BTreeSet::new();
        for ((from, to), stake) in graph.endorsements() {
            if !seed_people.contains(&from) {
                active.insert(from);
            }
            if let (Some(from), Some(to)) = (nodes.get(&from), nodes.get(&to)) {
                network.add_edge(*from, *to, stake);
            }
        }
        let seeds = seed_people.iter().filter_map(|seed| nodes.get(seed).copied()).collect();
        let others = nodes.iter().filter(|(person, _)| !seed_people.contains(person));
        let others = others.map(|(person, node)| (*person, *node)).collect();
        Ok(Self { network, seeds, seed_people, nodes, others, active })
    }

    /// The median flow to active members; of an even number the lower one of the two in the middle.
    fn median(&self, flows: &[(Person, u64)]) -> u64 {
        let active = flows.iter().filter(|(person, _)| self.active.contains(person));
        let mut sorted: Vec<u64> = active.map(|(_, flow)| *flow).collect();
        sorted.sort_unstable();
        let middle = sorted.len().saturating_sub(1).checked_div(2).unwrap_or(0);
        sorted.get(middle).copied().unwrap_or(0)
    }

    fn flow_to(&mut self, sinks: &[Node]) -> u64 {
        let flow = self.network.flow(&self.seeds, sinks);
        self.network.empty();
        flow
    }

    /// The flow to each member alone.
    fn flows(&mut self, step: &mut dyn FnMut()) -> Vec<(Person, u64)> {
        let mut flows = Vec::new();
        for (person, node) in self.others.clone() {
            flows.push((person, self.flow_to(&[node])));
            step();
        }
        flows
    }

    /// Made-up members, each of whom endorses the next and the one before without end.
    fn add_cluster(&mut self, endorsers: &[Person], fakes: usize) -> Vec<Node> {
        let cluster: Vec<Node> = (0..fakes).map(|_| self.network.add_node()).collect();
        let next = cluster.iter().cycle().skip(1);
        for (fake, next) in cluster.iter().zip(next).filter(|(fake, next)| fake != next) {
            self.network.add_edge(*fake, *next, u64::from(u32::MAX));
            self.network.add_edge(*next, *fake, u64::from(u32::MAX));
        }
        for (endorser, fake) in endorsers.iter().zip(cluster.iter().cycle()) {
            if let Some(node) = self.nodes.get(endorser) {
                self.network.add_edge(*node, *fake, STAKE);
            }
        }
        cluster
    }
}

/// Who endorses the cluster: those named, or the first in a fixed shuffled order of those to whom
/// enough flows to back the whole stake. The choice does not depend on the number of fakes.
fn endorsers(
    world: &World,
    flows: &[(Person, u64)],
    attack: &Attack,
) -> Result<Vec<Person>, Wrong> {
    if !attack.endorsers.is_empty() {
        let mut seen = BTreeSet::new();
        let stranger = attack.endorsers.iter().find(|person| {
            let known = world.nodes.contains_key(person) && !world.seed_people.contains(person);
            !(known && seen.insert(**person))
        });
        return match stranger {
            Some(person) => Err(Wrong::Endorser { person: *person }),
            None => Ok(attack.endorsers.clone()),
        };
    }
    let strong = flows.iter().filter(|(_, flow)| *flow >= STAKE);
    let mut strong: Vec<Person> = strong.map(|(person, _)| *person).collect();
    if !(1..=strong.len()).contains(&attack.edges) {
        return Err(Wrong::Edges { most: strong.len() });
    }
    strong.sort_by_key(|person| (shuffled(*person), *person));
    strong.truncate(attack.edges);
    Ok(strong)
}

/// A number that looks drawn and is always the same (the last steps of SplitMix64).
fn shuffled(person: Person) -> u64 {
    let mut mixed = person.wrapping_add(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}
