//! Rules and programs broken on purpose: the auditor finds each, so its silence means something.

use weir_sim::{run, shrink, Broken, Config, Faults, Hostile, Profile};

/// Runs seeds until something is found; which invariants were broken in the first such run.
fn found(config: Config) -> Vec<&'static str> {
    for seed in 1..=60 {
        let report = run(&Config { seed, seeds: 1, ..config.clone() });
        if !report.is_clean() {
            return report.violations.iter().map(|it| it.invariant).collect();
        }
    }
    vec![]
}

fn broken(how: Broken) -> Config {
    Config { members: 6, days: 8, nodes: 3, broken: Some(how), ..Config::default() }
}

fn with_hostile(how: Broken, kind: Hostile) -> Config {
    Config { hostile: 4_000, hostile_kind: Some(kind), ..broken(how) }
}

#[track_caller]
fn assert_found(config: Config, invariant: &str) {
    let how = config.broken;
    let found = found(config);
    assert!(found.contains(&invariant), "{how:?} should break {invariant}: {found:?}");
}

#[test]
fn a_payment_taken_twice_is_found() {
    assert_found(with_hostile(Broken::TakesTwice, Hostile::DoubleTaker), "I5");
}

#[test]
fn a_payment_that_stays_open_after_it_came_back_is_found() {
    assert_found(with_hostile(Broken::KeepsOpen, Hostile::Reclaimer), "I5");
}

#[test]
fn a_unit_too_many_is_found_in_the_account_and_in_the_books() {
    assert_found(broken(Broken::CreditsOneMore), "I2");
    assert_found(broken(Broken::CreditsOneMore), "I1");
}

#[test]
fn a_fee_that_nobody_pays_is_found() {
    assert_found(broken(Broken::FeeForNothing), "I2");
}

#[test]
fn a_levy_that_nobody_pays_is_found() {
    let long = Config { days: 60, payments: 60, ..broken(Broken::LevyForNothing) };
    assert_found(Config { hostile: 0, ..long }, "I2");
}

#[test]
fn spending_past_the_line_is_found() {
    assert_found(broken(Broken::NoLine), "I3");
}

#[test]
fn taking_what_was_paid_to_somebody_else_is_found() {
    assert_found(with_hostile(Broken::TakesAnybodys, Hostile::Thief), "I6");
}

#[test]
fn taking_what_has_expired_is_found() {
    let late = Config { days: 12, ..broken(Broken::TakesLate) };
    assert_found(late, "I4");
}

#[test]
fn a_node_that_judges_by_its_clock_is_found() {
    assert_found(broken(Broken::JudgesByClock), "P4");
}

#[test]
fn a_node_that_calls_the_missing_invalid_is_found() {
    assert_found(broken(Broken::MissingIsInvalid), "P9");
}

#[test]
fn a_panic_of_the_rules_is_found() {
    assert_found(broken(Broken::Panics), "I14");
}

#[test]
fn a_refusal_without_a_code_is_found() {
    assert_found(broken(Broken::NoCode), "I15");
}

#[test]
fn building_on_what_is_not_sound_is_found() {
    assert_found(with_hostile(Broken::BuildsOnUnsound, Hostile::Launderer), "P4a");
}

#[test]
fn building_on_what_came_back_by_something_invalid_is_found() {
    assert_found(with_hostile(Broken::BuildsOnUnsound, Hostile::FalseProver), "P4a");
}

#[test]
fn building_on_what_was_only_fetched_is_found() {
    let config = with_hostile(Broken::BuildsOnUnsound, Hostile::Withholder);
    assert_found(config, "P6");
}

#[test]
fn a_node_that_forgets_what_it_wrote_is_found() {
    assert_found(broken(Broken::ForgetsLastWrite), "F5");
}

#[test]
fn a_wish_that_is_written_twice_is_found() {
    let config = Config { members: 10, days: 20, ..broken(Broken::WritesTwice) };
    assert_found(config, "P12");
}

#[test]
fn a_disk_that_comes_back_incomplete_is_found() {
    let config = Config { days: 20, ..broken(Broken::RestoresIncompletely) };
    assert_found(config, "I16");
}

#[test]
fn an_account_that_cannot_take_while_it_is_in_debt_is_found() {
    assert_found(broken(Broken::Wedges), "P7");
}

#[test]
fn paying_against_any_ask_is_found() {
    let config = with_hostile(Broken::AgainstAnyAsk, Hostile::Mispayer);
    let config = Config { asks: 5_000, profile: Profile::Calm, faults: Faults::NONE, ..config };
    let report = run(&Config { seeds: 20, ..config });
    assert!(report.violations.iter().all(|it| it.invariant == "L4"), "{:?}", report.violations);
    for wrong in ["of somebody else", "to somebody else", "for less", "that is over"] {
        let found = report.violations.iter().any(|it| it.facts.ends_with(wrong));
        assert!(found, "against an ask {wrong}: {:?}", report.violations);
    }
}

#[test]
fn following_up_what_somebody_else_asked_is_found() {
    let config = with_hostile(Broken::FollowsUpAnything, Hostile::Meddler);
    let config = Config { asks: 5_000, profile: Profile::Calm, faults: Faults::NONE, ..config };
    let report = run(&Config { seeds: 20, ..config });
    assert!(report.violations.iter().all(|it| it.invariant == "L4"), "{:?}", report.violations);
    for wrong in ["Remind", "Withdraw", "Acknowledge", "Refuse"] {
        let found = report.violations.iter().any(|it| it.facts.contains(wrong));
        assert!(found, "{wrong}: {:?}", report.violations);
    }
}

#[test]
fn a_violation_is_shrunk_to_a_smaller_run_that_still_shows_it() {
    let config = Config { members: 24, days: 20, ..broken(Broken::CreditsOneMore) };
    let report = run(&config);
    let first = report.violations.first().expect("the rule is broken");
    let shrunk = shrink(&config, first);
    assert_eq!(shrunk.violation.invariant, first.invariant);
    assert!(shrunk.config.members < 6 && shrunk.config.days < 8, "{shrunk:?}");
    assert_eq!((shrunk.config.faults, shrunk.config.profile), (Faults::NONE, Profile::Calm));
    let again = run(&shrunk.config);
    assert_eq!(again.violations.first(), Some(&shrunk.violation));
}

#[test]
fn what_comes_back_while_it_can_be_taken_is_found() {
    assert_found(with_hostile(Broken::ReturnsEarly, Hostile::Reclaimer), "I4");
}
