//! The steps of `cargo xtask test`, and the commands that are a few of them in a row.

use crate::pack::{self, Packed};
use crate::project::{cannot_start, output_of, run, shown, write_if_changed, Project};
use crate::setup::{self, Machine, WasmToolchain};
use crate::{exports, features, fuzz, tidy, wasm};
use anyhow::{bail, ensure, Context, Result};
use std::cell::{OnceCell, RefCell};
use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

type Step = (&'static str, fn(&Work) -> Result<()>);

/// What `cargo xtask test` does, cheap steps first, each after what it needs.
const TEST: [Step; 20] = [
    ("setup", Work::setup_all),
    ("format", Work::format),
    ("tidy", |work| tidy::check(&work.project)),
    ("wire", |work| work.wire(true)),
    ("features", |work| features::check(&work.project)),
    ("ui-check", |work| run(&mut work.project.npm(["run", "check"]))),
    ("ui-unit", |work| work.run_tests(&mut work.project.npm(["run", "test"]))),
    ("ui-page", Work::page_tests),
    ("ui-build", Work::build_page),
    ("ui-size", |work| run(&mut work.project.npm(["run", "size"]))),
    ("zomes", Work::build_zomes),
    ("lint-zomes", Work::lint_zomes),
    ("pack", |work| work.pack().map(drop)),
    ("lint", Work::lint),
    ("build", Work::build_all),
    ("tests", Work::tests),
    ("fuzz", |work| fuzz::run_all(&work.project, fuzz::SMOKE_RUNS, None)),
    ("exports", |work| exports::check(&work.project, &work.machine)),
    ("scenarios", Work::scenarios),
    ("two-browsers", Work::two_browsers),
];

/// One run of xtask in one checkout.
pub struct Work {
    pub project: Project,
    machine: Machine,
    toolchain: OnceCell<WasmToolchain>,
    /// The last word of every test runner, for the end.
    closings: RefCell<Vec<String>>,
}

impl Work {
    pub fn new(project: Project) -> Result<Self> {
        let machine = Machine::this(&project)?;
        Ok(Self { project, machine, toolchain: OnceCell::new(), closings: RefCell::default() })
    }

    /// Looked for once, because asking rustup and apt takes time.
    fn toolchain(&self) -> Result<&WasmToolchain> {
        if let Some(found) = self.toolchain.get() {
            return Ok(found);
        }
        let found = setup::choose(&self.machine)?;
        Ok(self.toolchain.get_or_init(|| found))
    }

    /// What building and running need.
    pub fn setup(&self) -> Result<()> {
        self.machine.ensure_c_tools()?;
        self.machine.ensure_node()?;
        eprintln!("zomes: {}", wasm::describe(&self.project, self.toolchain()?)?);
        setup::ensure_node_modules(&self.project)
    }

    /// And what testing needs besides.
    pub fn setup_all(&self) -> Result<()> {
        self.setup()?;
        self.machine.ensure_wasm_clippy(self.toolchain()?)?;
        eprintln!("browser: {}", self.machine.ensure_chromium()?.display());
        self.machine.ensure_hledger()?;
        self.machine.ensure_book_tools(&self.project)?;
        Ok(())
    }

    pub fn build_zomes(&self) -> Result<()> {
        wasm::build(&self.project, self.toolchain()?)
    }

    /// Bundles what was built, and says whether the DNAs are the recorded ones.
    pub fn pack(&self) -> Result<Packed> {
        let packed = pack::pack(&self.project)?;
        let toolchain = wasm::describe(&self.project, self.toolchain()?)?;
        pack::compare_hashes(&self.project, &packed, &toolchain)?;
        Ok(packed)
    }

    pub fn record_hashes(&self) -> Result<()> {
        let packed = pack::pack(&self.project)?;
        let toolchain = wasm::describe(&self.project, self.toolchain()?)?;
        pack::record_hashes(&self.project, &packed, &toolchain)
    }

    /// Everything that ends up inside `weir`.
    pub fn build_inside(&self) -> Result<Packed> {
        self.setup()?;
        self.build_page()?;
        self.build_zomes()?;
        self.pack()
    }

    /// `weir` itself, with the bundle and the page inside.
    pub fn build_weir(&self) -> Result<()> {
        self.build_inside()?;
        run(&mut self.project.cargo(["build", "--workspace", "--bin", "weir"]))
    }

    pub fn build_all(&self) -> Result<()> {
        run(&mut self.project.cargo(["build", "--workspace", "--all-targets"]))
    }

    /// Builds the page unless it is newer than everything it is made of: a page that is written
    /// again is embedded again, and that takes longer than the page.
    fn build_page(&self) -> Result<()> {
        let built = fs::metadata(self.project.root.join("ui/dist/index.html"));
        if let Ok(built) = built.and_then(|about| about.modified()) {
            if self.page_changed()? <= built {
                eprintln!("the page is up to date");
                return Ok(());
            }
        }
        run(&mut self.project.npm(["run", "build"]))
    }

    /// When a file that the page is made of was last changed.
    fn page_changed(&self) -> Result<SystemTime> {
        let mut newest = SystemTime::UNIX_EPOCH;
        for file in self.project.files()?.iter().filter(|file| file.starts_with("ui")) {
            newest = newest.max(fs::metadata(self.project.root.join(file))?.modified()?);
        }
        Ok(newest)
    }

    /// Writes the TypeScript types of the page, or checks that they are what would be written.
    pub fn wire(&self, only_check: bool) -> Result<()> {
        const TYPES: &str = "ui/src/wire/types.ts";
        let mut command = self.project.cargo(["run", "--quiet", "--package", "weir-wire"]);
        command.args(["--features", "ts", "--example", "typescript"]);
        let types = output_of(command.env("CARGO_TARGET_DIR", &self.project.light_target))?;
        let path = self.project.root.join(TYPES);
        if only_check {
            let same = fs::read_to_string(&path).is_ok_and(|found| found == types);
            ensure!(same, "{TYPES} is not what crates/wire gives: run `cargo xtask wire`.");
        } else if write_if_changed(&path, types.as_bytes())? {
            eprintln!("{TYPES} is written.");
        }
        Ok(())
    }

    /// What takes seconds and needs nothing built: for every commit.
    pub fn check(&self) -> Result<()> {
        self.format()?;
        tidy::check(&self.project)?;
        self.wire(true)
    }

    fn format(&self) -> Result<()> {
        run(&mut self.project.cargo(["fmt", "--all", "--check"]))
    }

    fn lint(&self) -> Result<()> {
        let mut command = self.project.cargo(["clippy", "--workspace", "--all-targets"]);
        run(command.args(["--", "-D", "warnings"]))
    }

    fn lint_zomes(&self) -> Result<()> {
        self.machine.ensure_wasm_clippy(self.toolchain()?)?;
        wasm::clippy(&self.project, self.toolchain()?)
    }

    /// Every test but those with real conductors, which take longest.
    fn tests(&self) -> Result<()> {
        let mut command = self.project.cargo(["test", "--workspace", "--lib", "--bins"]);
        let names = self.integration_tests()?;
        for name in names.iter().filter(|name| !WITH_CONDUCTORS.contains(&name.as_str())) {
            command.args(["--test", name]);
        }
        self.run_tests(&mut command)
    }

    fn scenarios(&self) -> Result<()> {
        let mut command = self.project.cargo(["test", "--workspace"]);
        for name in WITH_CONDUCTORS {
            command.args(["--test", name]);
        }
        self.run_tests(&mut command)
    }

    fn integration_tests(&self) -> Result<Vec<String>> {
        let mut command = self.project.cargo(["metadata", "--no-deps", "--format-version", "1"]);
        let about: serde_json::Value = serde_json::from_str(&output_of(&mut command)?)?;
        let packages = about["packages"].as_array().into_iter().flatten();
        let targets = packages.filter_map(|package| package["targets"].as_array()).flatten();
        let tests = targets.filter(|target| target["kind"][0] == "test");
        Ok(tests.filter_map(|test| Some(test["name"].as_str()?.to_owned())).collect())
    }

    fn page_tests(&self) -> Result<()> {
        let mut command = self.project.npm(["run", "test:page"]);
        command.env(CHROMIUM, self.machine.ensure_chromium()?);
        self.run_tests(&mut command)
    }

    /// Two members in two browsers on two nodes pay each other.
    fn two_browsers(&self) -> Result<()> {
        let mut command = self.project.npm(["run", "test:two"]);
        command.env(CHROMIUM, self.machine.ensure_chromium()?);
        command.env("WEIR_PROGRAM", self.project.built("weir").get_program());
        self.run_tests(&mut command)
    }

    /// Runs a test runner, shows what it prints as it comes, and keeps its closing lines.
    fn run_tests(&self, command: &mut Command) -> Result<()> {
        // Without colours, so that the closing lines can be told from the others.
        let started = command.env("NO_COLOR", "1").stdout(Stdio::piped()).spawn();
        let mut child = started.with_context(|| cannot_start(command))?;
        let mut closings = Vec::new();
        let mut last = String::new();
        for line in BufReader::new(child.stdout.take().context("There is no output.")?).lines() {
            let line = line?;
            println!("{line}");
            if is_closing(&line) {
                closings.push(line.trim().to_owned());
            }
            if !line.trim().is_empty() {
                last = line;
            }
        }
        if closings.is_empty() {
            closings.push(last);
        }
        self.closings.borrow_mut().extend(closings);
        let status = child.wait()?;
        ensure!(status.success(), "`{}` ended with {status}.", shown(command));
        Ok(())
    }

    /// Runs the steps in order and stops at the first that fails.
    pub fn test(&self, only: Option<&str>, from: Option<&str>) -> Result<()> {
        let all = TEST.into_iter();
        let names: Vec<&str> = TEST.iter().map(|step| step.0).collect();
        for wanted in [only, from].into_iter().flatten() {
            ensure!(names.contains(&wanted), "The steps are: {}.", names.join(", "));
        }
        let steps: Vec<Step> = match only {
            Some(name) => all.filter(|step| step.0 == name).collect(),
            None => all.skip_while(|step| from.is_some_and(|name| step.0 != name)).collect(),
        };
        let mut table = Vec::new();
        for (name, step) in &steps {
            println!("\n== {name}");
            let start = Instant::now();
            let result = step(self);
            let word = if result.is_ok() { "ok" } else { "FAILED" };
            table.push((*name, word, start.elapsed()));
            println!("== {name}: {word} after {}", seconds(start.elapsed()));
            if let Err(error) = result {
                self.print_summary(&table);
                bail!("{error:#}\nStep {name} failed. Again: cargo xtask test --only {name}");
            }
        }
        self.print_summary(&table);
        println!("All {} steps passed.", steps.len());
        Ok(())
    }

    fn print_summary(&self, table: &[(&str, &str, Duration)]) {
        println!("\nWhat the test runners said:");
        for line in self.closings.borrow().iter() {
            println!("  {line}");
        }
        println!();
        for (name, word, time) in table {
            println!("  {name:<14} {word:<7} {:>8}", seconds(*time));
        }
        let total = table.iter().map(|row| row.2).sum();
        println!("  {:<14} {:<7} {:>8}\n", "in all", "", seconds(total));
    }
}

/// The test binaries with real conductors.
const WITH_CONDUCTORS: [&str; 2] = ["programs", "scenarios"];
/// Tells the page tests which browser to start.
const CHROMIUM: &str = "WEIR_CHROMIUM";

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}

/// The line with which a test runner sums up; cargo's for a binary without tests is no news.
fn is_closing(line: &str) -> bool {
    let line = line.trim_start();
    (line.starts_with("test result:") && !line.contains(" 0 passed; 0 failed"))
        || line.starts_with("Tests  ")
        || line.starts_with("Test Files  ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closing_lines_of_the_runners_are_known() {
        assert!(is_closing("test result: ok. 10 passed; 0 failed; 0 ignored; finished in 0.1s"));
        assert!(is_closing("      Tests  3 passed (3)"));
        assert!(!is_closing("test result: ok. 0 passed; 0 failed; 0 ignored"));
        assert!(!is_closing("test a::b ... ok"));
    }

    #[test]
    fn no_step_has_the_name_of_another() {
        let names: std::collections::BTreeSet<_> = TEST.iter().map(|step| step.0).collect();
        assert_eq!(names.len(), TEST.len());
    }
}
