//! Reading an account of many entries.

use crate::crowd::Crowd;
use crate::figures::Figures;
use crate::node::{Dnas, Node};
use crate::reads;
use crate::Size;
use anyhow::Result;
use weir_wire as wire;

pub async fn measure(figures: &mut Figures, size: &Size) -> Result<()> {
    let (mut node, dnas) = (Node::alone().await, Dnas::load().await?);
    let crowd = Crowd::of(&mut node, &dnas, 2).await?;
    let payer = &crowd.members[0];
    loop {
        let position: wire::Position = node.call(payer, ("accounts", "position"), ()).await?;
        if position.entries >= size.long {
            break;
        }
        eprintln!("long: {} of {} entries", position.entries, size.long);
        for _ in 0..16 {
            crowd.trade(&node, 0, 1).await?;
        }
    }
    node.settled(payer.dna_hash()).await?;
    reads::measure(figures, &node, payer, size.rounds, "10000").await
}
