//! Five nodes: how long until a payee hears of a payment, and until it is checked and held there.

use crate::figures::Figures;
use crate::node::{talking, Dnas, Kind, Node};
use crate::twins::{payment, receipt, request};
use crate::Size;
use anyhow::{bail, Context, Result};
use holochain::prelude::*;
use holochain::sweettest::*;
use std::time::{Duration, Instant};
use tokio::sync::mpsc::{unbounded_channel, UnboundedReceiver};
use weir_wire::{self as wire, LedgerSignal, PaymentStatus};

const NODES: usize = 5;
/// How often the payee looks.
const LOOK: Duration = Duration::from_millis(20);
/// How long a payment may take.
const PATIENCE: Duration = Duration::from_secs(60);
/// Between two payments, as between people.
const PAUSE: Duration = Duration::from_millis(200);

/// A member, alone on a node, with what their page is told.
struct Member {
    node: Node,
    cell: SweetCell,
    told: UnboundedReceiver<(Instant, LedgerSignal)>,
}

pub async fn measure(figures: &mut Figures, size: &Size) -> Result<()> {
    let mut members = village().await?;
    let (mut announced, mut arrived) = (vec![], vec![]);
    for n in 0..size.arrivals {
        // Everybody pays everybody in turn.
        let payer = n % NODES;
        let payee = (payer + 1 + n / NODES % (NODES - 1)) % NODES;
        let (heard, held) = watch(&mut members, payer, payee).await?;
        announced.push(heard);
        arrived.push(held);
        if n % 20 == 0 {
            eprintln!("arrival: {n} of {}: {heard:?}, {held:?}", size.arrivals);
        }
        tokio::time::sleep(PAUSE).await;
    }
    figures.p95("announced_p95_seconds_5_nodes", &announced);
    figures.p95("arrival_p95_seconds_5_nodes", &arrived);
    Ok(())
}

/// Five members who know of each other and hold each other's cards.
async fn village() -> Result<Vec<Member>> {
    let (dnas, place) = (Dnas::load().await?, SweetLocalRendezvous::new().await);
    let mut members: Vec<Member> = vec![];
    for _ in 0..NODES {
        let mut node = Node::start(talking(), &place).await;
        let cell = node.join(&dnas, Kind::Ledger).await?;
        node.conductor.declare_full_storage_arcs(cell.dna_hash()).await;
        let input = wire::OpenAccount { request: request() };
        let _: wire::MyCard = node.call(&cell, ("accounts", "open_account"), input).await?;
        let told = listen(&node, &cell);
        members.push(Member { node, cell, told });
    }
    let conductors = || members.iter().map(|member| &member.node.conductor);
    SweetConductor::exchange_peer_info(conductors().collect::<Vec<_>>()).await;
    let cells: Vec<SweetCell> = members.iter().map(|member| member.cell.clone()).collect();
    await_consistency_s(120, &cells).await.map_err(|e| anyhow::anyhow!("{e:?}"))?;
    Ok(members)
}

/// Everything this member's page is told, with the moment.
fn listen(node: &Node, cell: &SweetCell) -> UnboundedReceiver<(Instant, LedgerSignal)> {
    let app = format!("{:?} {}", Kind::Ledger, cell.agent_pubkey());
    let mut signals = node.conductor.subscribe_to_app_signals(app);
    let (tell, told) = unbounded_channel();
    tokio::spawn(async move {
        while let Ok(signal) = signals.recv().await {
            let now = Instant::now();
            let Signal::App { signal, .. } = signal else { continue };
            if let Ok(signal) = signal.into_inner().decode() {
                let _ = tell.send((now, signal));
            }
        }
    });
    told
}

/// One payment: until the payee has heard of it, and until they could take it. Then they do.
async fn watch(members: &mut [Member], payer: usize, payee: usize) -> Result<(Duration, Duration)> {
    let input = payment(&members[payee].cell);
    let start = Instant::now();
    let Member { node, cell, .. } = &members[payer];
    let written: wire::Written = node.call(cell, ("accounts", "pay"), input).await?;
    let payee = &mut members[payee];
    let held = arrival(payee, &written.entry, start).await?;
    let heard = announcement(payee, &written.entry, start).await?;
    let Member { node, cell, .. } = payee;
    let input = receipt(vec![written.entry]);
    let _: wire::Written = node.call(cell, ("accounts", "receive"), input).await?;
    Ok((heard, held))
}

async fn arrival(payee: &Member, payment: &str, start: Instant) -> Result<Duration> {
    while start.elapsed() < PATIENCE {
        let waiting: wire::Waiting =
            payee.node.call(&payee.cell, ("accounts", "waiting"), wire::Look::default()).await?;
        let mut listed = waiting.payments.iter();
        if listed.any(|p| p.payment == payment && p.status == PaymentStatus::Arrived) {
            return Ok(start.elapsed());
        }
        tokio::time::sleep(LOOK).await;
    }
    bail!("A payment did not arrive within {PATIENCE:?}.")
}

async fn announcement(payee: &mut Member, payment: &str, start: Instant) -> Result<Duration> {
    let wanted = LedgerSignal::Announced { payment: payment.into() };
    loop {
        let rest = PATIENCE.saturating_sub(start.elapsed());
        let told = tokio::time::timeout(rest, payee.told.recv()).await;
        let (at, signal) = told
            .context("A payment was never announced.")?
            .context("The node tells nothing more.")?;
        if signal == wanted {
            return Ok(at.duration_since(start));
        }
    }
}
