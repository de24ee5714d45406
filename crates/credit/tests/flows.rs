//! Flows against a search of all cuts, and what holds for every attack on a graph of trust.

use proptest::prelude::*;
use weir_credit::flow::Network;
use weir_credit::graph::Graph;
use weir_credit::sybil::{try_attack, Attack, Found, Wrong, STAKE};

type Edges = Vec<(usize, usize, u64)>;

fn network(nodes: usize, edges: &Edges) -> Network {
    let mut network = Network::new(nodes);
    for (from, to, capacity) in edges {
        network.add_edge(*from, *to, *capacity);
    }
    network
}

/// The least capacity of any cut between sources and sinks: what flows at most, by brute force.
fn least_cut(nodes: usize, edges: &Edges, sources: &[usize], sinks: &[usize]) -> u64 {
    let cuts = (0_u32..1 << nodes).filter(|near| {
        sources.iter().all(|s| near >> s & 1 == 1) && sinks.iter().all(|s| near >> s & 1 == 0)
    });
    let capacity = |near: u32| {
        let crossing = edges.iter().filter(|(a, b, _)| near >> a & 1 == 1 && near >> b & 1 == 0);
        crossing.map(|(_, _, capacity)| capacity).sum()
    };
    cuts.map(capacity).min().expect("there is a cut")
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..Default::default() })]

    #[test]
    fn the_flow_is_the_least_cut(
        edges in prop::collection::vec((0..7_usize, 0..7_usize, 0..9_u64), 0..30),
        two_sources in any::<bool>(),
        two_sinks in any::<bool>(),
    ) {
        let sources: &[usize] = if two_sources { &[0, 1] } else { &[0] };
        let sinks: &[usize] = if two_sinks { &[5, 6] } else { &[6] };
        let mut network = network(7, &edges);
        let least = least_cut(7, &edges, sources, sinks);
        prop_assert_eq!(network.flow(sources, sinks), least);
        prop_assert_eq!(network.flow(sources, sinks), 0, "all room is taken");
        network.empty();
        prop_assert_eq!(network.flow(sources, sinks), least, "and can be given back");
        network.keep();
        network.empty();
        prop_assert_eq!(network.flow(sources, sinks), 0, "or taken for good");
    }

    #[test]
    fn any_bytes_are_harmless(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        weir_credit::fuzz::graph(&bytes);
        let mut rows = b"from,to,rating,time\n".to_vec();
        rows.extend(bytes);
        weir_credit::fuzz::graph(&rows);
    }

    #[test]
    fn no_cluster_takes_more_than_was_staked_on_it_however_large(
        ratings in prop::collection::vec((0..14_u64, 0..14_u64, -10..=10_i64), 40..120),
        edges in 1..4_usize,
    ) {
        let graph = graph(&ratings);
        let mut before: Option<Found> = None;
        for fakes in [1, 2, 3, 10, 40] {
            let attack = Attack { seeds_top: 2, fakes, edges, endorsers: vec![] };
            let Ok(found) = try_attack(&graph, &attack, &mut || {}) else { return Ok(()) };
            prop_assert!(found.cluster <= found.attack_capacity);
            prop_assert_eq!(found.attack_capacity, STAKE * edges as u64);
            prop_assert!(found.median_attacked >= found.median);
            prop_assert!(found.median_reserved <= found.median);
            if let Some(before) = &before {
                prop_assert_eq!(found.cluster, before.cluster, "more fakes take no more");
                prop_assert_eq!(&found.endorsers, &before.endorsers);
            }
            before = Some(found);
        }
    }
}

fn graph(ratings: &[(u64, u64, i64)]) -> Graph {
    let mut rows = "from,to,rating,time\n".to_string();
    for (time, (from, to, rating)) in ratings.iter().enumerate().filter(|(_, r)| r.0 != r.1) {
        rows += &format!("{from},{to},{rating},{time}\n");
    }
    Graph::parse(rows.as_bytes()).expect("the rows are in order")
}

#[test]
fn what_flows_to_the_seed_itself_has_no_end() {
    assert_eq!(network(2, &vec![(0, 1, 3)]).flow(&[0], &[0]), u64::MAX);
}

/// 1 is the seed: it endorses 2 and 3 with 10 each, and they 4 with 3 each; 4 endorses 5.
fn small() -> Graph {
    graph(&[
        (1, 2, 10),
        (2, 1, 10),
        (1, 3, 10),
        (2, 4, 3),
        (3, 4, 3),
        (4, 5, 9),
        (3, 1, 1),
        (5, 1, 1),
        (4, 1, 1),
        (2, 3, 1),
        (5, 2, -3),
    ])
}

fn attack(fakes: usize, endorsers: &[u64]) -> Attack {
    Attack { seeds_top: 1, fakes, edges: 1, endorsers: endorsers.to_vec() }
}

#[test]
fn a_small_attack_worked_out_by_hand() {
    let mut steps = 0;
    let found = try_attack(&small(), &attack(7, &[4]), &mut || steps += 1).unwrap();
    assert_eq!(found.seeds, [1]);
    assert_eq!(found.flows, [(2, 10), (3, 11), (4, 6), (5, 6)]);
    assert_eq!((found.active, found.median, found.median_attacked), (4, 6, 6));
    assert_eq!((found.cluster, found.attack_capacity), (5, 5));
    assert_eq!(found.each_alone, 35, "looked at one by one, seven fakes get seven times as much");
    // Of the six that reach 4, five are gone: 4 and 5 have one left.
    assert_eq!(found.median_reserved, 1);
    assert_eq!(steps, 12);
}

#[test]
fn an_attack_that_cannot_be_tried_is_refused() {
    let wrong = |attack: Attack| try_attack(&small(), &attack, &mut || {}).unwrap_err();
    assert_eq!(wrong(Attack { seeds_top: 2, ..attack(1, &[4]) }), Wrong::Seeds { found: 1 });
    assert_eq!(wrong(Attack { seeds_top: 0, ..attack(1, &[4]) }), Wrong::Seeds { found: 0 });
    assert_eq!(wrong(attack(0, &[4])), Wrong::Fakes { max: 100_000 });
    assert_eq!(wrong(attack(100_001, &[4])), Wrong::Fakes { max: 100_000 });
    assert_eq!(wrong(attack(1, &[99])), Wrong::Endorser { person: 99 });
    assert_eq!(wrong(attack(1, &[1])), Wrong::Endorser { person: 1 });
    assert_eq!(wrong(attack(1, &[4, 4])), Wrong::Endorser { person: 4 });
    assert_eq!(wrong(Attack { edges: 5, ..attack(1, &[]) }), Wrong::Edges { most: 4 });
    assert_eq!(wrong(Attack { edges: 0, ..attack(1, &[]) }), Wrong::Edges { most: 4 });
}
