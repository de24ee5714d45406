//! What a machine needs, and how to get it: what can be installed is, the rest is named.
//!
//! Nothing is installed but by `rustup target add`, by apt on Debian as root, by npm in `ui/`, and
//! by pip in a folder of its own beside the target folder.

use crate::project::{run, Project};
use anyhow::{bail, ensure, Context, Result};
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

const WASM_TARGET: &str = "wasm32-unknown-unknown";
/// Debian's newer Rust, which stands beside the one of rustup.
const DEBIAN_RUST: [&str; 3] = ["rustc-web", "rust-web-src", "cargo-web"];
/// Below this the Debian compiler is the old one of the release, not the one named above.
const DEBIAN_RUST_OLDEST: u32 = 90;
const NODE_OLDEST: u32 = 20;
/// What reads exported accounts besides hledger: a file for pip.
const BOOK_TOOLS: &str = "xtask/book-tools.txt";

/// How zomes are compiled on this machine.
#[derive(Debug, PartialEq, Eq)]
pub enum WasmToolchain {
    /// The pinned toolchain, which has the wasm standard library.
    Pinned,
    /// Debian's compiler builds the standard library from source; the linker is rustup's.
    Debian { linker: PathBuf },
}

/// What the choice of a toolchain asks of a machine, in the order in which it asks.
pub trait Probe {
    fn has_wasm_std(&self) -> bool;
    fn add_wasm_target(&self) -> bool;
    fn debian_toolchain(&self) -> Option<WasmToolchain>;
    fn install_debian_toolchain(&self) -> bool;
}

/// The four ways, the ordinary one first.
pub fn choose(machine: &impl Probe) -> Result<WasmToolchain> {
    if machine.has_wasm_std() || (machine.add_wasm_target() && machine.has_wasm_std()) {
        return Ok(WasmToolchain::Pinned);
    }
    if let Some(found) = machine.debian_toolchain() {
        return Ok(found);
    }
    if machine.install_debian_toolchain() {
        if let Some(found) = machine.debian_toolchain() {
            return Ok(found);
        }
    }
    bail!(
        "Rust cannot compile for {WASM_TARGET} here: run `rustup target add {WASM_TARGET}`, or on \
         Debian 12 with rustup `sudo apt-get install --no-install-recommends {}`.",
        DEBIAN_RUST.join(" ")
    )
}

/// A machine as it is. Tests give it a folder with stand-in programs.
pub struct Machine {
    /// Where programs are looked up.
    path: OsString,
    /// `/`, except in tests.
    files: PathBuf,
    is_root: bool,
    /// Remembers the compiler for which rustup could not fetch the target, so that a machine
    /// without a way to it does not wait for the network at each start.
    no_target_note: PathBuf,
}

impl Machine {
    pub fn this(project: &Project) -> Result<Self> {
        let mut machine = Self {
            path: std::env::var_os("PATH").context("PATH is not set.")?,
            files: PathBuf::from("/"),
            is_root: false,
            no_target_note: project.zome_target.join("rustup-cannot-add-target"),
        };
        machine.is_root = machine.text("id", &["-u"]).is_some_and(|id| id == "0");
        Ok(machine)
    }

    fn find(&self, program: &str) -> Option<PathBuf> {
        std::env::split_paths(&self.path).map(|dir| dir.join(program)).find(|path| path.is_file())
    }

    fn output(&self, program: &Path, args: &[&str]) -> Option<Output> {
        Command::new(program).args(args).env("PATH", &self.path).output().ok()
    }

    /// What a program prints, if it succeeds.
    fn text(&self, program: &str, args: &[&str]) -> Option<String> {
        self.text_of(&self.find(program)?, args)
    }

    fn text_of(&self, program: &Path, args: &[&str]) -> Option<String> {
        let output = self.output(program, args).filter(|output| output.status.success())?;
        Some(String::from_utf8(output.stdout).ok()?.trim().to_owned())
    }

