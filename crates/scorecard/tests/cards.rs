//! Cards: worked out by hand, the same every time, and refused whole when any part is off.

mod support;

use proptest::prelude::*;
use serde_json::{json, Value};
use support::{plan, table, village, village_card, Dice};
use weir_scorecard::bins::Bins;
use weir_scorecard::card::Card;
use weir_scorecard::data::Data;
use weir_scorecard::explain::explain;
use weir_scorecard::folds::cross_validate;
use weir_scorecard::groups::{cut_off, groups};
use weir_scorecard::measure::measure;
use weir_scorecard::refusal::Refusal;
use weir_scorecard::train::{train, History};

fn learn(text: &str, drop: &[&str], cat: &[&str]) -> Card {
    let data = Data::read(&table(text), &plan("bad", drop, cat)).expect("it can be learnt from");
    train(&data).expect("something predicts")
}

/// 80 rows of `a`, a quarter of them bad, and 40 of `b`, half of them bad.
fn two_levels() -> String {
    let rows = |level: &str, good: usize, bad: usize| {
        format!("{level},30,0\n").repeat(good) + &format!("{level},40,1\n").repeat(bad)
    };
    format!("kind,age,bad\n{}{}", rows("a", 60, 20), rows("b", 20, 20))
}

#[test]
fn a_card_worked_out_by_hand() {
    let card = learn(&two_levels(), &["age"], &[]);
    let [kind] = card.features() else { panic!("one feature: {card:?}") };
    assert_eq!(kind.bins, Bins::Levels(vec!["a".into(), "b".into()]));
    // With ten cases at the base rate the odds are 8,000 : 2,800 and 3,200 : 2,800, and 2 : 1 over
    // all: 20·log₂ of 1.43 and of 0.57; the bin of other levels has the base rate.
    assert_eq!(kind.worth.points, [10, -16, 0]);
    // (8/12 − 28/60)·0.5146 + (32/120 − 28/60)·(−0.8074) = 0.26439 of 65,536.
    assert_eq!(kind.worth.information, 17_326);
    assert_eq!((card.rows().good, card.rows().bad), (80, 40));
    let [a, b] = [10, -16].map(|score| card.calibration().bad_bp(score));
    assert!(a.abs_diff(2_500) < 60 && b.abs_diff(5_000) < 120, "{a} {b}");
}

#[test]
fn the_card_that_the_docs_show_is_that_card() {
    let docs = include_str!("../../../docs/scorecards.md");
    let shown = docs.split("```json\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    assert_eq!(shown, learn(&two_levels(), &["age"], &[]).written());
}

#[test]
fn the_village_has_the_same_card_on_every_machine() {
    let (table, card) = village_card(600, 1);
    let found: Vec<_> = card
        .features()
        .iter()
        .map(|feature| (feature.name.as_str(), feature.worth.points.clone()))
        .collect();
    let calibration = card.calibration();
    let reader = card.on(&table).unwrap();
    let scored: Vec<_> = table.rows().take(6).map(|row| reader.score(row).unwrap()).collect();
    let scored: Vec<_> = scored.iter().map(|scored| (scored.score, scored.bad_bp)).collect();
    let golden: Value = serde_json::from_str(include_str!("data/village.json")).unwrap();
    let here = json!({
        "features": found,
        "slope": calibration.slope,
        "offset": calibration.offset,
        "first_rows": scored,
        "bytes": card.written().len(),
    });
    assert_eq!(here, golden, "{here}");
}

#[test]
fn a_card_is_read_as_it_was_written() {
    for (rows, seed) in [(120, 3), (600, 1), (2_000, 9)] {
        let (_, card) = village_card(rows, seed);
        assert_eq!(Card::parse(card.written().as_bytes()), Ok(card));
    }
}

#[test]
fn the_order_of_rows_and_columns_changes_no_card_of_numbers() {
    let text = village(500, 4);
    let mut rows: Vec<&str> = text.lines().skip(1).collect();
    rows.reverse();
    let turned = format!("{}\n{}\n", text.lines().next().unwrap(), rows.join("\n"));
    assert_eq!(learn(&text, &["age"], &[]), learn(&turned, &["age"], &[]));
    let swap = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        cells.into_iter().rev().collect::<Vec<_>>().join(",") + "\n"
    };
    let swapped: String = text.lines().map(swap).collect();
    assert_eq!(learn(&text, &["age"], &[]), learn(&swapped, &["age"], &[]));
}

