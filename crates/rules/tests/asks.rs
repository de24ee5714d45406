//! L4: asks, what follows them up, and payments against them.

mod support;

use support::*;
use weir_rules::asks::{Ask, AskEntry, AskEvent, Payer};
use weir_rules::entry::{Against, Event, Memo, Pay, RequestId};
use weir_rules::ids::{ActionId, MemberKey};
use weir_rules::refusal::{Refusal, Stop};

const MONTH: i64 = 30 * DAY;
const LIFE: i64 = 400 * DAY;

/// Ben's ask to Ana, with something changed; judged a second after the world's clock.
fn asked(change: impl FnOnce(&World, &mut Ask)) -> Result<ActionId, Refusal> {
    let mut world = World::trial();
    let mut ask = world.ask_of(ANA, 100);
    change(&world, &mut ask);
    world.ask(BEN, AskEvent::Ask(ask))
}

/// When the ask of [`asked`] is written.
fn now(world: &World) -> i64 {
    world.now + SECOND
}

#[test]
fn asks_at_the_limits_are_taken() {
    let at_limits: [fn(&World, &mut Ask); 11] = [
        |_, _| {},
        |_, ask| ask.amount = None,
        |_, ask| ask.amount = Some(amount(1)),
        |_, ask| ask.amount = Some(amount((1 << 53) - 1)),
        |_, ask| ask.category = 1,
        |_, ask| ask.due = None,
        |world, ask| ask.due = Some(time(now(world))),
        |_, ask| ask.due = Some(ask.until),
        |world, ask| (ask.due, ask.until) = (None, time(now(world))),
        |world, ask| ask.until = time(now(world) + LIFE),
        |_, ask| ask.payer = None,
    ];
    for (i, change) in at_limits.into_iter().enumerate() {
        assert!(asked(change).is_ok(), "{i}: {:?}", asked(change));
    }
    for size in [112, 240] {
        assert!(asked(|_, ask| ask.memo = Some(Memo(vec![0; size]))).is_ok(), "{size}");
    }
}

#[test]
fn asks_just_past_a_limit_are_refused() {
    type Change = fn(&World, &mut Ask);
    let world = World::trial();
    let (at, until) = (now(&world), world.now + 20 * DAY);
    let latest = at + LIFE;
    let day = |day, given, from, to| Refusal::AskDay { day, given, from, to };
    let rows: Vec<(Change, Refusal)> = vec![
        (|_, ask| ask.amount = Some(amount(0)), Refusal::AmountZero {}),
        (
            |_, ask| ask.amount = Some(amount(1 << 53)),
            Refusal::AmountRange { amount: 1 << 53, max: (1 << 53) - 1 },
        ),
        (|_, ask| ask.category = 2, Refusal::CategoryUnknown { category: 2, known: 2 }),
        (
            |world, ask| (ask.due, ask.until) = (None, time(now(world) - 1)),
            day("until", at - 1, at, latest),
        ),
        (
            |world, ask| ask.until = time(now(world) + LIFE + 1),
            day("until", latest + 1, at, latest),
        ),
        (|world, ask| ask.due = Some(time(now(world) - 1)), day("due", at - 1, at, until)),
        (|_, ask| ask.due = Some(time(ask.until.micros() + 1)), day("due", until + 1, at, until)),
        (|_, ask| ask.memo = Some(Memo(vec![0; 113])), Refusal::MemoSize { bytes: 113 }),
        (
            |_, ask| (ask.payer, ask.memo) = (None, Some(Memo(vec![0; 112]))),
            Refusal::MemoSize { bytes: 112 },
        ),
        (
            |world, ask| ask.payer = Some(Payer { member: BEN, card: world.card(BEN) }),
            Refusal::SelfPayment {},
        ),
        (
            |world, ask| ask.payer = Some(Payer { member: ANA, card: world.card(CEM) }),
            Refusal::CardOfAnother {},
        ),
    ];
    for (i, (change, refusal)) in rows.into_iter().enumerate() {
        assert_eq!(asked(change), Err(refusal), "{i}");
    }
    let mut world = World::trial();
    let pay = world.pay(ANA, BEN, 1).unwrap();
    let payer = Some(Payer { member: ANA, card: pay });
    let ask = Ask { payer, ..world.ask_of(ANA, 1) };
    let refused = world.ask(BEN, AskEvent::Ask(ask));
    assert_eq!(refused, Err(Refusal::WrongEvent { wanted: "Open" }));
}

