//! Nothing of the ledger is ever changed or deleted; what the platform keeps on the same chain
//! may be.

mod host;

use hdi::prelude::*;
use host::member::Member;
use host::village::Village;
use host::*;
use weir_rules::entry::Event;
use weir_substrate::types;

const REFUSED: &str = "KEPT_FOR_GOOD";

fn delete_of(record: &Record) -> ActionData {
    ActionData::Delete(DeleteData {
        deletes_address: record.action_address().clone(),
        deletes_entry_address: record
            .action()
            .entry_hash()
            .cloned()
            .unwrap_or(EntryHash::from_raw_32(vec![1; 32])),
    })
}

fn update_of(record: &Record, entry_type: EntryType, entry: &Entry) -> ActionData {
    ActionData::Update(UpdateData {
        original_action_address: record.action_address().clone(),
        original_entry_address: record.action().entry_hash().unwrap().clone(),
        entry_type,
        entry_hash: EntryHash::with_data_sync(entry),
    })
}

/// Every form in which a node meets an update or a delete.
fn forms(record: &Record) -> Vec<(&'static str, Op)> {
    let action = record.signed_action.clone();
    let own = match &action.action().data {
        ActionData::Update(_) => {
            let new_entry = record.entry.as_option().cloned();
            ("Update", Op::Update(Update { update: action, new_entry }))
        }
        _ => ("Delete", Op::Delete(Delete { delete: action })),
    };
    full_forms(record).into_iter().chain([own]).collect()
}

fn judged(record: &Record, expected: &Outcome) {
    for (form, op) in forms(record) {
        assert_eq!(judge_ledger(&op), *expected, "{form}");
    }
}

/// Whoever tries it: the author, and somebody else.
fn each_writer(village: &Village) -> [Member; 2] {
    [village.ana.clone(), village.ben.clone()]
}

#[test]
fn ledger_entries_are_never_updated() {
    let mut village = Village::new();
    let pay = village.paid(100);
    let entry = pay.entry.as_option().unwrap().clone();
    let private =
        AppEntryDef { visibility: EntryVisibility::Private, ..types::public(types::LEDGER) };
    let kinds = [
        EntryType::App(types::public(types::LEDGER)),
        EntryType::App(private),
        EntryType::App(types::public(EntryDefIndex(1))),
        EntryType::AgentPubKey,
    ];
    for mut writer in each_writer(&village) {
        for kind in &kinds {
            let update = writer.commit(update_of(&pay, kind.clone(), &entry), Some(entry.clone()));
            judged(&update, &Outcome::invalid(REFUSED));
        }
    }
}

#[test]
fn an_update_is_no_entry_to_the_entrys_own_authorities_either() {
    let mut village = Village::new();
    let pay = village.paid(100);
    let entry = pay.entry.as_option().unwrap().clone();
    let kind = EntryType::App(types::public(types::LEDGER));
    let update = village.ana.commit(update_of(&pay, kind, &entry), Some(entry));
    let outcome = judge_ledger(&as_entry(&update).unwrap());
    assert_eq!(outcome, Outcome::invalid("WRONG_TYPE"));
}

#[test]
fn nothing_but_capabilities_is_deleted() {
    let mut village = Village::new();
    let pay = village.paid(100);
    let link = village.ana.commit(
        ActionData::CreateLink(CreateLinkData {
            base_address: village.ana.key.clone().into(),
            target_address: village.ana_card.action_address().clone().into(),
            zome_index: types::ZOME,
            link_type: LinkType(2),
            tag: LinkTag(vec![]),
        }),
        None,
    );
    let agent = Record::new(village.ana.action(2).clone(), RecordEntry::NotStored);
    let dna = Record::new(village.ana.action(0).clone(), RecordEntry::NA);
    for mut writer in each_writer(&village) {
        for record in [&pay, &village.ana_card, &link, &agent, &dna] {
            let delete = writer.commit(delete_of(record), None);
            judged(&delete, &Outcome::invalid(REFUSED));
            // Nor is a delete deleted.
            judged(&writer.commit(delete_of(&delete), None), &Outcome::invalid(REFUSED));
        }
    }
}

#[test]
fn capabilities_are_granted_changed_and_deleted() {
    let mut village = Village::new();
    let grant = village.ana.grant();
    let entry = Entry::Agent(village.ana.key.clone());
    for kind in [EntryType::CapGrant, EntryType::CapClaim] {
        let update = village.ana.commit(update_of(&grant, kind, &entry), None);
        judged(&update, &Outcome::Valid);
        judged(&village.ana.commit(delete_of(&update), None), &Outcome::Valid);
    }
    judged(&village.ana.commit(delete_of(&grant), None), &Outcome::Valid);
    // The account goes on over all of that.
    let checkpoint = village.ana.write(Event::Checkpoint);
    assert_eq!(judge_ledger(&as_record(&checkpoint)), Outcome::Valid);
}

#[test]
fn what_is_deleted_is_waited_for() {
    let mut village = Village::new();
    let grant = village.ana.grant();
    let delete = village.ana.commit(delete_of(&grant), None);
    village.host.withhold(Asked::Action(grant.action_address().clone()));
    judged(&delete, &Outcome::Waits);
    village.host.release();
    judged(&delete, &Outcome::Valid);
}

#[test]
fn the_end_of_a_chain_is_its_members_own_decision() {
    let mut village = Village::new();
    let close = village.ana.close();
    for (form, op) in full_forms(&close) {
        assert_eq!(judge_ledger(&op), Outcome::Valid, "{form}");
    }
}
