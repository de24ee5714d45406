//! Asks for payment in whole communities (L4): what honest members do with them passes at every
//! node.

use weir_sim::{run, Config, Report};

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