#[test]
fn a_byte_order_mark_and_other_line_ends_change_nothing() {
    let text = village(300, 2);
    let other = format!("\u{feff}{}", text.replace('\n', "\r\n"));
    assert_eq!(learn(&text, &["age"], &[]), learn(&other, &["age"], &[]));
}

#[test]
fn dropped_columns_are_in_no_card_and_no_card_may_see_them() {
    let (_, card) = village_card(600, 1);
    assert!(card.features().iter().all(|feature| feature.name != "age"));
    let changed = with(&card, |text| text["dropped_protected"] = json!(["age", "late_days"]));
    assert_eq!(changed.unwrap_err().code(), "CARD_PART");
}

#[test]
fn numbers_named_as_categories_are_taken_as_names() {
    let card = learn(&village(600, 1), &["age"], &["late_days"]);
    let late = card.features().iter().find(|feature| feature.name == "late_days").unwrap();
    assert!(matches!(&late.bins, Bins::Levels(levels) if levels[0] == "0"), "{late:?}");
}

fn with(card: &Card, change: impl Fn(&mut Value)) -> Result<Card, Refusal> {
    let mut text: Value = serde_json::from_str(&card.written()).unwrap();
    change(&mut text);
    Card::parse(text.to_string().as_bytes())
}

fn part(part: &str) -> Refusal {
    Refusal::CardPart { part: part.into() }
}

/// Adds one to a number somewhere in a card.
fn more(text: &mut Value, path: &str) {
    let number = text.pointer_mut(path).expect(path);
    *number = json!(number.as_i64().expect(path) + 1);
}

#[test]
fn a_card_is_refused_whole_when_any_part_is_off() {
    let (_, card) = village_card(600, 1);
    let place = |kind: fn(&Bins) -> bool| {
        card.features().iter().position(|feature| kind(&feature.bins)).unwrap()
    };
    let num = place(|bins| matches!(bins, Bins::Numbers(thresholds) if thresholds.len() > 1));
    let cat = place(|bins| matches!(bins, Bins::Levels(_)));
    let of = |at: usize, name: &str| format!("/features/{at}/{name}");
    let named = |at: usize, name: &str| part(&format!("features[{at}].{name}"));
    const CUTS: &str = "thresholds_x1000_or_levels";
    let numbers = [
        ("/slope_num_over_16".to_string(), part("slope_num_over_16")),
        ("/offset_logit8_q16".into(), part("offset_logit8_q16")),
        ("/scores/3/0".into(), part("scores")),
        ("/scores/3/1".into(), part("scores")),
        ("/scores/3/2".into(), part("scores")),
        ("/n_train".into(), named(0, "good_by_bin")),
        ("/bad_train".into(), named(0, "good_by_bin")),
        (of(num, "good_by_bin/0"), named(num, "good_by_bin")),
        (of(num, "bad_by_bin/0"), named(num, "bad_by_bin")),
        (of(num, "points_by_bin/0"), named(num, "points_by_bin")),
        (of(num, "iv_log2_q16"), named(num, "iv_log2_q16")),
    ];
    for (path, refusal) in numbers {
        assert_eq!(with(&card, |text| more(text, &path)), Err(refusal), "{path}");
    }
    let set = |path: &str, value: Value| {
        with(&card, |text| *text.pointer_mut(path).unwrap() = value.clone())
    };
    let first = card.features()[0].name.clone();
    for (path, value, refusal) in [
        ("/card", json!("weir-scorecard-2"), part("card")),
        ("/score_unit", json!("points"), part("score_unit")),
        ("/target", json!(""), part("target")),
        ("/dropped_protected", json!(["b", "a"]), part("dropped_protected")),
        ("/dropped_protected", json!(["a", "a"]), part("dropped_protected")),
        ("/dropped_protected", json!(["bad"]), part("dropped_protected")),
        ("/n_train", json!(200_001), part("n_train")),
        ("/bad_train", json!(0), part("bad_train")),
        ("/bad_train", json!(600), part("bad_train")),
        ("/features", json!([]), part("features")),
        ("/features/1/name", json!(first), named(1, "name")),
        ("/features/1/name", json!("bad"), named(1, "name")),
        ("/features/1/name", json!("age"), named(1, "name")),
        ("/features/1/name", json!(" "), named(1, "name")),
        (&of(num, CUTS), json!([2000, 1000]), named(num, "good_by_bin")),
        (&of(num, CUTS), json!(["a", "b"]), named(num, CUTS)),
        (&of(cat, "kind"), json!("num"), named(cat, CUTS)),
        (&of(cat, &format!("{CUTS}/1")), json!("  "), named(cat, CUTS)),
        ("/scores", json!([]), part("scores")),
    ] {
        assert_eq!(set(path, value), Err(refusal), "{path}");
    }
    let twice =
        with(&card, |text| text["features"][cat][CUTS][1] = text["features"][cat][CUTS][0].clone());
    assert_eq!(twice, Err(named(cat, CUTS)), "a level that stands twice");
    let turned = with(&card, |text| {
        let cuts = text["features"][num][CUTS].as_array_mut().unwrap();
        cuts.swap(0, 1);
    });
    assert_eq!(turned, Err(named(num, CUTS)), "thresholds that fall");
    let swapped = with(&card, |text| text["features"].as_array_mut().unwrap().swap(0, 1));
    assert_eq!(swapped, Err(part("features")), "features in another order");
}

