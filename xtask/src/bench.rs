//! The figures of the design, measured in one run and set beside their goals.

use crate::project::{output_of, run};
use crate::steps::Work;
use anyhow::{Context, Result};
use flate2::{write::GzEncoder, Compression};
use serde_json::{Map, Value};
use std::fs;
use std::io::Write;

enum Goal {
    AtMost(f64),
    AtLeast(f64),
    /// Only looked at, and less is better.
    Reported,
}

use Goal::{AtLeast, AtMost, Reported};

const FIGURES: [(&str, Goal); 18] = [
    ("pay_over_bare_10", AtMost(1.3)),
    ("pay_over_bare_500", AtMost(1.3)),
    ("pay_over_bare_2000", AtMost(1.3)),
    ("receive_over_bare_2000", AtMost(1.4)),
    ("join_over_bare_1000", AtMost(1.6)),
    ("join_network_over_bare_1000", Reported),
    ("announced_p95_seconds_5_nodes", AtMost(1.0)),
    ("arrival_p95_seconds_5_nodes", AtMost(3.0)),
    ("apply_per_second", AtLeast(1_000_000.0)),
    ("sim_member_days_per_second", AtLeast(10_000.0)),
    ("position_over_noop_10000", AtMost(2.0)),
    ("activity_over_noop_10000", AtMost(4.0)),
    ("node_disk_mib_20k_payments", Reported),
    ("join_usable_seconds_20k", AtMost(30.0)),
    ("bytes_per_payment", Reported),
    ("integrity_wasm_bytes", AtMost(1_600_000.0)),
    ("integrity_wasm_gz_bytes", AtMost(350_000.0)),
    ("webhapp_bytes", AtMost(6_000_000.0)),
];

/// What runs optimised and alone, without conductors.
const EXAMPLES: [(&str, &str); 2] = [("weir-rules", "apply_speed"), ("weir-sim", "sim_speed")];

/// Measures everything. `apply` and the simulator are examples of their crates; what needs
/// conductors is the program `weir-bench`. Each prints one JSON object of its figures.
pub fn run_all(work: &Work, json: bool) -> Result<()> {
    let packed = work.build_inside()?;
    let project = &work.project;
    run(&mut project.cargo(["build", "--workspace", "--all-targets"]))?;

    let mut figures = Map::new();
    let wasm = fs::read(project.workdir.join("ledger_integrity.wasm"))?;
    figures.insert("integrity_wasm_bytes".into(), wasm.len().into());
    figures.insert("integrity_wasm_gz_bytes".into(), gzipped(&wasm)?.into());
    figures.insert("webhapp_bytes".into(), packed.about["webhapp"]["bytes"].clone());

    for (package, example) in EXAMPLES {
        let mut speed = project.cargo(["run", "--quiet", "--release", "--package", package]);
        speed.args(["--example", example]).env("CARGO_TARGET_DIR", &project.light_target);
        add(&mut figures, &output_of(&mut speed)?)?;
    }
    add(&mut figures, &output_of(&mut project.built("weir-bench"))?)?;

    if json {
        println!("{}", Value::Object(figures));
        return Ok(());
    }
    for (name, goal) in &FIGURES {
        let figure = figures.get(*name).and_then(Value::as_f64);
        let figure = figure.with_context(|| format!("The benches gave no {name}."))?;
        println!("{name:<30} {figure:>14.2}   {}", verdict(figure, goal));
    }
    Ok(())
}

fn verdict(figure: f64, goal: &Goal) -> String {
    let word = |reached: bool| if reached { "reached" } else { "MISSED" };
    match goal {
        AtMost(most) => format!("at most {most}: {}", word(figure <= *most)),
        AtLeast(least) => format!("at least {least}: {}", word(figure >= *least)),
        Reported => "reported".to_owned(),
    }
}

fn add(figures: &mut Map<String, Value>, printed: &str) -> Result<()> {
    let more: Map<String, Value> = serde_json::from_str(printed.trim())
        .with_context(|| format!("A bench printed no JSON object: {printed}"))?;
    figures.extend(more);
    Ok(())
}

fn gzipped(bytes: &[u8]) -> Result<usize> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_at_its_goal_reaches_it() {
        assert!(verdict(1.3, &AtMost(1.3)).ends_with("reached"));
        assert!(verdict(1.31, &AtMost(1.3)).ends_with("MISSED"));
        assert!(verdict(999_999.0, &AtLeast(1_000_000.0)).ends_with("MISSED"));
    }
}
