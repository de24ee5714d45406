//! What no compiler checks: the habits of this repository, as checks that run in a second.

use crate::project::{has_extension, Project};
use anyhow::{bail, Result};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

const COLUMNS_MAX: usize = 100;
const FILE_BYTES_MAX: u64 = 500_000;

/// Folders whose answer must be the same on every member's machine, and must not panic.
const EXACT: [&str; 7] = [
    "crates/units/src",
    "crates/rules/src",
    "crates/credit/src",
    "crates/scorecard/src",
    "crates/substrate/src",
    "crates/wire/src",
    "zomes/integrity",
];

/// What does not stand in those folders outside their tests, and why.
const BANNED: [(&str, &str); 11] = [
    ("unwrap(", "a panic leaves an entry undecided"),
    ("expect(", "a panic leaves an entry undecided"),
    ("panic!", "a panic leaves an entry undecided"),
    ("todo!", "a panic leaves an entry undecided"),
    ("unreachable!", "a panic leaves an entry undecided"),
    ("f32", "rounding must not depend on the machine"),
    ("f64", "rounding must not depend on the machine"),
    ("HashMap", "its order is random"),
    ("HashSet", "its order is random"),
    ("SystemTime", "time comes from the action that is judged"),
    ("Instant", "time comes from the action that is judged"),
];

/// Folders of one machine. Written in pieces, so that this file passes its own check.
const MACHINE_PATHS: [&str; 4] =
    [concat!("/ro", "ot/"), concat!("/wo", "rk/"), concat!("/ho", "me/"), concat!("/Us", "ers/")];

/// One fault: where, and what is wrong.
type Fault = String;

struct Source {
    path: PathBuf,
    text: String,
}

pub fn check(project: &Project) -> Result<()> {
    let mut faults = Vec::new();
    let mut sources = Vec::new();
    let mut docs = String::new();
    for path in project.files()? {
        let file = project.root.join(&path);
        let size = fs::metadata(&file)?.len();
        if size > FILE_BYTES_MAX {
            faults.push(format!("{}: {size} bytes are too many to commit", path.display()));
            continue;
        }
        // What is not text has no lines to check.
        let Ok(text) = fs::read_to_string(&file) else { continue };
        faults.extend(machine_paths(&path, &text));
        if path == Path::new("docs/rules.md") {
            docs.clone_from(&text);
        }
        if has_extension(&path, "rs") {
            sources.push(Source { path, text });
        }
    }
    for source in &sources {
        faults.extend(long_lines(source));
        if EXACT.iter().any(|folder| source.path.starts_with(folder)) {
            faults.extend(banned_words(source));
        }
    }
    faults.extend(orphans(&sources));
    faults.extend(unexplained_refusals(&sources, &docs));
    if faults.is_empty() {
        return Ok(());
    }
    for fault in &faults {
        println!("{fault}");
    }
    bail!("{} faults of tidiness: see above.", faults.len())
}

fn long_lines(source: &Source) -> Vec<Fault> {
    let lines = source.text.lines().enumerate();
    let long = lines.filter(|(_, line)| line.chars().count() > COLUMNS_MAX);
    long.map(|(at, _)| fault(source, at, "the line is longer than 100 columns")).collect()
}

fn machine_paths(path: &Path, text: &str) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (at, line) in text.lines().enumerate() {
        for found in MACHINE_PATHS {
            // A path starts there; `a/work/b` in the middle of another path is no fault.
            let starts = |(at, _): (usize, &str)| {
                let before = line[..at].chars().next_back();
                !before.is_some_and(|c| c.is_alphanumeric() || "_-.}*".contains(c))
            };
            if line.match_indices(found).any(starts) {
                let at = at + 1;
                faults.push(format!("{}:{at}: {found} is a folder of one machine", path.display()));
            }
        }
    }
    faults
}

fn banned_words(source: &Source) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (at, line) in honest_part(source).lines().enumerate() {
        let code = line.split("//").next().unwrap_or_default();
        for (word, why) in BANNED {
            if has_word(code, word) {
                faults.push(fault(source, at, &format!("`{word}` does not belong here: {why}")));
            }
        }
    }
    faults
}

/// A file without its tests, which by custom are the last module of a file or a file of their own.
fn honest_part(source: &Source) -> &str {
    if source.path.ends_with("tests.rs")
        || source.path.components().any(|c| c.as_os_str() == "tests")
    {
        return "";
    }
    let starts = source.text.match_indices("#[cfg(test)]\n").find(|(at, mark)| {
        let next = source.text[at + mark.len()..].lines().next().unwrap_or_default();
        has_word(next, "mod") && next.ends_with('{')
    });
    starts.map_or(source.text.as_str(), |(at, _)| &source.text[..at])
}

/// The tests of a file.
fn test_part(source: &Source) -> &str {
    source.text.strip_prefix(honest_part(source)).unwrap_or_default()
}

/// Whether a word stands in the text, not merely as a part of a longer name.
fn has_word(text: &str, word: &str) -> bool {
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(word).any(|(at, _)| {
        let before = text[..at].chars().next_back().is_some_and(is_name);
        let after = text[at + word.len()..].chars().next().is_some_and(is_name);
        !(before || after && word.ends_with(is_name))
    })
}