#[test]
fn a_file_that_is_no_card_is_refused_by_line() {
    let (_, card) = village_card(600, 1);
    let unreadable = |bytes: &[u8]| match Card::parse(bytes).unwrap_err() {
        Refusal::CardUnreadable { line, reason } => (line, reason),
        other => panic!("{other}"),
    };
    assert_eq!(unreadable(b"").0, 1);
    assert_eq!(unreadable(&[0xff, 0xfe]).0, 1);
    let extra = card.written().replacen("\"target\"", "\"mood\":1,\"target\"", 1);
    assert!(unreadable(extra.as_bytes()).1.starts_with("unknown field `mood`"));
    let twice = card.written().replacen("\"target\"", "\"target\":\"bad\",\"target\"", 1);
    assert!(unreadable(twice.as_bytes()).1.starts_with("duplicate field `target`"));
    let half = &card.written()[..card.written().len() / 2];
    assert!(unreadable(half.as_bytes()).0 > 1);
    let refused = Card::parse(&vec![b' '; 1_000_001]).unwrap_err();
    assert_eq!(refused.code(), "FILE_TOO_LARGE");
    assert_eq!(Card::parse(b"{}").unwrap_err().code(), "CARD_UNREADABLE");
}

#[test]
fn a_card_with_a_leaking_or_constant_feature_is_refused() {
    let card = learn(&two_levels(), &["age"], &[]);
    let counts = |good: [u64; 3], bad: [u64; 3]| {
        with(&card, |text| {
            text["features"][0]["good_by_bin"] = json!(good);
            text["features"][0]["bad_by_bin"] = json!(bad);
        })
    };
    let refused = counts([80, 0, 0], [0, 40, 0]).unwrap_err();
    assert_eq!((refused.code(), refused.facts()["column"].as_str()), ("COLUMN_LEAKING", "kind"));
    let one = with(&card, |text| {
        text["features"][0]["thresholds_x1000_or_levels"] = json!(["a"]);
        text["features"][0]["good_by_bin"] = json!([80, 0]);
        text["features"][0]["bad_by_bin"] = json!([40, 0]);
    });
    let refused = one.unwrap_err();
    assert_eq!((refused.code(), refused.facts()["column"].as_str()), ("COLUMN_CONSTANT", "kind"));
}

#[test]
fn an_explanation_adds_up_and_says_what_would_be_better() {
    let (table, card) = village_card(600, 1);
    let reader = card.on(&table).unwrap();
    for row in table.rows().take(50) {
        let scored = reader.score(row).unwrap();
        let explained = explain(&card, &reader, row).unwrap();
        assert_eq!((explained.score, explained.bad_bp), (scored.score, scored.bad_bp));
        let sum: i64 = explained.lines.iter().map(|line| line.points).sum();
        assert_eq!(sum, scored.score);
        assert!(explained.reasons.len() <= 4);
        assert!(explained.reasons.is_sorted_by(|a, b| a.missing >= b.missing));
        for reason in &explained.reasons {
            let line = explained.lines.iter().find(|line| line.feature == reason.feature).unwrap();
            assert_eq!(reason.missing, line.best_points - line.points);
            if let Some(better) = &reason.better {
                assert_eq!(better.score, scored.score + better.points - line.points);
                assert!(better.bad_bp <= scored.bad_bp && better.points > line.points);
                assert!(better.bin != "not stated" && better.bin != "any other");
            }
        }
    }
}

#[test]
fn reasons_with_equal_points_stand_in_the_order_of_the_card() {
    let (table, card) = village_card(600, 1);
    let reader = card.on(&table).unwrap();
    let order = |name: &str| card.features().iter().position(|feature| feature.name == name);
    let mut ties = 0;
    for row in table.rows() {
        let explained = explain(&card, &reader, row).unwrap();
        for pair in explained.reasons.windows(2).filter(|pair| pair[0].missing == pair[1].missing) {
            assert!(order(&pair[0].feature) < order(&pair[1].feature));
            ties += 1;
        }
    }
    assert!(ties > 0, "the village has no tie to show it");
}

