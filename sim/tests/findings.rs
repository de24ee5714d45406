//! What the simulator found. Each test shows something that holds today and should not, or that
//! would not hold without a part that is planned: when it fails, the matter has changed.

use weir_sim::{run, Config, Faults, Hostile, Profile};

fn only(kind: Hostile) -> Config {
    Config {
        members: 8,
        days: 10,
        nodes: 3,
        hostile: 4_000,
        hostile_kind: Some(kind),
        profile: Profile::Calm,
        faults: Faults::NONE,
        ..Config::default()
    }
}

/// P4a as the node had it at first: whatever its author wrote at a higher place than something
/// rejected is tainted, on whatever branch. So one forged entry right above the own card takes the
/// soundness from all that was ever paid with that key, and from the accounts of those who took it.
#[test]
fn one_forged_entry_beside_ones_card_taints_all_who_were_ever_paid_by_it() {
    let by_place = Config { seeds: 6, taint_by_place: true, ..only(Hostile::Poisoner) };
    let report = run(&by_place);
    let broken: Vec<&str> = report.violations.iter().map(|it| it.invariant).collect();
    assert!(broken.contains(&"P7"), "payments between honest members hang: {broken:?}");
    let by_descent = Config { taint_by_place: false, ..by_place };
    assert!(run(&by_descent).is_clean());
}

/// Times never go back on a record. Whoever wrote once with a clock further ahead than payments
/// live can take nothing until that day has come: for them everything has expired before it was
/// made. The node does not compare its clock with others before it writes (F5).
#[test]
fn a_clock_that_was_wrong_for_an_evening_keeps_a_member_from_taking_anything() {
    let clocks = Faults { clocks: true, ..Faults::NONE };
    let config = Config { seeds: 200, hostile: 0, faults: clocks, ..only(Hostile::Silent) };
    assert!(run(&config).counts.lost_in_the_future > 0);
    let right = Config { faults: Faults::NONE, ..config };
    assert_eq!(run(&right).counts.lost_in_the_future, 0);
}

/// A payee who forks takes on one branch what they send back on the other, and an accomplice pays
/// it again and again: all of it valid by bytes. Members who look at the payer's standing take
/// nothing of it, because what they would take rests on the second branch too; members who do not
/// look, as the zomes are today, take it.
#[test]
fn money_that_a_forked_payee_made_is_taken_only_by_those_who_do_not_look() {
    let looking = Config { seeds: 200, ..only(Hostile::TwoFaced) };
    let with = run(&looking).counts;
    let without = run(&Config { look_at_payer: false, ..looking }).counts;
    // What is on its way when the second branch comes is still taken now and then.
    let (few, many) = (with.taken_from_forked, without.taken_from_forked);
    assert!(many > 100 && few < many / 50, "{few} of {many}");
    assert!(without.minted_by_forks > 0);
}

/// The threat model bounds what a fork of k branches can cost by (k - 1) * (balance + line) of the
/// one who forks. A payee's fork is bounded by what others paid them, not by their own line: here
/// one member with two branches makes more than twice anybody's line count twice.
#[test]
fn a_forked_payee_can_mint_more_than_their_own_line() {
    let beyond = (1..=200).any(|seed| {
        let config = Config { seed, look_at_payer: false, ..only(Hostile::TwoFaced) };
        let line = weir_sim::config::Plan::of(&config).charter.seed;
        let counts = run(&config).counts;
        counts.forks == 1 && counts.minted_by_forks > 2 * line.unsigned_abs()
    });
    assert!(beyond);
}
