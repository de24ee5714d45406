//! A node that holds many payments, and a newcomer who joins it.
//!
//! The members are on one conductor, so its memory says nothing about the node of one of them.

use crate::crowd::Crowd;
use crate::figures::Figures;
use crate::node::{talking, Dnas, Kind, Node};
use crate::twins::{payment, request};
use crate::Size;
use anyhow::{ensure, Context, Result};
use holochain::sweettest::{SweetConductor, SweetLocalRendezvous};
use std::time::{Duration, Instant};
use weir_wire as wire;

const MEMBERS: usize = 8;
const MIB: u64 = 1 << 20;
/// How long a newcomer may take.
const PATIENCE: Duration = Duration::from_secs(600);

pub async fn measure(figures: &mut Figures, size: &Size) -> Result<()> {
    let (dnas, place) = (Dnas::load().await?, SweetLocalRendezvous::new().await);
    let mut node = Node::start(talking(), &place).await;
    let crowd = Crowd::of(&mut node, &dnas, MEMBERS).await?;
    eprintln!("many: {} payments by {MEMBERS} members", size.many);
    crowd.pay_round(&node, size.many).await?;
    let dna = dnas.of(Kind::Ledger).dna_hash().clone();
    figures.put("node_disk_mib_20k_payments", node.bytes(&dna).await? / MIB);

    let mut late = Node::start(talking(), &place).await;
    // In another network of the same programs they are compiled, so that is not timed.
    let other = Dnas::load().await?;
    let cell = late.join(&other, Kind::Ledger).await?;
    let _: u64 = late.call(&cell, ("probe", "nothing"), 1_u64).await?;

    let start = Instant::now();
    let cell = late.join(&dnas, Kind::Ledger).await?;
    let both = [&late.conductor, &node.conductor];
    SweetConductor::exchange_peer_info(both).await;
    late.conductor.declare_full_storage_arcs(&dna).await;
    SweetConductor::exchange_peer_info(both).await;
    let input = wire::OpenAccount { request: request() };
    let _: wire::MyCard = late.call(&cell, ("accounts", "open_account"), input).await?;
    // Usable: somebody can be paid. Their card must have arrived for that.
    let mut payees = crowd.members.iter().cycle();
    loop {
        let payee = payees.next().context("There is nobody to pay.")?;
        let paid: Result<wire::Written> =
            late.call(&cell, ("accounts", "pay"), payment(payee)).await;
        if paid.is_ok() {
            break;
        }
        ensure!(start.elapsed() < PATIENCE, "A newcomer could never pay: {paid:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    figures.put("join_usable_seconds_20k", start.elapsed().as_secs_f64());
    let held = late.counts(&dna).await?.integrated;
    figures.put("join_usable_held_then", held);
    Ok(())
}
