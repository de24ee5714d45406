//! Which rule speaks first, what each part of an event is held by, and what is asked for when.

mod support;

use support::*;
use weir_rules::entry::{
    Against, Decline, Event, Loan, Loss, Memo, Params, Pay, Pledge, Receive, State,
};
use weir_rules::ids::ActionId;
use weir_rules::ledger::{check_stated, Step};
use weir_rules::refusal::{Refusal, Stop};
use weir_rules::window::{Key, OpenPay, Window};

/// A step and an event, in a world.
struct Attempt {
    world: World,
    step: Step,
    event: Event,
}

/// Mends one fault.
type Mend = fn(&mut Attempt);

/// Everything is wrong at first; each refusal is mended, and the next one speaks.
fn refused_in_turn(mut attempt: Attempt, turns: Vec<(Refusal, Mend)>) {
    for (refusal, mend) in turns {
        let said = attempt.world.judge(&attempt.step, &attempt.event).unwrap_err();
        assert_eq!(said, Stop::Refused(refusal));
        mend(&mut attempt);
    }
    let said = attempt.world.judge(&attempt.step, &attempt.event);
    assert!(said.is_ok(), "{said:?}");
}

fn pay(attempt: &mut Attempt) -> &mut Pay {
    match &mut attempt.event {
        Event::Pay(pay) => pay,
        other => panic!("{other:?} is no payment"),
    }
}

fn pays(attempt: &mut Attempt) -> &mut Vec<ActionId> {
    match &mut attempt.event {
        Event::Receive(receive) => &mut receive.pays,
        other => panic!("{other:?} is no receipt"),
    }
}

fn leave_out_the_first(attempt: &mut Attempt) {
    pays(attempt).remove(0);
}

/// The entry before is later, and 63 of Ana's payments are on their way besides the last one.
fn crowded() -> World {
    let mut world = World::village(fee_text(10));
    for _ in 0..64 {
        world.pay(ANA, BEN, 1).unwrap();
    }
    world
}

#[test]
fn a_payment_with_every_fault_is_refused_in_the_order_of_the_rules() {
    let world = crowded();
    let nobodys = OpenPay::of(&ActionId::from_core([9; 32]), 7);
    let event = Event::Pay(Pay {
        payee: ANA,
        card: world.card(CEM),
        amount: amount(0),
        fee: amount(77),
        category: 9,
        memo: Some(Memo(vec![])),
        against: None,
        forget: Some(nobodys),
    });
    let step = Step { stated: time(FOUNDED - 1), ..world.step(ANA, time(OPENED)) };
    let attempt = Attempt { world, step, event };
    let turns: Vec<(Refusal, Mend)> = vec![
        (Refusal::BeforeFounding { founded: FOUNDED }, |a| a.step.stated = time(FOUNDED)),
        (
            Refusal::TimeStated { stated: FOUNDED, at: OPENED },
            // Still an hour before the entry before.
            |a| (a.step.at, a.step.stated) = (time(OPENED), time(OPENED)),
        ),
        (Refusal::AmountZero {}, |a| pay(a).amount = amount(1_000_000)),
        (Refusal::SelfPayment {}, |a| pay(a).payee = BEN),
        (Refusal::CategoryUnknown { category: 9, known: 2 }, |a| pay(a).category = 0),
        (Refusal::MemoSize { bytes: 0 }, |a| pay(a).memo = None),
        (Refusal::Fee { stated: 77, due: 1_000 }, |a| pay(a).fee = amount(1_000)),
        (Refusal::TimeBackwards {}, |a| (a.step.at, a.step.stated) = (time(T), time(T))),
        (Refusal::NotOpen {}, |a| pay(a).forget = None),
        (Refusal::OpenFull { open: 64, max: 64 }, |a| {
            pay(a).forget = Some(a.world.open_name(&a.world.ledger(ANA)[64].clone()))
        }),
        (
            Refusal::SpendOverLine { asked: 1_000_000, most: 9_862, balance: -128, line: SEED },
            |a| (pay(a).amount, pay(a).fee) = (amount(1_000), amount(1)),
        ),
        (Refusal::CardOfAnother {}, |a| pay(a).card = a.world.card(BEN)),
    ];
    refused_in_turn(attempt, turns);
}