/// A world with Ben's invoice of 100 to Ana.
fn invoiced() -> (World, ActionId) {
    let mut world = World::trial();
    let ask = world.ask_of(ANA, 100);
    let id = world.ask(BEN, AskEvent::Ask(ask)).unwrap();
    (world, id)
}

#[test]
fn a_reminder_comes_three_days_later_and_from_the_asker_alone() {
    let (mut world, ask) = invoiced();
    let asked_at = world.now;
    world.now = asked_at + 3 * DAY - SECOND - 1;
    let early = Refusal::RemindEarly { from: asked_at + 3 * DAY };
    assert_eq!(world.ask(BEN, AskEvent::Remind(ask)), Err(early));
    world.now = asked_at + 3 * DAY - SECOND;
    assert!(world.ask(BEN, AskEvent::Remind(ask)).is_ok());
    for other in [ANA, CEM] {
        assert_eq!(world.ask(other, AskEvent::Remind(ask)), Err(Refusal::WrongAuthor {}));
        assert_eq!(world.ask(other, AskEvent::Withdraw(ask)), Err(Refusal::WrongAuthor {}));
    }
    assert!(world.ask(BEN, AskEvent::Withdraw(ask)).is_ok());
}

#[test]
fn the_payer_of_an_invoice_acknowledges_it_until_it_is_over() {
    let (mut world, ask) = invoiced();
    let until = world.now - SECOND + 20 * DAY;
    for other in [BEN, CEM] {
        assert_eq!(world.ask(other, AskEvent::Acknowledge(ask)), Err(Refusal::NotAsked {}));
    }
    world.now = until - SECOND;
    assert!(world.ask(ANA, AskEvent::Acknowledge(ask)).is_ok());
    world.now = until - SECOND + 1;
    assert_eq!(world.ask(ANA, AskEvent::Acknowledge(ask)), Err(Refusal::AskOver { until }));

    let mut world = World::trial();
    let standing = Ask { due: None, ..world.ask_of(ANA, 100) };
    let standing = world.ask(BEN, AskEvent::Ask(standing)).unwrap();
    assert_eq!(world.ask(ANA, AskEvent::Acknowledge(standing)), Err(Refusal::NoInvoice {}));
    // An invoice to whoever is shown it can be acknowledged by anybody but its asker.
    let open = Ask { payer: None, ..world.ask_of(ANA, 100) };
    let open = world.ask(BEN, AskEvent::Ask(open)).unwrap();
    assert!(world.ask(CEM, AskEvent::Acknowledge(open)).is_ok());
    assert_eq!(world.ask(BEN, AskEvent::Acknowledge(open)), Err(Refusal::NotAsked {}));
}

#[test]
fn only_the_payer_named_refuses_and_for_a_known_reason() {
    let (mut world, ask) = invoiced();
    let refuse = |ask, reason| AskEvent::Refuse { ask, reason };
    assert!(world.ask(ANA, refuse(ask, 4)).is_ok());
    let unknown = Refusal::ReasonUnknown { reason: 5, max: 4 };
    assert_eq!(world.ask(ANA, refuse(ask, 5)), Err(unknown));
    for other in [BEN, CEM] {
        assert_eq!(world.ask(other, refuse(ask, 0)), Err(Refusal::NotAsked {}));
    }
    let open = Ask { payer: None, ..world.ask_of(ANA, 100) };
    let open = world.ask(BEN, AskEvent::Ask(open)).unwrap();
    assert_eq!(world.ask(ANA, refuse(open, 0)), Err(Refusal::NotAsked {}));
}

#[test]
fn what_follows_up_names_an_ask() {
    let (mut world, ask) = invoiced();
    let reminder = AskEvent::Withdraw(ask);
    let follow = world.ask(BEN, reminder).unwrap();
    let card = world.card(BEN);
    let all = |id| {
        [
            AskEvent::Remind(id),
            AskEvent::Withdraw(id),
            AskEvent::Acknowledge(id),
            AskEvent::Refuse { ask: id, reason: 0 },
        ]
    };
    for event in all(follow) {
        let refused = world.ask(BEN, event.clone());
        assert_eq!(refused, Err(Refusal::WrongEvent { wanted: "Ask" }), "{event:?}");
    }
    for event in all(card) {
        assert_eq!(world.ask(BEN, event.clone()), Err(Refusal::WrongType {}), "{event:?}");
    }
    assert_eq!(AskEvent::Remind(ask).follows(), Some(ask));
    assert_eq!(AskEvent::Ask(world.ask_of(ANA, 1)).follows(), None);
}

