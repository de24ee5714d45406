//! Compares cards with golden ones, and measures training, on files named on the command line.
//!
//! `evaluate golden GOLDEN.json FILE.csv [CAT,COLS]` trains on the rows whose number is not 4 when
//! divided by 5 and compares every part. `evaluate time FILE.csv TARGET [DROP,COLS]` trains ten
//! times.

use serde_json::Value;
use std::time::Instant;
use weir_scorecard::bins::Bins;
use weir_scorecard::card::Card;
use weir_scorecard::data::{Data, Plan};
use weir_scorecard::measure::measure;
use weir_scorecard::table::Table;
use weir_scorecard::train::train;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args[..] {
        ["golden", golden, file] => compare(golden, file, ""),
        ["golden", golden, file, cat] => compare(golden, file, cat),
        ["time", file, target] => time(file, target, ""),
        ["time", file, target, drop] => time(file, target, drop),
        _ => {
            eprintln!("usage: evaluate golden GOLDEN.json FILE.csv [CAT,COLS]");
            eprintln!("       evaluate time FILE.csv TARGET [DROP,COLS]");
            std::process::exit(2);
        }
    }
}

fn names(list: &str) -> Vec<String> {
    list.split(',').filter(|name| !name.is_empty()).map(String::from).collect()
}

fn compare(golden: &str, file: &str, cat: &str) {
    let golden: Value = serde_json::from_slice(&std::fs::read(golden).expect("the golden card"))
        .expect("the golden card is JSON");
    let text = std::fs::read_to_string(file).expect("the data");
    let mut lines = text.lines();
    let header = lines.next().expect("a header");
    let (mut train_text, mut test_text) = (format!("{header}\n"), format!("{header}\n"));
    for (row, line) in lines.filter(|line| !line.is_empty()).enumerate() {
        let part = if row % 5 == 4 { &mut test_text } else { &mut train_text };
        part.push_str(line);
        part.push('\n');
    }
    let strings = |value: &Value| -> Vec<String> {
        value.as_array().expect("a list").iter().map(|v| v.as_str().unwrap().to_string()).collect()
    };
    let mut plan =
        Plan { target: "bad".into(), drop: strings(&golden["dropped_protected"]), cat: names(cat) };
    let features = golden["features"].as_array().expect("features");
    for feature in features.iter().filter(|feature| feature["kind"] == "cat") {
        plan.cat.push(feature["name"].as_str().unwrap().to_string());
    }
    let data = Data::read(&Table::parse(train_text.as_bytes()).unwrap(), &plan).unwrap();
    let card = train(&data).unwrap();
    let mut faults = differences(&card, &golden);

    let test = Table::parse(test_text.as_bytes()).unwrap();
    let reader = card.on(&test).unwrap();
    let scored: Vec<_> = test.rows().map(|row| reader.score(row).unwrap()).collect();
    let examples = golden["examples"].as_array().expect("examples");
    for example in examples {
        let row = example["row_index"].as_u64().unwrap();
        let here = &scored[(row / 5) as usize];
        if example["score"] != here.score || example["bad_bp"] != here.bad_bp {
            faults.push(format!("row {row}: {} {} here", here.score, here.bad_bp));
        }
    }
    let target = test.column("bad").unwrap();
    let bad: Vec<bool> = test.rows().map(|row| row.cell(target).starts_with('1')).collect();
    let chances: Vec<u16> = scored.iter().map(|scored| scored.bad_bp).collect();
    let found = measure(&chances, &bad);
    println!("held back: AUC 0.{:06} Brier 0.{:06}", found.auc, found.brier);
    println!("golden:    AUC {} Brier {}", golden["test_auc"], golden["test_brier"]);
    for fault in &faults {
        println!("differs: {fault}");
    }
    println!("{} features, {} examples, {} differ", features.len(), examples.len(), faults.len());
    std::process::exit(i32::from(!faults.is_empty()));
}

fn differences(card: &Card, golden: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    let mut same = |what: String, here: Value, there: &Value| {
        if here != *there {
            faults.push(format!("{what}: {here} here, {there} there"));
        }
    };
    same("n_train".into(), card.rows().rows().into(), &golden["n_train"]);
    same("bad_train".into(), card.rows().bad.into(), &golden["bad_train"]);
    same("slope".into(), card.calibration().slope.into(), &golden["slope_num_over_16"]);
    same("offset".into(), card.calibration().offset.into(), &golden["offset_logit8_q16"]);
    same(
        "features".into(),
        card.features().len().into(),
        &golden["features"].as_array().unwrap().len().into(),
    );
    for (feature, there) in card.features().iter().zip(golden["features"].as_array().unwrap()) {
        let name = &feature.name;
        same(format!("{name} name"), name.clone().into(), &there["name"]);
        let cuts: Value = match &feature.bins {
            Bins::Numbers(thresholds) => thresholds.clone().into(),
            Bins::Levels(levels) => levels.clone().into(),
        };
        same(format!("{name} cuts"), cuts, &there["thresholds_x1000_or_levels"]);
        same(
            format!("{name} points"),
            feature.worth.points.clone().into(),
            &there["points_by_bin"],
        );
        same(format!("{name} iv"), feature.worth.information.into(), &there["iv_log2_q16"]);
    }
    faults
}

fn time(file: &str, target: &str, drop: &str) {
    let bytes = std::fs::read(file).expect("the data");
    let plan = Plan { target: target.into(), drop: names(drop), cat: vec![] };
    let mut times: Vec<u128> = (0..10)
        .map(|_| {
            let begun = Instant::now();
            let table = Table::parse(&bytes).unwrap();
            let card = train(&Data::read(&table, &plan).unwrap()).unwrap();
            assert!(!card.features().is_empty());
            begun.elapsed().as_micros()
        })
        .collect();
    times.sort_unstable();
    println!("read and trained in {} µs (median of 10; longest {} µs)", times[5], times[9]);
}
