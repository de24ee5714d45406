//! Runs communities without building the program: `communities SEEDS MEMBERS DAYS [SEED]`.
//!
//! The library has no clock; whoever runs it measures the time, as here.

use std::time::Instant;
use weir_sim::{run, shrink, Config};

fn main() {
    let numbers: Vec<u64> = std::env::args().skip(1).filter_map(|it| it.parse().ok()).collect();
    let [seeds, members, days, rest @ ..] = &numbers[..] else {
        eprintln!("communities SEEDS MEMBERS DAYS [SEED]");
        std::process::exit(2);
    };
    let config = Config {
        seeds: *seeds,
        seed: rest.first().copied().unwrap_or(1),
        members: u32::try_from(*members).unwrap_or(u32::MAX),
        days: u32::try_from(*days).unwrap_or(u32::MAX),
        ..Config::default()
    };
    let begun = Instant::now();
    let report = run(&config);
    let seconds = begun.elapsed().as_secs_f64();
    println!("{:#?}", report.counts);
    let per_second = report.member_days as f64 / seconds;
    println!("{seconds:.2} s, {per_second:.0} member-days per second, digest {}", report.digest);
    for violation in &report.violations {
        println!("VIOLATED {violation}");
    }
    if let Some(first) = report.violations.first() {
        println!("{:#?}", shrink(&config, first));
        std::process::exit(1);
    }
}
