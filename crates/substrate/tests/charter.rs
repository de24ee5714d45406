//! A DNA whose charter is not in order takes nothing at all.

mod host;

use hdi::prelude::*;
use host::member::Member;
use host::*;
use weir_rules::charter::CharterText;
use weir_rules::entry::Event;
use weir_substrate::{commons, ledger};

fn genesis(key: &AgentPubKey) -> GenesisSelfCheckData {
    GenesisSelfCheckData { membrane_proof: None, agent_key: key.clone() }
}

/// What a DNA with these properties says to a card, to a chain's beginning, and before both.
fn says(properties: Vec<u8>) -> [Outcome; 3] {
    let host = Host::new(&trial_text());
    let mut ana = Member::numbered(&host, 1);
    let card = ana.write(Event::Open);
    let package = Record::new(ana.action(1).clone(), RecordEntry::NA);
    host.set_properties(properties);
    [
        judge_ledger(&as_record(&card)),
        judge_ledger(&as_activity(&package)),
        judge_genesis(ledger::check_genesis(&genesis(&ana.key))),
    ]
}

fn refused(properties: Vec<u8>, path: &str) {
    let outcome = Outcome::Invalid(format!("CHARTER path={path}"));
    assert_eq!(says(properties), [(); 3].map(|()| outcome.clone()), "{path}");
}

fn written(text: &CharterText) -> Vec<u8> {
    rmp_serde::to_vec_named(text).unwrap()
}

#[test]
fn a_charter_in_order_lets_a_community_begin() {
    assert_eq!(says(written(&trial_text())), [Outcome::Valid, Outcome::Valid, Outcome::Valid]);
}

#[test]
fn properties_that_are_no_charter_are_refused() {
    let mut named = written(&trial_text());
    for garbage in [vec![], vec![0xc0], vec![0x80], vec![0xc1], b"---".to_vec()] {
        refused(garbage, "properties");
    }
    named.truncate(named.len() - 1);
    refused(named, "properties");
    // The part of the charter that the other DNA carries is none.
    refused(rmp_serde::to_vec_named(&commons_text(&[])).unwrap(), "properties");
}

#[test]
fn a_charter_with_a_part_that_is_not_known_is_refused() {
    let named = written(&trial_text());
    assert_eq!(named[0], 0x8e, "a map of fourteen parts");
    let more = [&[0x8f], &named[1..], &[0xa4], b"mint", &[0xc3]].concat();
    refused(more, "properties");
}

#[test]
fn a_charter_out_of_range_is_refused_by_its_path() {
    type Change = fn(&mut CharterText);
    let rows: [(&str, Change); 5] = [
        ("fee_bp", |text| text.fee_bp = 301),
        ("seed", |text| text.seed = -1),
        ("categories", |text| text.categories.clear()),
        ("founders", |text| text.trial = false),
        ("founder_grant", |text| text.founder_grant = 1),
    ];
    for (path, change) in rows {
        let mut text = trial_text();
        change(&mut text);
        refused(written(&text), path);
    }
}

#[test]
fn a_charter_that_is_not_here_is_waited_for() {
    let host = Host::new(&trial_text());
    let ana = Member::numbered(&host, 1);
    let package = Record::new(ana.action(1).clone(), RecordEntry::NA);
    host.withhold(Asked::Dna);
    assert_eq!(judge_ledger(&as_record(&package)), Outcome::Waits);
    assert_eq!(judge_commons(&as_record(&package)), Outcome::Waits);
    assert_eq!(judge_genesis(ledger::check_genesis(&genesis(&ana.key))), Outcome::Waits);
    assert_eq!(judge_genesis(commons::check_genesis(&genesis(&ana.key))), Outcome::Waits);
}
