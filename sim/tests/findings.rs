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

/// P4a as `node/src/held.rs` has it: whatever its author wrote at a higher place than something
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
