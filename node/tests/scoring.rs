//! `weir score`, `weir assess` and `weir sim sybil` as people call them: files in, words or JSON
//! out, and exit code 2 with a place and a reason when a file is wrong.

use serde_json::{json, Value};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

#[path = "../../crates/scorecard/tests/support/mod.rs"]
mod support;

/// A folder with files, where the program is called.
struct Desk {
    folder: TempDir,
}

impl Desk {
    fn with(files: &[(&str, &str)]) -> Self {
        let desk = Self { folder: tempfile::tempdir().expect("a folder") };
        for (name, text) in files {
            fs::write(desk.path(name), text).expect("a file");
        }
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn call(&self, line: &str) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_weir"));
        command.args(line.split(' ')).current_dir(self.folder.path()).stdin(Stdio::null());
        command.output().expect("the program runs")
    }

    fn says(&self, line: &str) -> String {
        let output = self.call(line);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{line}: {errors}");
        assert_eq!(errors, "", "{line}: nothing is drawn away from a terminal");
        String::from_utf8(output.stdout).expect("text")
    }

    fn json(&self, line: &str) -> Value {
        let said = self.says(&format!("{line} --json"));
        assert_eq!(said.lines().count(), 1, "{line}");
        serde_json::from_str(&said).expect("JSON")
    }

    /// What the program says when the input is wrong.
    fn refusal(&self, line: &str) -> String {
        let output = self.call(line);
        let errors = String::from_utf8_lossy(&output.stderr).trim().to_string();
        assert_eq!(output.status.code(), Some(2), "{line}: {errors}");
        assert_eq!(output.stdout, b"", "{line}");
        errors
    }
}

const TRAIN: &str = "score train loans.csv --target bad --drop age --out card.json";

fn village_desk() -> Desk {
    Desk::with(&[("loans.csv", &support::village(600, 1))])
}

#[test]
fn a_card_is_learnt_applied_explained_and_drawn() {
    let desk = village_desk();
    let said = desk.json(TRAIN);
    assert_eq!((&said["n_train"], &said["history"]), (&json!(600), &json!("long")));
    let (table, card) = support::village_card(600, 1);
    assert_eq!(fs::read_to_string(desk.path("card.json")).unwrap(), card.written());
    assert!(desk.says(TRAIN).contains("late_days"));

    let rows = desk.says("score apply card.json loans.csv");
    let reader = card.on(&table).unwrap();
    let expected = table.rows().enumerate().map(|(row, cells)| {
        let scored = reader.score(cells).unwrap();
        format!("{row},{},{}\n", scored.score, scored.bad_bp)
    });
    assert_eq!(rows, "row_index,score,bad_bp\n".to_string() + &expected.collect::<String>());
    let applied = desk.json("score apply card.json loans.csv");
    assert!(applied["auc"].as_f64().unwrap() > 0.7, "the file has the outcomes");
    assert_eq!(applied["rows"][5]["row_index"], 5);

    let explained = desk.json("score explain card.json loans.csv --row 5");
    assert_eq!(explained["score"], applied["rows"][5]["score"]);
    assert_eq!(explained["points"].as_array().unwrap().len(), card.features().len());
    assert!(desk.says("score explain card.json loans.csv --row 5").contains("What costs most:"));
    desk.says("score picture card.json --out card.svg");
    assert_eq!(fs::read_to_string(desk.path("card.svg")).unwrap(), card.picture());
}

#[test]
fn cards_are_tried_on_rows_that_they_have_not_seen() {
    let desk = village_desk();
    let line =
        "score cv loans.csv --target bad --drop age --folds 5 --seed 42 --groups age:40,trade";
    let found = desk.json(line);
    for measure in ["auc", "brier", "ks"] {
        assert!((0.0..1.0).contains(&found[measure].as_f64().unwrap()), "{found}");
    }
    assert_eq!((&found["rows"], &found["bad"]), (&json!(600), &json!(142)));
    let groups = found["groups"].as_array().unwrap();
    assert_eq!(groups.len(), 7);
    assert_eq!((&groups[0]["column"], &groups[0]["group"]), (&json!("age"), &json!("below 40")));
    assert!(groups[0]["approval_ratio"].as_f64().unwrap() > 0.8);
    assert_eq!(found, desk.json(line), "the same seed deals the same folds");
    assert!(desk.says(line).contains("AUC 0."));
}

