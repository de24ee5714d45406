//! `weir sim`: what would happen, tried out without a node and without a network.

mod communities;
mod sybil;

use anyhow::Result;
use clap::{Args, Subcommand};
use communities::CommunityArgs;

#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Sim {
    #[command(subcommand)]
    what: Option<What>,
    #[command(flatten)]
    communities: CommunityArgs,
}

#[derive(Subcommand)]
enum What {
    /// How much a cluster of made-up members could take on a graph of who trusts whom.
    Sybil(sybil::SybilArgs),
}

pub fn sim(asked: Sim) -> Result<()> {
    match asked.what {
        None => communities::simulate(&asked.communities),
        Some(What::Sybil(args)) => sybil::sybil(&args),
    }
}
