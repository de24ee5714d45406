//! The same newcomer over the network, with equal gossip: until the node holds everything.

use crate::figures::Figures;
use crate::history::History;
use crate::join::first_call;
use crate::node::{talking, Counts, Dnas, Kind, Node};
use anyhow::{ensure, Result};
use holochain::prelude::*;
use holochain::sweettest::SweetConductor;
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

/// How long a newcomer may take.
const PATIENCE: Duration = Duration::from_secs(600);

pub async fn measure(figures: &mut Figures, history: &History, repeats: usize) -> Result<()> {
    let (mut times, mut base) = (vec![], vec![]);
    for repeat in 1..=repeats {
        eprintln!("join over the network: newcomer {repeat} of {repeats}");
        let mut order = [(Kind::Ledger, &mut times), (Kind::Bare, &mut base)];
        if repeat % 2 == 0 {
            order.reverse();
        }
        for (kind, times) in order {
            // Each has a node of its own: how often two nodes gossip is limited for all DNAs
            // together.
            let mut node = Node::start(talking(), &history.place).await;
            times.push(join(&mut node, history, kind).await?);
            leave(node).await?;
        }
    }
    figures.ratio("join_network_over_bare_1000", &times, &base);
    Ok(())
}

/// From joining until all that the others have said is integrated here.
async fn join(node: &mut Node, history: &History, kind: Kind) -> Result<Duration> {
    // In another network of the same programs they are compiled, so that is not timed.
    let other = Dnas::load().await?;
    let cell = node.join(&other, kind).await?;
    first_call(node, &cell, kind).await?;

    let past = history.ops(kind).await?;
    let start = Instant::now();
    let cell = node.join(&history.dnas, kind).await?;
    let dna = cell.dna_hash();
    let both = [&node.conductor, &history.node.conductor];
    SweetConductor::exchange_peer_info(both).await;
    node.conductor.declare_full_storage_arcs(dna).await;
    SweetConductor::exchange_peer_info(both).await;
    let mut shown = Instant::now();
    loop {
        let counts = node.counts(dna).await?;
        if counts.undecided == 0
            && counts.integrated >= past.len()
            && holds(node, dna, &past).await?
        {
            break;
        }
        if shown.elapsed() > Duration::from_secs(10) {
            shown = Instant::now();
            let Counts { undecided, integrated } = counts;
            let (all, time) = (past.len(), start.elapsed());
            eprintln!("  {integrated} of {all} integrated, {undecided} waiting, after {time:?}");
        }
        ensure!(start.elapsed() < PATIENCE, "A newcomer never caught up.");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let time = start.elapsed();
    ensure!(node.rejected(dna).await? == 0, "Operations of an honest past were rejected.");
    eprintln!("  {kind:?}: {} operations in {time:?}", past.len());
    Ok(time)
}

async fn holds(node: &Node, dna: &DnaHash, past: &[DhtOpHashed]) -> Result<bool> {
    let store = node.conductor.get_dht_store(dna)?;
    let dump = holochain::conductor::full_integration_dump(&store.as_read(), None).await?;
    let here = dump.integrated.into_iter().map(DhtOpHashed::from_content_sync);
    let here: BTreeSet<DhtOpHash> = here.map(|op| op.as_hash().clone()).collect();
    Ok(past.iter().all(|op| here.contains(op.as_hash())))
}

/// Says goodbye, so that the next newcomer does not look for this one.
async fn leave(node: Node) -> Result<()> {
    for app in node.conductor.list_apps(None).await? {
        let why = DisabledAppReason::User;
        node.conductor.disable_app(app.installed_app_id, why).await?;
    }
    Ok(())
}
