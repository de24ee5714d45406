//! Communities with everything that can go wrong in them, and an auditor who finds nothing.

use proptest::prelude::*;
use weir_sim::{run, run_seed, Config, Faults, Hostile, Profile, Report};

/// Small enough that hundreds run in the time of a test.
fn small() -> Config {
    Config { members: 6, days: 5, nodes: 3, ..Config::default() }
}

fn assert_clean(report: &Report) {
    let told: Vec<String> = report.violations.iter().map(ToString::to_string).collect();
    assert!(report.is_clean(), "{}", told.join("\n"));
}

#[test]
fn thousands_of_communities_keep_every_invariant() {
    let report = run(&Config { seeds: 1_500, ..small() });
    assert_clean(&report);
    let counts = &report.counts;
    assert_eq!(report.seeds, 1_500);
    assert_eq!(report.member_days, 1_500 * 6 * 5);
    // A run in which nothing happens proves nothing.
    for (name, count) in counts.named() {
        let may_be_none = ["pushed_out", "overpaid"].contains(&name);
        assert!(count > 0 || may_be_none, "{name} never happened");
    }
}

/// Seeds with which something failed while the simulator was written: the first before members
/// asked.
#[test]
fn every_seed_that_once_failed_is_clean() {
    for seed in [8, 11, 65, 108, 143, 147, 231, 327] {
        assert_clean(&run_seed(&Config { seed, asks: 0, ..small() }));
    }
    // The newest entry is a payment that falls behind its payee's window, and nothing follows it.
    assert_clean(&run_seed(&Config { seed: 117_217, asks: 0, ..Config::default() }));
    // What a third member withholds is named as an ask; something is paid against an ask that
    // stands on one like that.
    for seed in [2_092, 2_157] {
        assert_clean(&run_seed(&Config { seed, members: 50, days: 30, ..Config::default() }));
    }
}

#[test]
fn nearly_every_refusal_of_the_ledger_is_met_by_somebody() {
    let hostile = Config { seeds: 300, hostile: 6_000, ..small() };
    let mut report = run(&hostile);
    let kind = Some(Hostile::Misformer);
    report.add(run(&Config { seeds: 60, hostile_kind: kind, ..hostile }));
    assert_clean(&report);
    let met: Vec<&str> =
        report.counts.rejected.keys().chain(report.counts.not_written.keys()).copied().collect();
    let expected = [
        "MALFORMED",
        "WRONG_EVENT",
        "WRONG_AUTHOR",
        "BEFORE_FOUNDING",
        "TIME_BACKWARDS",
        "TIME_STATED",
        "OPEN_TWICE",
        "NOT_THE_LAST",
        "GAP_TOO_LONG",
        "STATE_MISMATCH",
        "AMOUNT_ZERO",
        "AMOUNT_RANGE",
        "AMOUNT_TOO_SMALL",
        "SELF_PAYMENT",
        "CATEGORY_UNKNOWN",
        "MEMO_SIZE",
        "FEE",
        "CARD_OF_ANOTHER",
        "SPEND_OVER_LINE",
        "NONE_NAMED",
        "TOO_MANY",
        "NOT_YOURS",
        "ALREADY_ANSWERED",
        "REASON_UNKNOWN",
        "NOT_OPEN",
        "NOT_DECLINED",
        "NOT_RETURNED",
        "PAGE",
        "STATEMENT_EARLY",
        "ASK_DAY",
        "REMIND_EARLY",
        "NO_INVOICE",
        "NOT_ASKED",
        "ASK_OF_ANOTHER",
        "ASK_OVER",
        "MORE_THAN_ASKED",
    ];
    for code in expected {
        assert!(met.contains(&code), "nobody met {code}: {met:?}");
    }
}

#[test]
fn a_seed_repeats_a_run_exactly() {
    for seed in [3, 17] {
        let config = Config { seed, ..small() };
        assert_eq!(run_seed(&config), run_seed(&config));
    }
    let other = run_seed(&Config { seed: 4, ..small() });
    assert_ne!(run_seed(&Config { seed: 3, ..small() }).digest, other.digest);
}

#[test]
fn a_larger_community_over_a_month_keeps_every_invariant() {
    let report = run(&Config { seed: 9, members: 60, days: 30, nodes: 5, ..Config::default() });
    assert_clean(&report);
    assert!(report.counts.taken > 1_000, "{:?}", report.counts);
}

#[test]
fn every_kind_of_hostile_member_alone_gains_nothing() {
    for kind in Hostile::ALL {
        let config = Config { seeds: 12, hostile: 4_000, hostile_kind: Some(kind), ..small() };
        let report = run(&config);
        assert!(report.is_clean(), "{kind:?}: {:?}", report.violations);
        assert!(report.counts.attacks > 0 || kind == Hostile::Silent, "{kind:?} did nothing");
    }
}

#[test]
fn without_faults_and_hostile_members_nothing_is_refused_and_everything_ends() {
    let calm = Config { profile: Profile::Calm, faults: Faults::NONE, hostile: 0, ..small() };
    let report = run(&Config { seeds: 20, ..calm });
    assert_clean(&report);
    assert!(report.counts.rejected.is_empty(), "{:?}", report.counts.rejected);
    assert_eq!((report.counts.unanswered, report.counts.not_taken_back), (0, 0));
}

/// A failing case names its seed, so nothing needs to be kept besides.
fn settings() -> ProptestConfig {
    ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() }
}

#[test]
fn no_honest_member_is_held_up_by_a_month_page_or_a_statement() {
    let config = Config { seeds: 30, members: 5, days: 70, nodes: 2, payments: 60, ..small() };
    // A node that is killed writes a page again whose month another page has closed by then.
    let faults = Faults { crashes: false, ..Faults::ALL };
    let report = run(&Config { hostile: 0, faults, ..config });
    assert_clean(&report);
    assert!(report.counts.statements > 100 && report.counts.month_pages > 0);
    for code in ["PAGE_DUE", "PAGE_TOO_LONG", "STATEMENT_DUE", "STATEMENT_EARLY", "PAGE"] {
        let count = report.counts.not_written.get(code);
        assert_eq!(count, None, "{code}: {:?}", report.counts.not_written);
    }
}

proptest! {
    #![proptest_config(settings())]

    #[test]
    fn whatever_is_asked_for_the_invariants_hold(
        seed in any::<u64>(),
        members in 2..14_u32,
        days in 1..9_u32,
        nodes in 1..7_u32,
        hostile in 0..10_000_u32,
        payments in 1..60_u32,
    ) {
        let config = Config { seed, members, days, nodes, hostile, payments, ..Config::default() };
        let report = run(&config);
        prop_assert!(report.is_clean(), "{:?}", report.violations);
    }
}
