//! What an entry cites is judged by its declared type before anything of it is read (P5).

mod host;

use hdi::prelude::*;
use host::member::Member;
use host::village::{decline, id, receive, reclaim, Village};
use host::*;
use weir_rules::entry::{Event, LedgerEntry, Params, RequestId};
use weir_rules::ids::ActionId;
use weir_substrate::types;

/// Where an entry cites another.
#[derive(Clone, Copy, Debug)]
enum Site {
    Before,
    Card,
    Received,
    Declined,
    Reclaimed,
    Answer,
}

const SITES: [Site; 6] =
    [Site::Before, Site::Card, Site::Received, Site::Declined, Site::Reclaimed, Site::Answer];

/// Writes a record that looks like an honest one and is another kind of thing.
type Disguise = fn(&mut Member, &Record) -> Record;

/// The record that cites a disguised one at this site.
fn citing(site: Site, disguise: Disguise) -> (Village, Record, Record) {
    let mut village = Village::new();
    let pay = village.paid(100);
    let answer = village.declined(&pay);
    let (writer, honest) = match site {
        Site::Card => (&village.ben, &village.ben_card),
        Site::Answer => (&village.ben, &answer),
        Site::Before | Site::Received | Site::Declined | Site::Reclaimed => (&village.ana, &pay),
    };
    // On a branch of its own, so that nothing else about the writer's chain is wrong.
    let mut branch = writer.clone();
    let disguised = disguise(&mut branch, honest);
    if let Site::Before = site {
        village.ana = branch;
    }
    let record = cite(&mut village, site, &pay, &answer, &disguised);
    (village, record, disguised)
}

fn cite(
    village: &mut Village,
    site: Site,
    pay: &Record,
    answer: &Record,
    disguised: &Record,
) -> Record {
    let (event, payment) = (Event::Checkpoint, village.pay(100));
    match site {
        Site::Before => {
            village.ana.write_but(event, |entry| entry.state.prev = Some(id(disguised)))
        }
        Site::Card => village.ana.write_but(Event::Pay(payment), |entry| {
            if let Event::Pay(pay) = &mut entry.event {
                pay.card = id(disguised);
            }
        }),
        Site::Received => village.ben.write_but(event, |e| e.event = receive(&[disguised])),
        Site::Declined => village.ben.write_but(event, |e| e.event = decline(disguised)),
        Site::Reclaimed => village.ana.write_but(event, |e| e.event = reclaim(disguised, answer)),
        Site::Answer => village.ana.write_but(event, |e| e.event = reclaim(pay, disguised)),
    }
}

fn of_kind(index: u8, zome: u8, visibility: EntryVisibility) -> EntryType {
    EntryType::App(AppEntryDef::new(EntryDefIndex(index), ZomeIndex(zome), visibility))
}

fn entry_of(record: &Record) -> Entry {
    record.entry.as_option().expect("honest records show their entries").clone()
}

fn bytes_of(record: &Record) -> Vec<u8> {
    match entry_of(record) {
        Entry::App(bytes) => bytes.bytes().to_vec(),
        other => panic!("{other:?} is no app entry"),
    }
}

fn ledger_type() -> EntryType {
    EntryType::App(types::public(types::LEDGER))
}

