//! Carries the bundle and the page inside the program.
//!
//! Writes `embedded.rs`: the packed bundle, the page's files and the recorded DNA hashes, each
//! empty when it has not been built yet. The packer is a program of this package too, so a missing
//! bundle cannot stop the build; it is warned about here and named clearly at run time.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR").map_err(io::Error::other)?).join("..");
    let out = PathBuf::from(env::var("OUT_DIR").map_err(io::Error::other)?);
    let mut text = String::from("weir::Embedded {\n");
    write_bundle(&mut text, &root.join("workdir/weir.happ"))?;
    write_page(&mut text, &root.join("ui/dist"), &out)?;
    write_hashes(&mut text, &root.join("dnas/HASHES"))?;
    println!("cargo:rustc-env=WEIR_HOLOCHAIN={}", holochain_version(&root.join("Cargo.lock"))?);
    text.push('}');
    fs::write(out.join("embedded.rs"), text)
}

/// The version of Holochain that is compiled in.
fn holochain_version(lock: &Path) -> io::Result<String> {
    watch(lock);
    let lock = fs::read_to_string(lock)?;
    let version = lock
        .split_once("name = \"holochain\"\nversion = \"")
        .and_then(|(_, rest)| rest.split_once('"'))
        .map(|(version, _)| version.to_string());
    version.ok_or_else(|| io::Error::other("Cargo.lock names no Holochain"))
}

fn write_bundle(text: &mut String, bundle: &Path) -> io::Result<()> {
    watch(bundle);
    let value = match bundle.canonicalize() {
        Ok(path) => format!("Some(include_bytes!({path:?}))"),
        Err(_) => {
            println!("cargo:warning=workdir/weir.happ is missing: `cargo xtask build` packs it");
            "None".into()
        }
    };
    writeln!(text, "    bundle: {value},").map_err(io::Error::other)
}

/// Copies the page's files first: the page may be built anew, under other names, while this
/// program is still being compiled.
fn write_page(text: &mut String, dist: &Path, out: &Path) -> io::Result<()> {
    watch(dist);
    text.push_str("    page: &[\n");
    if let Ok(dist) = dist.canonicalize() {
        for (number, path) in files_under(&dist)?.into_iter().enumerate() {
            let name = path.strip_prefix(&dist).map_err(io::Error::other)?;
            let copy = out.join(format!("page-{number}"));
            fs::copy(&path, &copy)?;
            writeln!(text, "        ({name:?}, include_bytes!({copy:?})),")
                .map_err(io::Error::other)?;
        }
    }
    text.push_str("    ],\n");
    Ok(())
}

fn write_hashes(text: &mut String, hashes: &Path) -> io::Result<()> {
    watch(hashes);
    let value = match hashes.canonicalize() {
        Ok(path) => format!("include_str!({path:?})"),
        Err(_) => "\"\"".into(),
    };
    writeln!(text, "    hashes: {value},").map_err(io::Error::other)
}

/// Asks cargo to come back when this changes; for what does not exist yet, when its folder does.
fn watch(path: &Path) {
    let seen = path.ancestors().find(|path| path.exists()).unwrap_or(path);
    println!("cargo:rerun-if-changed={}", seen.display());
}

fn files_under(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(files_under(&path)?);
        } else {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