#[test]
fn what_is_wrong_with_a_file_is_told_by_line_reason_and_code_and_nothing_is_written() {
    let desk = village_desk();
    desk.says(TRAIN);
    let card = fs::read_to_string(desk.path("card.json")).unwrap();
    let write = |name: &str, text: &str| fs::write(desk.path(name), text).unwrap();
    write("short.csv", "a,bad\n1,0\n2\n");
    write("leak.csv", &leaking());
    write("off.json", &card.replacen("\"bad_train\":142", "\"bad_train\":141", 1));
    write("half.json", &card[..card.len() / 2]);
    let train = |file: &str| format!("score train {file} --target bad --out new.json");
    for (line, start, code) in [
        (train("none.csv"), "weir: cannot read none.csv", ""),
        (train("short.csv"), "weir: short.csv:3: ", "ROW_LENGTH cells=1 columns=2 line=3"),
        (train("leak.csv"), "weir: leak.csv: ", "COLUMN_LEAKING column=after"),
        (
            format!("{} --drop sex", train("loans.csv")),
            "weir: loans.csv: ",
            "COLUMN_UNKNOWN column=sex",
        ),
        ("score apply off.json loans.csv".into(), "weir: off.json: ", "CARD_PART part="),
        ("score apply half.json loans.csv".into(), "weir: half.json:", "CARD_UNREADABLE line="),
        ("score apply card.json leak.csv".into(), "weir: leak.csv: ", "COLUMN_UNKNOWN column="),
        ("score explain card.json loans.csv --row 600".into(), "weir: loans.csv: ", "ROW_UNKNOWN"),
        ("score cv loans.csv --target bad --folds 1".into(), "weir: loans.csv: ", "FOLDS folds=1"),
    ] {
        let said = desk.refusal(&line);
        assert!(said.starts_with(start), "{line}: {said}");
        assert!(said.contains(code), "{line}: {said}");
    }
    assert!(!desk.path("new.json").exists());
}

fn leaking() -> String {
    let rows: String = (0..100).map(|row| format!("{},{row},{}\n", row % 2, row % 2)).collect();
    format!("after,row,bad\n{rows}")
}

/// The request that the docs show.
fn documented_case() -> String {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/credit.md");
    let docs = fs::read_to_string(docs).expect("docs/credit.md");
    let json = docs.split("```json\n").nth(1).expect("an example");
    json.split("```").next().unwrap_or_default().to_string()
}

#[test]
fn the_request_of_the_docs_is_assessed_and_explained() {
    let case = documented_case();
    let desk = Desk::with(&[("request.json", &case)]);
    let found = desk.json("assess request.json");
    let scores = json!({"conduct": 40, "purpose": 85, "network": 8, "community": 78});
    assert_eq!(found["scores"], scores);
    assert_eq!((&found["total"], &found["risk"]), (&json!(50), &json!("medium")));
    assert_eq!((&found["route"], &found["limit"]), (&json!("stewards"), &json!(25_000)));
    assert!(desk.says("assess request.json").starts_with("Total 50 of 100: medium risk."));
    for (from, to, part) in [
        (
            "\"again\": false",
            "\"again\": false, \"age\": 30",
            "request.json:3: unknown field `age`",
        ),
        ("\"amount\": 25000", "\"amount\": 0", "request.json: request.amount cannot be"),
        ("productive", "casino", "request.json:3: unknown variant `casino`"),
        ("\"since_day\": 19800", "\"since_day\": 20001", "request.json: member.partners cannot be"),
    ] {
        assert!(case.contains(from), "{from}");
        fs::write(desk.path("request.json"), case.replacen(from, to, 1)).unwrap();
        let said = desk.refusal("assess request.json");
        assert!(said.contains(part), "{said}");
    }
}

#[test]
fn a_cluster_of_any_size_takes_what_was_staked_on_it() {
    // 1 endorses twelve members, each of whom endorses two more.
    let mut rows = "from,to,rating,time\n".to_string();
    for member in 2..14 {
        rows += &format!("1,{member},8,{member}\n{member},1,1,{member}.5\n");
        for other in [member + 20, member + 40] {
            rows += &format!("{member},{other},4,100\n{other},1,1,101\n");
        }
    }
    let desk = Desk::with(&[("trust.csv", &rows), ("bad.csv", "from,to,rating,time\n1,1,3,4\n")]);
    for k in [1, 10, 1_000] {
        let line = format!("sim sybil --graph trust.csv --seeds-top 1 --k {k} --edges 3");
        let found = desk.json(&line);
        assert_eq!((&found["attack_capacity"], &found["cluster_flow"]), (&json!(15), &json!(15)));
        assert_eq!(found["cluster_over_median"], json!(3.75), "the median is 4");
        assert_eq!(found["each_alone_over_median"], json!(3.75 * f64::from(k)));
        assert_eq!(found["median_without_attack"], found["median_with_attack"]);
        assert!(desk.says(&line).contains("15 of 15 staked"));
    }
    let flows = desk.json("sim sybil --graph trust.csv --seeds-top 1 --k 1 --flows");
    assert_eq!(flows["flows"][0], json!({"node": 2, "flow": 8}));
    let said = desk.refusal("sim sybil --graph bad.csv --k 1");
    assert_eq!(said, "weir: bad.csv:2: somebody rates themselves");
    assert!(desk
        .refusal("sim sybil --graph trust.csv --seeds-top 1 --k 0")
        .contains("--k must be"));
}