/// Things of another kind, most with the very bytes of an honest entry.
const OTHER_KINDS: [(&str, Disguise); 11] = [
    ("a private ledger entry", |member, honest| {
        member.create(of_kind(0, 0, EntryVisibility::Private), entry_of(honest))
    }),
    ("another type of entry", |member, honest| {
        member.create(of_kind(2, 0, EntryVisibility::Public), entry_of(honest))
    }),
    ("another zome's entry", |member, honest| {
        member.create(of_kind(0, 1, EntryVisibility::Public), entry_of(honest))
    }),
    ("an update", |member, honest| {
        let update = ActionData::Update(UpdateData {
            original_action_address: honest.action_address().clone(),
            original_entry_address: honest.action().entry_hash().unwrap().clone(),
            entry_type: ledger_type(),
            entry_hash: honest.action().entry_hash().unwrap().clone(),
        });
        member.commit(update, Some(entry_of(honest)))
    }),
    ("a countersigned entry", |member, honest| {
        member.create(ledger_type(), countersigned(bytes_of(honest)))
    }),
    ("an agent's entry", |member, _| {
        let entry = Entry::Agent(member.key.clone());
        member.create(ledger_type(), entry)
    }),
    ("a grant", |member, _| member.grant()),
    ("a link", |member, honest| {
        member.commit(
            ActionData::CreateLink(CreateLinkData {
                base_address: honest.action_address().clone().into(),
                target_address: honest.action_address().clone().into(),
                zome_index: types::ZOME,
                link_type: LinkType(0),
                tag: LinkTag(vec![]),
            }),
            None,
        )
    }),
    ("a delete", |member, honest| {
        let deleted = DeleteData {
            deletes_address: honest.action_address().clone(),
            deletes_entry_address: honest.action().entry_hash().unwrap().clone(),
        };
        member.commit(ActionData::Delete(deleted), None)
    }),
    ("the end of a chain", |member, _| member.close()),
    ("an entry of the type of asks", |member, honest| {
        member.create(of_kind(1, 0, EntryVisibility::Public), entry_of(honest))
    }),
];

#[test]
fn something_of_another_kind_is_refused_wherever_it_is_cited() {
    for site in SITES {
        for (what, disguise) in OTHER_KINDS {
            let (_village, record, _) = citing(site, disguise);
            for (form, op) in full_forms(&record) {
                let expected = Outcome::invalid("WRONG_TYPE");
                assert_eq!(judge_ledger(&op), expected, "{site:?}: {what} as {form}");
            }
        }
    }
}

#[test]
fn a_private_entry_is_refused_by_who_sees_it_and_by_who_does_not() {
    for site in SITES {
        let (village, record, disguised) = citing(site, |member, honest| {
            // Other bytes than the honest ones, so that these alone can be withheld.
            let mut entry = LedgerEntry::decode(&bytes_of(honest)).unwrap();
            entry.request = RequestId([9; 16]);
            let private = of_kind(0, 0, EntryVisibility::Private);
            member.create(private, app_entry(entry.encode().unwrap()))
        });
        let hash = disguised.action().entry_hash().unwrap().clone();
        for hidden in [false, true] {
            if hidden {
                village.host.withhold(Asked::Entry(hash.clone()));
            }
            for (form, op) in full_forms(&record) {
                let expected = Outcome::invalid("WRONG_TYPE");
                assert_eq!(judge_ledger(&op), expected, "{site:?} as {form}");
            }
        }
    }
}

/// A ledger entry in forms that a lenient reader would take for several kinds at once.
fn unions(honest: &[u8]) -> Vec<Vec<u8>> {
    let entry = LedgerEntry::decode(honest).expect("it is honest");
    let LedgerEntry { request, event, state } = &entry;
    let named = rmp_serde::to_vec_named(&entry).unwrap();
    let part = |name: &str, bytes: Vec<u8>| {
        [vec![0xa0 | name.len() as u8], name.as_bytes().to_vec(), bytes].concat()
    };
    let parts = [
        part("request", rmp_serde::to_vec(request).unwrap()),
        part("event", rmp_serde::to_vec(event).unwrap()),
        part("state", rmp_serde::to_vec(state).unwrap()),
        part("name", rmp_serde::to_vec("Ana").unwrap()),
    ];
    let doubled = [&parts[..3], &parts[1..2]].concat().concat();
    vec![
        named,
        [vec![0x83], parts[..3].concat()].concat(),
        // Also a profile.
        [vec![0x84], parts.concat()].concat(),
        [vec![0x84], doubled].concat(),
        [vec![0x94], honest[1..].to_vec(), vec![0xc0]].concat(),
        [honest, &[0xc0]].concat(),
    ]
}

