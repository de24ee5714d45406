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

/// Pages that name tests, by a short name of their file and then by function or title.
const NAMING: [&str; 3] = ["docs/cases.md", "docs/rules.md", "docs/threat-model.md"];

/// Where the files with these short names lie, as docs/rules.md explains them.
const SHORT_NAMES: [(&str, &str, &str); 12] = [
    ("rules/", "crates/rules/tests/", ".rs"),
    ("rules-src/", "crates/rules/src/", ".rs"),
    ("substrate/", "crates/substrate/tests/", ".rs"),
    ("exports/", "crates/exports/tests/", ".rs"),
    ("exports-src/", "crates/exports/src/", ".rs"),
    ("scenarios/", "tests/scenarios/", ".rs"),
    ("sim/", "sim/tests/", ".rs"),
    ("node/", "node/src/", ".rs"),
    ("programs", "node/tests/programs", ".rs"),
    ("page/", "ui/tests/page/", ".test.ts"),
    ("page-unit/", "ui/tests/unit/", ".test.ts"),
    ("two-browsers", "ui/tests/two/nodes", ".test.ts"),
];

/// One fault: where, and what is wrong.
type Fault = String;

struct Source {
    path: PathBuf,
    text: String,
}

pub fn check(project: &Project) -> Result<()> {
    let mut faults = Vec::new();
    let mut sources = Vec::new();
    let mut page_tests = Vec::new();
    let mut pages = Vec::new();
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
        if NAMING.iter().any(|page| path == Path::new(page)) {
            pages.push(Source { path, text });
            continue;
        }
        if has_extension(&path, "rs") {
            sources.push(Source { path, text });
        } else if path.starts_with("ui/tests") {
            page_tests.push(Source { path, text });
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
    sources.append(&mut page_tests);
    faults.extend(pages.iter().flat_map(|page| unknown_tests(page, &sources)));
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

/// Tests that a page names and nobody has. A file is named first, then its tests: functions in
/// backticks, or titles of the page's tests in quotes. A cell of a table, or a paragraph, ends it.
fn unknown_tests(page: &Source, sources: &[Source]) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut file = None;
    for (at, line) in page.text.lines().enumerate() {
        if line.is_empty() {
            file = None;
        }
        for (plain, name) in named(line) {
            for word in plain.split([' ', '(', ')', ',', ';', ':']) {
                match short_name(word.trim_end_matches('.')) {
                    _ if word == "|" => file = None,
                    Some(path) => match sources.iter().find(|it| it.path == Path::new(&path)) {
                        Some(found) => file = Some(found),
                        None => faults.push(fault(page, at, &format!("there is no {path}"))),
                    },
                    None => {}
                }
            }
            let Some(file) = file else { continue };
            let found = match name {
                Name::Function(name) => has_word(&file.text, &format!("fn {name}")),
                Name::Title(title) if has_extension(&file.path, "ts") => {
                    file.text.contains(&format!("\"{title}\""))
                }
                Name::Title(_) | Name::Nothing => true,
            };
            if !found {
                let what = format!("{} has no test {name:?}", file.path.display());
                faults.push(fault(page, at, &what));
            }
        }
    }
    faults
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Name<'a> {
    Function(&'a str),
    Title(&'a str),
    Nothing,
}

/// The pieces of a line: plain text, and what is named behind it.
fn named(line: &str) -> Vec<(&str, Name<'_>)> {
    let mut pieces = Vec::new();
    let mut rest = line;
    while let Some(start) = rest.find(['`', '"']) {
        let mark = &rest[start..=start];
        let Some(length) = rest[start + 1..].find(mark) else { break };
        let inside = &rest[start + 1..start + 1 + length];
        let is_function = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        let name = match mark {
            "`" if inside.matches('_').count() > 2 && inside.chars().all(is_function) => {
                Name::Function(inside)
            }
            "\"" => Name::Title(inside),
            _ => Name::Nothing,
        };
        pieces.push((&rest[..start], name));
        rest = &rest[start + length + 2..];
    }
    pieces.push((rest, Name::Nothing));
    pieces
}

/// The path of a file that a page names in short; a capital stands for any file.
fn short_name(word: &str) -> Option<String> {
    SHORT_NAMES.iter().find_map(|(short, folder, ending)| {
        let name = word.strip_prefix(short)?;
        let is_name = |c: char| c.is_ascii_lowercase() || "_-/".contains(c);
        let is_whole = name.is_empty() != short.ends_with('/') && name.chars().all(is_name);
        is_whole.then(|| format!("{folder}{name}{ending}"))
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
    fn a_test_that_a_page_names_is_there() {
        let sources = [
            source("tests/scenarios/everyday.rs", "async fn it_is_paid_and_taken() {}"),
            source("node/tests/programs.rs", "fn it_is_stopped_and_started() {}"),
            source("ui/tests/page/flows.test.ts", "test(\"is paid in a double click\", () => {"),
        ];
        let count = |text: &str| unknown_tests(&source("docs/a.md", text), &sources).len();
        let right = "| a | scenarios/everyday `it_is_paid_and_taken`; programs\n\
                     `it_is_stopped_and_started`; page/flows \"is paid in a double click\" |";
        assert_eq!(count(right), 0);
        assert_eq!(count("`must_get_agent_activity` (scenarios/everyday)"), 0);
        assert_eq!(count("scenarios/everyday | `must_get_agent_activity`"), 0);
        assert_eq!(count("scenarios/everyday\n\n`must_get_agent_activity`"), 0);
        assert_eq!(count("scenarios/everyday `it_is_stopped_and_started`"), 1);
        assert_eq!(count("scenarios/everyday `it_is_paid_and_taken_twice`"), 1);
        assert_eq!(count("page/flows \"is paid\""), 1);
        assert_eq!(count("| scenarios/X | programs | scenarios/nowhere."), 1);
    }

    #[test]
    fn a_folder_of_one_machine_is_found() {
        let count = |text: &str| machine_paths(Path::new("a.md"), text).len();
        assert_eq!(count(concat!("see /ro", "ot/x and `/wo", "rk/y`")), 2);
        assert_eq!(count(concat!("docs/wo", "rk/y ${X}/ho", "me/z")), 0);
    }
}
