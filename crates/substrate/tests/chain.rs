//! A member's ledger is one line of entries on one chain of one key (L0, L1, L2).

mod host;

use hdi::prelude::*;
use host::member::Member;
use host::village::{decline, reclaim, Village};
use host::*;
use weir_rules::entry::Event;

/// Both forms that carry the full rule say this.
fn both_say(record: &Record, expected: &Outcome) {
    for (form, op) in full_forms(record) {
        assert_eq!(judge_ledger(&op), *expected, "{form}");
    }
}

fn refused(record: &Record, text: &str) {
    both_say(record, &Outcome::invalid(text));
}

fn of_kind(index: u8, zome: u8, visibility: EntryVisibility) -> EntryType {
    EntryType::App(AppEntryDef::new(EntryDefIndex(index), ZomeIndex(zome), visibility))
}

const PUBLIC: EntryVisibility = EntryVisibility::Public;
const PRIVATE: EntryVisibility = EntryVisibility::Private;

/// An Update of a ledger entry by another one.
fn update_of(record: &Record, entry_type: EntryType) -> ActionData {
    ActionData::Update(UpdateData {
        original_action_address: record.action_address().clone(),
        original_entry_address: record.action().entry_hash().unwrap().clone(),
        entry_type,
        entry_hash: record.action().entry_hash().unwrap().clone(),
    })
}

#[test]
fn seventy_grants_between_two_payments_do_no_harm() {
    for grants in [1, 16, 63, 64, 65, 70, 300] {
        let mut village = Village::new();
        village.paid(1);
        village.ana.grants(grants);
        let pay = village.paid(2);
        both_say(&pay, &Outcome::Valid);
    }
}

#[test]
fn up_to_64_actions_are_walked_and_more_are_read_at_once() {
    // The entry before is among the actions asked for.
    for (grants, actions, reads) in [(0, 1, 0), (63, 64, 0), (64, 1, 1), (500, 1, 1)] {
        let mut village = Village::new();
        village.ana.grants(grants);
        let checkpoint = village.ana.write(Event::Checkpoint);
        village.host.asked();
        assert_eq!(judge_ledger(&as_record(&checkpoint)), Outcome::Valid);
        let asked = village.host.asked();
        let count = |kind: fn(&&Asked) -> bool| asked.iter().filter(kind).count();
        assert_eq!(count(|asked| matches!(asked, Asked::Action(_))), actions, "{grants}");
        assert_eq!(count(|asked| matches!(asked, Asked::Activity(..))), reads, "{grants}");
    }
}

#[test]
fn four_thousand_actions_lie_between_at_most() {
    let mut village = Village::new();
    village.ana.grants(4_095);
    let mut at_the_limit = village.ana.clone();
    both_say(&at_the_limit.write(Event::Checkpoint), &Outcome::Valid);
    village.ana.grant();
    let past = village.ana.write(Event::Checkpoint);
    refused(&past, "GAP_TOO_LONG max=4096");
    // That needs nothing of the entry before but its action.
    let bytes = village.ana_card.action().entry_hash().unwrap().clone();
    village.host.withhold(Asked::Entry(bytes));
    refused(&past, "GAP_TOO_LONG max=4096");
}

/// Ana pays, does as many other things, and then goes on from her card as if she had not paid.
fn skip_a_payment(others: u32) -> (Village, Record) {
    let mut village = Village::new();
    village.paid(5_000);
    village.ana.grants(others);
    let card = village.ana_card.clone();
    village.ana.go_back_to(&card);
    let pay = village.paid(9_000);
    (village, pay)
}

#[test]
fn a_ledger_entry_cannot_be_skipped() {
    for others in [0, 1, 62, 63, 64, 200] {
        let (_village, pay) = skip_a_payment(others);
        refused(&pay, "NOT_THE_LAST");
    }
}

#[test]
fn what_else_may_not_lie_between_two_ledger_entries() {
    type Between = fn(&mut Village);
    let rows: [(&str, Between); 5] = [
        ("CLOSED", |v| drop(v.ana.close())),
        // A private ledger entry is one as well.
        ("NOT_THE_LAST", |v| {
            let bytes = v.ana.draft(Event::Checkpoint).encode().unwrap();
            v.ana.create(of_kind(0, 0, PRIVATE), app_entry(bytes));
        }),
        ("NOT_THE_LAST", |v| {
            let data = update_of(&v.ana_card, of_kind(0, 0, PUBLIC));
            v.ana.commit(data, None);
        }),
        ("NOT_THE_LAST", |v| {
            let data = update_of(&v.ana_card, of_kind(0, 0, PRIVATE));
            v.ana.commit(data, None);
        }),
        ("NOT_THE_LAST", |v| drop(v.ana.create_bytes(vec![0xc0]))),
    ];
    for (text, between) in rows {
        for others in [0, 100] {
            let mut village = Village::new();
            between(&mut village);
            village.ana.grants(others);
            refused(&village.ana.write(Event::Checkpoint), text);
        }
    }
}