/// Later than anything else in these stories, and later than payments live.
const T: i64 = OPENED + 40 * DAY;
/// While payments live.
const SOON: i64 = OPENED + DAY;

#[test]
fn a_receipt_with_every_fault_is_refused_in_the_order_of_the_rules() {
    let mut world = World::trial();
    let mut paid = |payee, at: i64| {
        let pay = world.pay_of(payee, 1);
        world.write(ANA, time(at), Event::Pay(pay)).unwrap()
    };
    let expired = paid(BEN, T - 31 * DAY);
    let others = paid(CEM, T);
    let first = paid(BEN, T + 1);
    let second = paid(BEN, T + 2);
    let early = paid(BEN, T + 3 * HOUR);
    let taken = first;
    world.write(BEN, time(T), decline_of(taken)).unwrap();
    let named = vec![others, early, expired, taken, second, second];
    let event =
        Event::Receive(Receive { pays: [named, vec![second; 11]].concat(), witnesses: vec![] });
    let step = Step { stated: time(T - 1), ..world.step(BEN, time(T - 1)) };
    let attempt = Attempt { world, step, event };
    let turns: Vec<(Refusal, Mend)> = vec![
        (Refusal::TooMany { count: 17, max: 16 }, |a| pays(a).truncate(6)),
        (Refusal::TimeBackwards {}, |a| (a.step.at, a.step.stated) = (time(T), time(T))),
        (Refusal::NotYours {}, leave_out_the_first),
        (Refusal::FromTheFuture { at: T + 3 * HOUR, latest: T + 2 * HOUR }, leave_out_the_first),
        (Refusal::Expired { expired: T - DAY }, leave_out_the_first),
        (Refusal::AlreadyAnswered {}, leave_out_the_first),
        (Refusal::NotAscending {}, leave_out_the_first),
    ];
    refused_in_turn(attempt, turns);
}

#[test]
fn a_reclaim_with_every_fault_is_refused_in_the_order_of_the_rules() {
    let mut world = World::trial();
    let mine = world.pay(ANA, BEN, 1).unwrap();
    let open = world.pay(ANA, BEN, 2).unwrap();
    let others = world.pay(CEM, BEN, 3).unwrap();
    let first = world.decline(BEN, mine).unwrap();
    let second = world.decline(BEN, open).unwrap();
    world.reclaim(ANA, mine, first).unwrap();
    let card = world.card(ANA);
    let said = |pay, decline| {
        world.judge(&world.step(ANA, time(T)), &reclaim_of(pay, decline)).map(|_| ())
    };
    assert_eq!(said(card, card), Err(Refusal::WrongEvent { wanted: "Pay" }.into()));
    assert_eq!(said(others, card), Err(Refusal::WrongAuthor {}.into()));
    assert_eq!(said(mine, card), Err(Refusal::NotOpen {}.into()));
    assert_eq!(said(open, card), Err(Refusal::WrongEvent { wanted: "Decline" }.into()));
    assert_eq!(said(open, first), Err(Refusal::NotDeclined {}.into()));
    assert_eq!(said(open, second), Ok(()));
}

#[test]
fn what_is_not_here_yet_is_asked_for_and_never_refused() {
    let mut world = World::trial();
    let nobodys = ActionId::from_core([0xee; 32]);
    let pay = world.pay(ANA, BEN, 1).unwrap();
    let second = world.pay(ANA, BEN, 1).unwrap();
    let no_card = Event::Pay(Pay { card: nobodys, ..world.pay_of(BEN, 1) });
    let cases = [
        (ANA, no_card, "the card"),
        (BEN, receive_of(&[nobodys]), "the payment"),
        (BEN, receive_of(&[pay, nobodys]), "the second payment"),
        (BEN, decline_of(nobodys), "the payment to send back"),
        (ANA, reclaim_of(nobodys, pay), "the payment to reclaim"),
        (ANA, reclaim_of(pay, nobodys), "the decline"),
        (ANA, reclaim_of(second, nobodys), "the decline of the payment just before"),
    ];
    for (author, event, what) in cases {
        let step = world.step(author, time(SOON));
        assert_eq!(world.judge(&step, &event), Err(Stop::Missing(nobodys)), "{what}");
    }
}