    /// Runs for its effect; what it prints is shown, because it may take minutes.
    fn succeeds(&self, program: &str, args: &[&str]) -> bool {
        let Some(found) = self.find(program) else { return false };
        eprintln!("+ {program} {}", args.join(" "));
        let mut command = Command::new(found);
        command.args(args).env("PATH", &self.path).env("DEBIAN_FRONTEND", "noninteractive");
        // One try: without a network the ordinary three take minutes.
        command.env("RUSTUP_MAX_RETRIES", "1").stdin(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    }

    fn is_debian(&self) -> bool {
        let release = fs::read_to_string(self.files.join("etc/os-release")).unwrap_or_default();
        release.lines().any(|line| line == "ID=debian")
    }

    /// Installs Debian packages, with a fresh list of them if the first try fails.
    fn apt_install(&self, packages: &[&str]) -> bool {
        if !(self.is_root && self.is_debian()) {
            return false;
        }
        let mut args = vec!["install", "-y", "-q", "--no-install-recommends"];
        args.extend(packages);
        let lists = fs::read_dir(self.files.join("var/lib/apt/lists")).into_iter().flatten();
        let has_lists =
            lists.flatten().any(|f| f.file_name().to_string_lossy().contains("_Packages"));
        (has_lists && self.succeeds("apt-get", &args))
            || (self.succeeds("apt-get", &["update", "-q"]) && self.succeeds("apt-get", &args))
    }
}

impl Probe for Machine {
    fn has_wasm_std(&self) -> bool {
        let Some(dir) = self.text("rustc", &["--print", "target-libdir", "--target", WASM_TARGET])
        else {
            return false;
        };
        let Ok(files) = fs::read_dir(dir) else { return false };
        files.flatten().any(|file| file.file_name().to_string_lossy().starts_with("libstd-"))
    }

    fn add_wasm_target(&self) -> bool {
        let compiler = self.text("rustc", &["--version"]).unwrap_or_default();
        if fs::read_to_string(&self.no_target_note).is_ok_and(|noted| noted == compiler) {
            return false;
        }
        let added = self.succeeds("rustup", &["target", "add", WASM_TARGET]);
        if !added {
            // Without the note the next start only tries again.
            let _ = fs::write(&self.no_target_note, compiler);
        }
        added
    }

    fn debian_toolchain(&self) -> Option<WasmToolchain> {
        let version = self.text_of(&self.files.join("usr/bin/rustc"), &["--version"])?;
        let minor: u32 = version.split('.').nth(1)?.parse().ok()?;
        let there = ["usr/bin/cargo", "usr/lib/rustlib/src/rust/library/std"];
        if minor < DEBIAN_RUST_OLDEST || !there.iter().all(|path| self.files.join(path).exists()) {
            return None;
        }
        let rustlib = Path::new(&self.text("rustc", &["--print", "sysroot"])?).join("lib/rustlib");
        let mut linkers = fs::read_dir(rustlib).ok()?.flatten();
        let linker = linkers
            .find_map(|host| Some(host.path().join("bin/rust-lld")).filter(|l| l.is_file()))?;
        Some(WasmToolchain::Debian { linker })
    }

    fn install_debian_toolchain(&self) -> bool {
        // Without rustup's linker the packages would be of no use.
        self.find("rustup").is_some() && self.apt_install(&DEBIAN_RUST)
    }
}

impl Machine {
    /// What compiles the C parts of Holochain.
    pub fn ensure_c_tools(&self) -> Result<()> {
        const TOOLS: [(&str, &str); 4] = [
            ("cc", "build-essential"),
            ("cmake", "cmake"),
            ("make", "build-essential"),
            ("perl", "perl"),
        ];
        let missing = || TOOLS.iter().filter(|(tool, _)| self.find(tool).is_none());
        let mut packages: Vec<&str> = missing().map(|(_, package)| *package).collect();
        packages.dedup();
        if packages.is_empty() || (self.apt_install(&packages) && missing().next().is_none()) {
            return Ok(());
        }
        let tools: Vec<&str> = missing().map(|(tool, _)| *tool).collect();
        bail!(
            "Missing: {}. On Debian or Ubuntu run `sudo apt-get install {}`.",
            tools.join(", "),
            packages.join(" ")
        )
    }

    pub fn ensure_node(&self) -> Result<()> {
        let version = self.text("node", &["--version"]).unwrap_or_default();
        let major = version.trim_start_matches('v').split('.').next().and_then(|v| v.parse().ok());
        let npm = self.find("npm").is_some();
        ensure!(
            major >= Some(NODE_OLDEST) && npm,
            "Node {NODE_OLDEST} or newer with npm is needed (found: {}): get it from \
             https://nodejs.org or with your system's packages.",
            if version.is_empty() { "none" } else { &version }
        );
        Ok(())
    }

    /// The linter of the toolchain that compiles the zomes; rustup's comes with it.
    pub fn ensure_wasm_clippy(&self, toolchain: &WasmToolchain) -> Result<()> {
        let there = || self.files.join("usr/bin/cargo-clippy").is_file();
        let debian = matches!(toolchain, WasmToolchain::Debian { .. });
        ensure!(
            !debian || there() || (self.apt_install(&["rust-web-clippy"]) && there()),
            "Linting the zomes needs Debian's clippy: run `sudo apt-get install rust-web-clippy`."
        );
        Ok(())
    }

