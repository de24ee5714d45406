//! Links say what their kind says, and each part of them is held.

mod support;

use support::*;
use weir_rules::ids::{ActionId, MemberKey};
use weir_rules::links::{anchor, check_link, inbox_tag, month, Base, Kind, Link};
use weir_rules::refusal::{Refusal, Stop};

/// A link with its own tag.
#[derive(Clone)]
struct Drawn {
    author: MemberKey,
    kind: Kind,
    base: Base,
    target: ActionId,
    tag: Vec<u8>,
}

/// Ana has paid Ben twice; he took one payment and sent one back. Cem has paid Ben as well.
struct Story {
    world: World,
    taken: ActionId,
    receive: ActionId,
    returned: ActionId,
    decline: ActionId,
    cems: ActionId,
}

fn story() -> Story {
    let mut world = World::trial();
    let taken = world.pay(ANA, BEN, 1).unwrap();
    let returned = world.pay(ANA, BEN, 2).unwrap();
    let cems = world.pay(CEM, BEN, 3).unwrap();
    let receive = world.receive(BEN, &by_key(&world, &[taken, cems])).unwrap();
    let decline = world.decline(BEN, returned).unwrap();
    Story { world, taken, receive, returned, decline, cems }
}

fn judge(story: &Story, drawn: &Drawn) -> Result<(), Stop<ActionId>> {
    let Drawn { author, kind, base, target, tag } = drawn.clone();
    let step = story.world.step(author, time(OPENED + DAY));
    let link = Link { kind, base, target, tag: &tag };
    check_link(&step, &link, &story.world, |at| Ok(month(&story.world.charter, at)))
}

fn right(story: &Story) -> Vec<Drawn> {
    let world = &story.world;
    let drawn = |author, kind, base, target| Drawn { author, kind, base, target, tag: vec![] };
    let paid_at = world.written(&story.taken).at;
    let (card, place) = (world.card(BEN), Base::Anchor(anchor(0)));
    vec![
        Drawn {
            tag: inbox_tag(paid_at).to_vec(),
            ..drawn(ANA, Kind::Inbox, Base::Action(card), story.taken)
        },
        drawn(BEN, Kind::Member, place, card),
        drawn(BEN, Kind::Card, Base::Member(BEN), card),
        drawn(BEN, Kind::Answer, Base::Action(story.taken), story.receive),
        drawn(BEN, Kind::Answer, Base::Action(story.returned), story.decline),
    ]
}

#[test]
fn links_of_each_kind_that_say_what_they_should_are_taken() {
    let story = story();
    for drawn in right(&story) {
        assert_eq!(judge(&story, &drawn), Ok(()), "{:?}", drawn.kind);
    }
    // Each payment of a receipt has its own answer.
    let answer = Drawn { base: Base::Action(story.cems), ..right(&story)[3].clone() };
    assert_eq!(judge(&story, &answer), Ok(()));
}

fn refused(story: &Story, drawn: &Drawn, part: &'static str, what: &str) {
    let kind = drawn.kind;
    assert_eq!(judge(story, drawn), Err(Refusal::Link { part }.into()), "{kind:?}: {what}");
}

#[test]
fn links_with_any_part_tampered_with_are_refused() {
    let story = story();
    let world = &story.world;
    for drawn in right(&story) {
        let tags = [vec![1], vec![0; 7], vec![0; 8], vec![0; 9], vec![0; 64], vec![0; 1_000]];
        for tag in tags {
            refused(&story, &Drawn { tag, ..drawn.clone() }, "tag", "tag");
        }
        let own = world.card(drawn.author);
        let bases = [
            Base::Action(world.card(CEM)),
            Base::Action(story.receive),
            Base::Member(CEM),
            Base::Anchor(anchor(1)),
            Base::Anchor(*own.core()),
            Base::Anchor(*drawn.author.core()),
        ];
        for base in bases {
            refused(&story, &Drawn { base, ..drawn.clone() }, "base", "base");
        }
        let foreign = Drawn { target: world.card(CEM), ..drawn.clone() };
        refused(&story, &foreign, "author", "somebody else's target");
        if drawn.kind != Kind::Card {
            let thief = Drawn { author: CEM, ..drawn.clone() };
            refused(&story, &thief, "author", "drawn by somebody else");
        }
    }
    // What lies at a member's key is that member's alone.
    let thief = Drawn { author: CEM, target: world.card(CEM), ..right(&story)[2].clone() };
    refused(&story, &thief, "base", "at somebody else's key");
}

