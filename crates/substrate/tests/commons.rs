//! `validate` of the commons DNA: profiles that only their author makes and moves.

mod host;

use hdi::prelude::*;
use host::member::Member;
use host::*;
use weir_rules::profile::Profile;
use weir_substrate::{commons, types};

fn profile(name: &str) -> Vec<u8> {
    Profile { name: name.into() }.encode().unwrap()
}

fn public() -> EntryType {
    EntryType::App(types::public(types::PROFILE))
}

/// Ana and Ben in a commons that admits everybody, and Ana's profile.
fn commons() -> (Host, Member, Member, Record) {
    let host = Host::new(&commons_text(&[]));
    let [mut ana, ben] = [1, 2].map(|number| Member::numbered(&host, number));
    let record = ana.create(public(), app_entry(profile("Ana")));
    (host, ana, ben, record)
}

fn judged(record: &Record, expected: &Outcome, what: &str) {
    for (form, op) in all_forms(record) {
        assert_eq!(judge_commons(&op), *expected, "{what} as {form}");
    }
}

fn refused(record: &Record, text: &str) {
    judged(record, &Outcome::invalid(text), text);
}

fn link_to(target: &Record, base: AgentPubKey) -> CreateLinkData {
    CreateLinkData {
        base_address: base.into(),
        target_address: target.action_address().clone().into(),
        zome_index: types::ZOME,
        link_type: types::PROFILE_LINK,
        tag: LinkTag(vec![]),
    }
}

#[test]
fn a_profile_is_valid_in_every_form() {
    let (host, mut ana, _, record) = commons();
    judged(&record, &Outcome::Valid, "profile");
    let changed = ana.create(public(), app_entry(profile("Ana María")));
    judged(&changed, &Outcome::Valid, "a newer profile");
    host.withhold(Asked::Entry(record.action().entry_hash().unwrap().clone()));
    assert_eq!(judge_commons(&as_activity(&record)), Outcome::Waits);
    assert_eq!(judge_commons(&as_record(&record)), Outcome::Valid);
}

#[test]
fn what_is_no_profile_is_refused_in_every_form() {
    let (_host, mut ana, _, _) = commons();
    let long = profile(&"n".repeat(1_100));
    let rows = [
        ("PROFILE_NAME part=length", profile("")),
        ("PROFILE_NAME part=characters", profile("A\u{202e}na")),
        ("PROFILE_NAME part=blanks", profile(" Ana")),
        ("MALFORMED", vec![0xc0]),
        ("MALFORMED", [profile("Ana"), vec![0]].concat()),
        ("MALFORMED", [0x81, 0xa0].repeat(500)),
        ("MALFORMED", vec![0x81, 0xa4, b'n', b'a', b'm', b'e', 0xa3, b'A', b'n', b'a']),
        ("ENTRY_TOO_LARGE bytes=1104 max=1024", long),
    ];
    for (text, bytes) in rows {
        refused(&ana.create(public(), app_entry(bytes)), text);
    }
    refused(&ana.create(public(), countersigned(profile("Ana"))), "WRONG_TYPE");
    for (index, zome) in [(1, 0), (0, 1)] {
        let def = AppEntryDef::new(EntryDefIndex(index), ZomeIndex(zome), EntryVisibility::Public);
        refused(&ana.create(EntryType::App(def), app_entry(profile("Ana"))), "WRONG_TYPE");
    }
    let private =
        AppEntryDef { visibility: EntryVisibility::Private, ..types::public(types::PROFILE) };
    refused(&ana.create(EntryType::App(private), app_entry(profile("Ana"))), "WRONG_TYPE");
}

#[test]
fn a_members_key_points_to_their_own_profile() {
    let (host, mut ana, ben, record) = commons();
    let link = ana.commit(ActionData::CreateLink(link_to(&record, ana.key.clone())), None);
    judged(&link, &Outcome::Valid, "link");
    let own = Op::CreateLink(CreateLink { create_link: link.signed_action.clone() });
    assert_eq!(judge_commons(&own), Outcome::Valid);
    host.withhold(Asked::Action(record.action_address().clone()));
    judged(&link, &Outcome::Waits, "without its target");
    host.release();
    // Whoever draws it elsewhere, or to somebody else's profile, is refused.
    for (mut writer, base, part) in [
        (ben.clone(), ana.key.clone(), "base"),
        (ana.clone(), ben.key.clone(), "base"),
        (ben.clone(), ben.key.clone(), "author"),
    ] {
        let link = writer.commit(ActionData::CreateLink(link_to(&record, base)), None);
        refused(&link, &format!("LINK part={part}"));
    }
}

