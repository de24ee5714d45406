//! Paying and receiving against the bare commit, on accounts of several lengths.

use crate::figures::Figures;
use crate::node::{Dnas, Node};
use crate::reads;
use crate::twins::{Paid, Times, Twins};
use crate::Size;
use anyhow::Result;
use std::time::Duration;

/// Payments that a payee takes together, so that the payer's list of open ones does not fill.
const BATCH: usize = 16;
/// An account that has just begun stays short only for a while: several of them are measured.
const SHORT_PAIRS: usize = 10;

pub async fn measure(figures: &mut Figures, size: &Size) -> Result<()> {
    let [short, lengths @ ..] = size.lengths;
    let rounds = size.rounds.div_ceil(SHORT_PAIRS);
    let (mut node, dnas) = (Node::alone().await, Dnas::load().await?);
    let mut seen = Seen::default();
    for pair in 1..=SHORT_PAIRS {
        eprintln!("commit: pair {pair} of {SHORT_PAIRS} at {short} entries");
        let (payer, payee) = pair_of(&mut node, &dnas).await?;
        payer.grow(&node, &payee, short).await?;
        seen.watch(&node, &payer, &payee, rounds).await?;
    }
    seen.put(figures, "10");

    let mut node = Node::alone().await;
    let dnas = Dnas::load().await?;
    let (payer, payee) = pair_of(&mut node, &dnas).await?;
    for (length, name) in lengths.into_iter().zip(["500", "2000"]) {
        eprintln!("commit: at {length} entries");
        payer.grow(&node, &payee, length).await?;
        let mut seen = Seen::default();
        seen.watch(&node, &payer, &payee, size.rounds).await?;
        seen.put(figures, name);
    }
    payer.settled(&node).await?;
    reads::measure(figures, &node, &payer.ledger, size.rounds, "2000").await
}

pub async fn pair_of(node: &mut Node, dnas: &Dnas) -> Result<(Twins, Twins)> {
    let payer = Twins::open(node, dnas).await?;
    let payee = Twins::open(node, dnas).await?;
    node.hold_everything(dnas).await;
    Ok((payer, payee))
}

/// Times of both writes.
#[derive(Default)]
struct Seen {
    pay: Vec<Times>,
    receive: Vec<Times>,
}

impl Seen {
    /// So many payments, taken in batches as a shop does; then so many, each taken at once.
    async fn watch(
        &mut self,
        node: &Node,
        payer: &Twins,
        payee: &Twins,
        rounds: usize,
    ) -> Result<()> {
        let mut waiting: Vec<Paid> = vec![];
        for round in 1..=rounds {
            let paid = payer.pay(node, payee, true).await?;
            self.pay.push(paid.times);
            waiting.push(paid);
            if waiting.len() == BATCH || round == rounds {
                payee.receive(node, &waiting, false).await?;
                waiting.clear();
            }
        }
        for _ in 0..rounds {
            let paid = payer.pay(node, payee, false).await?;
            self.receive.push(payee.receive(node, &[paid], true).await?);
        }
        Ok(())
    }

    fn put(&self, figures: &mut Figures, name: &str) {
        for (what, times) in [("pay", &self.pay), ("receive", &self.receive)] {
            let ledger: Vec<Duration> = times.iter().map(|times| times.ledger).collect();
            let bare: Vec<Duration> = times.iter().map(|times| times.bare).collect();
            figures.ratio(&format!("{what}_over_bare_{name}"), &ledger, &bare);
        }
    }
}