#[test]
fn what_may_lie_between_two_ledger_entries() {
    let rows: [fn(&mut Village); 6] = [
        |v| drop(v.ana.create(of_kind(1, 0, PUBLIC), app_entry(vec![0xc0]))),
        |v| drop(v.ana.create(of_kind(0, 1, PUBLIC), app_entry(vec![0xc0]))),
        |v| drop(v.ana.commit(update_of(&v.ana_card.clone(), EntryType::CapGrant), None)),
        |v| {
            let delete = DeleteData {
                deletes_address: v.ana_card.action_address().clone(),
                deletes_entry_address: v.ana_card.action().entry_hash().unwrap().clone(),
            };
            v.ana.commit(ActionData::Delete(delete), None);
        },
        |v| drop(v.ana.commit(ActionData::InitZomesComplete(InitZomesCompleteData {}), None)),
        |v| {
            let prev_target = MigrationTarget::Dna(DnaHash::from_raw_32(vec![1; 32]));
            let close_hash = v.ana_card.action_address().clone();
            v.ana.commit(ActionData::OpenChain(OpenChainData { prev_target, close_hash }), None);
        },
    ];
    for between in rows {
        for others in [0, 100] {
            let mut village = Village::new();
            between(&mut village);
            village.ana.grants(others);
            both_say(&village.ana.write(Event::Checkpoint), &Outcome::Valid);
        }
    }
}

#[test]
fn the_entry_before_lies_on_the_same_branch() {
    for others in [0, 5, 63, 64, 200] {
        let mut village = Village::new();
        // Two branches from the card, as long as one another.
        let mut other = village.ana.clone();
        other.grant();
        let elsewhere = other.write(Event::Checkpoint);
        village.ana.grant();
        village.ana.grant();
        village.ana.grants(others);
        village.ana.go_back_to(&elsewhere);
        refused(&village.ana.write(Event::Checkpoint), "NOT_THE_LAST");
    }
}

#[test]
fn the_entry_before_lies_before() {
    for passed in [0, 1, 5] {
        let mut village = Village::new();
        let mut other = village.ana.clone();
        other.grants(passed);
        let named = other.write(Event::Checkpoint);
        village.ana.now = other.now;
        village.ana.go_back_to(&named);
        refused(&village.ana.write(Event::Checkpoint), "NOT_THE_LAST");
    }
}

#[test]
fn the_entry_before_is_the_authors_own() {
    let mut village = Village::new();
    let card = village.ben_card.clone();
    village.ana.grants(1);
    village.ana.go_back_to(&card);
    let record = village.ana.write(Event::Checkpoint);
    refused(&record, "WRONG_AUTHOR");
    // That is judged before its entry is asked for, and after its kind.
    village.host.withhold(Asked::Entry(card.action().entry_hash().unwrap().clone()));
    refused(&record, "WRONG_AUTHOR");
}

#[test]
fn what_is_no_ledger_entry_is_called_so_whoever_wrote_it() {
    let mut village = Village::new();
    let grant = weir_substrate::ids::action_id(village.ben.grant().action_address());
    let record = village.ana.write_but(Event::Checkpoint, |entry| entry.state.prev = Some(grant));
    refused(&record, "WRONG_TYPE");
}

#[test]
fn what_lies_between_is_waited_for() {
    for others in [3, 63, 64, 200] {
        let mut village = Village::new();
        village.ana.grants(others);
        let checkpoint = village.ana.write(Event::Checkpoint);
        let seq = checkpoint.action().action_seq() as usize;
        let between = village.ana.action(seq - 2).as_hash().clone();
        if others < 64 {
            village.host.withhold(Asked::Action(between));
        } else {
            village.host.withhold_activity(&between);
        }
        both_say(&checkpoint, &Outcome::Waits);
        village.host.release();
        both_say(&checkpoint, &Outcome::Valid);
    }
}

/// A member whose card stands after so many other actions.
fn late_card(others: u32) -> (Host, Member, Record) {
    let host = Host::new(&trial_text());
    let mut member = Member::numbered(&host, 1);
    member.grants(others);
    let card = member.write(Event::Open);
    (host, member, card)
}

#[test]
fn a_card_may_stand_up_to_place_1024() {
    for others in [0, 59, 60, 61, 62, 200, 1_020] {
        let (_host, _member, card) = late_card(others);
        assert_eq!(card.action().action_seq(), 4 + others);
        both_say(&card, &Outcome::Valid);
    }
    let host = Host::new(&trial_text());
    let mut member = Member::numbered(&host, 1);
    let (open, made) = (member.draft(Event::Open), member.now);
    member.grants(1_021);
    member.now = made;
    refused(&member.write_entry(open), "OPEN_TOO_LATE max=1024");
}

