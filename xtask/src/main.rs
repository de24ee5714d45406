//! One door for every task of this repository: `cargo xtask --help`.
//!
//! Each task does its own set-up and says in one sentence what to do when something is missing.
//! Deliberately absent: Holochain as a dependency, so that this is compiled in seconds.

mod bench;
mod exports;
mod features;
mod fuzz;
mod pack;
mod project;
mod setup;
mod steps;
mod tidy;
mod wasm;

use anyhow::Result;
use clap::{Parser, Subcommand};
use project::Project;
use std::process::ExitCode;
use steps::Work;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Builds, runs and tests Weir.")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Install or name what this machine lacks
    Setup,
    /// Build the zomes to workdir/*.wasm
    Zomes,
    /// Build page and zomes and bundle them: workdir/weir.happ and weir.webhapp
    Pack,
    /// Write the page's TypeScript types from crates/wire
    Wire,
    /// Build everything up to the `weir` program
    Build,
    /// Build, then start a village of five on this machine
    Run {
        /// Instead of the village: arguments for `weir`, after `--`
        #[arg(last = true)]
        arguments: Vec<String>,
    },
    /// Do everything that must pass before a change is taken
    Test {
        /// Only this step
        #[arg(long)]
        only: Option<String>,
        /// This step and those after it
        #[arg(long, conflicts_with = "only")]
        from: Option<String>,
    },
    /// The part of `test` that takes seconds: format, tidiness, generated types
    Check,
    /// Run the fuzz targets on their seeds and on what they make of them
    Fuzz {
        /// Inputs tried for each target
        #[arg(long, default_value_t = fuzz::SMOKE_RUNS)]
        runs: u64,
        /// Only this target
        #[arg(long)]
        only: Option<String>,
    },
    /// Measure the figures of the design
    Bench {
        #[arg(long)]
        json: bool,
    },
    /// Compare the hash of each DNA with the recorded one
    Hashes {
        /// Write the hashes of this build to dnas/HASHES
        #[arg(long)]
        record: bool,
    },
}

fn main() -> ExitCode {
    match start(Arguments::parse().task) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn start(task: Task) -> Result<ExitCode> {
    let project = Project::find()?;
    let quick = matches!(task, Task::Setup | Task::Wire | Task::Check);
    let claim = if quick { None } else { Some(project.claim_target()?) };
    if claim.as_ref().is_some_and(|claim| claim.taken_over) && project.built_this_program() {
        // This very program may be the other checkout's.
        drop(claim);
        let mut again = project.cargo(["xtask"]);
        let status = again.args(std::env::args_os().skip(1)).status()?;
        return Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE });
    }
    let work = Work::new(project)?;
    match task {
        Task::Setup => work.setup_all()?,
        Task::Zomes => work.build_zomes()?,
        Task::Pack => drop(work.build_inside()?),
        Task::Wire => work.wire(false)?,
        Task::Build => work.build_weir()?,
        Task::Run { arguments } => {
            work.build_weir()?;
            drop(claim);
            let mut weir = work.project.built("weir");
            if arguments.is_empty() {
                weir.args(["demo", "--members", "5", "--open"]);
            }
            let status = weir.args(arguments).status()?;
            let code = status.code().and_then(|code| u8::try_from(code).ok());
            return Ok(code.map_or(ExitCode::FAILURE, ExitCode::from));
        }
        Task::Test { only, from } => work.test(only.as_deref(), from.as_deref())?,
        Task::Check => work.check()?,
        Task::Fuzz { runs, only } => fuzz::run_all(&work.project, runs, only.as_deref())?,
        Task::Bench { json } => bench::run_all(&work, json)?,
        Task::Hashes { record } => {
            work.build_inside()?;
            if record {
                work.record_hashes()?;
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}
