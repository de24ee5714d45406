//! Whatever happened on an account and whatever others wrote, each format adds up.

mod support;

use proptest::collection::vec;
use proptest::prelude::*;
use quick_xml::events::Event;
use std::collections::BTreeMap;
use support::{head, member, Story, Told};
use weir_exports::{Day, Format, Statement};
use weir_wire::{Payment, PaymentStatus, Unit};

#[derive(Clone, Debug)]
enum Turn {
    Paid(Told, PaymentStatus),
    Received(Vec<Told>),
    SentBack(Told, u8),
    /// The oldest payment that was sent back and has not come back yet.
    CameBack,
    Checkpoint,
    MonthClosed(i64),
    Later(i64),
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[=+@;|!*\"'\\\\\n\t(\\[0-9-]{0,30}",
        "; (date|type|date2):.{0,9}",
        Just("x".repeat(10_000)),
    ]
}

fn any_told() -> impl Strategy<Value = Told> {
    let who = prop_oneof![Just("ben"), Just("carla"), Just("unnamed")];
    let memo = proptest::option::of(any_text());
    (who, 0..=1_000_000_i64, 0..100_i64, 0..8_u8, memo).prop_map(
        |(who, amount, fee, category, memo)| Told { who: member(who), amount, fee, category, memo },
    )
}

fn any_turn() -> impl Strategy<Value = Turn> {
    use PaymentStatus::{Declined, Returned, Taken, TooLate, Waiting};
    let status =
        prop_oneof![Just(Taken), Just(Waiting), Just(Declined), Just(Returned), Just(TooLate)];
    let others = || any_told().prop_map(|told| Told { fee: 0, ..told });
    prop_oneof![
        3 => (any_told(), status).prop_map(|(told, status)| Turn::Paid(told, status)),
        3 => vec(others(), 1..4).prop_map(Turn::Received),
        1 => (others(), 0..=5_u8).prop_map(|(told, reason)| Turn::SentBack(told, reason)),
        2 => Just(Turn::CameBack),
        1 => Just(Turn::Checkpoint),
        1 => (0..3_000_i64).prop_map(Turn::MonthClosed),
        2 => (0..40_i64).prop_map(Turn::Later),
    ]
}

fn told(turns: Vec<Turn>) -> Story {
    let mut story = Story::opened();
    let mut returned: Vec<Payment> = Vec::new();
    for turn in turns {
        match turn {
            Turn::Paid(told, status) => {
                let payment = story.paid(told, status);
                if status == PaymentStatus::Returned {
                    returned.push(payment);
                }
            }
            Turn::Received(told) => {
                story.received(&told);
            }
            Turn::SentBack(told, reason) => {
                story.sent_back(&told, reason);
            }
            Turn::CameBack if !returned.is_empty() => {
                story.came_back(&returned.remove(0));
            }
            Turn::CameBack | Turn::Checkpoint => {
                story.checkpoint();
            }
            Turn::MonthClosed(levy) => {
                story.month_closed(levy);
            }
            Turn::Later(days) => {
                story.days_later(days);
            }
        }
    }
    story
}

prop_compose! {
    fn any_statement()(
        turns in vec(any_turn(), 0..30),
        decimals in 0..=5_u8,
        unit in any_text(),
        symbol in any_text(),
        names in (any_text(), any_text()),
        categories in vec(any_text(), 0..6),
        period in (proptest::option::of(0..400_i64), proptest::option::of(0..400_i64)),
    ) -> Statement {
        let unit = Unit { name: unit, symbol, decimals };
        let mut head = head(unit, &[("ben", &names.0), ("carla", &names.1)]);
        head.categories = categories;
        let begin = Day::parse("2026-09-01").unwrap().begins_ms();
        let day = |day: i64| Day::of_ms(begin + day * 86_400_000);
        let (from, to) = (period.0.and_then(day), period.1.and_then(day));
        let to = to.filter(|to| from.is_none_or(|from| from <= *to));
        Statement::new(&head, &told(turns).items, from, to).unwrap()
    }
}

fn text(statement: &Statement, format: Format) -> String {
    String::from_utf8(statement.bytes(format).unwrap()).unwrap()
}

/// The minor units of an amount that is written with all decimals of its unit.
fn minor(text: &str, decimals: u8) -> i64 {
    let (whole, rest) = text.split_once('.').unwrap_or((text, ""));
    assert_eq!(rest.len(), usize::from(decimals), "{text}");
    format!("{whole}{rest}").parse().unwrap()
}

/// Failures that were found are kept beside the tests and tried first.
fn settings() -> ProptestConfig {
    use proptest::test_runner::FileFailurePersistence::Direct;
    let kept = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/regressions.txt");
    ProptestConfig {
        failure_persistence: Some(Box::new(Direct(kept))),
        ..ProptestConfig::default()
    }
}

/// Columns that may begin with a minus.
const NUMBERS: [&str; 5] = ["amount", "balance", "paid", "fee", "on_the_way"];

fn is_harmless(cell: &str) -> bool {
    let begins = cell.trim_start_matches([' ', '"']);
    !begins.starts_with(['=', '+', '-', '@']) && !cell.contains(['\n', '\t', '\r', '\u{202e}'])
}

/// The postings and assertions of a journal, in order.
struct Journal {
    sums: BTreeMap<String, i64>,
}

impl Journal {
    fn post(&mut self, account: &str, amount: i64) -> i64 {
        let sum = self.sums.entry(account.to_string()).or_default();
        *sum += amount;
        *sum
    }
}