#[test]
fn a_kind_points_to_its_own_kind_of_entry_alone() {
    let mut story = story();
    let checkpoint = story.world.checkpoint(BEN).unwrap();
    let bens = [checkpoint, story.receive, story.decline, story.world.card(BEN)];
    for drawn in right(&story).into_iter().filter(|drawn| drawn.author == BEN) {
        let fits = |target: &ActionId| match drawn.kind {
            Kind::Answer => *target == story.receive || *target == story.decline,
            _ => *target == story.world.card(BEN),
        };
        for target in bens.into_iter().filter(|target| !fits(target)) {
            refused(&story, &Drawn { target, ..drawn.clone() }, "target", "another entry");
        }
    }
    let inbox = &right(&story)[0];
    let card = Drawn { target: story.world.card(ANA), ..inbox.clone() };
    refused(&story, &card, "target", "a card in an inbox");
}

#[test]
fn an_inbox_link_carries_the_time_of_its_payment() {
    let story = story();
    let inbox = &right(&story)[0];
    let paid_at = story.world.written(&story.taken).at.micros();
    for wrong in [paid_at - 1, paid_at + 1, 0, i64::MAX, i64::MIN] {
        let tag = inbox_tag(time(wrong)).to_vec();
        refused(&story, &Drawn { tag, ..inbox.clone() }, "tag", "another time");
    }
    let other = Drawn { target: story.returned, ..inbox.clone() };
    refused(&story, &other, "tag", "another payment of the same payer");
}

#[test]
fn what_a_link_points_to_is_waited_for() {
    let story = story();
    let nobodys = ActionId::from_core([0xee; 32]);
    for drawn in right(&story) {
        let absent = Drawn { target: nobodys, ..drawn.clone() };
        assert_eq!(judge(&story, &absent), Err(Stop::Missing(nobodys)));
        // A wrong tag is refused without asking.
        let tag = vec![1];
        refused(&story, &Drawn { tag, ..absent }, "tag", "a wrong tag and no target");
    }
    let card = right(&story)[2].clone();
    let elsewhere = Drawn { base: Base::Member(CEM), target: nobodys, ..card };
    refused(&story, &elsewhere, "base", "a wrong base and no target");
}

#[test]
fn months_begin_with_the_founding_and_have_30_days() {
    let charter = charter(trial_text());
    let rows = [
        (i64::MIN, 0),
        (FOUNDED - 1, 0),
        (FOUNDED, 0),
        (FOUNDED + 30 * DAY - 1, 0),
        (FOUNDED + 30 * DAY, 1),
        (FOUNDED + 60 * DAY - 1, 1),
        (FOUNDED + 3_600 * DAY, 120),
    ];
    for (at, expected) in rows {
        assert_eq!(month(&charter, time(at)), expected, "{at}");
    }
    assert_eq!(month(&charter, time(i64::MAX)), 3_557_743);
}

#[test]
fn a_card_of_the_second_month_is_found_in_the_second_month() {
    let mut world = World::empty(trial_text());
    let card = world.write(ANA, time(FOUNDED + 30 * DAY), weir_rules::entry::Event::Open).unwrap();
    let step = world.step(ANA, time(FOUNDED + 90 * DAY));
    let judge = |asked| {
        let base = Base::Anchor(anchor(asked));
        let link = Link { kind: Kind::Member, base, target: card, tag: &[] };
        check_link(&step, &link, &world, |at| Ok(month(&world.charter, at)))
    };
    let wrong = || Err(Refusal::Link { part: "base" }.into());
    assert_eq!([judge(0), judge(1), judge(2), judge(3)], [wrong(), Ok(()), wrong(), wrong()]);
}
