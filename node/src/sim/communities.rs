//! `weir sim`: whole communities in one thread, with everything that can go wrong in them, and an
//! auditor who looks at every step. No conductor, no network, no data folder.

use crate::failure::{bad_input, say};
use anyhow::{bail, Result};
use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{json, Map, Value};
use std::time::Instant;
use weir_sim::{run_each, shrink, Config, Counts, Faults, Profile, Report, Shrunk, Violation};

#[derive(Args)]
pub struct CommunityArgs {
    /// How many communities, one after the other, each with the next seed.
    #[arg(long, value_name = "N", default_value_t = 10)]
    seeds: u64,
    /// How many members each has.
    #[arg(long, value_name = "M", default_value_t = 50)]
    members: u32,
    /// How many days each lives.
    #[arg(long, value_name = "D", default_value_t = 30)]
    days: u32,
    /// The first seed: the same one repeats a run exactly.
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// Full nodes that the members live on, and that judge everything.
    #[arg(long, value_name = "K", default_value_t = 4)]
    nodes: u32,
    /// How many members in a hundred have a changed program.
    #[arg(long, value_name = "PERCENT", default_value_t = 25)]
    hostile: u32,
    /// How bad the network is.
    #[arg(long, value_enum, default_value_t = Network::Any)]
    network: Network,
    /// Nothing breaks: no killed nodes, lost disks, wrong clocks or old copies.
    #[arg(long)]
    no_faults: bool,
    /// Print one line of JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Network {
    /// One of the others, by the seed.
    Any,
    /// Everything arrives within seconds.
    Calm,
    /// Three in ten deliveries are lost at first, many come twice, all in disorder.
    Lossy,
    /// It falls in two for hours, again and again.
    Torn,
}

const MEMBERS_MAX: u32 = 100_000;
const DAYS_MAX: u32 = 3_650;
const NODES_MAX: u32 = 64;

/// Runs what was asked for and tells what came of it.
pub fn simulate(args: &CommunityArgs) -> Result<()> {
    let config = args.config()?;
    let bar = bar(args);
    let begun = Instant::now();
    let report = run_each(&config, |_, _| bar.inc(1));
    let seconds = begun.elapsed().as_secs_f64();
    bar.finish_and_clear();
    let shrunk = report.violations.first().map(|first| shrink(&config, first));
    tell(args, &report, shrunk.as_ref(), report.member_days as f64 / seconds.max(1e-9));
    match report.violations.len() as u64 + report.more_violations {
        0 => Ok(()),
        count => bail!("{count} violations"),
    }
}

impl CommunityArgs {
    fn config(&self) -> Result<Config> {
        let within = |name: &str, value: u32, from: u32, to: u32| {
            if (from..=to).contains(&value) {
                Ok(value)
            } else {
                Err(bad_input(format!("choose {from} to {to} {name}")))
            }
        };
        if self.seeds == 0 {
            return Err(bad_input("choose at least one seed"));
        }
        Ok(Config {
            seed: self.seed,
            seeds: self.seeds,
            members: within("members", self.members, 2, MEMBERS_MAX)?,
            days: within("days", self.days, 1, DAYS_MAX)?,
            nodes: within("nodes", self.nodes, 2, NODES_MAX)?,
            hostile: within("hostile members in a hundred", self.hostile, 0, 100)? * 100,
            profile: match self.network {
                Network::Any => Profile::Any,
                Network::Calm => Profile::Calm,
                Network::Lossy => Profile::Lossy,
                Network::Torn => Profile::Torn,
            },
            faults: if self.no_faults { Faults::NONE } else { Faults::ALL },
            ..Config::default()
        })
    }
}

