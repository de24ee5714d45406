//! The figures of the design that need running conductors, as one JSON object on the standard
//! output. What is being done is told on the other one.
//!
//! Each figure has a module. Ratios compare with the same actions in a DNA whose validation says
//! yes at once (`benches/bare`), written and judged in the same run by the same conductors, so
//! that machine and profile stand on both sides.

mod arrival;
mod bytes;
mod commit;
mod crowd;
mod figures;
mod history;
mod join;
mod join_network;
mod long;
mod many;
mod node;
mod parts;
mod reads;
mod twins;

use anyhow::Result;
use clap::{Parser, ValueEnum};
use figures::Figures;
use history::History;

/// Measures Weir on running conductors.
#[derive(Parser)]
struct Options {
    /// Small numbers everywhere: shows that the benches run, not how fast anything is.
    #[arg(long)]
    quick: bool,
    /// Only this one; all of them otherwise.
    #[arg(long)]
    only: Option<Bench>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Bench {
    Commit,
    Join,
    JoinNetwork,
    Arrival,
    Bytes,
    Long,
    Many,
    /// Not a figure: where the time of a commit goes. Only when it is asked for.
    Parts,
}

/// How much is measured.
struct Size {
    /// Ledger entries before the first timed write; the figures are named after the full sizes.
    lengths: [u32; 3],
    rounds: usize,
    /// Pays of the newcomer's past, with as many receives.
    past: u32,
    newcomers: usize,
    arrivals: usize,
    /// Payments whose bytes are counted.
    payments: u32,
    /// Entries of a long account.
    long: u32,
    /// Payments on a node that holds many.
    many: usize,
}

const FULL: Size = Size {
    lengths: [10, 500, 2_000],
    rounds: 200,
    past: 500,
    newcomers: 3,
    arrivals: 100,
    payments: 300,
    long: 10_000,
    many: 20_000,
};

const QUICK: Size = Size {
    lengths: [3, 20, 30],
    rounds: 10,
    past: 20,
    newcomers: 1,
    arrivals: 10,
    payments: 20,
    long: 40,
    many: 100,
};

#[tokio::main(flavor = "multi_thread")]
async fn main() -> Result<()> {
    let options = Options::parse();
    let size = if options.quick { &QUICK } else { &FULL };
    let wanted = |bench| options.only.is_none_or(|only| only == bench);
    let mut figures = Figures::default();
    about(&mut figures, "before");

    if wanted(Bench::Arrival) {
        arrival::measure(&mut figures, size).await?;
    }
    if wanted(Bench::Join) || wanted(Bench::JoinNetwork) {
        let history = History::of(size.past).await?;
        if wanted(Bench::Join) {
            join::measure(&mut figures, &history, size.newcomers).await?;
        }
        if wanted(Bench::JoinNetwork) {
            join_network::measure(&mut figures, &history, size.newcomers).await?;
        }
    }
    if wanted(Bench::Bytes) {
        bytes::measure(&mut figures, size).await?;
    }
    if wanted(Bench::Commit) {
        commit::measure(&mut figures, size).await?;
    }
    if wanted(Bench::Many) {
        many::measure(&mut figures, size).await?;
    }
    if wanted(Bench::Long) {
        long::measure(&mut figures, size).await?;
    }
    if options.only == Some(Bench::Parts) {
        parts::measure(&mut figures, size).await?;
    }
    about(&mut figures, "after");
    println!("{}", serde_json::Value::Object(figures.0));
    Ok(())
}

/// What the figures depend on: the profile of this program, and how busy the machine was.
fn about(figures: &mut Figures, when: &str) {
    figures.put("profile", if cfg!(debug_assertions) { "dev" } else { "release" });
    if let Ok(load) = std::fs::read_to_string("/proc/loadavg") {
        let load = load.split_whitespace().next().unwrap_or_default();
        figures.put(&format!("load_{when}"), load);
    }
}
