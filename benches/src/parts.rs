//! Where the time of a commit goes: the same writes with and without the writer's own validation,
//! and what a few small calls take. Only on demand: it explains figures and is none itself.

use crate::commit::pair_of;
use crate::figures::Figures;
use crate::node::{silent, Dnas, Node};
use crate::twins::Twins;
use crate::Size;
use anyhow::{Context, Result};
use holochain::prelude::*;
use holochain::sweettest::SweetLocalRendezvous;
use serde::de::IgnoredAny;
use serde::Serialize;
use std::collections::BTreeMap;
use std::time::Duration;
use weir_wire as wire;

/// Entries before anything is timed: few enough for no payment to be forgotten.
const ENTRIES: u32 = 3;
/// Pairs of accounts, and writes of each, for the same reason.
const PAIRS: usize = 10;
const WRITES: usize = 4;

pub async fn measure(figures: &mut Figures, size: &Size) -> Result<()> {
    for (name, checked) in [("checked", true), ("unchecked", false)] {
        let config = silent().tune_conductor(|tuning| tuning.disable_self_validation = !checked);
        let mut node = Node::start(config, &SweetLocalRendezvous::new().await).await;
        let dnas = Dnas::load().await?;
        let (mut pay, mut receive) = (vec![], vec![]);
        for _ in 0..PAIRS {
            let (payer, payee) = pair_of(&mut node, &dnas).await?;
            payer.grow(&node, &payee, ENTRIES).await?;
            for _ in 0..WRITES {
                let paid = payer.pay(&node, &payee, true).await?;
                pay.push(paid.times);
                receive.push(payee.receive(&node, &[paid], true).await?);
            }
            if checked && pay.len() == WRITES {
                calls(figures, &node, &payer, size.rounds).await?;
            }
        }
        for (what, times) in [("pay", pay), ("receive", receive)] {
            let ledger: Vec<Duration> = times.iter().map(|times| times.ledger).collect();
            let bare: Vec<Duration> = times.iter().map(|times| times.bare).collect();
            figures.ratio(&format!("{what}_{name}"), &ledger, &bare);
        }
    }
    Ok(())
}

/// Input of the probe's `links_at`.
#[derive(Clone, Debug, Serialize)]
struct LinksAt {
    kind: u8,
    base: AnyLinkableHash,
    target: AnyLinkableHash,
    #[serde(with = "serde_bytes")]
    tag: Vec<u8>,
}

/// Small calls against the smallest one.
async fn calls(figures: &mut Figures, node: &Node, member: &Twins, rounds: usize) -> Result<()> {
    let cell = &member.ledger;
    let own: wire::MyCard = node.call(cell, ("accounts", "my_card"), ()).await?;
    let card = ActionHash::try_from(own.card.context("There is no card.")?)?;
    let key = AnyLinkableHash::from(cell.agent_pubkey().clone());
    // The kind of the link from a key to its card.
    let links = LinksAt { kind: 2, base: key.clone(), target: key, tag: vec![] };
    let mut times: BTreeMap<&str, Vec<Duration>> = BTreeMap::new();
    let noop = ("bare", "noop");
    for _ in 0..rounds {
        let mut take = |name, time| times.entry(name).or_default().push(time);
        take("noop", node.timed::<_, u64>(&member.bare, noop, 1_u64).await?.1);
        take("probe", node.timed::<_, u64>(cell, ("probe", "nothing"), 1_u64).await?.1);
        for name in ["charter", "my_card", "position"] {
            take(name, node.timed::<_, IgnoredAny>(cell, ("accounts", name), ()).await?.1);
        }
        for name in ["seen", "entry_bytes"] {
            let input = card.clone();
            take(name, node.timed::<_, IgnoredAny>(cell, ("probe", name), input).await?.1);
        }
        let input = links.clone();
        take("links_at", node.timed::<_, IgnoredAny>(cell, ("probe", "links_at"), input).await?.1);
    }
    for (name, found) in &times {
        figures.ratio(&format!("{name}_over_noop"), found, &times["noop"]);
    }
    Ok(())
}