#[test]
fn groups_are_compared_with_everybody_else_at_70_percent() {
    let rows = "20,a,0 24,a,1 30,b,0 40,b,0 50,a,0 ,b,1 35,b,0 60,b,0 70,b,1 25,a,0";
    let table = table(&format!("age,kind,bad\n{}\n", rows.replace(' ', "\n")));
    let bad: Vec<bool> = [0, 1, 0, 0, 0, 1, 0, 0, 1, 0].map(|bad| bad == 1).to_vec();
    let chances = [9, 8, 1, 2, 3, 4, 5, 6, 7, 7];
    assert_eq!(cut_off(&chances), 7, "the seventh, and who is like it");
    let found = groups(&table, &["age:25".into()], &chances, &bad).unwrap();
    let names: Vec<_> = found.iter().map(|group| (group.group.as_str(), group.rows)).collect();
    assert_eq!(names, [("below 25", 2), ("25 and more", 7), ("not stated", 1)]);
    let young = &found[0];
    assert_eq!((young.approved, young.good_approved), (Some(0), Some(0)));
    assert_eq!((young.approval_ratio, young.good_gap), (Some(0), Some(1_000_000)));
    let kinds = groups(&table, &["kind".into()], &chances, &bad).unwrap();
    let a = &kinds[0];
    assert_eq!((a.group.as_str(), a.rows, a.approved), ("a", 4, Some(500_000)));
    // 2 of 4 against 6 of 6; of the good ones 2 of 3 against 4 of 4.
    assert_eq!((a.approval_ratio, a.good_approval_ratio), (Some(500_000), Some(666_667)));
    assert_eq!(a.good_gap, Some(333_333));
    let quarters = groups(&table, &["bad".into()], &chances, &bad).unwrap();
    assert_eq!(quarters.iter().map(|group| group.group.as_str()).collect::<Vec<_>>(), ["0", "1"]);
}

#[test]
fn a_card_learns_what_the_village_hides() {
    let text = village(4_000, 11);
    let table = table(&text);
    let data = Data::read(&table, &plan("bad", &["age"], &[])).unwrap();
    let mut steps = 0;
    let chances = cross_validate(&data, 5, 42, || steps += 1).unwrap();
    assert_eq!(steps, 5);
    let found = measure(&chances, &data.bad);
    assert!(found.auc > 720_000, "{found:?}");
    // The ages were drawn without regard to anything.
    for group in groups(&table, &["age".into()], &chances, &data.bad).unwrap() {
        assert!(group.approval_ratio.unwrap() > 900_000, "{group:?}");
    }
}

#[test]
fn history_is_long_from_400_rows_with_30_bad_ones() {
    let of = |good, bad| History::of(weir_scorecard::bins::Tally { good, bad });
    assert_eq!((of(69, 30), of(70, 30)), (History::Short, History::Middling));
    assert_eq!(
        (of(369, 30), of(370, 30), of(500, 29)),
        (History::Middling, History::Long, History::Short)
    );
}

#[test]
fn the_picture_shows_every_bin_that_somebody_was_in() {
    let (_, card) = village_card(600, 1);
    let picture = card.picture();
    for feature in card.features() {
        for (place, tally) in feature.tallies.iter().enumerate() {
            let words = feature.bins.words(place);
            let shown = format!("{words} <tspan fill=\"#666\">({})</tspan>", tally.rows());
            assert_eq!(picture.contains(&shown), tally.rows() > 0, "{shown}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..Default::default() })]

    #[test]
    fn any_bytes_are_harmless_as_a_card(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        weir_scorecard::fuzz::card(&bytes);
    }

    #[test]
    fn a_card_with_a_few_bytes_changed_is_refused_or_says_what_it_says(seed in any::<u64>()) {
        let mut dice = Dice(seed);
        let mut bytes = learn(&two_levels(), &["age"], &[]).written().into_bytes();
        for _ in 0..=dice.below(3) {
            let at = dice.below(bytes.len() as u64) as usize;
            bytes[at] = b"0123456789,\"[]{}:-abz "[dice.below(22) as usize];
        }
        weir_scorecard::fuzz::card(&bytes);
    }

    #[test]
    fn cards_of_random_villages_are_read_as_written(rows in 60..400_usize, seed in any::<u64>()) {
        weir_scorecard::fuzz::table(village(rows, seed).as_bytes());
    }
}