#[test]
fn an_entry_in_the_shape_of_several_is_refused_wherever_it_is_cited() {
    const FORMS: [Disguise; 6] = [
        |member, honest| member.create_bytes(unions(&bytes_of(honest))[0].clone()),
        |member, honest| member.create_bytes(unions(&bytes_of(honest))[1].clone()),
        |member, honest| member.create_bytes(unions(&bytes_of(honest))[2].clone()),
        |member, honest| member.create_bytes(unions(&bytes_of(honest))[3].clone()),
        |member, honest| member.create_bytes(unions(&bytes_of(honest))[4].clone()),
        |member, honest| member.create_bytes(unions(&bytes_of(honest))[5].clone()),
    ];
    for site in SITES {
        for (number, disguise) in FORMS.into_iter().enumerate() {
            let (_village, record, disguised) = citing(site, disguise);
            let cited_by = full_forms(&record);
            for (form, op) in cited_by.iter().chain(&all_forms(&disguised)) {
                let expected = Outcome::invalid("MALFORMED");
                assert_eq!(judge_ledger(op), expected, "{site:?}: {number} as {form}");
            }
        }
    }
}

#[test]
fn something_of_another_kind_is_refused_as_an_entry_of_its_own() {
    let mut village = Village::new();
    let pay = village.paid(100);
    for (what, disguise) in &OTHER_KINDS[..3] {
        let record = disguise(&mut village.ana, &pay);
        for (form, op) in all_forms(&record) {
            let expected = Outcome::invalid("WRONG_TYPE");
            assert_eq!(judge_ledger(&op), expected, "{what} as {form}");
        }
    }
    // An entry of another variant under the ledger's own type.
    for (what, disguise) in &OTHER_KINDS[4..6] {
        let record = disguise(&mut village.ana, &pay);
        for (form, op) in all_forms(&record) {
            let expected = Outcome::invalid("WRONG_TYPE");
            assert_eq!(judge_ledger(&op), expected, "{what} as {form}");
        }
    }
}

#[test]
fn the_types_are_told_apart_by_zome_index_and_visibility() {
    let entry = |index, zome, visibility| {
        let mut village = Village::new();
        let bytes = village.ana.draft(Event::Checkpoint).encode().unwrap();
        let record = village.ana.create(of_kind(index, zome, visibility), app_entry(bytes));
        judge_ledger(&as_activity(&record))
    };
    assert_eq!(entry(0, 0, EntryVisibility::Public), Outcome::Valid);
    assert_eq!(entry(1, 0, EntryVisibility::Public), Outcome::invalid("MALFORMED"));
    for index in 0..3 {
        for zome in 0..3 {
            for visibility in [EntryVisibility::Public, EntryVisibility::Private] {
                let known = zome == 0 && index < 2 && visibility == EntryVisibility::Public;
                if !known {
                    let outcome = entry(index, zome, visibility);
                    assert_eq!(outcome, Outcome::invalid("WRONG_TYPE"), "{index} {zome}");
                }
            }
        }
    }
}

#[test]
fn what_nobody_has_is_waited_for_wherever_it_is_cited() {
    for site in SITES {
        let (village, record, _) = citing(site, |member, honest| {
            let record = member.create(ledger_type(), entry_of(honest));
            let hash = record.action_address().clone();
            member.host.withhold(Asked::Action(hash));
            record
        });
        for (form, op) in full_forms(&record) {
            assert_eq!(judge_ledger(&op), Outcome::Waits, "{site:?} as {form}");
        }
        village.host.release();
    }
}

#[test]
fn the_rule_set_and_the_request_of_an_entry_are_what_they_are() {
    let mut village = Village::new();
    let nobodys = ActionId::from_core([7; 32]);
    let record = village.ana.clone().write_but(Event::Checkpoint, |entry| {
        entry.state.params = Params::At(nobodys);
    });
    // No rule set but the founding one is known; nothing is fetched to find that out.
    let outcome = judge_ledger(&as_record(&record));
    assert_eq!(outcome, Outcome::invalid("STATE_MISMATCH field=params"));
    // A request id is its author's own business.
    let record = village.ana.write_but(Event::Checkpoint, |entry| {
        entry.request = RequestId([0xff; 16]);
    });
    assert_eq!(judge_ledger(&as_record(&record)), Outcome::Valid);
}
