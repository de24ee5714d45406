//! Members of the ledger, and for each of them one who writes the same into the baseline.

use crate::node::{Dnas, Kind, Node};
use anyhow::{Context, Result};
use holochain::prelude::*;
use holochain::sweettest::SweetCell;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use weir_wire as wire;

/// Time for what a commit leaves behind (signals, mostly), so that the next call does not pay.
const BREATH: Duration = Duration::from_millis(25);

/// A member and their twin.
pub struct Twins {
    pub ledger: SweetCell,
    pub bare: SweetCell,
    /// What stands for the card in the baseline.
    bare_card: ActionHash,
}

/// Both forms of one payment, and what writing them took.
#[derive(Clone)]
pub struct Paid {
    pub payment: String,
    pub like: ActionHash,
    pub times: Times,
}

#[derive(Clone, Copy)]
pub struct Times {
    pub ledger: Duration,
    pub bare: Duration,
}

/// Input of the baseline: the bytes of an entry, and where its links start.
#[derive(Debug, Serialize)]
struct Like {
    #[serde(with = "serde_bytes")]
    bytes: Vec<u8>,
    bases: Vec<ActionHash>,
}

/// Answer of the probe.
#[derive(Debug, Deserialize)]
struct Bytes {
    #[serde(with = "serde_bytes")]
    bytes: Vec<u8>,
}

impl Twins {
    /// Joins both DNAs and opens the account.
    pub async fn open(node: &mut Node, dnas: &Dnas) -> Result<Self> {
        let ledger = node.join(dnas, Kind::Ledger).await?;
        let bare = node.join(dnas, Kind::Bare).await?;
        let input = wire::OpenAccount { request: request() };
        let card: wire::MyCard = node.call(&ledger, ("accounts", "open_account"), input).await?;
        let bytes = entry_bytes(node, &ledger, &card.card.context("There is no card.")?).await?;
        let like = Like { bytes, bases: vec![] };
        let bare_card = node.call(&bare, ("bare", "open_like"), like).await?;
        let twins = Self { ledger, bare, bare_card };
        twins.settled(node).await?;
        Ok(twins)
    }

    pub async fn settled(&self, node: &Node) -> Result<()> {
        node.settled(self.ledger.dna_hash()).await?;
        node.settled(self.bare.dna_hash()).await
    }

    async fn quiet(&self, node: &Node) -> Result<()> {
        self.settled(node).await?;
        tokio::time::sleep(BREATH).await;
        Ok(())
    }

    pub async fn position(&self, node: &Node) -> Result<wire::Position> {
        node.call(&self.ledger, ("accounts", "position"), ()).await
    }

    /// One payment in both DNAs. `timed`: each write waits until the machine is quiet.
    pub async fn pay(&self, node: &Node, payee: &Twins, timed: bool) -> Result<Paid> {
        let input = payment(&payee.ledger);
        if timed {
            self.quiet(node).await?;
        }
        let (written, ledger): (wire::Written, _) =
            node.timed(&self.ledger, ("accounts", "pay"), input).await?;
        let bytes = entry_bytes(node, &self.ledger, &written.entry).await?;
        let input = Like { bytes, bases: vec![payee.bare_card.clone()] };
        if timed {
            self.quiet(node).await?;
        }
        let (like, bare) = node.timed(&self.bare, ("bare", "pay_like"), input).await?;
        Ok(Paid { payment: written.entry, like, times: Times { ledger, bare } })
    }

    /// Takes payments in both DNAs, with one entry each.
    pub async fn receive(&self, node: &Node, paid: &[Paid], timed: bool) -> Result<Times> {
        let input = receipt(paid.iter().map(|paid| paid.payment.clone()).collect());
        self.settled(node).await?;
        if timed {
            self.quiet(node).await?;
        }
        let (written, ledger): (wire::Written, _) =
            node.timed(&self.ledger, ("accounts", "receive"), input).await?;
        let bytes = entry_bytes(node, &self.ledger, &written.entry).await?;
        let input = Like { bytes, bases: paid.iter().map(|paid| paid.like.clone()).collect() };
        if timed {
            self.quiet(node).await?;
        }
        let (_, bare): (ActionHash, _) =
            node.timed(&self.bare, ("bare", "receive_like"), input).await?;
        Ok(Times { ledger, bare })
    }

    /// Pays and is taken from, one at a time, until this account has `entries`.
    pub async fn grow(&self, node: &Node, payee: &Twins, entries: u32) -> Result<()> {
        for at in self.position(node).await?.entries..entries {
            let paid = self.pay(node, payee, false).await?;
            payee.receive(node, &[paid], false).await?;
            if at % 100 == 0 {
                eprintln!("  {at} of {entries} entries");
            }
        }
        Ok(())
    }
}

/// The bytes of an own entry.
async fn entry_bytes(node: &Node, cell: &SweetCell, entry: &str) -> Result<Vec<u8>> {
    let entry = ActionHash::try_from(entry)?;
    let found: Bytes = node.call(cell, ("probe", "entry_bytes"), entry).await?;
    Ok(found.bytes)
}

/// A payment as the page sends it.
pub fn payment(payee: &SweetCell) -> wire::Pay {
    wire::Pay {
        request: request(),
        first_try: true,
        payee: payee.agent_pubkey().to_string(),
        amount: "1".into(),
        category: 0,
        memo: Some("apples".into()),
        ask: None,
    }
}

/// A receipt as a shell without the node's soundness index sends it, which is the dearer way.
pub fn receipt(payments: Vec<String>) -> wire::Receive {
    wire::Receive {
        request: request(),
        first_try: true,
        payments,
        witnesses: vec![],
        vouched: false,
    }
}

pub fn request() -> String {
    uuid::Uuid::now_v7().to_string()
}
