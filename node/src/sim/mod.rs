//! `weir sim`: what would happen, tried out without a node and without a network.

mod sybil;

use anyhow::Result;
use clap::{Args, Subcommand};

#[derive(Args)]
pub struct Sim {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// How much a cluster of made-up members could take on a graph of who trusts whom.
    Sybil(sybil::SybilArgs),
}

pub fn sim(asked: Sim) -> Result<()> {
    match asked.what {
        What::Sybil(args) => sybil::sybil(&args),
    }
}