#[test]
fn what_can_be_refused_is_refused_before_anything_is_asked_for() {
    let mut world = crowded();
    let nobodys = ActionId::from_core([0xee; 32]);
    let absent = |pay: Pay| Event::Pay(Pay { card: nobodys, ..pay });
    let mine = world.ledger(ANA)[1];
    let incoming = world.pay(BEN, CEM, 1).unwrap();
    world.receive(CEM, &[incoming]).unwrap();
    let foreign = world.pay(BEN, CEM, 1).unwrap();
    let cases = [
        (ANA, absent(world.pay_of(BEN, 1)), Refusal::OpenFull { open: 64, max: 64 }),
        (
            BEN,
            absent(world.pay_of(ANA, 99_999)),
            Refusal::SpendOverLine { asked: 99_999, most: 9_986, balance: -4, line: SEED },
        ),
        (CEM, receive_of(&[incoming, nobodys]), Refusal::AlreadyAnswered {}),
        (CEM, receive_of(&[mine, nobodys]), Refusal::NotYours {}),
        (CEM, receive_of(&[foreign, foreign, nobodys]), Refusal::NotAscending {}),
        (CEM, reclaim_of(foreign, nobodys), Refusal::WrongAuthor {}),
        (CEM, reclaim_of(world.card(CEM), nobodys), Refusal::WrongEvent { wanted: "Pay" }),
        (CEM, Event::Open, Refusal::OpenTwice {}),
    ];
    for (author, event, refusal) in cases {
        let step = world.step(author, time(SOON));
        assert_eq!(world.judge(&step, &event), Err(Stop::Refused(refusal)), "{event:?}");
    }
}

/// Ana's payment of 1,000 to Ben with a fee of 1, one part of it changed.
fn tampered_pay(change: fn(&World, &mut Pay)) -> Result<State, Stop<ActionId>> {
    let world = World::village(fee_text(10));
    let mut pay = world.pay_of(BEN, 1_000);
    change(&world, &mut pay);
    world.judge(&world.step(ANA, time(T)), &Event::Pay(pay))
}

#[test]
fn every_part_of_a_payment_is_held_by_a_rule() {
    let base = Pay {
        payee: BEN,
        card: World::trial().card(BEN),
        amount: amount(1_000),
        fee: amount(1),
        category: 0,
        memo: None,
        against: None,
        forget: None,
    };
    // A part that is added later stands in this pattern, and then needs a row below.
    let Pay { payee: _, card: _, amount: _, fee: _, category: _, memo: _, against: _, forget: _ } =
        base;
    type Change = fn(&World, &mut Pay);
    let rows: [(Change, Refusal); 10] = [
        (|world, pay| pay.against = Some(Against::Ask(world.card(BEN))), Refusal::WrongType {}),
        (|_, pay| pay.payee = CEM, Refusal::CardOfAnother {}),
        (|_, pay| pay.payee = ANA, Refusal::SelfPayment {}),
        (|world, pay| pay.card = world.card(CEM), Refusal::CardOfAnother {}),
        (|_, pay| pay.amount = amount(1_001), Refusal::Fee { stated: 1, due: 2 }),
        (
            |_, pay| pay.amount = amount(-1_000),
            Refusal::AmountRange { amount: -1_000, max: 9_007_199_254_740_991 },
        ),
        (|_, pay| pay.fee = amount(0), Refusal::Fee { stated: 0, due: 1 }),
        (|_, pay| pay.category = 255, Refusal::CategoryUnknown { category: 255, known: 2 }),
        (|_, pay| pay.memo = Some(Memo(vec![0; 113])), Refusal::MemoSize { bytes: 113 }),
        (|world, pay| pay.forget = Some(OpenPay::of(&world.card(ANA), 0)), Refusal::NotOpen {}),
    ];
    assert!(tampered_pay(|_, _| {}).is_ok());
    for (change, refusal) in rows {
        assert_eq!(tampered_pay(change), Err(refusal.into()));
    }
}