/// Source files that no `mod` names: they look alive and compile to nothing.
fn orphans(sources: &[Source]) -> Vec<Fault> {
    let mut faults = Vec::new();
    for source in sources {
        let path = &source.path;
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        let folder = path.parent().unwrap_or(Path::new(""));
        let is_root = |folder: &Path| {
            ["src/bin", "tests", "benches", "examples", "fuzz_targets"]
                .iter()
                .any(|f| folder.ends_with(f))
        };
        if matches!(&*stem, "lib" | "main" | "build") || is_root(folder) {
            continue;
        }
        // The file of `mod.rs` is its folder's name, seen from one folder up.
        let (folder, name) = match &*stem {
            "mod" => (
                folder.parent().unwrap_or(folder),
                folder.file_name().unwrap_or_default().to_string_lossy(),
            ),
            _ => (folder, stem),
        };
        let named = sources.iter().any(|other| {
            let beside = other.path.parent() == Some(folder);
            let above = other.path.with_extension("") == folder;
            let names = ["mod", "pub mod", "pub(crate) mod"].iter();
            (beside || above)
                && other.path != *path
                && names.clone().any(|word| has_word(&other.text, &format!("{word} {name};")))
                || other.text.contains(&format!("\"{}\"", path.display()))
        });
        if !named {
            faults.push(format!("{}: no `mod {name};` names this file", path.display()));
        }
    }
    faults
}

/// Every code a member can meet is explained in docs/rules.md and provoked by a test.
fn unexplained_refusals(sources: &[Source], docs: &str) -> Vec<Fault> {
    const LIST: &str = "crates/rules/src/refusal.rs";
    let Some(list) = sources.iter().find(|source| source.path == Path::new(LIST)) else {
        return vec![format!("{LIST}: the list of refusals is missing")];
    };
    let tests: Vec<&str> = sources.iter().map(test_part).collect();
    let mut faults = Vec::new();
    let mut seen = BTreeSet::new();
    for (code, name) in refusals(honest_part(list)) {
        seen.insert(code);
        if !has_word(docs, code) {
            faults.push(format!("docs/rules.md: the refusal {code} is not explained"));
        }
        if !tests.iter().any(|text| has_word(text, code) || has_word(text, name)) {
            faults.push(format!("{LIST}: no test provokes {code}"));
        }
    }
    if seen.is_empty() {
        faults.push(format!("{LIST}: no refusal was found, so tidy no longer knows its form"));
    }
    faults
}

/// Lines of the form `"CODE" Name { … }`.
fn refusals(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.lines().filter_map(|line| {
        let (code, rest) = line.trim_start().strip_prefix('"')?.split_once("\" ")?;
        let (name, _) = rest.split_once(" {")?;
        let is_code =
            code.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
        (is_code && !code.is_empty()).then_some((code, name))
    })
}

fn fault(source: &Source, line: usize, what: &str) -> Fault {
    format!("{}:{}: {what}", source.path.display(), line + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(path: &str, text: &str) -> Source {
        Source { path: path.into(), text: text.into() }
    }

    #[test]
    fn a_banned_word_is_found_in_code_and_not_in_comments_tests_or_longer_names() {
        let count = |text: &str| banned_words(&source("crates/rules/src/a.rs", text)).len();
        assert_eq!(count("let a = b.unwrap();"), 1);
        assert_eq!(count("let m: HashMap<f64, Instant>;"), 3);
        assert_eq!(count("b.unwrap_or(c); fn expecting() {} InstantOf; // .unwrap()"), 0);
        assert_eq!(count("fn a() {}\n#[cfg(test)]\nmod tests {\n  b.unwrap();\n}\n"), 0);
        assert_eq!(count("#[cfg(test)]\npub(crate) mod tests {\n  b.unwrap();\n}\n"), 0);
        assert_eq!(count("#[cfg(test)]\nmod a;\nfn b() { c.unwrap() }\n"), 1);
        assert_eq!(count("#[cfg(test)]\nuse a;\nfn b() { c.unwrap() }\n"), 1);
        let tests = source("crates/rules/src/account/tests.rs", "b.unwrap();");
        assert!(banned_words(&tests).is_empty());
    }

    #[test]
    fn a_line_may_have_100_columns_and_not_101() {
        let count = |n: usize| long_lines(&source("a.rs", &"ä".repeat(n))).len();
        assert_eq!((count(100), count(101)), (0, 1));
    }

    #[test]
    fn a_file_that_no_mod_names_is_an_orphan() {
        let sources = [
            source("crates/a/src/lib.rs", "pub mod b;\nmod d;\n"),
            source("crates/a/src/b.rs", "mod c;\n"),
            source("crates/a/src/b/c.rs", ""),
            source("crates/a/src/d/mod.rs", ""),
            source("crates/a/src/bin/e.rs", ""),
            source("crates/a/src/lost.rs", "mod lost;"),
            source("crates/a/src/b/lost.rs", ""),
        ];
        let found: Vec<String> = orphans(&sources);
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found.iter().all(|fault| fault.contains("lost.rs")));
    }

    #[test]
    fn a_refusal_needs_a_doc_and_a_test() {
        let list = "    \"EXPIRED\" Expired { at: i64 } \"text\";\n    \"OPEN_FULL\" OpenFull {}\n";
        let with = |test: &str, docs: &str| {
            let list = source("crates/rules/src/refusal.rs", list);
            unexplained_refusals(&[list, source("tests/tests/a.rs", test)], docs).len()
        };
        assert_eq!(with("Refusal::Expired { .. }; \"OPEN_FULL\"", "| EXPIRED | OPEN_FULL |"), 0);
        assert_eq!(with("Refusal::ExpiredX", "EXPIRED"), 3);
    }

    #[test]
    fn a_folder_of_one_machine_is_found() {
        let count = |text: &str| machine_paths(Path::new("a.md"), text).len();
        assert_eq!(count(concat!("see /ro", "ot/x and `/wo", "rk/y`")), 2);
        assert_eq!(count(concat!("docs/wo", "rk/y ${X}/ho", "me/z")), 0);
    }
}