fn tell(
    args: &CommunityArgs,
    report: &Report,
    shrunk: Option<&Shrunk>,
    member_days_per_second: f64,
) {
    if args.json {
        let violations: Vec<Value> = report.violations.iter().map(violation_json).collect();
        return say(json!({
            "seeds": report.seeds,
            "members": args.members,
            "days": args.days,
            "violations": violations,
            "more_violations": report.more_violations,
            "shrunk": shrunk.map(shrunk_json),
            "member_days_per_second": member_days_per_second,
            "counts": counts_json(&report.counts),
        }));
    }
    say(format!(
        "{} seeds, {} members, {} days: {member_days_per_second:.0} member-days per second",
        report.seeds, args.members, args.days
    ));
    for (name, count) in report.counts.named() {
        say(format!("  {name:<20} {count:>12}"));
    }
    for (title, codes) in [
        ("rejected by nodes", &report.counts.rejected),
        ("not written", &report.counts.not_written),
    ] {
        say(format!("{title}:"));
        for (code, count) in codes {
            say(format!("  {code:<20} {count:>12}"));
        }
    }
    for violation in &report.violations {
        say(format!("VIOLATED {violation}"));
    }
    if let Some(Shrunk { config, violation, runs }) = shrunk {
        say(format!("smallest after {runs} more runs: {violation}"));
        say(format!("  {config:?}"));
    }
}

fn violation_json(violation: &Violation) -> Value {
    let Violation { invariant, seed, step, day, facts } = violation;
    json!({ "invariant": invariant, "seed": seed, "step": step, "day": day, "facts": facts })
}

fn shrunk_json(shrunk: &Shrunk) -> Value {
    let Shrunk { config, violation, runs } = shrunk;
    json!({
        "violation": violation_json(violation),
        "config": format!("{config:?}"),
        "runs": runs,
    })
}

fn counts_json(counts: &Counts) -> Value {
    let mut all: Map<String, Value> =
        counts.named().into_iter().map(|(name, count)| (name.to_string(), count.into())).collect();
    all.insert("rejected".into(), json!(counts.rejected));
    all.insert("not_written".into(), json!(counts.not_written));
    Value::Object(all)
}

/// On a terminal only; `indicatif` draws nowhere else.
fn bar(args: &CommunityArgs) -> ProgressBar {
    if args.json {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(args.seeds).with_message("Seeds");
    if let Ok(style) = ProgressStyle::with_template("{msg} {bar:40} {pos}/{len} {eta}") {
        bar.set_style(style);
    }
    bar.tick();
    bar
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Alone {
        #[command(flatten)]
        communities: CommunityArgs,
    }

    fn args(line: &str) -> CommunityArgs {
        Alone::parse_from(std::iter::once("sim").chain(line.split_whitespace())).communities
    }

    #[test]
    fn what_is_asked_for_is_what_runs() {
        let config = args("--seeds 3 --members 7 --days 2 --seed 9 --network torn").config();
        let config = config.expect("it is in order");
        assert_eq!((config.seed, config.seeds, config.members, config.days), (9, 3, 7, 2));
        assert_eq!(
            (config.profile, config.hostile, config.faults.crashes),
            (Profile::Torn, 2_500, true)
        );
        assert!(simulate(&args("--seeds 1 --members 4 --days 1 --json")).is_ok());
    }

    #[test]
    fn numbers_out_of_range_are_bad_input() {
        for line in ["--seeds 0", "--members 1", "--days 0", "--nodes 1", "--hostile 101"] {
            let error = args(line).config().expect_err(line);
            assert!(error.is::<crate::failure::BadInput>(), "{line}");
        }
    }

    #[test]
    fn a_violation_is_told_with_its_seed_and_facts() {
        let violation =
            Violation { invariant: "I1", seed: 5, step: 6, day: 7, facts: "eight".into() };
        let told = violation_json(&violation);
        assert_eq!(told["invariant"], "I1");
        assert_eq!((told["seed"].as_u64(), told["day"].as_u64()), (Some(5), Some(7)));
        let report = Report { violations: vec![violation], seeds: 1, ..Report::default() };
        assert!(counts_json(&report.counts)["rejected"].is_object());
    }
}
