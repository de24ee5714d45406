//! One set of features: every way in which this workspace is built compiles the same Holochain.

use crate::project::{output_of, Project};
use anyhow::{bail, Result};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Features of each dependency, by what it is compiled for.
type Sets = BTreeMap<String, BTreeSet<String>>;

/// Compares what `cargo xtask run` compiles with what the tests compile. A difference would cost
/// another half hour on every machine, and its only sign would be the time.
pub fn check(project: &Project) -> Result<()> {
    let of_tests = sets(project, &["--all-targets"])?;
    for program in ["weir", "weir-pack"] {
        for (unit, features) in sets(project, &["--bin", program])? {
            let tested = of_tests.get(&unit);
            if tested.is_some_and(|tested| !features.is_subset(tested)) {
                bail!(
                    "{unit} has features {features:?} in {program} and {tested:?} in the tests: \
                     name the missing ones in a [dependencies] section of node/Cargo.toml."
                );
            }
        }
    }
    Ok(())
}

fn sets(project: &Project, targets: &[&str]) -> Result<Sets> {
    // Printing the plan of a build is not a stable feature; nothing is compiled here.
    let mut command = project.cargo(["build", "--workspace", "--unit-graph", "-Zunstable-options"]);
    let graph = output_of(command.args(targets).env("RUSTC_BOOTSTRAP", "1"))?;
    let graph: Value = serde_json::from_str(&graph)?;
    let mut sets = Sets::new();
    for unit in graph["units"].as_array().into_iter().flatten() {
        let package = unit["pkg_id"].as_str().unwrap_or_default();
        if package.starts_with("registry") {
            let key = format!("{package} {} for {}", unit["target"]["kind"], unit["platform"]);
            sets.entry(key).or_default().insert(unit["features"].to_string());
        }
    }
    Ok(sets)
}
