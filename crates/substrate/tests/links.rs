//! Links of the ledger DNA: each kind right, each part tampered with, none ever deleted.

mod host;

use hdi::prelude::*;
use host::village::{id, Village};
use host::*;
use weir_rules::asks::AskEvent;
use weir_rules::entry::{Against, Event, Pay};
use weir_rules::links::{anchor, time_tag, Kind};
use weir_substrate::{ids, types};

/// A link as it will be committed, and by whom: Ana, or else Ben.
#[derive(Clone)]
struct Drawn {
    by_ana: bool,
    link: CreateLinkData,
}

/// Ana has paid Ben twice; he took one payment and sent one back. He has asked her for more, which
/// she acknowledged and paid.
struct Story {
    village: Village,
    taken: Record,
    receive: Record,
    returned: Record,
    decline: Record,
    ask: Record,
    acknowledged: Record,
    paid: Record,
}

fn story() -> Story {
    let mut village = Village::new();
    let [taken, returned] = [100, 200].map(|minor| village.paid(minor));
    let receive = village.received(&[&taken]);
    let decline = village.declined(&returned);
    let ask = village.asked();
    let acknowledged = village.ana.write_ask(AskEvent::Acknowledge(id(&ask)));
    let against = Some(Against::Ask(id(&ask)));
    let paid = village.ana.write(Event::Pay(Pay { against, ..village.pay(100) }));
    Story { village, taken, receive, returned, decline, ask, acknowledged, paid }
}

fn link(
    kind: Kind,
    base: impl Into<AnyLinkableHash>,
    target: &Record,
    tag: &[u8],
) -> CreateLinkData {
    CreateLinkData {
        base_address: base.into(),
        target_address: target.action_address().clone().into(),
        zome_index: types::ZOME,
        link_type: types::link_type(kind),
        tag: LinkTag(tag.to_vec()),
    }
}

fn right(story: &Story) -> Vec<(&'static str, Drawn)> {
    let at = |record: &Record| record.action_address().clone();
    let village = &story.village;
    let tag = time_tag(ids::time(story.taken.action().timestamp()));
    let until = time_tag(village.ask().until);
    let place = ids::anchor_hash(anchor(0));
    let (ana_card, ben_card) = (&village.ana_card, &village.ben_card);
    let ben = village.ben.key.clone();
    let drawn = |by_ana, link| Drawn { by_ana, link };
    vec![
        ("inbox", drawn(true, link(Kind::Inbox, at(ben_card), &story.taken, &tag))),
        ("member", drawn(true, link(Kind::Member, place, ana_card, &[]))),
        ("card", drawn(false, link(Kind::Card, ben, ben_card, &[]))),
        ("receive", drawn(false, link(Kind::Answer, at(&story.taken), &story.receive, &[]))),
        ("decline", drawn(false, link(Kind::Answer, at(&story.returned), &story.decline, &[]))),
        ("asked", drawn(false, link(Kind::Asked, at(ana_card), &story.ask, &until))),
        ("follow", drawn(true, link(Kind::Follow, at(&story.ask), &story.acknowledged, &[]))),
        ("paid for", drawn(true, link(Kind::PaidFor, at(&story.ask), &story.paid, &[]))),
    ]
}

/// The link's record, on a branch of its own.
fn commit(story: &Story, drawn: &Drawn) -> Record {
    let village = &story.village;
    let mut writer = if drawn.by_ana { village.ana.clone() } else { village.ben.clone() };
    writer.commit(ActionData::CreateLink(drawn.link.clone()), None)
}

fn judged(story: &Story, drawn: &Drawn, expected: &Outcome, what: &str) {
    let record = commit(story, drawn);
    for (form, op) in full_forms(&record) {
        assert_eq!(judge_ledger(&op), *expected, "{what} as {form}");
    }
    // The base's own authorities leave the verdict to these two.
    let create_link = record.signed_action;
    assert_eq!(judge_ledger(&Op::CreateLink(CreateLink { create_link })), Outcome::Valid);
}

fn refused(story: &Story, drawn: &Drawn, part: &str, what: &str) {
    judged(story, drawn, &Outcome::Invalid(format!("LINK part={part}")), what);
}

#[test]
fn links_that_say_what_their_kind_says_are_valid() {
    let story = story();
    for (name, drawn) in right(&story) {
        judged(&story, &drawn, &Outcome::Valid, name);
    }
}

#[test]
fn what_a_link_points_to_is_waited_for() {
    let story = story();
    for (name, drawn) in right(&story) {
        let target = drawn.link.target_address.clone().into_action_hash().unwrap();
        story.village.host.withhold(Asked::Action(target));
        judged(&story, &drawn, &Outcome::Waits, name);
        story.village.host.release();
        // The month of a card is counted from the founding; nothing else needs the charter.
        story.village.host.withhold(Asked::Dna);
        let outcome = if name == "member" { Outcome::Waits } else { Outcome::Valid };
        judged(&story, &drawn, &outcome, name);
        story.village.host.release();
    }
}

/// A hash with other bytes behind its core.
fn other_form(raw_39: &[u8]) -> AnyLinkableHash {
    let mut raw = raw_39.to_vec();
    raw[38] ^= 1;
    AnyLinkableHash::from_raw_39(raw)
}

