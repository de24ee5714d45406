//! A community with a past, in both DNAs, for newcomers to catch up with.

use crate::node::{talking, Dnas, Kind, Node};
use crate::twins::Twins;
use anyhow::{ensure, Result};
use holochain::prelude::*;
use holochain::sweettest::*;

pub struct History {
    pub dnas: Dnas,
    /// Where newcomers find the others.
    pub place: DynSweetRendezvous,
    /// The one node that holds it all.
    pub node: Node,
    payer: Twins,
    payee: Twins,
}

impl History {
    /// So many payments, each taken at once.
    pub async fn of(payments: u32) -> Result<Self> {
        let (dnas, place) = (Dnas::load().await?, SweetLocalRendezvous::new().await);
        let mut node = Node::start(talking(), &place).await;
        let payer = Twins::open(&mut node, &dnas).await?;
        let payee = Twins::open(&mut node, &dnas).await?;
        node.hold_everything(&dnas).await;
        eprintln!("history: {payments} payments and as many receipts");
        // The card is an entry too.
        payer.grow(&node, &payee, payments + 1).await?;
        payer.settled(&node).await?;
        Ok(Self { dnas, place, node, payer, payee })
    }

    /// All that both members have said, in the order of hashes, which is none.
    pub async fn ops(&self, kind: Kind) -> Result<Vec<DhtOpHashed>> {
        let members = match kind {
            Kind::Ledger => [&self.payer.ledger, &self.payee.ledger],
            Kind::Bare => [&self.payer.bare, &self.payee.bare],
        };
        let said = self.node.said_by(&members).await?;
        let mut ops: Vec<_> = said.into_iter().map(DhtOpHashed::from_content_sync).collect();
        ops.sort_by_key(|op| op.as_hash().clone());
        Ok(ops)
    }

    /// What both DNAs hold of the past, which must be equally much.
    pub async fn all_ops(&self) -> Result<(Vec<DhtOpHashed>, Vec<DhtOpHashed>)> {
        let (ledger, bare) = (self.ops(Kind::Ledger).await?, self.ops(Kind::Bare).await?);
        let (here, there) = (ledger.len(), bare.len());
        ensure!(here == there, "The ledger has {here} operations and its baseline {there}.");
        Ok((ledger, bare))
    }
}
