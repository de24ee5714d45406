//! A newcomer who is handed a community's past at once, against the same past of the baseline.

use crate::figures::Figures;
use crate::history::History;
use crate::node::{Kind, Node};
use anyhow::{ensure, Result};
use holochain::prelude::*;
use holochain::sweettest::SweetCell;
use std::time::{Duration, Instant};

pub async fn measure(figures: &mut Figures, history: &History, repeats: usize) -> Result<()> {
    let (past, bare_past) = history.all_ops().await?;
    figures.put("join_operations", past.len());
    let (mut times, mut base) = (vec![], vec![]);
    for repeat in 1..=repeats {
        eprintln!("join: newcomer {repeat} of {repeats}");
        let mut node = Node::alone().await;
        // Each takes its turn in being the first.
        let mut order = [(Kind::Ledger, &past, &mut times), (Kind::Bare, &bare_past, &mut base)];
        if repeat % 2 == 0 {
            order.reverse();
        }
        for (kind, past, times) in order {
            let cell = newcomer(&mut node, history, kind).await?;
            times.push(catch_up(&node, &cell, past.clone()).await?);
        }
    }
    figures.ratio("join_over_bare_1000", &times, &base);
    Ok(())
}

/// Somebody who has just joined, and whose node has its programs at hand.
async fn newcomer(node: &mut Node, history: &History, kind: Kind) -> Result<SweetCell> {
    let cell = node.join(&history.dnas, kind).await?;
    node.conductor.declare_full_storage_arcs(cell.dna_hash()).await;
    first_call(node, &cell, kind).await?;
    node.settled(cell.dna_hash()).await?;
    Ok(cell)
}

/// The first call writes the start of a chain and compiles what that takes.
pub async fn first_call(node: &Node, cell: &SweetCell, kind: Kind) -> Result<()> {
    let zome = match kind {
        Kind::Ledger => ("probe", "nothing"),
        Kind::Bare => ("bare", "noop"),
    };
    let _: u64 = node.call(cell, zome, 1_u64).await?;
    Ok(())
}

/// Until everything is judged.
async fn catch_up(node: &Node, cell: &SweetCell, past: Vec<DhtOpHashed>) -> Result<Duration> {
    let expected = past.len();
    let before = node.counts(cell.dna_hash()).await?.integrated;
    let start = Instant::now();
    node.hand_over(cell, past).await?;
    node.settled(cell.dna_hash()).await?;
    let time = start.elapsed();
    let added = node.counts(cell.dna_hash()).await?.integrated - before;
    ensure!(added == expected, "Of {expected} operations {added} were integrated.");
    let rejected = node.rejected(cell.dna_hash()).await?;
    ensure!(rejected == 0, "{rejected} operations of an honest past were rejected.");
    eprintln!("  {expected} operations in {time:?}");
    Ok(time)
}
