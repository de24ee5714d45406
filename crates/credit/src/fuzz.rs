//! What a fuzzer throws bytes at. Each function returns for all bytes, or a promise was broken.

use crate::graph::Graph;
use crate::sybil::{try_attack, Attack};

/// Any bytes as a graph of trust: it is refused, or no cluster takes more than was staked on it.
pub fn graph(bytes: &[u8]) {
    let Ok(graph) = Graph::parse(bytes) else { return };
    let attack = Attack { seeds_top: 1, fakes: 3, edges: 1, endorsers: vec![] };
    let Ok(found) = try_attack(&graph, &attack, &mut || {}) else { return };
    assert!(found.cluster <= found.attack_capacity, "{found:?}");
}
