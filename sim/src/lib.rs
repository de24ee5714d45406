//! Thousands of members on the pure rules, and everything that can go wrong around them.
//!
//! A community is run in one thread from one number, the seed. Members pay, take, send back and
//! take back with [`weir_rules::ledger::apply`]; full nodes judge every entry with it once more,
//! each for itself and each in its own order of arrival. Between them lies a network that delays,
//! loses, doubles, reorders and parts; nodes are killed and lose their disks; clocks lie; keys are
//! used from two copies; hostile members write what no honest program would. A separately written
//! [`auditor`] looks at every step and knows the rules only by what must be true of money.
//!
//! Deliberately absent: a clock (whoever runs this measures the time), threads, files, real hashes
//! and signatures, and every decision about the rules. What a name of an entry must be is: the
//! same for the same bytes, and different for all others. A mixing of the bytes into 256 bits does
//! that here; nobody in here tries to break it.
//!
//! `docs/simulator.md` says what is simulated, what is not, and how to repeat a seed.
#![forbid(unsafe_code)]

mod asks;
pub mod auditor;
pub mod config;
mod faults;
mod hostile;
mod member;
mod months;
mod network;
mod node;
mod record;
pub mod report;
mod rest;
mod returns;
mod rng;
mod rules;
mod scheduler;
mod shrink;
mod trade;
mod world;

pub use config::{Broken, Config, Faults, Hostile, Profile};
pub use report::{Counts, Report, Violation};
pub use shrink::{shrink, Shrunk};

/// Runs every seed that was asked for, one after the other.
pub fn run(config: &Config) -> Report {
    run_each(config, |_, _| {})
}

/// The same; `done` is told each seed and what came of it.
pub fn run_each(config: &Config, mut done: impl FnMut(u64, &Report)) -> Report {
    let mut all = Report::default();
    for number in 0..config.seeds {
        let seed = config.seed.wrapping_add(number);
        let one = run_seed(&Config { seed, seeds: 1, ..config.clone() });
        done(seed, &one);
        all.add(one);
    }
    all
}

/// One community from its founding to its rest.
pub fn run_seed(config: &Config) -> Report {
    world::World::new(config).run()
}
