//! Links say what their kind says, and each part of them is held.

mod support;

use support::*;
use weir_rules::asks::{Ask, AskEvent};
use weir_rules::entry::{Against, Event, Pay};
use weir_rules::ids::{ActionId, MemberKey};
use weir_rules::ledger::Evidence;
use weir_rules::links::{anchor, check_link, month, time_tag, Base, Kind, Link};
use weir_rules::refusal::{Refusal, Stop};

/// A link with its own tag.
#[derive(Clone, Debug)]
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
            tag: time_tag(paid_at).to_vec(),
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
        let tag = time_tag(time(wrong)).to_vec();
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
    let card = world.write(ANA, time(FOUNDED + 30 * DAY), Event::Open).unwrap();
    let step = world.step(ANA, time(FOUNDED + 90 * DAY));
    let judge = |asked| {
        let base = Base::Anchor(anchor(asked));
        let link = Link { kind: Kind::Member, base, target: card, tag: &[] };
        check_link(&step, &link, &world, |at| Ok(month(&world.charter, at)))
    };
    let wrong = || Err(Refusal::Link { part: "base" }.into());
    assert_eq!([judge(0), judge(1), judge(2), judge(3)], [wrong(), Ok(()), wrong(), wrong()]);
}

/// Ben has asked Ana; she has acknowledged that and paid it. Cem has asked Ana as well.
struct Asked {
    world: World,
    ask: ActionId,
    acknowledged: ActionId,
    paid: ActionId,
    cems: ActionId,
    cems_pay: ActionId,
}

fn asked() -> Asked {
    let mut world = World::trial();
    let of_ana = AskEvent::Ask(world.ask_of(ANA, 100));
    let ask = world.ask(BEN, of_ana.clone()).unwrap();
    let acknowledged = world.ask(ANA, AskEvent::Acknowledge(ask)).unwrap();
    let against = Some(Against::Ask(ask));
    let pay = Pay { against, ..world.pay_of(BEN, 100) };
    let paid = world.next(ANA, Event::Pay(pay)).unwrap();
    let cems = world.ask(CEM, of_ana).unwrap();
    let cems_pay = world.pay(CEM, BEN, 1).unwrap();
    Asked { world, ask, acknowledged, paid, cems, cems_pay }
}

fn right_of_asks(story: &Asked) -> Vec<Drawn> {
    let Asked { world, ask, acknowledged, paid, .. } = story;
    let AskEvent::Ask(of_ana) = world.asked(ask).unwrap().event else { panic!("an ask") };
    let tag = time_tag(of_ana.until).to_vec();
    let base = Base::Action(world.card(ANA));
    let at_ask = Base::Action(*ask);
    let drawn = |kind, target| Drawn { author: ANA, kind, base: at_ask, target, tag: vec![] };
    vec![
        Drawn { author: BEN, kind: Kind::Asked, base, target: *ask, tag },
        drawn(Kind::Follow, *acknowledged),
        drawn(Kind::PaidFor, *paid),
    ]
}

fn judge_asked(story: &Asked, drawn: &Drawn) -> Result<(), Stop<ActionId>> {
    let Drawn { author, kind, base, target, tag } = drawn.clone();
    let step = story.world.step(author, time(OPENED + DAY));
    let link = Link { kind, base, target, tag: &tag };
    check_link(&step, &link, &story.world, |at| Ok(month(&story.world.charter, at)))
}

#[test]
fn links_of_asks_say_what_their_kind_says() {
    let story = asked();
    let wrong = |drawn: &Drawn, part| {
        assert_eq!(judge_asked(&story, drawn), Err(Refusal::Link { part }.into()), "{drawn:?}");
    };
    for drawn in right_of_asks(&story) {
        assert_eq!(judge_asked(&story, &drawn), Ok(()), "{:?}", drawn.kind);
        for tag in [vec![1], vec![0; 7], vec![0; 8], vec![0; 9], vec![0; 1_000]] {
            wrong(&Drawn { tag, ..drawn.clone() }, "tag");
        }
        let bases = [
            Base::Action(story.world.card(CEM)),
            Base::Action(story.cems),
            Base::Member(ANA),
            Base::Anchor(anchor(0)),
        ];
        for base in bases {
            wrong(&Drawn { base, ..drawn.clone() }, "base");
        }
        wrong(&Drawn { author: CEM, ..drawn.clone() }, "author");
        let nobodys = ActionId::from_core([0xee; 32]);
        let absent = Drawn { target: nobodys, ..drawn };
        assert_eq!(judge_asked(&story, &absent), Err(Stop::Missing(nobodys)));
    }
}

#[test]
fn a_link_of_an_ask_points_to_its_own_kind_of_entry_alone() {
    let story = asked();
    let [asked, follow, paid]: [Drawn; 3] = right_of_asks(&story).try_into().unwrap();
    let judged = |drawn: &Drawn, target| {
        judge_asked(&story, &Drawn { target, ..drawn.clone() }).map_err(|stop| match stop {
            Stop::Refused(refusal) => refusal,
            Stop::Missing(id) => panic!("{id:?} is missing"),
        })
    };
    let link = |part| Err(Refusal::Link { part });
    // An entry of another type is refused before its author is looked at.
    assert_eq!(judged(&asked, story.paid), Err(Refusal::WrongType {}));
    assert_eq!(judged(&follow, story.paid), Err(Refusal::WrongType {}));
    assert_eq!(judged(&paid, story.acknowledged), Err(Refusal::WrongType {}));
    assert_eq!(judged(&paid, story.world.card(ANA)), link("target"));
    assert_eq!(judged(&asked, story.cems), link("author"));
    let anas = |drawn: &Drawn| Drawn { author: ANA, ..drawn.clone() };
    assert_eq!(judged(&anas(&asked), story.acknowledged), link("target"));
    // An ask follows nothing up, and a payment for nothing is for no ask.
    let bens = Drawn { author: BEN, ..follow };
    assert_eq!(judged(&bens, story.ask), link("base"));
    let cems = Drawn { author: CEM, ..paid };
    assert_eq!(judged(&cems, story.cems_pay), link("base"));
    // What is asked of nobody lies at nobody's card.
    let mut open = story;
    let ask = Ask { payer: None, ..open.world.ask_of(ANA, 1) };
    let target = open.world.ask(BEN, AskEvent::Ask(ask.clone())).unwrap();
    let tag = time_tag(ask.until).to_vec();
    let wrong = Err(Refusal::Link { part: "base" }.into());
    assert_eq!(judge_asked(&open, &Drawn { target, tag, ..asked }), wrong);
}