#[test]
fn up_to_place_64_a_card_is_walked_from_and_further_on_the_chain_is_read_at_once() {
    for (others, actions, reads) in [(0, 4, 0), (60, 64, 0), (61, 0, 1), (500, 0, 1)] {
        let (host, _member, card) = late_card(others);
        host.asked();
        assert_eq!(judge_ledger(&as_record(&card)), Outcome::Valid);
        let asked = host.asked();
        let count = |kind: fn(&&Asked) -> bool| asked.iter().filter(kind).count();
        assert_eq!(count(|asked| matches!(asked, Asked::Action(_))), actions, "{others}");
        assert_eq!(count(|asked| matches!(asked, Asked::Activity(..))), reads, "{others}");
    }
}

#[test]
fn a_second_card_is_refused_however_far_it_stands() {
    for others in [0, 50, 60, 500] {
        let (_host, mut member, _card) = late_card(0);
        member.grants(others);
        member.forget_all();
        refused(&member.write(Event::Open), "OPEN_TWICE");
    }
}

#[test]
fn a_card_after_something_that_is_no_way_to_begin_is_refused() {
    type Before = fn(&mut Member);
    let rows: [(&str, Before); 2] = [
        ("CLOSED", |member| drop(member.close())),
        ("OPEN_TWICE", |member| {
            member.create(of_kind(0, 0, PRIVATE), app_entry(vec![0xc0]));
        }),
    ];
    for (text, before) in rows {
        for others in [0, 100] {
            let host = Host::new(&trial_text());
            let mut member = Member::numbered(&host, 1);
            before(&mut member);
            member.grants(others);
            refused(&member.write(Event::Open), text);
        }
    }
}

#[test]
fn a_ledger_does_not_begin_with_anything_but_a_card() {
    let host = Host::new(&trial_text());
    let mut member = Member::numbered(&host, 1);
    let record = member.write_but(Event::Open, |entry| entry.event = Event::Checkpoint);
    refused(&record, "OPEN_FIRST");
}

#[test]
fn what_lies_before_a_card_is_waited_for() {
    for (others, place) in [(10, 0), (10, 2), (10, 13), (100, 0), (100, 2), (100, 103)] {
        let (host, member, card) = late_card(others);
        let early = member.action(place).as_hash().clone();
        if others < 60 {
            host.withhold(Asked::Action(early));
        } else {
            host.withhold_activity(&early);
        }
        both_say(&card, &Outcome::Waits);
        host.release();
        both_say(&card, &Outcome::Valid);
    }
}

#[test]
fn only_who_is_admitted_has_a_chain_and_a_card() {
    let [founder, stranger] = [1, 2].map(|number| AgentPubKey::from_raw_32(vec![number; 32]));
    let host = Host::new(&founding_text(std::slice::from_ref(&founder)));
    for (key, expected) in [(founder, Outcome::Valid), (stranger, Outcome::invalid("NOT_ADMITTED"))]
    {
        let member = Member::join(&host, key.clone());
        let package = Record::new(member.action(1).clone(), RecordEntry::NA);
        both_say(&package, &expected);
        let genesis = GenesisSelfCheckData { membrane_proof: None, agent_key: key };
        assert_eq!(judge_genesis(weir_substrate::ledger::check_genesis(&genesis)), expected);
    }
}

#[test]
fn a_card_of_a_stranger_is_refused_wherever_it_comes_from() {
    let host = Host::new(&trial_text());
    let mut stranger = Member::numbered(&host, 2);
    let open = stranger.draft(Event::Open);
    let founder = AgentPubKey::from_raw_32(vec![1; 32]);
    host.set_properties(rmp_serde::to_vec_named(&founding_text(&[founder])).unwrap());
    refused(&stranger.write_entry(open), "NOT_ADMITTED");
}

/// The same key with another place in the network written behind it.
fn other_form(key: &AgentPubKey) -> AgentPubKey {
    let mut raw = key.get_raw_36().to_vec();
    raw[35] ^= 1;
    AgentPubKey::from_raw_36(raw)
}

#[test]
fn a_key_in_another_form_has_no_second_account() {
    let village = Village::new();
    let double = Member::join(&village.host, other_form(&village.ana.key));
    assert_eq!(double.id(), village.ana.id());
    for seq in 0..4 {
        let action = double.action(seq).clone();
        let entry = RecordEntry::new(action.action().entry_visibility(), None);
        refused(&Record::new(action, entry), "NOT_ADMITTED");
    }
    let card = double.clone().write(Event::Open);
    for (form, op) in all_forms(&card) {
        assert_eq!(judge_ledger(&op), Outcome::invalid("NOT_ADMITTED"), "{form}");
    }
}

#[test]
fn what_a_key_in_another_form_wrote_is_not_cited() {
    let mut village = Village::new();
    let pay = village.paid(100);
    let mut double = Member::join(&village.host, other_form(&village.ben.key));
    double.write(Event::Open);
    let answer = double.write(decline(&pay));
    let receive = village.received(&[&pay]);
    both_say(&receive, &Outcome::Valid);
    // Else the payment would be taken on one chain and come back by the other.
    let reclaim = village.ana.write_but(Event::Checkpoint, |entry| {
        entry.event = reclaim(&pay, &answer);
    });
    refused(&reclaim, "WRONG_AUTHOR");
}
