//! Asks for payment in whole communities (L4): what honest members do with them passes at every
//! node, and what hostile ones do to them is refused at every node by its code.

use weir_sim::{run, Config, Faults, Hostile, Profile, Report};

fn asking() -> Config {
    Config { seeds: 200, members: 6, days: 8, nodes: 3, asks: 5_000, ..Config::default() }
}

fn assert_clean(report: &Report) {
    let told: Vec<String> = report.violations.iter().map(ToString::to_string).collect();
    assert!(report.is_clean(), "{}", told.join("\n"));
}

#[test]
fn invoices_are_paid_in_parts_and_never_twice() {
    let report = run(&Config { hostile: 0, ..asking() });
    assert_clean(&report);
    let counts = &report.counts;
    assert!(counts.paid_as_asked > 1_000 && counts.follow_ups > 500, "{counts:?}");
    assert_eq!(counts.overpaid, 0);
    // The program itself refused what is more than remains, so the rules had nothing to refuse.
    assert!(counts.not_written.contains_key("MORE_THAN_ASKED"));
    assert!(counts.rejected.is_empty(), "{:?}", counts.rejected);
}

/// Codes of all that nodes rejected where some members do only this, on a network without faults.
fn rejected_of(kind: Hostile) -> Vec<&'static str> {
    let calm = Config { profile: Profile::Calm, faults: Faults::NONE, ..asking() };
    let report = run(&Config { hostile: 5_000, hostile_kind: Some(kind), ..calm });
    assert_clean(&report);
    report.counts.rejected.keys().copied().collect()
}

#[test]
fn a_payment_against_a_wrong_ask_is_refused_by_its_code() {
    let expected =
        ["ASK_OF_ANOTHER", "ASK_OVER", "MORE_THAN_ASKED", "NOT_ASKED", "WRONG_EVENT", "WRONG_TYPE"];
    assert_eq!(rejected_of(Hostile::Mispayer), expected);
}

#[test]
fn meddling_with_asks_is_refused_by_its_code() {
    let expected = [
        "ASK_DAY",
        "ASK_OVER",
        "CARD_OF_ANOTHER",
        "NOT_ASKED",
        "NO_INVOICE",
        "REASON_UNKNOWN",
        "REMIND_EARLY",
        "SELF_PAYMENT",
        "WRONG_AUTHOR",
        "WRONG_EVENT",
        "WRONG_TYPE",
    ];
    assert_eq!(rejected_of(Hostile::Meddler), expected);
}
