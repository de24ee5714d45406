//! Makes a failing run smaller, so that somebody can follow it.

use crate::config::{Config, Faults, Profile};
use crate::report::Violation;

/// The smallest config found that still breaks the same invariant.
#[derive(Clone, Debug)]
pub struct Shrunk {
    pub config: Config,
    pub violation: Violation,
    /// How many runs it took.
    pub runs: u32,
}

/// Runs that shrinking may take.
const RUNS_MAX: u32 = 60;

/// Takes away days, members, faults and hostile members as long as what was violated still is.
pub fn shrink(config: &Config, violation: &Violation) -> Shrunk {
    let config = Config { seed: violation.seed, seeds: 1, ..config.clone() };
    let mut best = Shrunk { config, violation: violation.clone(), runs: 0 };
    'smaller: loop {
        for config in candidates(&best) {
            if best.runs >= RUNS_MAX {
                return best;
            }
            best.runs += 1;
            if let Some(violation) = still_violated(&config, best.violation.invariant) {
                best = Shrunk { config, violation, ..best };
                continue 'smaller;
            }
        }
        return best;
    }
}

fn still_violated(config: &Config, invariant: &str) -> Option<Violation> {
    crate::run_seed(config).violations.into_iter().find(|it| it.invariant == invariant)
}

/// What could be left away, the most first.
fn candidates(best: &Shrunk) -> Vec<Config> {
    let config = &best.config;
    let mut all = Vec::new();
    let mut add = |change: &dyn Fn(&mut Config)| {
        let mut smaller = config.clone();
        change(&mut smaller);
        if smaller != *config {
            all.push(smaller);
        }
    };
    // Nothing that comes after the day of the violation can have led to it.
    add(&|it| it.days = it.days.min(best.violation.day + 1));
    add(&|it| it.members = (it.members / 2).max(2));
    add(&|it| it.members = (it.members - 1).max(2));
    add(&|it| it.faults = Faults::NONE);
    add(&|it| it.profile = Profile::Calm);
    add(&|it| it.hostile = 0);
    add(&|it| it.days = (it.days / 2).max(1));
    add(&|it| it.days = (it.days - 1).max(1));
    add(&|it| it.faults.crashes = false);
    add(&|it| it.faults.lost_disks = false);
    add(&|it| it.faults.clocks = false);
    add(&|it| it.faults.old_copies = false);
    add(&|it| it.nodes = (it.nodes - 1).max(2));
    all
}
