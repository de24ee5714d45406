//! The step `exports`: the programs for which accounts are exported read the golden files.

use crate::project::{run, Project};
use crate::setup::Machine;
use anyhow::{ensure, Context, Result};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const GOLDEN: &str = "crates/exports/tests/golden";
/// Reads camt.053 as an accounting program would.
const CAMT053: &str = "crates/exports/tests/read_camt053.py";

/// A golden file, a balance in it, and one that is a minor unit off: each tool must notice it, or
/// it proves nothing that it takes the file itself.
const WRONG: [(&str, &str, &str); 3] = [
    ("everything.journal", "= 37.37 OAKS", "= 37.38 OAKS"),
    ("everything.beancount", "37.37 ~ 0 OAKS", "37.38 ~ 0 OAKS"),
    ("everything.xml", "<Amt Ccy=\"XXX\">12.63</Amt>", "<Amt Ccy=\"XXX\">12.64</Amt>"),
];

/// Where the tools are.
struct Tools {
    hledger: PathBuf,
    bean_check: PathBuf,
    python: PathBuf,
}

/// Fails when a tool refuses a file, or takes a wrong one.
pub fn check(project: &Project, machine: &Machine) -> Result<()> {
    let hledger = machine.ensure_hledger()?;
    let python = machine.ensure_book_tools(project)?;
    let tools = Tools { hledger, bean_check: python.with_file_name("bean-check"), python };
    run(Command::new(&tools.hledger).arg("--version"))?;
    run(Command::new(&tools.bean_check).arg("--version"))?;

    let mut read = 0;
    for file in golden_files(project)? {
        let Some(mut command) = tools.reading(project, &file) else { continue };
        run(&mut command).with_context(|| format!("{} is refused.", file.display()))?;
        read += 1;
    }
    ensure!(read > 0, "There are no golden files in {GOLDEN}.");

    for (name, right, wrong) in WRONG {
        let text = fs::read_to_string(project.root.join(GOLDEN).join(name))?;
        ensure!(
            text.contains(right),
            "{name} no longer says {right}: change xtask/src/exports.rs."
        );
        let file = project.workdir.join(format!("wrong-{name}"));
        fs::write(&file, text.replacen(right, wrong, 1))?;
        let mut command = tools.reading(project, &file).context("No tool reads it.")?;
        let refused = !command.output()?.status.success();
        ensure!(refused, "{} is wrong and is taken all the same.", file.display());
    }
    println!("{read} files were taken and {} wrong ones refused.", WRONG.len());
    Ok(())
}

fn golden_files(project: &Project) -> Result<Vec<PathBuf>> {
    let files = project.files()?.into_iter().filter(|file| file.starts_with(GOLDEN));
    Ok(files.map(|file| project.root.join(file)).collect())
}

impl Tools {
    /// The command with which the tool for such a file reads it; tables have none but a library,
    /// with which the tests of the crate read them.
    fn reading(&self, project: &Project, file: &Path) -> Option<Command> {
        let mut command = match file.extension()?.to_str()? {
            "journal" => {
                let mut hledger = project.command(&self.hledger);
                hledger.args(["check", "--strict", "ordereddates", "--file"]);
                hledger
            }
            "beancount" => project.command(&self.bean_check),
            "xml" => {
                let mut python = project.command(&self.python);
                python.arg(project.root.join(CAMT053));
                python
            }
            _ => return None,
        };
        // bean-check would leave a file of its own beside each.
        command.env("BEANCOUNT_DISABLE_LOAD_CACHE", "1").arg(file);
        Some(command)
    }
}
