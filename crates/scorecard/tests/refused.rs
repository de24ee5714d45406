//! Tables that cannot be learnt from, each by its code, its facts and its line.

mod support;

use proptest::prelude::*;
use std::collections::BTreeMap;
use support::{plan, table, village, village_card};
use weir_scorecard::data::{Data, Plan};
use weir_scorecard::folds::cross_validate;
use weir_scorecard::groups::groups;
use weir_scorecard::refusal::Refusal;
use weir_scorecard::table::Table;
use weir_scorecard::train::{train, train_on};

fn said(refusal: &Refusal) -> (&'static str, BTreeMap<&'static str, String>, Option<u64>) {
    (refusal.code(), refusal.facts(), refusal.line())
}

fn expected(
    code: &'static str,
    facts: &[(&'static str, &str)],
    line: Option<u64>,
) -> (&'static str, BTreeMap<&'static str, String>, Option<u64>) {
    (code, facts.iter().map(|(name, value)| (*name, value.to_string())).collect(), line)
}

fn learn(text: &str, plan: &Plan) -> Refusal {
    let refused = Table::parse(text.as_bytes())
        .and_then(|table| Data::read(&table, plan))
        .and_then(|data| train(&data));
    refused.expect_err("it is refused")
}

#[test]
fn a_file_that_is_no_table_is_refused_by_line() {
    let bad = plan("bad", &[], &[]);
    for (text, code, facts, line) in [
        (
            "a,bad\n1,0\n2\n",
            "ROW_LENGTH",
            &[("cells", "1"), ("columns", "2"), ("line", "3")][..],
            Some(3),
        ),
        (
            "a,bad\n1,0,3\n",
            "ROW_LENGTH",
            &[("cells", "3"), ("columns", "2"), ("line", "2")],
            Some(2),
        ),
        ("a,bad\n", "NO_ROWS", &[], None),
        ("", "NO_ROWS", &[], None),
        ("a,a,bad\n1,2,0\n", "COLUMN_NAME", &[("column", "1")], Some(1)),
        ("a, ,bad\n1,2,0\n", "COLUMN_NAME", &[("column", "1")], Some(1)),
    ] {
        assert_eq!(said(&learn(text, &bad)), expected(code, facts, line), "{text:?}");
    }
    let long = format!("{},bad\n1,0\n", "n".repeat(121));
    assert_eq!(said(&learn(&long, &bad)), expected("COLUMN_NAME", &[("column", "0")], Some(1)));
    let long = format!("a,bad\n1,0\n{},1\n", "x".repeat(201));
    let facts = [("line", "3"), ("bytes", "201"), ("max", "200")];
    assert_eq!(said(&learn(&long, &bad)), expected("CELL_TOO_LONG", &facts, Some(3)));
    let wide = format!("{}bad\n", "c,".repeat(500));
    let facts = [("columns", "501"), ("max", "500")];
    assert_eq!(said(&learn(&wide, &bad)), expected("TOO_MANY_COLUMNS", &facts, Some(1)));
    let refused = Table::parse(b"a,bad\n1,0\n\xff,1\n").unwrap_err();
    assert_eq!(said(&refused), expected("ROW_UNREADABLE", &[("line", "3")], Some(3)));
}

#[test]
fn a_file_beyond_the_limits_is_refused() {
    let many = format!("a\n{}", "1\n".repeat(200_001));
    let refused = Table::parse(many.as_bytes()).unwrap_err();
    assert_eq!(said(&refused), expected("TOO_MANY_ROWS", &[("max", "200000")], None));
    let facts = [("bytes", "64000001"), ("max", "64000000")];
    let refused = Table::parse(&vec![b'\n'; 64_000_001]).unwrap_err();
    assert_eq!(said(&refused), expected("FILE_TOO_LARGE", &facts, None));
}

#[test]
fn columns_that_are_named_wrongly_are_refused_by_name() {
    let text = "a,b,bad\n1,x,0\n2,y,1\n";
    for (plan, code, column) in [
        (plan("worse", &[], &[]), "COLUMN_UNKNOWN", "worse"),
        (plan("bad", &["c"], &[]), "COLUMN_UNKNOWN", "c"),
        (plan("bad", &[], &["B"]), "COLUMN_UNKNOWN", "B"),
        (plan("bad", &["a", "bad"], &[]), "COLUMN_TARGET", "bad"),
        (plan("bad", &[], &["bad"]), "COLUMN_TARGET", "bad"),
    ] {
        assert_eq!(said(&learn(text, &plan)), expected(code, &[("column", column)], None));
    }
}

#[test]
fn outcomes_that_teach_nothing_are_refused() {
    let bad = plan("bad", &[], &[]);
    for cell in ["2", "-1", "0.5", "yes", ""] {
        let text = format!("a,bad\n1,0\n2,1\n3,{cell}\n");
        let code = expected("TARGET_VALUE", &[("line", "4")], Some(4));
        assert_eq!(said(&learn(&text, &bad)), code, "{cell:?}");
    }
    let facts = [("good", "2"), ("bad", "0")];
    let refused = learn("a,bad\n1,0\n2,0.0\n", &bad);
    assert_eq!(said(&refused), expected("ONE_OUTCOME", &facts, None));
    let table = table("a,bad\n1,0\n2,0\n3,1\n");
    let data = Data::read(&table, &bad).unwrap();
    let refused = train_on(&data, &[0, 1]).unwrap_err();
    assert_eq!(said(&refused), expected("ONE_OUTCOME", &facts, None));
}

/// A village with one more column.
fn village_with(name: &str, cell: impl Fn(usize, &str) -> String) -> String {
    let text = village(400, 7);
    let mut lines = text.lines();
    let head = format!("{name},{}\n", lines.next().unwrap());
    lines.enumerate().fold(head, |text, (row, line)| {
        let bad = line.rsplit(',').next().unwrap();
        text + &format!("{},{line}\n", cell(row, bad))
    })
}

#[test]
fn constant_columns_are_refused_and_dropping_them_helps() {
    for cell in ["5", "same", ""] {
        let text = village_with("extra", |_, _| cell.into());
        let refused = learn(&text, &plan("bad", &["age"], &[]));
        let code = expected("COLUMN_CONSTANT", &[("column", "extra")], None);
        assert_eq!(said(&refused), code, "{cell:?}");
        let data = Data::read(&table(&text), &plan("bad", &["age", "extra"], &[])).unwrap();
        assert!(train(&data).is_ok());
    }
}

#[test]
fn leaking_columns_are_refused_and_dropping_them_helps() {
    let leaks: [fn(usize, &str) -> String; 3] = [
        |_, bad| format!("outcome {bad}"),
        |row, bad| if bad == "1" { (1_000 + row).to_string() } else { row.to_string() },
        |_, bad| if bad == "1" { "7".into() } else { String::new() },
    ];
    for leak in leaks {
        let text = village_with("paid_back", leak);
        let refused = learn(&text, &plan("bad", &["age"], &[]));
        let code = expected("COLUMN_LEAKING", &[("column", "paid_back")], None);
        assert_eq!(said(&refused), code);
        let data = Data::read(&table(&text), &plan("bad", &["age", "paid_back"], &[])).unwrap();
        assert!(train(&data).is_ok());
    }
}

#[test]
fn a_column_that_is_constant_or_leaks_in_one_fold_only_is_passed_over_there() {
    // Only two rows say something else, and both are in the part that is left out.
    let text = village_with("rare", |row, _| if row < 2 { "x".into() } else { "y".into() });
    let data = Data::read(&table(&text), &plan("bad", &["age"], &[])).unwrap();
    let card = train_on(&data, &Vec::from_iter(2..400)).unwrap();
    assert!(card.features().iter().all(|feature| feature.name != "rare"));
    assert!(cross_validate(&data, 5, 42, || {}).is_ok());
}

#[test]
fn columns_that_say_nothing_make_no_card() {
    let rows: String = (0..200).map(|row| format!("{},{}\n", row % 2, row / 100)).collect();
    let refused = learn(&format!("a,bad\n{rows}"), &plan("bad", &[], &[]));
    assert_eq!(said(&refused), expected("NOTHING_PREDICTS", &[], None));
    let refused = learn("a,bad\n1,0\n2,1\n", &plan("bad", &["a"], &[]));
    assert_eq!(said(&refused), expected("NOTHING_PREDICTS", &[], None));
}

#[test]
fn numbers_that_are_too_large_are_refused_unless_the_column_is_one_of_names() {
    let rows = |cell: &str| {
        let text =
            village_with("id", |row, _| if row == 3 { cell.into() } else { row.to_string() });
        Data::read(&table(&text), &plan("bad", &["age"], &[])).map(drop)
    };
    let facts = [("column", "id"), ("line", "5")];
    let refused = rows("1000000000000000").unwrap_err();
    assert_eq!(said(&refused), expected("NUMBER_RANGE", &facts, Some(5)));
    assert_eq!(rows("999999999999999"), Ok(()));
    assert_eq!(rows("many"), Ok(()));
}

#[test]
fn folds_rows_and_groups_that_cannot_be_are_refused() {
    let (table, card) = village_card(400, 7);
    let data = Data::read(&table, &plan("bad", &["age"], &[])).unwrap();
    let bad = data.bad.iter().filter(|bad| **bad).count();
    let facts = [("folds", "1"), ("max", &bad.to_string())];
    let refused = cross_validate(&data, 1, 42, || {}).unwrap_err();
    assert_eq!(said(&refused), expected("FOLDS", &facts, None));
    let refused = table.row(400).unwrap_err();
    let facts = [("row", "400"), ("rows", "400")];
    assert_eq!(said(&refused), expected("ROW_UNKNOWN", &facts, None));
    assert!(table.row(399).is_ok());
    let ask = |column: &str| {
        groups(&table, &[column.into()], &vec![1; 400], &data.bad).map(drop).unwrap_err()
    };
    for (asked, code, column) in [
        ("sex", "COLUMN_UNKNOWN", "sex"),
        ("sex:3", "COLUMN_UNKNOWN", "sex"),
        ("age:old", "GROUP", "age"),
        ("trade:3", "GROUP", "trade"),
    ] {
        assert_eq!(said(&ask(asked)), expected(code, &[("column", column)], None));
    }
    let short = support::table("months_here,partners\n3,4\n");
    let refused = card.on(&short).map(drop).unwrap_err();
    assert_eq!(refused.code(), "COLUMN_UNKNOWN");
}

#[test]
fn a_card_takes_numbers_where_it_learnt_numbers() {
    let (_, card) = village_card(400, 7);
    let row = |share: &str| {
        let head = "months_here,partners,sales,late_days,trade,share_of_sales\n";
        let table = table(&format!("{head}3,4,,0,flying,{share}\n"));
        let reader = card.on(&table).unwrap();
        reader.score(table.row(0).unwrap())
    };
    assert!(row("0.5").is_ok(), "an unknown trade is among the others");
    assert!(row("").is_ok(), "a missing number has a bin of its own");
    let facts = [("column", "share_of_sales"), ("line", "2")];
    let refused = row("half").unwrap_err();
    assert_eq!(said(&refused), expected("NUMBER_MALFORMED", &facts, Some(2)));
    let refused = row("1e15").unwrap_err();
    assert_eq!(said(&refused), expected("NUMBER_RANGE", &facts, Some(2)));
}

/// Rows that look like those of a table, more often than chance would make them.
fn almost_a_table() -> impl Strategy<Value = Vec<u8>> {
    let cell = prop_oneof![
        5 => (0..40_i32).prop_map(|n| n.to_string()),
        2 => prop::sample::select(vec!["a", "b", "", "NA", " ", "1e3", "-0.5", "\"q,\"", "9e99"])
            .prop_map(String::from),
        1 => "\\PC{0,4}",
    ];
    let row = (prop::collection::vec(cell, 2..4), 0..2_u8);
    prop::collection::vec(row, 0..90).prop_map(|rows| {
        let width = rows.first().map_or(2, |(cells, _)| cells.len());
        let mut text = (0..width).map(|n| format!("c{n},")).collect::<String>() + "bad\n";
        for (mut cells, bad) in rows {
            cells.resize(width, "1".into());
            text += &format!("{},{bad}\n", cells.join(","));
        }
        text.into_bytes()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..Default::default() })]

    #[test]
    fn any_bytes_are_harmless_as_a_table(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        weir_scorecard::fuzz::table(&bytes);
    }

    #[test]
    fn whatever_can_be_learnt_from_gives_a_card_that_can_be_read(bytes in almost_a_table()) {
        weir_scorecard::fuzz::table(&bytes);
    }
}