/// A payment of `payer` to `payee` against an ask, `later` after the world's clock.
fn paid(
    world: &World,
    (payer, payee): (MemberKey, MemberKey),
    minor: i64,
    ask: ActionId,
    at: i64,
) -> Result<(), Stop<ActionId>> {
    let against = Some(Against::Ask(ask));
    let event = Event::Pay(Pay { against, ..world.pay_of(payee, minor) });
    world.judge(&world.step(payer, time(at)), &event).map(drop)
}

#[test]
fn a_payment_is_against_an_ask_of_its_payee_to_its_payer() {
    let (world, ask) = invoiced();
    let at = world.now + SECOND;
    let refused = |refusal: Refusal| Err(Stop::Refused(refusal));
    let until = world.now - SECOND + 20 * DAY;
    let to_ben = (ANA, BEN);
    assert_eq!(paid(&world, to_ben, 100, ask, at), Ok(()));
    assert_eq!(paid(&world, to_ben, 1, ask, until), Ok(()));
    let over = Refusal::MoreThanAsked { asked: 101, most: 100 };
    assert_eq!(paid(&world, to_ben, 101, ask, at), refused(over));
    assert_eq!(paid(&world, to_ben, 1, ask, until + 1), refused(Refusal::AskOver { until }));
    assert_eq!(paid(&world, (CEM, BEN), 100, ask, at), refused(Refusal::NotAsked {}));
    assert_eq!(paid(&world, (ANA, CEM), 100, ask, at), refused(Refusal::AskOfAnother {}));
    let nothing = ActionId::from_core([9; 32]);
    assert_eq!(paid(&world, to_ben, 100, nothing, at), Err(Stop::Missing(nothing)));
}

#[test]
fn an_open_ask_is_paid_by_anybody_with_any_amount() {
    let mut world = World::trial();
    let ask = Ask { payer: None, amount: None, due: None, ..world.ask_of(ANA, 1) };
    let ask = world.ask(BEN, AskEvent::Ask(ask)).unwrap();
    let at = world.now + SECOND;
    for payer in [ANA, CEM] {
        assert_eq!(paid(&world, (payer, BEN), SEED, ask, at), Ok(()));
    }
    let follow = world.ask(BEN, AskEvent::Withdraw(ask)).unwrap();
    let wrong = Refusal::WrongEvent { wanted: "Ask" };
    assert_eq!(paid(&world, (ANA, BEN), 1, follow, at + MONTH / 30), Err(wrong.into()));
}

/// Two of every kind: with everything, and with as little as can be.
fn samples() -> Vec<(&'static str, AskEvent)> {
    let id = ActionId::from_core([0x31; 32]);
    let payer = Payer { member: ANA, card: ActionId::from_core([0x32; 32]) };
    let full = Ask {
        payer: Some(payer),
        amount: Some(amount(2_450)),
        category: 3,
        due: Some(time(FOUNDED + DAY)),
        until: time(FOUNDED + 2 * DAY),
        memo: Some(Memo(vec![0x4d; 240])),
    };
    let plain =
        Ask { payer: None, amount: None, category: 0, due: None, until: full.until, memo: None };
    vec![
        ("ask", AskEvent::Ask(full)),
        ("ask_plain", AskEvent::Ask(plain)),
        ("ask_remind", AskEvent::Remind(id)),
        ("ask_withdraw", AskEvent::Withdraw(id)),
        ("ask_acknowledge", AskEvent::Acknowledge(id)),
        ("ask_refuse", AskEvent::Refuse { ask: id, reason: 2 }),
    ]
}

#[test]
fn an_ask_entry_has_one_written_form() {
    for (name, event) in samples() {
        let entry = AskEntry { request: RequestId([7; 16]), event };
        let bytes = entry.encode().unwrap();
        same_as_the_file(name, &bytes);
        assert_eq!(AskEntry::decode(&bytes), Ok(entry), "{name}");
        assert_eq!(AskEntry::decode(&[&*bytes, &[0]].concat()), Err(Refusal::Malformed {}));
        assert_eq!(AskEntry::decode(&bytes[..bytes.len() - 1]), Err(Refusal::Malformed {}));
    }
    let large = Refusal::EntryTooLarge { bytes: 513, max: 512 };
    assert_eq!(AskEntry::decode(&[0; 513]), Err(large));
    assert_eq!(AskEntry::decode(&[0; 512]), Err(Refusal::Malformed {}));
}
