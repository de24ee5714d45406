//! The most that can flow through a network of capacities, from some nodes to others.
//!
//! Shortest augmenting paths, looked for from the far end: flows to one member of a trust graph are
//! small and end near that member, so a search seldom goes far.

use std::collections::VecDeque;

pub type Node = usize;

struct Edge {
    to: Node,
    capacity: u64,
    left: u64,
}

/// A directed network. Every edge stands beside one that leads back and begins empty.
#[derive(Default)]
pub struct Network {
    edges: Vec<Edge>,
    at: Vec<Vec<usize>>,
    /// Edges whose room has changed.
    touched: Vec<usize>,
    /// In which search a node was last reached, and by which edge it goes on.
    reached: Vec<(u64, usize)>,
    search: u64,
}

/// The edge beside an edge.
fn back(edge: usize) -> usize {
    edge ^ 1
}

impl Network {
    pub fn new(nodes: usize) -> Self {
        let at = (0..nodes).map(|_| Vec::new()).collect();
        Self { at, reached: vec![(0, 0); nodes], ..Self::default() }
    }

    /// Adds a node and says its number.
    pub fn add_node(&mut self) -> Node {
        self.at.push(Vec::new());
        self.reached.push((0, 0));
        self.at.len().saturating_sub(1)
    }

    /// Adds an edge. Nodes that are not there are passed over.
    pub fn add_edge(&mut self, from: Node, to: Node, capacity: u64) {
        if from >= self.at.len() || to >= self.at.len() {
            return;
        }
        let edge = self.edges.len();
        self.edges.push(Edge { to, capacity, left: capacity });
        self.edges.push(Edge { to: from, capacity: 0, left: 0 });
        for (node, edge) in [(from, edge), (to, back(edge))] {
            if let Some(edges) = self.at.get_mut(node) {
                edges.push(edge);
            }
        }
    }

    /// The most that flows from the sources to the sinks together. The room that it takes stays
    /// taken until [`Network::empty`]. To a sink that is a source itself flows `u64::MAX`: no end.
    pub fn flow(&mut self, sources: &[Node], sinks: &[Node]) -> u64 {
        let is_source = self.marks(sources);
        if sinks.iter().any(|sink| is_source.get(*sink) == Some(&true)) {
            return u64::MAX;
        }
        let is_sink = self.marks(sinks);
        let mut sum = 0_u64;
        while let Some(source) = self.path(&is_source, sinks) {
            sum = sum.saturating_add(self.fill(source, &is_sink));
        }
        sum
    }

    /// Gives back all room that flows have taken.
    pub fn empty(&mut self) {
        for edge in self.touched.drain(..) {
            if let Some(edge) = self.edges.get_mut(edge) {
                edge.left = edge.capacity;
            }
        }
    }

    /// Takes away the room that flows have taken, for good: who comes later has what is left.
    pub fn keep(&mut self) {
        for edge in self.touched.drain(..) {
            if let Some(edge) = self.edges.get_mut(edge) {
                // The way back is not room of its own: what was given stays given.
                edge.capacity = edge.capacity.min(edge.left);
                edge.left = edge.capacity;
            }
        }
    }

    fn marks(&self, nodes: &[Node]) -> Vec<bool> {
        let mut marks = vec![false; self.at.len()];
        for node in nodes {
            if let Some(mark) = marks.get_mut(*node) {
                *mark = true;
            }
        }
        marks
    }

    fn left(&self, edge: usize) -> u64 {
        self.edges.get(edge).map_or(0, |edge| edge.left)
    }

    fn end(&self, edge: usize) -> Option<Node> {
        self.edges.get(edge).map(|edge| edge.to)
    }

    /// A source from which a sink can be reached, with the way noted at each node.
    fn path(&mut self, is_source: &[bool], sinks: &[Node]) -> Option<Node> {
        self.search = self.search.saturating_add(1);
        let mut waiting: VecDeque<Node> = VecDeque::new();
        for sink in sinks {
            self.reach(*sink, usize::MAX, &mut waiting);
        }
        while let Some(node) = waiting.pop_front() {
            for place in 0..self.at.get(node).map_or(0, Vec::len) {
                let Some(out) = self.at.get(node).and_then(|edges| edges.get(place)).copied()
                else {
                    continue;
                };
                let inward = back(out);
                let Some(before) = self.end(out).filter(|_| self.left(inward) > 0) else {
                    continue;
                };
                if self.reach(before, inward, &mut waiting) && is_source.get(before) == Some(&true)
                {
                    return Some(before);
                }
            }
        }
        None
    }

    /// Notes a node that this search has not seen, and how it goes on from there.
    fn reach(&mut self, node: Node, onward: usize, waiting: &mut VecDeque<Node>) -> bool {
        match self.reached.get_mut(node) {
            Some(seen) if seen.0 != self.search => {
                *seen = (self.search, onward);
                waiting.push_back(node);
                true
            }
            _ => false,
        }
    }

    /// Sends as much as fits along the way noted.
    fn fill(&mut self, source: Node, is_sink: &[bool]) -> u64 {
        let mut way = Vec::new();
        let mut node = source;
        while is_sink.get(node) != Some(&true) {
            let Some((_, onward)) = self.reached.get(node).copied() else { return 0 };
            way.push(onward);
            let Some(next) = self.end(onward) else { return 0 };
            node = next;
        }
        let most = way.iter().map(|edge| self.left(*edge)).min().unwrap_or(0);
        for edge in way {
            if let Some(edge) = self.edges.get_mut(edge) {
                edge.left = edge.left.saturating_sub(most);
            }
            if let Some(edge) = self.edges.get_mut(back(edge)) {
                edge.left = edge.left.saturating_add(most);
            }
            self.touched.extend([edge, back(edge)]);
        }
        most
    }
}
