//! The bundles, the hashes of the DNAs in them, and the zip of the page.

use crate::project::{has_extension, output_of, run, write_if_changed, Project};
use anyhow::{Context, Result};
use flate2::Crc;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

const HASHES: &str = "dnas/HASHES";

/// What `weir-pack` tells about the bundles it wrote.
pub struct Packed {
    pub about: Value,
}

impl Packed {
    /// Name and hash of each DNA.
    fn hashes(&self) -> Result<Vec<(&str, &str)>> {
        let dnas = self.about["dnas"].as_object().context("weir-pack named no DNA.")?;
        dnas.iter()
            .map(|(name, about)| {
                let hash = about["hash"].as_str().context("weir-pack gave no hash.")?;
                Ok((name.as_str(), hash))
            })
            .collect()
    }
}

/// Packs the zomes in `workdir/` and the page in `ui/dist`.
pub fn pack(project: &Project) -> Result<Packed> {
    // Always the whole workspace: one set of features, so that Holochain is compiled once.
    run(&mut project.cargo(["build", "--workspace", "--bin", "weir-pack"]))?;
    zip_page(project)?;
    let about = serde_json::from_str(&output_of(&mut project.built("weir-pack"))?)?;
    Ok(Packed { about })
}

/// Says whether the DNAs are those recorded for this toolchain. A difference is no error: it is
/// what a change of the rules does, and it is recorded on purpose.
pub fn compare_hashes(project: &Project, packed: &Packed, toolchain: &str) -> Result<()> {
    let recorded = fs::read_to_string(project.root.join(HASHES)).unwrap_or_default();
    for (dna, hash) in packed.hashes()? {
        match find(&recorded, dna, toolchain) {
            Some(known) if known == hash => eprintln!("{dna} {hash}, as recorded"),
            Some(known) => eprintln!(
                "{dna} {hash} DIFFERS from the recorded {known}: this is another network. If the \
                 rules were meant to change, run `cargo xtask hashes --record`."
            ),
            None => eprintln!("{dna} {hash}; no hash is recorded for {toolchain}"),
        }
    }
    Ok(())
}

/// Writes the hashes of this toolchain and keeps those of others.
pub fn record_hashes(project: &Project, packed: &Packed, toolchain: &str) -> Result<()> {
    let path = project.root.join(HASHES);
    let recorded = fs::read_to_string(&path).unwrap_or_default();
    let text = with_hashes(&recorded, &packed.hashes()?, toolchain);
    if write_if_changed(&path, text.as_bytes())? {
        eprintln!("{HASHES} is written.");
    }
    Ok(())
}

/// The parts of a line: DNA, hash, and the toolchain as the rest.
fn parts(line: &str) -> Option<(&str, &str, &str)> {
    let (dna, rest) = line.split_once(' ')?;
    let (hash, toolchain) = rest.split_once(' ')?;
    (!line.starts_with('#')).then_some((dna, hash, toolchain))
}

fn find<'a>(recorded: &'a str, dna: &str, toolchain: &str) -> Option<&'a str> {
    let mut lines = recorded.lines().filter_map(parts);
    lines.find(|line| line.0 == dna && line.2 == toolchain).map(|line| line.1)
}

fn with_hashes(recorded: &str, hashes: &[(&str, &str)], toolchain: &str) -> String {
    let of_others = |line: &&str| parts(line).is_none_or(|line| line.2 != toolchain);
    let mut lines: Vec<String> = recorded.lines().filter(of_others).map(str::to_owned).collect();
    lines.extend(hashes.iter().map(|(dna, hash)| format!("{dna} {hash} {toolchain}")));
    // The comments stay on top; lines of one DNA stand together.
    lines.sort_by_key(|line| if line.starts_with('#') { String::new() } else { line.clone() });
    lines.join("\n") + "\n"
}

/// Zips `ui/dist` with sorted names and no times: equal pages give equal bytes.
fn zip_page(project: &Project) -> Result<()> {
    let dist = project.root.join("ui/dist");
    let mut paths = Vec::new();
    list(&dist, &mut paths)?;
    paths.sort();
    let mut files = Vec::new();
    for path in paths {
        let name = path.strip_prefix(&dist)?.to_string_lossy().replace('\\', "/");
        files.push((name, fs::read(&path)?));
    }
    write_if_changed(&project.workdir.join("ui.zip"), &zip(&files)?)?;
    Ok(())
}

