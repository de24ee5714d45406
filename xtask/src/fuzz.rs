//! The step `fuzz`: every target for a moment, on its seeds and on what it makes of them.

use crate::project::{run, Project};
use anyhow::{ensure, Context, Result};
use std::fs;

const FOLDER: &str = "fuzz";
/// What libFuzzer is told by: counters at every edge, the places of the code, and what is compared.
/// Without a sanitizer, which only a nightly compiler has, and which code without `unsafe` needs
/// least.
const MARKS: &str = "--cfg fuzzing -Cpasses=sancov-module \
    -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
    -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares \
    -Ccodegen-units=1";
/// Naming the target keeps the marks out of build scripts.
const TARGET: &str = "x86_64-unknown-linux-gnu";
/// Longest input: an entry may have 16,384 bytes.
const INPUT_MAX: usize = 17_000;

/// Inputs that each target is tried with in the tests: seconds.
pub const SMOKE_RUNS: u64 = 50_000;

/// Tries one target, or each, with so many inputs.
pub fn run_all(project: &Project, runs: u64, only: Option<&str>) -> Result<()> {
    let built = project.target.with_file_name("fuzz-target");
    let mut build = project.cargo(["build", "--release", "--locked", "--bins"]);
    build.args(["--manifest-path", "fuzz/Cargo.toml", "--target", TARGET]);
    build.env("RUSTFLAGS", MARKS).env("CARGO_TARGET_DIR", &built);
    run(&mut build).context("The fuzz targets were not built: they need a C++ compiler.")?;
    let mut ran = 0;
    for target in targets(project)? {
        if only.is_some_and(|only| only != target) {
            continue;
        }
        let seeds = project.root.join(FOLDER).join("seeds").join(&target);
        ensure!(seeds.is_dir(), "{target} has no seeds in {}.", seeds.display());
        // What is made of the seeds is thrown away; what fails is kept, named in the message.
        let made = project.workdir.join(format!("fuzz-{target}"));
        let _ = fs::remove_dir_all(&made);
        fs::create_dir_all(&made)?;
        let mut fuzz = project.command(built.join(TARGET).join("release").join(&target));
        fuzz.args([format!("-runs={runs}"), format!("-max_len={INPUT_MAX}"), "-seed=1".into()]);
        fuzz.arg(format!("-artifact_prefix={}/failed-", made.display()));
        fuzz.args(["-verbosity=0", "-print_final_stats=0"]).arg(&made).arg(&seeds);
        run(&mut fuzz).with_context(|| format!("{target} failed: keep the input as a seed."))?;
        println!("{target}: {runs} runs");
        ran += 1;
    }
    ensure!(ran > 0, "There is no such fuzz target.");
    Ok(())
}

fn targets(project: &Project) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for file in fs::read_dir(project.root.join(FOLDER).join("fuzz_targets"))? {
        let path = file?.path();
        names.extend(path.file_stem().map(|name| name.to_string_lossy().into_owned()));
    }
    names.sort();
    Ok(names)
}
