//! Where things are, and how programs are started.

use anyhow::{bail, Context, Result};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::SystemTime;

pub struct Project {
    pub root: PathBuf,
    /// Cargo's target folder for everything native, shared by all checkouts of this machine.
    pub target: PathBuf,
    /// Another for the zomes, so that they can be built while the first one is locked.
    pub zome_target: PathBuf,
    /// And one of this checkout for what needs no Holochain.
    pub light_target: PathBuf,
    pub workdir: PathBuf,
}

impl Project {
    pub fn find() -> Result<Self> {
        // Asked at run time: with a shared target folder this program may have been compiled by
        // another checkout.
        let xtask = std::env::var_os("CARGO_MANIFEST_DIR")
            .context("This program is started with `cargo xtask`.")?;
        let root = Path::new(&xtask).parent().context("xtask has no parent folder.")?;
        let root = fs::canonicalize(root)?;
        let target = match std::env::var_os("CARGO_TARGET_DIR") {
            Some(folder) => root.join(folder),
            None => home()?.join(".cache/weir/target"),
        };
        let project = Self {
            zome_target: target.with_file_name("zome-target"),
            light_target: root.join("target"),
            workdir: root.join("workdir"),
            target,
            root,
        };
        for folder in [&project.target, &project.zome_target, &project.workdir] {
            fs::create_dir_all(folder)
                .with_context(|| format!("{} cannot be made.", folder.display()))?;
        }
        Ok(project)
    }

    /// A command in the root folder, with the shared target folder.
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.root).env("CARGO_TARGET_DIR", &self.target);
        // `cargo run` leaves its own variables behind. A build script that reads one would run
        // again each time a build is started another way.
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            if text == "CARGO" || text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANI") {
                command.env_remove(&name);
            }
        }
        command
    }

    pub fn cargo<const N: usize>(&self, args: [&str; N]) -> Command {
        let mut command = self.command("cargo");
        command.args(args);
        command
    }

    pub fn npm<const N: usize>(&self, args: [&str; N]) -> Command {
        let mut command = self.command("npm");
        command.current_dir(self.root.join("ui")).args(args);
        command
    }

    /// A native program of this workspace, as the last build left it.
    pub fn built(&self, name: &str) -> Command {
        self.command(self.target.join("debug").join(name))
    }

    /// Whether this very program lies in the shared target folder.
    pub fn built_this_program(&self) -> bool {
        std::env::current_exe().is_ok_and(|program| program.starts_with(&self.target))
    }

    /// Takes the shared target folder for this checkout, and waits while another one works in it.
    ///
    /// Cargo knows a source file by its path below the workspace and by its age. Two checkouts
    /// look the same to it, and the one with the older files would get the other's programs. So
    /// when the folder changes hands, every source file here is made new.
    pub fn claim_target(&self) -> Result<Claim> {
        let lock = File::create(self.target.join(".weir-lock"))?;
        if lock.try_lock().is_err() {
            eprintln!("Another build works in {}: waiting for it.", self.target.display());
            lock.lock()?;
        }
        let note = self.target.join(".weir-checkout");
        let here = self.root.to_string_lossy();
        let mut taken_over = false;
        if fs::read_to_string(&note).ok().as_deref() != Some(&*here) {
            let now = SystemTime::now();
            for file in self.files()?.iter().filter(|file| has_extension(file, "rs")) {
                File::options().write(true).open(self.root.join(file))?.set_modified(now)?;
            }
            fs::write(&note, here.as_bytes())?;
            taken_over = true;
        }
        Ok(Claim { _lock: lock, taken_over })
    }

    /// Every file that is or could be committed, relative to the root, in order.
    pub fn files(&self) -> Result<Vec<PathBuf>> {
        const SKIPPED: [&str; 5] = [".git", "target", "node_modules", "workdir", "dist"];
        let mut files = Vec::new();
        let mut folders = vec![self.root.clone()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder)? {
                let entry = entry?;
                let kind = entry.file_type()?;
                // In a worktree `.git` is a file that says where the repository is.
                if SKIPPED.iter().any(|name| entry.file_name() == *name) {
                    continue;
                }
                if kind.is_dir() {
                    folders.push(entry.path());
                } else if kind.is_file() {
                    files.push(entry.path().strip_prefix(&self.root)?.to_path_buf());
                }
            }
        }
        files.sort();
        Ok(files)
    }
}

/// Held as long as the shared target folder is in use.
pub struct Claim {
    _lock: File,
    /// The folder was another checkout's until now, so a program in it may be the other's too.
    pub taken_over: bool,
}

pub fn has_extension(path: &Path, extension: &str) -> bool {
    path.extension().is_some_and(|found| found == extension)
}

pub fn home() -> Result<PathBuf> {
    std::env::home_dir().context("The home folder is not known: set HOME.")
}

/// Runs to the end; anything but success is an error that names the command. What it prints goes
/// to the standard error: the other output belongs to what a task was asked for.
pub fn run(command: &mut Command) -> Result<()> {
    let status =
        command.stdout(std::io::stderr()).status().with_context(|| cannot_start(command))?;
    if !status.success() {
        bail!("`{}` ended with {status}.", shown(command));
    }
    Ok(())
}

/// Runs to the end and gives what it printed.
pub fn output_of(command: &mut Command) -> Result<String> {
    let output =
        command.stderr(Stdio::inherit()).output().with_context(|| cannot_start(command))?;
    if !output.status.success() {
        bail!("`{}` ended with {}.", shown(command), output.status);
    }
    Ok(String::from_utf8(output.stdout)?)
}

pub fn cannot_start(command: &Command) -> String {
    format!("`{}` cannot be started: run `cargo xtask setup`.", shown(command))
}

/// The command as one would type it.
pub fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

/// Leaves an equal file alone, so that nothing that depends on it is built again.
pub fn write_if_changed(path: &Path, bytes: &[u8]) -> Result<bool> {
    if fs::read(path).ok().as_deref() == Some(bytes) {
        return Ok(false);
    }
    fs::write(path, bytes).with_context(|| format!("{} cannot be written.", path.display()))?;
    Ok(true)
}
