//! A crowd of members who pay each other in the ledger alone, on one conductor.

use crate::node::{Dnas, Kind, Node};
use crate::twins::{payment, receipt, request};
use anyhow::Result;
use holochain::sweettest::SweetCell;
use weir_wire as wire;

/// Payments that a payee takes together: as many as may be.
const BATCH: usize = 16;

pub struct Crowd {
    pub members: Vec<SweetCell>,
}

impl Crowd {
    /// So many members with open accounts.
    pub async fn of(node: &mut Node, dnas: &Dnas, count: usize) -> Result<Self> {
        let mut members = vec![];
        for _ in 0..count {
            let cell = node.join(dnas, Kind::Ledger).await?;
            let input = wire::OpenAccount { request: request() };
            let _: wire::MyCard = node.call(&cell, ("accounts", "open_account"), input).await?;
            members.push(cell);
        }
        node.hold_everything(dnas).await;
        Ok(Self { members })
    }

    /// Sixteen payments by one member to another, taken with one entry.
    pub async fn trade(&self, node: &Node, payer: usize, payee: usize) -> Result<()> {
        let (payer, payee) = (&self.members[payer], &self.members[payee]);
        let mut paid = vec![];
        for _ in 0..BATCH {
            let written: wire::Written =
                node.call(payer, ("accounts", "pay"), payment(payee)).await?;
            paid.push(written.entry);
        }
        node.settled(payee.dna_hash()).await?;
        let _: wire::Written = node.call(payee, ("accounts", "receive"), receipt(paid)).await?;
        Ok(())
    }

    /// So many payments at least, in turn by everybody to the next.
    pub async fn pay_round(&self, node: &Node, payments: usize) -> Result<()> {
        let count = self.members.len();
        for turn in 0..payments.div_ceil(BATCH) {
            self.trade(node, turn % count, (turn + 1) % count).await?;
            if turn % 50 == 0 {
                eprintln!("  {} of {payments} payments", turn * BATCH);
            }
        }
        node.settled(self.members[0].dna_hash()).await
    }
}