proptest! {
    #![proptest_config(settings())]

    #[test]
    fn tables_are_read_back_with_every_row_and_add_up(statement in any_statement()) {
        for format in [Format::Csv, Format::CsvFull] {
            let text = text(&statement, format);
            let mut reader = csv::Reader::from_reader(text.as_bytes());
            let columns = reader.headers().unwrap().clone();
            let at = |name| columns.iter().position(|column| column == name).unwrap();
            let (amount, balance) = (at("amount"), at("balance"));
            let mut sum = statement.opening.balance.minor();
            let mut rows = 0;
            for record in reader.records() {
                let record = record.unwrap();
                sum += minor(&record[amount], statement.unit.decimals);
                prop_assert_eq!(sum, minor(&record[balance], statement.unit.decimals));
                for (at, cell) in record.iter().enumerate() {
                    prop_assert!(NUMBERS.contains(&&columns[at]) || is_harmless(cell), "{}", cell);
                }
                rows += 1;
            }
            prop_assert_eq!(rows, statement.rows.len());
            prop_assert_eq!(sum, statement.closing().balance.minor());
        }
    }

    #[test]
    fn a_journal_of_hledger_adds_up(statement in any_statement()) {
        let text = text(&statement, Format::Hledger);
        let mut journal = Journal { sums: BTreeMap::new() };
        let mut open = 0;
        for line in text.lines() {
            let Some((account, amounts)) = line.trim_start().split_once("  ") else {
                prop_assert_eq!(open, 0, "{}", line);
                continue;
            };
            if !line.starts_with("    ") || account.starts_with(';') {
                continue;
            }
            let mut numbers = amounts.split(" = ").map(|amount| {
                minor(amount.split(' ').next().unwrap(), statement.unit.decimals)
            });
            let amount = numbers.next().unwrap();
            let sum = journal.post(account, amount);
            if let Some(stated) = numbers.next() {
                prop_assert_eq!(stated, sum);
            }
            open += amount;
        }
        prop_assert_eq!(open, 0);
        prop_assert_eq!(journal.sums.values().sum::<i64>(), 0);
        let stated = |account| journal.sums.get(account).copied().unwrap_or_default();
        prop_assert_eq!(stated("Assets:Weir"), statement.closing().balance.minor());
        prop_assert_eq!(stated("Assets:OnTheWay"), statement.closing().on_the_way.minor());
    }

    #[test]
    fn a_ledger_of_beancount_adds_up(statement in any_statement()) {
        let text = text(&statement, Format::Beancount);
        let mut journal = Journal { sums: BTreeMap::new() };
        for line in text.lines() {
            let words: Vec<&str> = line.split_whitespace().collect();
            match words.as_slice() {
                [_, "balance", account, stated, "~", "0", _] => {
                    let stated = minor(stated, statement.unit.decimals);
                    prop_assert_eq!(stated, journal.post(account, 0));
                }
                [account, amount, _] if line.starts_with("  ") && !account.ends_with(':') => {
                    journal.post(account, minor(amount, statement.unit.decimals));
                }
                _ => {}
            }
        }
        prop_assert_eq!(journal.sums.values().sum::<i64>(), 0);
        prop_assert_eq!(journal.post("Assets:Weir", 0), statement.closing().balance.minor());
        prop_assert_eq!(journal.post("Assets:OnTheWay", 0), statement.closing().on_the_way.minor());
    }

    #[test]
    fn a_statement_of_camt_053_is_well_formed_and_adds_up(statement in any_statement()) {
        let text = text(&statement, Format::Camt053);
        let mut path: Vec<String> = Vec::new();
        let mut found: Vec<(String, String)> = Vec::new();
        let mut reader = quick_xml::Reader::from_str(&text);
        loop {
            match reader.read_event().unwrap() {
                Event::Start(start) => {
                    path.push(String::from_utf8(start.name().as_ref().to_vec()).unwrap());
                }
                Event::Text(text) => {
                    let place = path.iter().skip(3).cloned().collect::<Vec<_>>().join("/");
                    found.push((place, text.decode().unwrap().into_owned()));
                }
                Event::End(_) => drop(path.pop()),
                Event::Eof => break,
                _ => {}
            }
        }
        let all = |place: &str| -> Vec<&str> {
            found.iter().filter(|(at, _)| at == place).map(|(_, text)| text.as_str()).collect()
        };
        let signed = |part: &str| -> Vec<i64> {
            let (amounts, signs) = (all(&format!("{part}/Amt")), all(&format!("{part}/CdtDbtInd")));
            assert_eq!(amounts.len(), signs.len());
            amounts.iter().zip(signs).map(|(amount, sign)| {
                let amount = minor(amount, statement.unit.decimals);
                if sign == "DBIT" { -amount } else { amount }
            }).collect()
        };
        let balances = signed("Bal");
        let moved: i64 = signed("Ntry").iter().sum();
        prop_assert_eq!(all("Bal/Tp/CdOrPrtry/Cd"), ["OPBD", "CLBD"]);
        prop_assert_eq!(balances[0] + moved, balances[1]);
        prop_assert_eq!(balances[1], statement.closing().balance.minor());
        let sum = |part: &str| {
            minor(all(&format!("TxsSummry/{part}/Sum"))[0], statement.unit.decimals)
        };
        prop_assert_eq!(sum("TtlCdtNtries") - sum("TtlDbtNtries"), moved);
    }
}