/// A zip archive that only stores: the bundle around it is compressed as a whole. A crate for this
/// would change the features of crates that Holochain uses too.
fn zip(files: &[(String, Vec<u8>)]) -> Result<Vec<u8>> {
    let (mut archive, mut directory) = (Vec::new(), Vec::new());
    for (name, bytes) in files {
        let mut crc = Crc::new();
        crc.update(bytes);
        let size = u32::try_from(bytes.len())?.to_le_bytes();
        // Both headers share this: version 1.0, UTF-8 names, stored, the first day of 1980.
        let mut about = vec![10, 0, 0, 8, 0, 0, 0, 0, 0x21, 0];
        about.extend(crc.sum().to_le_bytes());
        about.extend([size, size].concat());
        about.extend(u16::try_from(name.len())?.to_le_bytes());
        about.extend([0, 0]);
        let at = u32::try_from(archive.len())?;
        archive.extend([b"PK\x03\x04", &about[..], name.as_bytes(), bytes].concat());
        directory.extend([b"PK\x01\x02\x0a\x00", &about[..], &[0; 10]].concat());
        directory.extend(at.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    let count = u16::try_from(files.len())?.to_le_bytes();
    let (start, size) = (u32::try_from(archive.len())?, u32::try_from(directory.len())?);
    archive.extend(directory);
    archive.extend([b"PK\x05\x06\x00\x00\x00\x00", &count[..], &count[..]].concat());
    archive.extend([size.to_le_bytes(), start.to_le_bytes()].concat());
    archive.extend([0, 0]);
    Ok(archive)
}

/// All files below a folder; source maps stay out of what is shipped.
fn list(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    let entries = fs::read_dir(folder)
        .with_context(|| format!("{} is missing: run `cargo xtask build`.", folder.display()))?;
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            list(&path, files)?;
        } else if !has_extension(&path, "map") {
            files.push(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECORDED: &str = "# About.\nledger uhC0kOld rustc 1.95.0, host: a\n\
                            ledger uhC0kOther rustc 1.96.0, host: b\n";

    #[test]
    fn a_hash_is_found_by_dna_and_toolchain() {
        assert_eq!(find(RECORDED, "ledger", "rustc 1.96.0, host: b"), Some("uhC0kOther"));
        assert_eq!(find(RECORDED, "commons", "rustc 1.96.0, host: b"), None);
        assert_eq!(find(RECORDED, "ledger", "rustc 1.96.0"), None);
    }

    #[test]
    fn an_archive_holds_each_file_and_says_where_it_is() {
        let files = [("a.txt".to_owned(), b"123456789".to_vec()), ("b/ä".to_owned(), vec![])];
        let archive = zip(&files).unwrap();
        assert!(archive.starts_with(b"PK\x03\x04"));
        let (_, end) = archive.split_at(archive.len() - 22);
        assert_eq!((&end[..4], end[10]), (&b"PK\x05\x06"[..], 2));
        let start = u32::from_le_bytes(end[16..20].try_into().unwrap()) as usize;
        let entry = &archive[start..];
        assert!(entry.starts_with(b"PK\x01\x02"));
        // The check value of CRC-32 that every description of it names.
        assert_eq!(entry[16..20], 0xcbf4_3926_u32.to_le_bytes());
        assert_eq!(zip(&files).unwrap(), archive);
    }

    #[test]
    fn recording_replaces_the_lines_of_this_toolchain_only() {
        let text = with_hashes(
            RECORDED,
            &[("commons", "uhC0kC"), ("ledger", "uhC0kNew")],
            "rustc 1.95.0, host: a",
        );
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(
            lines,
            [
                "# About.",
                "commons uhC0kC rustc 1.95.0, host: a",
                "ledger uhC0kNew rustc 1.95.0, host: a",
                "ledger uhC0kOther rustc 1.96.0, host: b",
            ]
        );
    }
}