#[test]
fn every_part_of_an_answer_is_held_by_a_rule() {
    let mut world = World::trial();
    let pay = world.pay(ANA, BEN, 1).unwrap();
    let to_cem = world.pay(ANA, CEM, 1).unwrap();
    let decline = |pay, reason| {
        let event = Event::Decline(Decline { pay, reason });
        world.judge(&world.step(BEN, time(T)), &event).map(|_| ())
    };
    assert_eq!(decline(pay, 4), Ok(()));
    assert_eq!(decline(to_cem, 4), Err(Refusal::NotYours {}.into()));
    assert_eq!(decline(pay, 5), Err(Refusal::ReasonUnknown { reason: 5, max: 4 }.into()));
    assert_eq!(decline(pay, 255), Err(Refusal::ReasonUnknown { reason: 255, max: 4 }.into()));
    let answer = world.decline(BEN, pay).unwrap();
    let other = world.decline(CEM, to_cem).unwrap();
    let reclaim = |pay, decline| {
        world.judge(&world.step(ANA, time(T)), &reclaim_of(pay, decline)).map(|_| ())
    };
    assert_eq!(reclaim(pay, answer), Ok(()));
    assert_eq!(reclaim(pay, other), Err(Refusal::NotDeclined {}.into()));
    assert_eq!(reclaim(to_cem, answer), Err(Refusal::NotDeclined {}.into()));
}

/// Changes one part of an account.
type Lie = fn(&mut State);

/// One lie for each part of the account, by its name.
fn lies() -> Vec<(&'static str, Lie)> {
    fn id() -> ActionId {
        ActionId::from_core([5; 32])
    }
    fn pay() -> OpenPay {
        OpenPay::of(&id(), 3)
    }
    vec![
        ("version", |s| s.version = 2),
        ("seq", |s| s.seq += 1),
        ("prev", |s| s.prev = None),
        ("at", |s| s.at = time(s.at.micros() + 1)),
        ("params", |s| s.params = Params::At(id())),
        ("seed", |s| s.seed = amount(SEED + 1)),
        ("balance", |s| s.balance = amount(1)),
        ("committed", |s| s.committed = amount(-1)),
        ("cum_in", |s| s.cum_in = amount(1)),
        ("cum_out", |s| s.cum_out = amount(-1)),
        ("reclaimed", |s| s.reclaimed = amount(1)),
        ("fees", |s| s.fees = amount(-1)),
        ("levies", |s| s.levies = amount(-1)),
        ("granted", |s| s.granted = amount(1)),
        ("absorbed", |s| s.absorbed = amount(-1)),
        ("area", |s| s.area += 1),
        ("wm", |s| s.wm = Key::of(&id(), time(1))),
        ("recent", |s| {
            let mut window = Window::empty();
            window.remember(&[Key::of(&id(), time(T))], 64);
            s.recent = window.recent;
        }),
        ("open", |s| s.open.add(pay()).unwrap()),
        ("line", |s| s.line = Some(id())),
        ("loans", |s| {
            s.loans.push(Loan {
                offer: id(),
                principal: amount(1),
                paid: amount(0),
                fee_paid: amount(0),
                next_due: time(0),
                next_amount: amount(0),
                last_paid: time(0),
            })
        }),
        ("pledges", |s| s.pledges.push(Pledge { seq: 0, left: amount(-1) })),
        ("losses", |s| {
            s.losses.push(Loss { cause: id(), seq: 0, share: amount(1), taken: amount(0) })
        }),
        ("stated", |s| s.stated.at = time(0)),
        ("stated", |s| s.stated.hash = Some(id())),
        ("unpaged", |s| s.unpaged += 1),
    ]
}

#[test]
fn every_part_of_the_account_stated_must_be_the_computed_one() {
    let mut world = World::trial();
    world.checkpoint(ANA).unwrap();
    let computed = world.state(ANA);
    assert_eq!(check_stated(computed, computed), Ok(()));
    for (field, lie) in lies() {
        let mut stated = computed.clone();
        lie(&mut stated);
        assert_eq!(check_stated(&stated, computed), Err(Refusal::StateMismatch { field }));
    }
}

#[test]
fn of_several_lies_the_first_in_the_account_is_named() {
    let mut world = World::trial();
    world.checkpoint(ANA).unwrap();
    let computed = world.state(ANA);
    let mut stated = computed.clone();
    for (field, lie) in lies().into_iter().rev() {
        lie(&mut stated);
        assert_eq!(check_stated(&stated, computed), Err(Refusal::StateMismatch { field }));
    }
}

#[test]
fn a_lie_in_the_account_before_is_not_repaired_by_the_entry_after() {
    let mut world = World::trial();
    world.amend(ANA, |state| state.cum_in = amount(1));
    let refusal = Refusal::StateMismatch { field: "balance" };
    assert_eq!(world.checkpoint(ANA), Err(refusal));
}