#[test]
fn a_link_with_any_part_tampered_with_is_refused() {
    let (_host, ana, _, record) = commons();
    let mut raw = record.action_address().get_raw_39().to_vec();
    raw[38] ^= 1;
    let other_form = AnyLinkableHash::from_raw_39(raw);
    let entry: AnyLinkableHash = record.action().entry_hash().unwrap().clone().into();
    type Tamper = Box<dyn Fn(&mut CreateLinkData)>;
    let rows: [(&str, Tamper); 6] = [
        ("tag", Box::new(|link| link.tag = LinkTag(vec![1]))),
        ("type", Box::new(|link| link.zome_index = ZomeIndex(1))),
        ("type", Box::new(|link| link.link_type = LinkType(1))),
        ("base", Box::new(|link| link.base_address = link.target_address.clone())),
        ("target", Box::new(move |link| link.target_address = entry.clone())),
        ("target", Box::new(move |link| link.target_address = other_form.clone())),
    ];
    for (part, change) in rows {
        let mut link = link_to(&record, ana.key.clone());
        change(&mut link);
        let record = ana.clone().commit(ActionData::CreateLink(link), None);
        refused(&record, &format!("LINK part={part}"));
    }
    let grant = ana.clone().grant();
    let link = ActionData::CreateLink(link_to(&grant, ana.key.clone()));
    refused(&ana.clone().commit(link, None), "WRONG_TYPE");
}

#[test]
fn nothing_in_the_commons_is_changed_or_deleted_but_capabilities() {
    let (_host, mut ana, ben, record) = commons();
    let entry_hash = record.action().entry_hash().unwrap().clone();
    let grant = ana.grant();
    let link = ana.commit(ActionData::CreateLink(link_to(&record, ana.key.clone())), None);
    let update = ActionData::Update(UpdateData {
        original_action_address: record.action_address().clone(),
        original_entry_address: entry_hash.clone(),
        entry_type: public(),
        entry_hash: entry_hash.clone(),
    });
    let delete = |record: &Record| {
        ActionData::Delete(DeleteData {
            deletes_address: record.action_address().clone(),
            deletes_entry_address: entry_hash.clone(),
        })
    };
    let unlink = ActionData::DeleteLink(DeleteLinkData {
        base_address: ana.key.clone().into(),
        link_add_address: link.action_address().clone(),
    });
    for writer in [&ana, &ben] {
        let committed = |data: &ActionData| writer.clone().commit(data.clone(), None);
        let [update, delete, unlink] = [&update, &delete(&record), &unlink].map(committed);
        for record in [&update, &delete, &unlink] {
            refused(record, "KEPT_FOR_GOOD");
        }
        let own = [
            Op::Update(Update { update: update.signed_action, new_entry: None }),
            Op::Delete(Delete { delete: delete.signed_action }),
            Op::DeleteLink(DeleteLink {
                delete_link: unlink.signed_action,
                create_link: link.action().clone(),
            }),
        ];
        for op in own {
            assert_eq!(judge_commons(&op), Outcome::invalid("KEPT_FOR_GOOD"));
        }
    }
    judged(&ana.clone().commit(delete(&grant), None), &Outcome::Valid, "a grant");
}

#[test]
fn only_who_is_admitted_joins() {
    let [founder, stranger] = [1, 2].map(|number| AgentPubKey::from_raw_32(vec![number; 32]));
    let host = Host::new(&commons_text(std::slice::from_ref(&founder)));
    let mut raw = founder.get_raw_36().to_vec();
    raw[35] ^= 1;
    let rows = [
        (founder, Outcome::Valid),
        (stranger, Outcome::invalid("NOT_ADMITTED")),
        (AgentPubKey::from_raw_36(raw), Outcome::invalid("NOT_ADMITTED")),
    ];
    for (key, expected) in rows {
        let member = Member::join(&host, key.clone());
        let package = Record::new(member.action(1).clone(), RecordEntry::NA);
        judged(&package, &expected, "package");
    }
    for garbage in [vec![], vec![0xc0], rmp_serde::to_vec_named(&trial_text()).unwrap()] {
        host.set_properties(garbage);
        let key = AgentPubKey::from_raw_32(vec![1; 32]);
        let genesis = GenesisSelfCheckData { membrane_proof: None, agent_key: key };
        let expected = Outcome::invalid("CHARTER path=properties");
        assert_eq!(judge_genesis(commons::check_genesis(&genesis)), expected);
    }
}