    /// The browser of the page tests.
    pub fn ensure_chromium(&self) -> Result<PathBuf> {
        const NAMES: [&str; 4] =
            ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
        let find = || NAMES.iter().find_map(|name| self.find(name));
        if let Some(found) = find() {
            return Ok(found);
        }
        self.apt_install(&["chromium"]);
        find().context(
            "The page tests need Chromium: install it (on Debian `sudo apt-get install chromium`).",
        )
    }
}

impl Machine {
    /// Reads exported journals.
    pub fn ensure_hledger(&self) -> Result<PathBuf> {
        if self.find("hledger").is_none() {
            self.apt_install(&["hledger"]);
        }
        self.find("hledger").context(
            "Testing the exports needs hledger: install it (on Debian `sudo apt-get install \
             hledger`).",
        )
    }

    /// Python in a folder of its own, with the tools that read the other exports beside it.
    pub fn ensure_book_tools(&self, project: &Project) -> Result<PathBuf> {
        self.ensure_python_tools(&project.root.join(BOOK_TOOLS), &project.book_tools)
    }

    fn ensure_python_tools(&self, list: &Path, folder: &Path) -> Result<PathBuf> {
        let python = folder.join("bin/python");
        let note = folder.join("weir-installed");
        let wanted = fs::read_to_string(list)?;
        if fs::read_to_string(&note).is_ok_and(|installed| installed == wanted) {
            return Ok(python);
        }
        let place = folder.to_str().context("The cache folder has no readable name.")?;
        let make = || self.succeeds("python3", &["-m", "venv", "--clear", place]);
        ensure!(
            make() || (self.apt_install(&["python3-venv"]) && make()),
            "Testing the exports needs Python 3 with venv (on Debian `sudo apt-get install \
             python3-venv`)."
        );
        let list = list.to_str().context("The folder of this checkout has no readable name.")?;
        let install = ["-m", "pip", "install", "--quiet", "--no-deps", "--requirement", list];
        ensure!(
            self.succeeds(&python.to_string_lossy(), &install),
            "pip could not install what {list} names into {place}: is the network there?"
        );
        fs::write(&note, wanted)?;
        Ok(python)
    }
}

/// Installs the page's packages when the lock file is newer than what was installed last.
pub fn ensure_node_modules(project: &Project) -> Result<()> {
    let age = |path: &str| fs::metadata(project.root.join(path)).and_then(|m| m.modified()).ok();
    let wanted = age("ui/package-lock.json").context("ui/package-lock.json is missing.")?;
    if age("ui/node_modules/.package-lock.json").is_some_and(|installed| installed >= wanted) {
        return Ok(());
    }
    run(&mut project.npm(["ci", "--no-audit", "--no-fund"]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;
    use std::os::unix::fs::PermissionsExt;
    use tempfile::TempDir;

    /// Answers from a table and writes down what it was asked.
    #[derive(Default)]
    struct Table {
        wasm_std: bool,
        target_can_be_added: bool,
        debian: bool,
        debian_can_be_installed: bool,
        asked: RefCell<Vec<&'static str>>,
    }

    impl Table {
        fn asked(&self, what: &'static str) -> bool {
            self.asked.borrow_mut().push(what);
            self.asked.borrow().iter().filter(|asked| **asked == what).count() > 1
        }
    }

    impl Probe for Table {
        fn has_wasm_std(&self) -> bool {
            let again = self.asked("std");
            self.wasm_std || (again && self.target_can_be_added)
        }

        fn add_wasm_target(&self) -> bool {
            self.asked("add");
            self.target_can_be_added
        }

        fn debian_toolchain(&self) -> Option<WasmToolchain> {
            let again = self.asked("debian");
            let there = self.debian || (again && self.debian_can_be_installed);
            there.then(|| WasmToolchain::Debian { linker: "lld".into() })
        }

        fn install_debian_toolchain(&self) -> bool {
            self.asked("install");
            self.debian_can_be_installed
        }
    }

    #[test]
    fn the_ordinary_way_comes_first_and_nothing_is_installed_for_nothing() {
        let debian = || WasmToolchain::Debian { linker: "lld".into() };
        let table = Table { wasm_std: true, debian: true, ..Table::default() };
        assert_eq!(choose(&table).unwrap(), WasmToolchain::Pinned);
        assert_eq!(*table.asked.borrow(), ["std"]);

        let table = Table { target_can_be_added: true, debian: true, ..Table::default() };
        assert_eq!(choose(&table).unwrap(), WasmToolchain::Pinned);
        assert_eq!(*table.asked.borrow(), ["std", "add", "std"]);

        let table = Table { debian: true, ..Table::default() };
        assert_eq!(choose(&table).unwrap(), debian());
        assert_eq!(*table.asked.borrow(), ["std", "add", "debian"]);

        let table = Table { debian_can_be_installed: true, ..Table::default() };
        assert_eq!(choose(&table).unwrap(), debian());

        let error = choose(&Table::default()).unwrap_err().to_string();
        assert!(error.contains("rustup target add"), "{error}");
    }

    /// A machine whose programs are small shell scripts; each writes its call to `calls`.
    struct StandIn {
        folder: TempDir,
        machine: Machine,
    }

    impl StandIn {
        /// Debian, root, with apt lists; a rustc without wasm, a rustup that can add nothing.
        fn new() -> Self {
            let folder = TempDir::new().unwrap();
            let at = folder.path();
            for dir in ["bin", "etc", "usr/bin", "sysroot/wasm", "var/lib/apt/lists"] {
                fs::create_dir_all(at.join(dir)).unwrap();
            }
            fs::write(at.join("etc/os-release"), "NAME=\"Debian\"\nID=debian\n").unwrap();
            fs::write(at.join("var/lib/apt/lists/main_Packages"), "").unwrap();
            let machine = Machine {
                path: at.join("bin").into(),
                files: at.into(),
                is_root: true,
                no_target_note: at.join("note"),
            };
            let here = Self { folder, machine };
            here.program(
                "bin/rustc",
                "case \"$*\" in\n\
                 *target-libdir*) echo $HERE/sysroot/wasm;;\n\
                 *sysroot*) echo $HERE/sysroot;;\n\
                 *) echo 'rustc 1.95.0';;\nesac",
            );
            here.program("bin/rustup", "exit 1");
            here.program("bin/apt-get", "exit 100");
            here
        }

        fn at(&self, path: &str) -> PathBuf {
            self.folder.path().join(path)
        }

        /// The scripts see an absolute `$HERE` and use nothing that is not part of the shell.
        fn program(&self, path: &str, body: &str) {
            let here = self.folder.path().display();
            let text =
                format!("#!/bin/sh\nHERE={here}\necho \"${{0##*/}} $*\" >>$HERE/calls\n{body}\n");
            fs::write(self.at(path), text).unwrap();
            fs::set_permissions(self.at(path), fs::Permissions::from_mode(0o755)).unwrap();
        }

        fn with_debian_rust(self, version: &str) -> Self {
            self.program("usr/bin/rustc", &format!("echo 'rustc {version} (built from source)'"));
            self.program("usr/bin/cargo", "");
            for dir in ["usr/lib/rustlib/src/rust/library/std", "sysroot/lib/rustlib/host/bin"] {
                fs::create_dir_all(self.at(dir)).unwrap();
            }
            fs::write(self.at("sysroot/lib/rustlib/host/bin/rust-lld"), "").unwrap();
            self
        }

        fn calls(&self, of: &str) -> Vec<String> {
            let calls = fs::read_to_string(self.at("calls")).unwrap_or_default();
            calls.lines().filter(|call| call.starts_with(of)).map(str::to_owned).collect()
        }

        fn debian(&self) -> WasmToolchain {
            WasmToolchain::Debian { linker: self.at("sysroot/lib/rustlib/host/bin/rust-lld") }
        }
    }

    #[test]
    fn a_toolchain_with_the_wasm_library_is_used_as_it_is() {
        let here = StandIn::new().with_debian_rust("1.96.0");
        fs::write(here.at("sysroot/wasm/libstd-1.rlib"), "").unwrap();
        assert_eq!(choose(&here.machine).unwrap(), WasmToolchain::Pinned);
        assert!(here.calls("rustup").is_empty() && here.calls("apt-get").is_empty());
    }

    #[test]
    fn a_rustup_that_can_fetch_the_target_is_let_do_it() {
        let here = StandIn::new();
        here.program("bin/rustup", ": >$HERE/sysroot/wasm/libstd-1.rlib");
        assert_eq!(choose(&here.machine).unwrap(), WasmToolchain::Pinned);
        assert_eq!(here.calls("rustup"), ["rustup target add wasm32-unknown-unknown"]);
    }

    #[test]
    fn a_rustup_that_says_yes_and_brings_nothing_is_not_believed() {
        let here = StandIn::new().with_debian_rust("1.96.0");
        here.program("bin/rustup", "exit 0");
        assert_eq!(choose(&here.machine).unwrap(), here.debian());
    }

    #[test]
    fn rustup_is_not_asked_again_for_what_it_could_not_fetch() {
        let here = StandIn::new().with_debian_rust("1.96.0");
        assert_eq!(choose(&here.machine).unwrap(), here.debian());
        assert_eq!(choose(&here.machine).unwrap(), here.debian());
        assert_eq!(here.calls("rustup").len(), 1);
        here.program("bin/rustc", "echo 'rustc 1.97.0'");
        let _ = choose(&here.machine);
        assert_eq!(here.calls("rustup").len(), 2, "a new compiler is worth a new try");
    }

    #[test]
    fn debians_rust_is_installed_by_root() {
        let here = StandIn::new();
        let install = "apt-get install -y -q --no-install-recommends \
                       rustc-web rust-web-src cargo-web";
        // The stand-in apt-get brings nothing, so the choice fails after it was asked.
        here.program("bin/apt-get", "exit 0");
        assert!(choose(&here.machine).is_err());
        assert_eq!(here.calls("apt-get"), [install]);

        let here = here.with_debian_rust("1.96.0");
        assert_eq!(choose(&here.machine).unwrap(), here.debian());
    }

    #[test]
    fn an_empty_package_list_is_fetched_first() {
        let here = StandIn::new();
        fs::remove_file(here.at("var/lib/apt/lists/main_Packages")).unwrap();
        here.program("bin/apt-get", "exit 0");
        assert!(here.machine.apt_install(&["cmake"]));
        let calls = here.calls("apt-get");
        assert_eq!(calls[0], "apt-get update -q");
        assert!(calls[1].ends_with(" cmake"));
    }

    #[test]
    fn an_old_debian_rust_is_not_taken() {
        let here = StandIn::new().with_debian_rust("1.63.0");
        assert!(choose(&here.machine).is_err());
    }

    #[test]
    fn nothing_is_installed_without_root_and_the_mending_command_is_named() {
        let mut here = StandIn::new();
        here.machine.is_root = false;
        let error = choose(&here.machine).unwrap_err().to_string();
        assert!(here.calls("apt-get").is_empty());
        assert!(error.contains("rustup target add wasm32-unknown-unknown"), "{error}");
        assert!(error.contains("rustc-web rust-web-src cargo-web"), "{error}");

        assert!(here.machine.ensure_wasm_clippy(&here.debian()).is_err());
        assert!(here.machine.ensure_wasm_clippy(&WasmToolchain::Pinned).is_ok());
        let error = here.machine.ensure_c_tools().unwrap_err().to_string();
        assert!(error.contains("cmake") && error.contains("sudo apt-get install"), "{error}");
        assert!(here.machine.ensure_chromium().is_err());
    }

    #[test]
    fn the_tools_for_books_are_installed_once_beside_the_target_folder() {
        let here = StandIn::new();
        let (list, tools) = (here.at("list.txt"), here.at("book-tools"));
        fs::write(&list, "beancount==3.2.3\n").unwrap();
        let ensure = || here.machine.ensure_python_tools(&list, &tools);
        let error = ensure().unwrap_err().to_string();
        assert!(error.contains("python3-venv"), "{error}");
        // What venv would make is there already.
        here.program("bin/python3", "");
        fs::create_dir_all(tools.join("bin")).unwrap();
        here.program("book-tools/bin/python", "");
        assert_eq!(ensure().unwrap(), tools.join("bin/python"));
        ensure().unwrap();
        assert_eq!(here.calls("python3").len(), 1, "what is there is not made again");
        fs::write(&list, "beancount==3.2.4\n").unwrap();
        ensure().unwrap();
        assert_eq!(here.calls("python3").len(), 2, "another list is another set of tools");
        assert!(here.calls("python ").iter().all(|call| call.ends_with("list.txt")));
        let error = here.machine.ensure_hledger().unwrap_err().to_string();
        assert!(error.contains("apt-get install hledger"), "{error}");
    }

    #[test]
    fn an_old_node_is_named() {
        let here = StandIn::new();
        assert!(here.machine.ensure_node().unwrap_err().to_string().contains("found: none"));
        here.program("bin/npm", "");
        here.program("bin/node", "echo v18.20.4");
        assert!(here.machine.ensure_node().unwrap_err().to_string().contains("v18.20.4"));
        here.program("bin/node", "echo v20.1.0");
        here.machine.ensure_node().unwrap();
    }
}
