//! What a payment leaves on a node that holds everything: both sides, with all their operations.

use crate::figures::Figures;
use crate::node::{Dnas, Node};
use crate::twins::Twins;
use crate::Size;
use anyhow::Result;

/// Payments after which the lists of an account are as long as they stay.
const WARM: u32 = 72;

pub async fn measure(figures: &mut Figures, size: &Size) -> Result<()> {
    let (mut node, dnas) = (Node::alone().await, Dnas::load().await?);
    let payer = Twins::open(&mut node, &dnas).await?;
    let payee = Twins::open(&mut node, &dnas).await?;
    node.hold_everything(&dnas).await;
    payer.grow(&node, &payee, WARM).await?;
    let before = bytes(&node, &payer).await?;
    payer.grow(&node, &payee, WARM + size.payments).await?;
    let after = bytes(&node, &payer).await?;
    let payments = u64::from(size.payments);
    figures.put("bytes_per_payment", (after.0 - before.0) / payments);
    figures.put("bytes_per_bare_payment", (after.1 - before.1) / payments);
    Ok(())
}

/// Of the ledger and of its baseline, which has entries of the same size.
async fn bytes(node: &Node, member: &Twins) -> Result<(u64, u64)> {
    member.settled(node).await?;
    Ok((node.bytes(member.ledger.dna_hash()).await?, node.bytes(member.bare.dna_hash()).await?))
}
