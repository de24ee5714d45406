//! The zomes: built with the toolchain that [`crate::setup`] found, to the same bytes in whatever
//! folder the checkout lies, because their bytes are the identity of the network.

use crate::project::{home, run, write_if_changed, Project};
use crate::setup::WasmToolchain;
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The packages, which are also the names of the `.wasm` files. `probe` and the two `bare` are for
/// tests and benches; no bundle holds them.
///
/// Each row is one build. Packages of one row share the features of their dependencies, so
/// integrity zomes have a row of their own: nothing that a coordinator asks of a crate may show
/// in the bytes that name the network.
const BUILDS: &[&[&str]] = &[
    &["ledger_integrity", "commons_integrity", "bare_integrity"],
    &["accounts", "place", "probe", "bare"],
];

/// Builds all zomes and copies those that changed to `workdir/`.
pub fn build(project: &Project, toolchain: &WasmToolchain) -> Result<()> {
    for zomes in BUILDS {
        let mut command = cargo(project, toolchain, "cargo")?;
        command.args(["build", "--profile", "zome", "--locked"]);
        run(with_zomes(&mut command, toolchain, zomes))?;
    }
    for zome in BUILDS.concat() {
        let file = format!("{zome}.wasm");
        let built = project.zome_target.join("wasm32-unknown-unknown/zome").join(&file);
        let bytes = fs::read(&built).with_context(|| format!("{} is missing.", built.display()))?;
        write_if_changed(&project.workdir.join(&file), &bytes)?;
    }
    Ok(())
}

/// Lints the zomes as they are compiled for wasm; the native lints see other `cfg`s.
pub fn clippy(project: &Project, toolchain: &WasmToolchain) -> Result<()> {
    let mut command = cargo(project, toolchain, "cargo-clippy")?;
    command.args(["clippy", "--locked"]);
    run(with_zomes(&mut command, toolchain, &BUILDS.concat()).args(["--", "-D", "warnings"]))
}

fn with_zomes<'a>(
    command: &'a mut Command,
    toolchain: &WasmToolchain,
    zomes: &[&str],
) -> &'a mut Command {
    command.args(["--target", "wasm32-unknown-unknown"]);
    if matches!(toolchain, WasmToolchain::Debian { .. }) {
        command.arg("-Zbuild-std=std,panic_abort");
    }
    command.args(zomes.iter().flat_map(|zome| ["-p", zome]))
}

/// `cargo` or `cargo-clippy` of the chosen toolchain.
fn cargo(project: &Project, toolchain: &WasmToolchain, program: &str) -> Result<Command> {
    let mut command = match toolchain {
        WasmToolchain::Pinned => project.command(program),
        WasmToolchain::Debian { linker } => {
            let mut command = project.command(Path::new("/usr/bin").join(program));
            command
                .env("RUSTC", "/usr/bin/rustc")
                .env("CARGO", "/usr/bin/cargo")
                // Building the standard library is not a stable feature.
                .env("RUSTC_BOOTSTRAP", "1")
                .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker)
                // `cargo run` and rustup point at the libraries of the other compiler.
                .env_remove("LD_LIBRARY_PATH")
                .env_remove("RUSTUP_TOOLCHAIN");
            command
        }
    };
    command
        .env("CARGO_TARGET_DIR", &project.zome_target)
        .env("CARGO_ENCODED_RUSTFLAGS", flags(project, toolchain)?);
    Ok(command)
}

fn flags(project: &Project, toolchain: &WasmToolchain) -> Result<String> {
    let cargo_home = match std::env::var_os("CARGO_HOME") {
        Some(folder) => PathBuf::from(folder),
        None => home()?.join(".cargo"),
    };
    let sysroot = rustc(project, toolchain, &["--print", "sysroot"])?;
    let std_source = Path::new(sysroot.trim()).join("lib/rustlib/src/rust");
    let mut flags = vec![
        // Random numbers come from the conductor.
        "--cfg".to_owned(),
        "getrandom_backend=\"custom\"".to_owned(),
        // The conductor's functions are imports; from Rust 1.96 on that must be said.
        "-Clink-arg=--import-undefined".to_owned(),
    ];
    // Messages of panics hold file names: they must not say where this machine keeps its files.
    for (folder, name) in [
        (project.root.as_path(), "/weir"),
        (project.zome_target.as_path(), "/target"),
        (cargo_home.join("registry/src").as_path(), "/registry"),
        (std_source.as_path(), "/rust"),
    ] {
        flags.push(format!("--remap-path-prefix={}={name}", folder.display()));
    }
    Ok(flags.join("\x1f"))
}

fn rustc(project: &Project, toolchain: &WasmToolchain, args: &[&str]) -> Result<String> {
    let mut command = match toolchain {
        WasmToolchain::Pinned => project.command("rustc"),
        WasmToolchain::Debian { .. } => {
            let mut command = project.command("/usr/bin/rustc");
            command.env_remove("LD_LIBRARY_PATH");
            command
        }
    };
    crate::project::output_of(command.args(args))
}

/// Everything about the toolchain that shows in the bytes of a zome, on one line.
pub fn describe(project: &Project, toolchain: &WasmToolchain) -> Result<String> {
    let about = rustc(project, toolchain, &["-vV"])?;
    let host = about.lines().find(|line| line.starts_with("host: ")).unwrap_or("host: unknown");
    let mut text = format!("{}, {host}", about.lines().next().unwrap_or("rustc unknown"));
    if let WasmToolchain::Debian { linker } = toolchain {
        let about = crate::project::output_of(project.command(linker).args([
            "-flavor",
            "wasm",
            "--version",
        ]))?;
        let version: Vec<&str> = about.split_whitespace().take(2).collect();
        text = format!("{text}, own standard library, {}", version.join(" "));
    }
    Ok(text)
}