#[test]
fn links_with_any_part_tampered_with_are_refused() {
    let story = story();
    let foreign = |by_ana: bool| match by_ana {
        true => story.village.ben_card.action_address().clone(),
        false => story.village.ana_card.action_address().clone(),
    };
    for (name, drawn) in right(&story) {
        let but = |change: &dyn Fn(&mut Drawn)| {
            let mut other = drawn.clone();
            change(&mut other);
            other
        };
        for tag in [vec![1], vec![0; 8], vec![0; 64], vec![0; 999]] {
            let long = but(&|it| it.link.tag = LinkTag(tag.clone()));
            refused(&story, &long, "tag", name);
        }
        for zome in 1..3 {
            refused(&story, &but(&|it| it.link.zome_index = ZomeIndex(zome)), "type", name);
        }
        for kind in 7..10 {
            refused(&story, &but(&|it| it.link.link_type = LinkType(kind)), "type", name);
        }
        let bases: [AnyLinkableHash; 5] = [
            foreign(!drawn.by_ana).into(),
            EntryHash::from_raw_32(vec![1; 32]).into(),
            ExternalHash::from_raw_32(vec![1; 32]).into(),
            AgentPubKey::from_raw_32(vec![1; 32]).into(),
            other_form(drawn.link.base_address.get_raw_39()),
        ];
        for base in bases.into_iter().filter(|base| *base != drawn.link.base_address) {
            refused(&story, &but(&|it| it.link.base_address = base.clone()), "base", name);
        }
        let to = |target: AnyLinkableHash| but(&|it| it.link.target_address = target.clone());
        let foreign_target = match of_asks(name) {
            true => "WRONG_TYPE",
            false => "LINK part=author",
        };
        let foreign_target = Outcome::invalid(foreign_target);
        judged(&story, &to(foreign(drawn.by_ana).into()), &foreign_target, name);
        let entry: AnyLinkableHash = EntryHash::from_raw_32(vec![1; 32]).into();
        refused(&story, &to(entry), "target", name);
        refused(&story, &to(other_form(drawn.link.target_address.get_raw_39())), "target", name);
        if name != "card" {
            refused(&story, &but(&|it| it.by_ana = !it.by_ana), "author", name);
        }
    }
}

/// Does this link point to an ask entry?
fn of_asks(name: &str) -> bool {
    matches!(name, "asked" | "follow")
}

#[test]
fn no_kind_of_link_takes_the_place_of_another() {
    let story = story();
    for (name, drawn) in right(&story) {
        for kind in Kind::ALL {
            let link_type = types::link_type(kind);
            if link_type == drawn.link.link_type {
                continue;
            }
            let other = Drawn { link: CreateLinkData { link_type, ..drawn.link.clone() }, ..drawn };
            let tagged = |kind| matches!(kind, Kind::Inbox | Kind::Asked);
            let asks = matches!(kind, Kind::Asked | Kind::Follow);
            let outcome = match (kind, name) {
                // These want a tag, and the others want none.
                (kind, name) if tagged(kind) != matches!(name, "inbox" | "asked") => "tag",
                (Kind::Card, _) => "base",
                _ if asks != of_asks(name) => "",
                (Kind::Member, "card") => "base",
                _ => "target",
            };
            match outcome {
                "" => judged(&story, &other, &Outcome::invalid("WRONG_TYPE"), name),
                part => refused(&story, &other, part, name),
            }
        }
    }
}

#[test]
fn links_to_what_is_no_ledger_entry_are_refused() {
    let story = story();
    for (name, drawn) in right(&story) {
        let village = &story.village;
        let mut writer = if drawn.by_ana { village.ana.clone() } else { village.ben.clone() };
        let bytes = match of_asks(name) {
            true => writer.create_ask(vec![0xc0]),
            false => writer.create_bytes(vec![0xc0]),
        };
        let rows = [(writer.grant(), "WRONG_TYPE"), (bytes, "MALFORMED")];
        for (target, text) in rows {
            let mut other = drawn.clone();
            other.link.target_address = target.action_address().clone().into();
            judged(&story, &other, &Outcome::invalid(text), name);
        }
    }
}

#[test]
fn no_link_is_ever_deleted() {
    let story = story();
    for (name, drawn) in right(&story) {
        let created = commit(&story, &drawn);
        for member in [&story.village.ana, &story.village.ben] {
            let delete = member.clone().commit(
                ActionData::DeleteLink(DeleteLinkData {
                    base_address: drawn.link.base_address.clone(),
                    link_add_address: created.action_address().clone(),
                }),
                None,
            );
            let own = Op::DeleteLink(DeleteLink {
                delete_link: delete.signed_action.clone(),
                create_link: created.action().clone(),
            });
            for (form, op) in full_forms(&delete).into_iter().chain([("DeleteLink", own)]) {
                let expected = Outcome::invalid("KEPT_FOR_GOOD");
                assert_eq!(judge_ledger(&op), expected, "{name} as {form}");
            }
        }
    }
}

#[test]
fn the_numbers_of_kinds_are_part_of_the_dna() {
    let numbers = Kind::ALL.map(|kind| (types::link_type(kind).0, types::link_kind(LinkType(0))));
    assert_eq!(numbers.map(|(number, _)| number), [0, 1, 2, 3, 4, 5, 6]);
    for kind in Kind::ALL {
        assert_eq!(types::link_kind(types::link_type(kind)), Some(kind));
    }
    assert_eq!(types::link_kind(LinkType(7)), None);
    assert_eq!(types::link_kind(LinkType(255)), None);
}
