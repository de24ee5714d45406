//! Each rule of the ledger at its boundary: what is just taken, and what is refused just past it,
//! with its exact code and numbers.

mod support;

use std::collections::BTreeSet;
use support::*;
use weir_rules::charter::CharterText;
use weir_rules::entry::{Decline, Event, Memo, Pay, Receive, Witness};
use weir_rules::ids::{ActionId, MemberKey, Signature};
use weir_rules::ledger::Step;
use weir_rules::refusal::Refusal;
use weir_rules::window::{Key, OpenPay};
use weir_units::Amount;

type Outcome = Result<ActionId, Refusal>;

/// One rule: a story that it takes, one that it refuses, and how it refuses.
struct Row {
    name: &'static str,
    taken: fn() -> Outcome,
    refused: fn() -> Outcome,
    refusal: Refusal,
}

fn hold(rows: Vec<Row>) {
    for Row { name, taken, refused, refusal } in rows {
        assert!((taken)().is_ok(), "{name}: {:?}", (taken)());
        assert_eq!((refused)(), Err(refusal), "{name}");
    }
}

/// Ana pays Ben 1,000 with 1 of fee, changed; she has all the money in the world.
fn pay_but(change: fn(&mut Pay)) -> Outcome {
    let text = CharterText { amount_min: 5, ..fee_text(10) };
    let mut world = World::village(text);
    world.enrich(ANA, 4 * PAYMENT_MAX);
    let mut pay = world.pay_of(BEN, 1_000);
    change(&mut pay);
    world.next(ANA, Event::Pay(pay))
}

const PAYMENT_MAX: i64 = Amount::PAYMENT_MAX.minor();

/// Ana pays Ben this much with the fee due.
fn pay_much(minor: i64) -> Outcome {
    let mut world = World::village(CharterText { amount_min: 5, ..fee_text(10) });
    world.enrich(ANA, 4 * PAYMENT_MAX);
    world.pay(ANA, BEN, minor)
}

/// Ana writes a checkpoint an hour after her card, her clock and the one stated apart.
fn checkpoint_at(at: i64, stated: i64) -> Outcome {
    let mut world = World::trial();
    let step = Step { stated: time(stated), ..world.step(ANA, time(at)) };
    world.take(&step, Event::Checkpoint)
}

fn times() -> Vec<Row> {
    let later = OPENED + HOUR;
    vec![
        Row {
            name: "nothing is dated before the founding",
            taken: || World::empty(trial_text()).write(ANA, time(FOUNDED), Event::Open),
            refused: || World::empty(trial_text()).write(ANA, time(FOUNDED - 1), Event::Open),
            refusal: Refusal::BeforeFounding { founded: FOUNDED },
        },
        Row {
            name: "an entry is stated at most ten minutes before its action",
            taken: || checkpoint_at(OPENED + HOUR, OPENED + 50 * MINUTE),
            refused: || checkpoint_at(OPENED + HOUR, OPENED + 50 * MINUTE - 1),
            refusal: Refusal::TimeStated { stated: OPENED + 50 * MINUTE - 1, at: later },
        },
        Row {
            name: "an entry is not stated after its action",
            taken: || checkpoint_at(OPENED + HOUR, OPENED + HOUR),
            refused: || checkpoint_at(OPENED + HOUR, OPENED + HOUR + 1),
            refusal: Refusal::TimeStated { stated: later + 1, at: later },
        },
        Row {
            name: "times at the ends of their range refuse and do not wrap",
            taken: || checkpoint_at(i64::MAX, i64::MAX),
            refused: || checkpoint_at(i64::MAX, OPENED),
            refusal: Refusal::TimeStated { stated: OPENED, at: i64::MAX },
        },
        Row {
            name: "a time long before the founding is refused",
            taken: || checkpoint_at(OPENED, OPENED),
            refused: || checkpoint_at(i64::MIN, i64::MIN),
            refusal: Refusal::BeforeFounding { founded: FOUNDED },
        },
        Row {
            name: "an entry is not stated before the entry before; equal times are legal",
            taken: || checkpoint_at(OPENED, OPENED),
            refused: || checkpoint_at(OPENED, OPENED - 1),
            refusal: Refusal::TimeBackwards {},
        },
    ]
}

/// A founding charter, opened by a key at a place of its chain.
fn open_founding(key: MemberKey) -> Outcome {
    let text = CharterText {
        trial: false,
        founders: vec![FOUNDER.into()],
        founder_grant: 2 * SEED,
        ..trial_text()
    };
    World::empty(text).write(key, time(OPENED), Event::Open)
}

fn open_at_place(action_seq: u32) -> Outcome {
    let mut world = World::empty(trial_text());
    let step = Step { action_seq, ..world.step(ANA, time(OPENED)) };
    world.take(&step, Event::Open)
}

fn founder() -> MemberKey {
    MemberKey::from_text(FOUNDER).expect("the founder's key is a key")
}

fn opening() -> Vec<Row> {
    vec![
        Row {
            name: "the first entry is the card",
            taken: || World::empty(trial_text()).next(ANA, Event::Open),
            refused: || World::empty(trial_text()).next(ANA, Event::Checkpoint),
            refusal: Refusal::OpenFirst {},
        },
        Row {
            name: "there is one card",
            taken: || World::trial().next(ANA, Event::Checkpoint),
            refused: || World::trial().next(ANA, Event::Open),
            refusal: Refusal::OpenTwice {},
        },
        Row {
            name: "the card stands near the start of the chain",
            taken: || open_at_place(1_024),
            refused: || open_at_place(1_025),
            refusal: Refusal::OpenTooLate { max: 1_024 },
        },
        Row {
            name: "only who is admitted opens an account",
            taken: || open_founding(founder()),
            refused: || open_founding(ANA),
            refusal: Refusal::NotAdmitted {},
        },
    ]
}

fn amounts() -> Vec<Row> {
    let range = |amount| Refusal::AmountRange { amount, max: PAYMENT_MAX };
    vec![
        Row {
            name: "nothing is no payment",
            taken: || pay_much(5),
            refused: || pay_much(0),
            refusal: Refusal::AmountZero {},
        },
        Row {
            name: "the smallest payment is the charter's",
            taken: || pay_much(5),
            refused: || pay_much(4),
            refusal: Refusal::AmountTooSmall { amount: 4, min: 5 },
        },
        Row {
            name: "the largest payment is 2^53 - 1",
            taken: || pay_much(PAYMENT_MAX),
            refused: || pay_much(PAYMENT_MAX + 1),
            refusal: range(PAYMENT_MAX + 1),
        },
        Row {
            name: "nobody pays less than nothing",
            taken: || pay_much(5),
            refused: || pay_much(-1),
            refusal: range(-1),
        },
        Row {
            name: "the smallest integer is refused",
            taken: || pay_much(5),
            refused: || pay_much(i64::MIN),
            refusal: range(i64::MIN),
        },
        Row {
            name: "the largest integer is refused",
            taken: || pay_much(5),
            refused: || pay_much(i64::MAX),
            refusal: range(i64::MAX),
        },
    ]
}

fn details() -> Vec<Row> {
    fn memo(bytes: usize) -> Option<Memo> {
        Some(Memo(vec![7; bytes]))
    }
    fn no_note(bytes: usize) -> Refusal {
        Refusal::MemoSize { bytes }
    }
    let fee = |stated| Refusal::Fee { stated, due: 1 };
    let row = |name, taken, refused, refusal| Row { name, taken, refused, refusal };
    let fine: fn() -> Outcome = || pay_but(|_| {});
    let short: fn() -> Outcome = || pay_but(|pay| pay.memo = memo(112));
    let long: fn() -> Outcome = || pay_but(|pay| pay.memo = memo(240));
    let self_paid: fn() -> Outcome = || pay_but(|pay| pay.payee = ANA);
    vec![
        row("nobody pays themselves", fine, self_paid, Refusal::SelfPayment {}),
        row(
            "a category is one of the charter's",
            || pay_but(|pay| pay.category = 1),
            || pay_but(|pay| pay.category = 2),
            Refusal::CategoryUnknown { category: 2, known: 2 },
        ),
        row("an empty note", short, || pay_but(|pay| pay.memo = memo(0)), no_note(0)),
        row("a note below", short, || pay_but(|pay| pay.memo = memo(111)), no_note(111)),
        row("a note above", short, || pay_but(|pay| pay.memo = memo(113)), no_note(113)),
        row("a long note below", long, || pay_but(|pay| pay.memo = memo(239)), no_note(239)),
        row("a long note above", long, || pay_but(|pay| pay.memo = memo(241)), no_note(241)),
        row("too low a fee", fine, || pay_but(|pay| pay.fee = amount(0)), fee(0)),
        row("too high a fee", fine, || pay_but(|pay| pay.fee = amount(2)), fee(2)),
        row("a negative fee", fine, || pay_but(|pay| pay.fee = amount(-1)), fee(-1)),
        row(
            "the fee is rounded up",
            || pay_but(|pay| (pay.amount, pay.fee) = (amount(1_001), amount(2))),
            || pay_but(|pay| (pay.amount, pay.fee) = (amount(1_001), amount(1))),
            Refusal::Fee { stated: 1, due: 2 },
        ),
    ]
}

fn cards() -> Vec<Row> {
    vec![
        Row {
            name: "the card is the payee's own",
            taken: || World::trial().pay(ANA, BEN, 10),
            refused: || {
                let mut world = World::trial();
                let card = world.card(CEM);
                let pay = Pay { card, ..world.pay_of(BEN, 10) };
                world.next(ANA, Event::Pay(pay))
            },
            refusal: Refusal::CardOfAnother {},
        },
        Row {
            name: "the card is a card",
            taken: || World::trial().pay(ANA, BEN, 10),
            refused: || {
                let mut world = World::trial();
                let card = world.checkpoint(BEN)?;
                let pay = Pay { card, ..world.pay_of(BEN, 10) };
                world.next(ANA, Event::Pay(pay))
            },
            refusal: Refusal::WrongEvent { wanted: "Open" },
        },
    ]
}

fn pay_from(text: CharterText, minor: i64) -> Outcome {
    World::village(text).pay(ANA, BEN, minor)
}

/// When founders' grants end.
const GRANT_ENDS: i64 = FOUNDED + 180 * DAY;

/// A founder pays from the grant, at this time.
fn founder_pays(minor: i64, at: i64, stated: i64) -> Outcome {
    let text = CharterText {
        trial: false,
        founders: vec![FOUNDER.into(), SECOND_FOUNDER.into()],
        founder_grant: 6 * SEED,
        ..trial_text()
    };
    let mut world = World::empty(text);
    let second = MemberKey::from_text(SECOND_FOUNDER).expect("a key");
    world.write(founder(), time(OPENED), Event::Open)?;
    world.write(second, time(OPENED), Event::Open)?;
    // Their month was closed in time.
    world.amend(founder(), |state| state.stated.at = time(stated));
    let pay = world.pay_of(second, minor);
    let step = Step { stated: time(stated), ..world.step(founder(), time(at)) };
    world.take(&step, Event::Pay(pay))
}

const SECOND_FOUNDER: &str = "uhCAkAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQF-z86-";

fn spending() -> Vec<Row> {
    let over = |asked, most, balance, line| Refusal::SpendOverLine { asked, most, balance, line };
    vec![
        Row {
            name: "spending exactly to the line",
            taken: || pay_from(trial_text(), SEED),
            refused: || pay_from(trial_text(), SEED + 1),
            refusal: over(SEED + 1, SEED, 0, SEED),
        },
        Row {
            name: "the fee makes the difference",
            taken: || pay_from(fee_text(10), 9_990),
            refused: || pay_from(fee_text(10), 9_991),
            refusal: over(9_991, 9_990, 0, SEED),
        },
        Row {
            name: "what came in can be spent on top",
            taken: || {
                let mut world = World::trial();
                world.enrich(ANA, 500);
                world.pay(ANA, BEN, SEED + 500)
            },
            refused: || {
                let mut world = World::trial();
                world.enrich(ANA, 500);
                world.pay(ANA, BEN, SEED + 501)
            },
            refusal: over(SEED + 501, SEED + 500, 500, SEED),
        },
        Row {
            name: "what pledges lock is not spent",
            taken: || {
                let mut world = World::trial();
                world.amend(ANA, |state| state.committed = amount(400));
                world.pay(ANA, BEN, SEED - 400)
            },
            refused: || {
                let mut world = World::trial();
                world.amend(ANA, |state| state.committed = amount(400));
                world.pay(ANA, BEN, SEED - 399)
            },
            refusal: over(SEED - 399, SEED - 400, 0, SEED),
        },
        Row {
            name: "a line below the smallest payment leaves nothing to spend",
            taken: || pay_from(CharterText { amount_min: SEED, ..trial_text() }, SEED),
            refused: || {
                let text = CharterText { seed: 9, amount_min: 10, ..trial_text() };
                pay_from(text, 10)
            },
            refusal: over(10, 0, 0, 9),
        },
        Row {
            name: "a founder's grant ends with the founding",
            taken: || founder_pays(7 * SEED, GRANT_ENDS - 1, GRANT_ENDS - 1),
            refused: || founder_pays(7 * SEED, GRANT_ENDS, GRANT_ENDS - 1),
            refusal: over(7 * SEED, SEED, 0, SEED),
        },
    ]
}

/// Ana has this many payments on their way besides the one just made, and pays once more.
fn pay_with_open(others: usize, forget_one: bool) -> Outcome {
    let mut world = World::trial();
    let mut first = None;
    for _ in 0..=others {
        let pay = world.pay(ANA, BEN, 1)?;
        first = first.or(Some(pay));
    }
    let forget = first.filter(|_| forget_one).map(|id| world.open_name(&id));
    let pay = Pay { forget, ..world.pay_of(BEN, 1) };
    world.next(ANA, Event::Pay(pay))
}

fn open_list() -> Vec<Row> {
    let full = || Refusal::OpenFull { open: 64, max: 64 };
    vec![
        Row {
            name: "63 payments on their way leave room for one",
            taken: || pay_with_open(62, false),
            refused: || pay_with_open(63, false),
            refusal: full(),
        },
        Row {
            name: "a forgotten payment gives its place",
            taken: || pay_with_open(63, true),
            refused: || pay_with_open(63, false),
            refusal: full(),
        },
        Row {
            name: "only a payment that is open is forgotten",
            taken: || pay_with_open(0, true),
            refused: || {
                let mut world = World::trial();
                let pay = world.pay(CEM, BEN, 1)?;
                let forget = Some(world.open_name(&pay));
                let pay = Pay { forget, ..world.pay_of(BEN, 1) };
                world.next(ANA, Event::Pay(pay))
            },
            refusal: Refusal::NotOpen {},
        },
        Row {
            name: "a payment is forgotten once",
            taken: || pay_with_open(1, true),
            refused: || {
                let mut world = World::trial();
                let first = world.pay(ANA, BEN, 1)?;
                let forget = Some(world.open_name(&first));
                let pay = Pay { forget, ..world.pay_of(BEN, 1) };
                world.next(ANA, Event::Pay(pay.clone()))?;
                world.next(ANA, Event::Pay(pay))
            },
            refusal: Refusal::NotOpen {},
        },
    ]
}

/// Ana has paid Ben `count` times; he receives what `choose` leaves of it, in order of keys.
fn receive_some(count: usize, choose: fn(&mut Vec<ActionId>)) -> Outcome {
    let mut world = World::trial();
    let pays: Result<Vec<_>, _> = (0..count).map(|_| world.pay(ANA, BEN, 1)).collect();
    let mut pays = by_key(&world, &pays?);
    choose(&mut pays);
    world.receive(BEN, &pays)
}

/// Ana pays Ben at one time, and he answers at another.
fn answer_at(paid: i64, answered: i64, answer: fn(ActionId) -> Event) -> Outcome {
    let mut world = World::trial();
    let pay = world.pay_of(BEN, 1);
    let pay = world.write(ANA, time(paid), Event::Pay(pay))?;
    world.write(BEN, time(answered), answer(pay))
}

fn take_it(pay: ActionId) -> Event {
    receive_of(&[pay])
}

const T: i64 = OPENED + 10 * DAY;

fn receiving() -> Vec<Row> {
    vec![
        Row {
            name: "a receive names something",
            taken: || receive_some(1, |_| {}),
            refused: || receive_some(1, Vec::clear),
            refusal: Refusal::NoneNamed {},
        },
        Row {
            name: "a receive names up to 16",
            taken: || receive_some(16, |_| {}),
            refused: || receive_some(17, |_| {}),
            refusal: Refusal::TooMany { count: 17, max: 16 },
        },
        Row {
            name: "keys ascend",
            taken: || receive_some(2, |_| {}),
            refused: || receive_some(2, |pays| pays.reverse()),
            refusal: Refusal::NotAscending {},
        },
        Row {
            name: "no payment is named twice in one receive",
            taken: || receive_some(1, |_| {}),
            refused: || receive_some(1, |pays| pays.push(pays[0])),
            refusal: Refusal::NotAscending {},
        },
        Row {
            name: "what is received is a payment",
            taken: || receive_some(1, |_| {}),
            refused: || {
                let mut world = World::trial();
                let card = world.card(ANA);
                world.receive(BEN, &[card])
            },
            refusal: Refusal::WrongEvent { wanted: "Pay" },
        },
        Row {
            name: "a payment is its payee's",
            taken: || receive_some(1, |_| {}),
            refused: || {
                let mut world = World::trial();
                let pay = world.pay(ANA, BEN, 1)?;
                world.receive(CEM, &[pay])
            },
            refusal: Refusal::NotYours {},
        },
        Row {
            name: "a payment does not come back to its payer as a receipt",
            taken: || receive_some(1, |_| {}),
            refused: || {
                let mut world = World::trial();
                let pay = world.pay(ANA, BEN, 1)?;
                world.receive(ANA, &[pay])
            },
            refusal: Refusal::NotYours {},
        },
    ]
}

/// Ben takes a payment of Ana's with the word of these.
fn witnessed(
    pays: usize,
    witnesses: impl Fn(MemberKey) -> Vec<MemberKey>,
) -> Result<ActionId, Refusal> {
    let mut world = World::trial();
    let pays: Vec<ActionId> =
        (0..pays).map(|_| world.pay(ANA, BEN, 1)).collect::<Result<_, _>>()?;
    let signature = Signature::from_bytes([7; 64]);
    let mut keys = witnesses(CEM);
    let witnesses = keys.drain(..).map(|member| Witness { member, signature }).collect();
    world.next(BEN, Event::Receive(Receive { pays, witnesses }))
}

/// Strangers in the order of their keys.
fn strangers(count: u8) -> Vec<MemberKey> {
    (0..count).map(|n| MemberKey::from_core([0xf0 + n; 32])).collect()
}

/// Whose word a receipt may carry.
fn witnessing() -> Vec<Row> {
    let of = |part| Refusal::Witnesses { part };
    vec![
        Row {
            name: "up to five witnesses",
            taken: || witnessed(1, |_| strangers(5)),
            refused: || witnessed(1, |_| strangers(6)),
            refusal: of("count"),
        },
        Row {
            name: "they speak of one payment",
            taken: || witnessed(2, |_| vec![]),
            refused: || witnessed(2, |_| strangers(1)),
            refusal: of("payments"),
        },
        Row {
            name: "their keys ascend",
            taken: || witnessed(1, |_| strangers(2)),
            refused: || witnessed(1, |_| strangers(2).into_iter().rev().collect()),
            refusal: of("order"),
        },
        Row {
            name: "nobody stands twice",
            taken: || witnessed(1, |_| strangers(1)),
            refused: || witnessed(1, |_| strangers(1).repeat(2)),
            refusal: of("order"),
        },
        Row {
            name: "the payee is no witness",
            taken: || witnessed(1, |cem| vec![cem]),
            refused: || witnessed(1, |_| vec![BEN]),
            refusal: of("payee"),
        },
        Row {
            name: "the payer is no witness",
            taken: || witnessed(1, |cem| vec![cem]),
            refused: || witnessed(1, |_| vec![ANA]),
            refusal: of("payer"),
        },
    ]
}

/// When a payment is too early or too late to be taken.
fn deadlines() -> Vec<Row> {
    vec![
        Row {
            name: "a payer's clock may be two hours ahead",
            taken: || answer_at(T + 2 * HOUR, T, take_it),
            refused: || answer_at(T + 2 * HOUR + 1, T, take_it),
            refusal: Refusal::FromTheFuture { at: T + 2 * HOUR + 1, latest: T + 2 * HOUR },
        },
        Row {
            name: "a payment is taken until the microsecond of its end",
            taken: || answer_at(T, T + 30 * DAY, take_it),
            refused: || answer_at(T, T + 30 * DAY + 1, take_it),
            refusal: Refusal::Expired { expired: T + 30 * DAY },
        },
        Row {
            name: "the end is judged by the action's own time",
            taken: || take_stated(T, T + 30 * DAY, T + 30 * DAY - MINUTE),
            refused: || take_stated(T, T + 30 * DAY + 1, T + 30 * DAY - MINUTE),
            refusal: Refusal::Expired { expired: T + 30 * DAY },
        },
        Row {
            name: "how far ahead is judged by the action's own time",
            taken: || take_stated(T + 2 * HOUR, T, T - MINUTE),
            refused: || take_stated(T + 2 * HOUR + 1, T, T - MINUTE),
            refusal: Refusal::FromTheFuture { at: T + 2 * HOUR + 1, latest: T + 2 * HOUR },
        },
    ]
}

/// Ana pays Ben at one time, and he takes it with a time stated that is not his action's.
fn take_stated(paid: i64, at: i64, stated: i64) -> Outcome {
    let mut world = World::trial();
    let pay = world.pay_of(BEN, 1);
    let pay = world.write(ANA, time(paid), Event::Pay(pay))?;
    let step = Step { stated: time(stated), ..world.step(BEN, time(at)) };
    world.take(&step, take_it(pay))
}

/// A payment that names its own author, which no rule lets anybody write.
fn receive_from_oneself() -> Outcome {
    let mut world = World::trial();
    let (pay, state) = (world.pay_of(ANA, 1), world.state(ANA).clone());
    let step = world.step(ANA, time(OPENED));
    let pay = world.store(&step, Event::Pay(pay), state);
    world.receive(ANA, &[pay])
}

fn twice(first: fn(ActionId) -> Event, second: fn(ActionId) -> Event) -> Outcome {
    let mut world = World::trial();
    let pay = world.pay(ANA, BEN, 1)?;
    world.next(BEN, first(pay))?;
    world.next(BEN, second(pay))
}

/// Ben answers 65 of 66 payments, so that the window has just dropped the smallest key, and then
/// the one that was left out: the one at this place in time.
fn receive_behind(place: usize) -> Outcome {
    let mut world = World::trial();
    let mut pays = vec![];
    for number in 0..66 {
        let payer = if number % 2 == 0 { ANA } else { CEM };
        pays.push(world.pay(payer, BEN, 1)?);
    }
    let late = pays.remove(place);
    for pay in pays {
        world.decline(BEN, pay)?;
    }
    world.receive(BEN, &[late])
}

fn answering() -> Vec<Row> {
    let answered = || Refusal::AlreadyAnswered {};
    vec![
        Row {
            name: "taking twice",
            taken: || receive_some(1, |_| {}),
            refused: || twice(take_it, take_it),
            refusal: answered(),
        },
        Row {
            name: "taking what was sent back",
            taken: || receive_some(1, |_| {}),
            refused: || twice(decline_of, take_it),
            refusal: answered(),
        },
        Row {
            name: "sending back what was taken",
            taken: || answer_at(T, T, decline_of),
            refused: || twice(take_it, decline_of),
            refusal: answered(),
        },
        Row {
            name: "sending back twice",
            taken: || answer_at(T, T, decline_of),
            refused: || twice(decline_of, decline_of),
            refusal: answered(),
        },
        Row {
            name: "a payment that names its author",
            taken: || receive_some(1, |_| {}),
            refused: receive_from_oneself,
            refusal: Refusal::NotYours {},
        },
        Row {
            name: "the window moves past the smallest key alone",
            taken: || receive_behind(1),
            refused: || receive_behind(0),
            refusal: Refusal::BehindTheWindow {},
        },
        Row {
            name: "what went behind the window is not taken again",
            taken: || receive_behind(65),
            refused: || {
                let mut world = World::trial();
                let first = world.pay(ANA, BEN, 1)?;
                world.receive(BEN, &[first])?;
                for _ in 0..64 {
                    let pay = world.pay(CEM, BEN, 1)?;
                    world.receive(BEN, &[pay])?;
                }
                world.receive(BEN, &[first])
            },
            refusal: Refusal::BehindTheWindow {},
        },
    ]
}

fn declining() -> Vec<Row> {
    vec![
        Row {
            name: "there are four reasons and none",
            taken: || decline_for(4),
            refused: || decline_for(5),
            refusal: Refusal::ReasonUnknown { reason: 5, max: 4 },
        },
        Row {
            name: "a late payment can still be sent back",
            taken: || answer_at(T, T + 300 * DAY, decline_of),
            refused: || answer_at(T, T + 300 * DAY, take_it),
            refusal: Refusal::Expired { expired: T + 30 * DAY },
        },
        Row {
            name: "a payment from far ahead is not sent back either",
            taken: || answer_at(T + 2 * HOUR, T, decline_of),
            refused: || answer_at(T + 2 * HOUR + 1, T, decline_of),
            refusal: Refusal::FromTheFuture { at: T + 2 * HOUR + 1, latest: T + 2 * HOUR },
        },
    ]
}

fn decline_for(reason: u8) -> Outcome {
    let mut world = World::trial();
    let pay = world.pay(ANA, BEN, 1)?;
    world.next(BEN, Event::Decline(Decline { pay, reason }))
}

/// Ana's payment of 1 and Ben's decline of it.
fn declined(world: &mut World) -> Result<(ActionId, ActionId), Refusal> {
    let pay = world.pay(ANA, BEN, 1)?;
    Ok((pay, world.decline(BEN, pay)?))
}

fn reclaim_once() -> Outcome {
    let mut world = World::trial();
    let (pay, decline) = declined(&mut world)?;
    world.reclaim(ANA, pay, decline)
}

/// Reclaims, in a world of two declined payments, by the names that `choose` picks.
fn reclaim_mixed(choose: fn(&mut World, [ActionId; 4]) -> Outcome) -> Outcome {
    let mut world = World::trial();
    let (pay, decline) = declined(&mut world)?;
    let other_pay = world.pay(ANA, BEN, 1)?;
    let other = world.decline(BEN, other_pay)?;
    choose(&mut world, [pay, decline, other_pay, other])
}

fn reclaiming() -> Vec<Row> {
    let row = |name, refused, refusal| Row { name, taken: reclaim_once, refused, refusal };
    vec![
        row(
            "a payment comes back once",
            || {
                let mut world = World::trial();
                let (pay, decline) = declined(&mut world)?;
                world.reclaim(ANA, pay, decline)?;
                world.reclaim(ANA, pay, decline)
            },
            Refusal::NotOpen {},
        ),
        row(
            "a decline of another payment proves nothing",
            || reclaim_mixed(|world, [pay, _, _, other]| world.reclaim(ANA, pay, other)),
            Refusal::NotDeclined {},
        ),
        row(
            "a decline by somebody else proves nothing",
            || {
                let mut world = World::trial();
                let pay = world.pay(ANA, BEN, 1)?;
                let (step, state) = (world.step(CEM, time(T)), world.state(CEM).clone());
                let forged = world.store(&step, decline_of(pay), state);
                world.reclaim(ANA, pay, forged)
            },
            Refusal::NotDeclined {},
        ),
        row(
            "what answers a reclaim is a decline",
            || {
                let mut world = World::trial();
                let pay = world.pay(ANA, BEN, 1)?;
                let receive = world.receive(BEN, &[pay])?;
                world.reclaim(ANA, pay, receive)
            },
            Refusal::WrongEvent { wanted: "Decline" },
        ),
        row(
            "what is reclaimed is a payment",
            || reclaim_mixed(|world, [_, decline, ..]| world.reclaim(ANA, decline, decline)),
            Refusal::WrongEvent { wanted: "Pay" },
        ),
        row(
            "what is reclaimed is one's own",
            || reclaim_mixed(|world, [pay, decline, ..]| world.reclaim(CEM, pay, decline)),
            Refusal::WrongAuthor {},
        ),
        row(
            "a payment that was forgotten does not come back",
            || {
                let mut world = World::trial();
                let (pay, decline) = declined(&mut world)?;
                let forget = Some(world.open_name(&pay));
                let next = Pay { forget, ..world.pay_of(CEM, 1) };
                world.next(ANA, Event::Pay(next))?;
                world.reclaim(ANA, pay, decline)
            },
            Refusal::NotOpen {},
        ),
    ]
}

/// Ana's payment of 1 to Ben, and the microsecond up to which he can take it.
fn unanswered() -> Result<(World, ActionId, i64), Refusal> {
    let mut world = World::trial();
    let pay = world.pay(ANA, BEN, 1)?;
    let ends = world.written(&pay).at.micros() + 30 * DAY;
    Ok((world, pay, ends))
}

/// Somebody's ledger entry so long after the payment's end, and the payment taken back by it.
fn back_by_entry_of(who: MemberKey, after_end: i64) -> Outcome {
    let (mut world, pay, ends) = unanswered()?;
    let entry = world.write(who, time(ends + after_end), Event::Checkpoint)?;
    world.write(ANA, time(ends + DAY), later_of(pay, entry, entry))
}

/// Ben's `count`th action after his card, at the payment's end, and the payment taken back by it.
fn back_by_action(count: u32, closes: bool) -> Outcome {
    let (mut world, pay, ends) = unanswered()?;
    let action = world.pass(BEN, ends, count, closes);
    let card = world.card(BEN);
    world.write(ANA, time(ends + DAY), later_of(pay, action, card))
}

/// What Ben does with the payment in time does not come back by what he does after its end.
fn back_after(answer: fn(ActionId) -> Event) -> Outcome {
    let (mut world, pay, ends) = unanswered()?;
    world.next(BEN, answer(pay))?;
    let entry = world.write(BEN, time(ends + 1), Event::Checkpoint)?;
    world.write(ANA, time(ends + DAY), later_of(pay, entry, entry))
}

/// Ben takes so many later payments one by one, from both others in turns.
fn takes_later_ones(world: &mut World, count: usize) -> Result<(), Refusal> {
    for number in 0..count {
        let later = world.pay(if number % 2 == 0 { CEM } else { ANA }, BEN, 1)?;
        world.receive(BEN, &[later])?;
    }
    Ok(())
}

/// The 65th pushes the first payment out of his window. Gives his entries from his card on.
fn pushed_out() -> Result<(World, ActionId, Vec<ActionId>), Refusal> {
    let (mut world, pay, _) = unanswered()?;
    takes_later_ones(&mut world, 65)?;
    let entries = world.ledger(BEN).to_vec();
    Ok((world, pay, entries))
}

fn back_by_window(entry: usize) -> Outcome {
    let (mut world, pay, entries) = pushed_out()?;
    world.next(ANA, pushed_out_of(pay, entries[entry]))
}

fn returning() -> Vec<Row> {
    vec![
        Row {
            name: "the payee's next entry after the end shows that nobody took a payment",
            taken: || back_by_entry_of(BEN, 1),
            refused: || back_by_entry_of(BEN, 0),
            refusal: Refusal::NotReturned {},
        },
        Row {
            name: "what shows it is the payee's",
            taken: || back_by_entry_of(BEN, 1),
            refused: || back_by_entry_of(CEM, 1),
            refusal: Refusal::WrongAuthor {},
        },
        Row {
            name: "a payment that nobody took comes back once",
            taken: || back_by_entry_of(BEN, 1),
            refused: || {
                let (mut world, pay, ends) = unanswered()?;
                let entry = world.write(BEN, time(ends + 1), Event::Checkpoint)?;
                world.write(ANA, time(ends + DAY), later_of(pay, entry, entry))?;
                world.write(ANA, time(ends + DAY), later_of(pay, entry, entry))
            },
            refusal: Refusal::NotOpen {},
        },
        Row {
            name: "what was taken does not come back",
            taken: || back_by_entry_of(BEN, 1),
            refused: || back_after(take_it),
            refusal: Refusal::NotReturned {},
        },
        Row {
            name: "what was sent back comes back by its decline and nothing else",
            taken: reclaim_once,
            refused: || back_after(decline_of),
            refusal: Refusal::NotReturned {},
        },
        Row {
            name: "a closed chain shows it before the end",
            taken: || back_by_action(1, true),
            refused: || back_by_action(1, false),
            refusal: Refusal::NotReturned {},
        },
        Row {
            name: "an action after which no ledger entry can follow shows it before the end",
            taken: || back_by_action(4_096, false),
            refused: || back_by_action(4_095, false),
            refusal: Refusal::NotReturned {},
        },
        Row {
            name: "what lies further shows nothing",
            taken: || back_by_action(4_096, false),
            refused: || back_by_action(4_097, false),
            refusal: Refusal::GapTooLong { max: 4_096 },
        },
        Row {
            name: "the entry named is the last one at the action",
            taken: || back_by_action(1, true),
            refused: || {
                let (mut world, pay, ends) = unanswered()?;
                world.checkpoint(BEN)?;
                let action = world.pass(BEN, ends + 1, 1, false);
                let card = world.card(BEN);
                world.write(ANA, time(ends + DAY), later_of(pay, action, card))
            },
            refusal: Refusal::NotTheLast {},
        },
        Row {
            name: "the entry that moves the window past a payment shows that it fell behind",
            taken: || back_by_window(65),
            refused: || back_by_window(64),
            refusal: Refusal::NotReturned {},
        },
        Row {
            name: "a card pushes nothing out",
            taken: || back_by_window(65),
            refused: || back_by_window(0),
            refusal: Refusal::NotReturned {},
        },
        Row {
            name: "what answers a payment does not push it out",
            taken: || back_by_window(65),
            refused: || {
                let (mut world, pay, ends) = unanswered()?;
                takes_later_ones(&mut world, 64)?;
                // The smallest of 65 keys goes at once.
                let taken = world.write(BEN, time(ends), take_it(pay))?;
                world.write(ANA, time(ends + DAY), pushed_out_of(pay, taken))
            },
            refusal: Refusal::NotReturned {},
        },
        Row {
            name: "what pushes a payment out is the payee's",
            taken: || back_by_window(65),
            refused: || {
                let (mut world, pay, _) = pushed_out()?;
                let card = world.card(CEM);
                world.next(ANA, pushed_out_of(pay, card))
            },
            refusal: Refusal::WrongAuthor {},
        },
    ]
}

const NEAR: i64 = i64::MAX - 1;

/// Ben stands at the end of a range and receives an amount.
fn receive_at_the_end(change: fn(&mut weir_rules::entry::State), minor: i64) -> Outcome {
    let mut world = World::trial();
    world.amend(BEN, change);
    let pay = world.pay(ANA, BEN, minor)?;
    world.receive(BEN, &[pay])
}

fn checkpoint_from(change: fn(&mut weir_rules::entry::State)) -> Outcome {
    let mut world = World::trial();
    world.amend(ANA, change);
    world.checkpoint(ANA)
}

/// Ana's total of something stands near its end, and she does what adds to it by 2.
fn total_at_the_end(change: fn(&mut weir_rules::entry::State)) -> Outcome {
    let mut world = World::village(fee_text(300));
    world.enrich(ANA, 1_000);
    world.amend(ANA, change);
    world.pay(ANA, BEN, 66)
}

fn reclaim_at_the_end(reclaimed: i64) -> Outcome {
    let mut world = World::trial();
    let pay = world.pay(ANA, BEN, 2)?;
    let decline = world.decline(BEN, pay)?;
    world.amend(ANA, |state| {
        state.reclaimed = amount(reclaimed);
        state.cum_out = amount(reclaimed);
        state.balance = amount(0);
    });
    world.reclaim(ANA, pay, decline)
}

fn overflows() -> Vec<Row> {
    let row = |name, taken, refused| Row { name, taken, refused, refusal: Refusal::Overflow {} };
    vec![
        row(
            "the balance and what came in",
            || receive_at_the_end(|s| (s.balance, s.cum_in) = (amount(NEAR), amount(NEAR)), 1),
            || receive_at_the_end(|s| (s.balance, s.cum_in) = (amount(NEAR), amount(NEAR)), 2),
        ),
        row(
            "what came in alone",
            || receive_at_the_end(|s| (s.cum_out, s.cum_in) = (amount(NEAR), amount(NEAR)), 1),
            || receive_at_the_end(|s| (s.cum_out, s.cum_in) = (amount(NEAR), amount(NEAR)), 2),
        ),
        row(
            "what went out",
            || total_at_the_end(|s| (s.cum_out, s.levies) = (amount(NEAR - 66), amount(66 - NEAR))),
            || total_at_the_end(|s| (s.cum_out, s.levies) = (amount(NEAR - 64), amount(64 - NEAR))),
        ),
        row(
            "the fees",
            || total_at_the_end(|s| (s.fees, s.levies) = (amount(NEAR - 2), amount(2 - NEAR))),
            || total_at_the_end(|s| (s.fees, s.levies) = (amount(NEAR), amount(-NEAR))),
        ),
        row("what came back", || reclaim_at_the_end(NEAR - 1), || reclaim_at_the_end(NEAR)),
        row(
            "the number of the entry",
            || checkpoint_from(|state| state.seq = u32::MAX - 1),
            || checkpoint_from(|state| state.seq = u32::MAX),
        ),
        row(
            "time on the balance",
            || checkpoint_from(|state| state.area = u128::MAX),
            || {
                checkpoint_from(|s| {
                    s.area = u128::MAX;
                    (s.balance, s.cum_in) = (amount(1), amount(1));
                })
            },
        ),
        row(
            "the room below a balance at the end of its range",
            || {
                total_at_the_end(|s| {
                    (s.balance, s.cum_in) = (amount(NEAR - SEED), amount(NEAR - SEED))
                })
            },
            || total_at_the_end(|s| (s.balance, s.cum_in) = (amount(NEAR), amount(NEAR))),
        ),
    ]
}

fn totals() -> Vec<Row> {
    vec![Row {
        name: "the balance is the sum of its parts",
        taken: || checkpoint_from(|_| {}),
        refused: || checkpoint_from(|state| state.balance = amount(1)),
        refusal: Refusal::StateMismatch { field: "balance" },
    }]
}

#[test]
fn an_entry_is_dated_by_its_author_within_bounds() {
    hold(times());
}

#[test]
fn an_account_is_opened_once_by_who_may() {
    hold(opening());
}

#[test]
fn an_amount_is_positive_and_fits_every_front_end() {
    hold(amounts());
}

#[test]
fn a_payment_says_nothing_that_the_charter_does_not_know() {
    hold(details());
}

#[test]
fn a_payment_names_the_payees_card() {
    hold(cards());
}

#[test]
fn spending_past_the_line_is_refused() {
    hold(spending());
}

#[test]
fn payments_on_their_way_have_64_places() {
    hold(open_list());
}

#[test]
fn a_payment_is_taken_by_its_payee_in_time() {
    hold(receiving());
    hold(witnessing());
    hold(deadlines());
}

#[test]
fn a_payment_is_answered_once() {
    hold(answering());
    hold(declining());
}

#[test]
fn a_payment_comes_back_by_its_own_decline_alone() {
    hold(reclaiming());
}

#[test]
fn a_payment_that_nobody_took_comes_back_by_the_payees_chain() {
    hold(returning());
}

#[test]
fn no_number_wraps() {
    hold(overflows());
}

#[test]
fn an_account_that_does_not_add_up_goes_no_further() {
    hold(totals());
}

/// Codes that are refused elsewhere: reading bytes, links, charters, profiles, month pages, asks,
/// and what only the chain itself can show.
const ELSEWHERE: [&str; 20] = [
    "ASK_DAY",
    "ASK_OF_ANOTHER",
    "ASK_OVER",
    "CHARTER",
    "CLOSED",
    "ENTRY_TOO_LARGE",
    "KEPT_FOR_GOOD",
    "LINK",
    "MALFORMED",
    "MORE_THAN_ASKED",
    "NOT_ASKED",
    "NO_INVOICE",
    "PAGE",
    "PAGE_DUE",
    "PAGE_TOO_LONG",
    "PROFILE_NAME",
    "REMIND_EARLY",
    "STATEMENT_DUE",
    "STATEMENT_EARLY",
    "WRONG_TYPE",
];

#[test]
fn every_code_that_the_ledger_gives_has_a_row_here() {
    let groups = [
        times(),
        opening(),
        amounts(),
        details(),
        cards(),
        spending(),
        open_list(),
        receiving(),
        witnessing(),
        deadlines(),
        answering(),
        declining(),
        reclaiming(),
        returning(),
        overflows(),
        totals(),
    ];
    let shown = groups.iter().flatten().map(|row| row.refusal.code()).chain(ELSEWHERE);
    let codes: BTreeSet<_> = Refusal::CODES.iter().map(|(code, _)| *code).collect();
    assert_eq!(shown.collect::<BTreeSet<_>>(), codes);
}

#[test]
fn a_card_is_an_empty_account_with_the_seed() {
    let world = World::trial();
    let state = world.state(ANA);
    assert_eq!((state.version, state.seq, state.prev, state.at), (1, 0, None, time(OPENED)));
    assert_eq!((state.seed, state.balance), (amount(SEED), amount(0)));
    assert_eq!(
        (state.wm, state.recent.as_slice(), state.open.as_slice()),
        (Key::LOWEST, &[][..], &[][..])
    );
    assert_eq!((state.stated.hash, state.stated.at), (None, time(OPENED)));
}

#[test]
fn each_event_changes_what_its_row_in_the_rule_book_says() {
    let mut world = World::village(fee_text(100));
    let money = |world: &World, member| {
        let s = world.state(member);
        [s.balance, s.cum_in, s.cum_out, s.reclaimed, s.fees].map(Amount::minor)
    };
    let kept = world.pay(ANA, BEN, 1_000).unwrap();
    assert_eq!(money(&world, ANA), [-1_010, 0, 1_000, 0, 10]);
    world.receive(BEN, &[kept]).unwrap();
    assert_eq!(money(&world, BEN), [1_000, 1_000, 0, 0, 0]);
    let sent_back = world.pay(ANA, BEN, 500).unwrap();
    let decline = world.decline(BEN, sent_back).unwrap();
    assert_eq!(money(&world, BEN), [1_000, 1_000, 0, 0, 0]);
    assert_eq!(world.state(BEN).recent.as_slice().len(), 2);
    world.reclaim(ANA, sent_back, decline).unwrap();
    assert_eq!(money(&world, ANA), [-1_015, 0, 1_500, 500, 15]);
    assert_eq!(world.state(ANA).open.as_slice(), [world.open_name(&kept)]);
    let before = world.state(ANA).clone();
    world.checkpoint(ANA).unwrap();
    let after = world.state(ANA);
    assert_eq!((after.seq, after.prev), (4, world.ledger(ANA).get(3).copied()));
    let same = weir_rules::entry::State {
        seq: after.seq,
        prev: after.prev,
        at: after.at,
        unpaged: before.unpaged + 1,
        ..before
    };
    assert_eq!(*after, same);
}

#[test]
fn a_payment_enters_the_open_ones_with_the_entry_after_it() {
    let mut world = World::trial();
    let pay = world.pay(ANA, BEN, 1).unwrap();
    assert_eq!(world.state(ANA).open.as_slice(), []);
    let decline = world.decline(BEN, pay).unwrap();
    // The reclaim is the entry after the payment: it adds the payment, and takes it out.
    world.reclaim(ANA, pay, decline).unwrap();
    assert_eq!(world.state(ANA).open.as_slice(), []);
    assert_eq!(world.balance(ANA), 0);
}

#[test]
fn a_65th_open_payment_is_refused_wherever_it_comes_from() {
    let mut world = World::trial();
    world.pay(ANA, BEN, 1).unwrap();
    let name = |n: u64| OpenPay::of(&ActionId::from_core(spread(900 + n)), n as u32);
    // No honest account has 64 others beside the payment just made.
    world.amend(ANA, |state| {
        (0..63).for_each(|n| state.open.add(name(n)).unwrap());
    });
    assert!(world.clone().checkpoint(ANA).is_ok());
    world.amend(ANA, |state| state.open.add(name(63)).unwrap());
    let full = Refusal::OpenFull { open: 64, max: 64 };
    assert_eq!(world.checkpoint(ANA), Err(full.clone()));
    world.amend(ANA, |state| {
        assert_eq!(state.open.add(name(64)), Err(full));
        // What is there already takes no second place.
        assert_eq!(state.open.add(name(5)), Ok(()));
        assert_eq!(state.open.as_slice().len(), 64);
    });
}

#[test]
fn with_64_payments_open_everything_but_paying_goes_on() {
    let mut world = World::trial();
    let pays: Vec<_> = (0..64).map(|_| world.pay(ANA, BEN, 1).unwrap()).collect();
    let incoming = world.pay(BEN, ANA, 5).unwrap();
    let unwanted = world.pay(CEM, ANA, 5).unwrap();
    let decline = world.decline(BEN, pays[63]).unwrap();
    world.checkpoint(ANA).unwrap();
    assert_eq!(world.state(ANA).open.as_slice().len(), 64);
    world.receive(ANA, &[incoming]).unwrap();
    world.decline(ANA, unwanted).unwrap();
    assert_eq!(world.pay(ANA, BEN, 1), Err(Refusal::OpenFull { open: 64, max: 64 }));
    world.reclaim(ANA, pays[63], decline).unwrap();
    world.pay(ANA, BEN, 1).unwrap();
}

#[test]
fn a_member_at_the_line_can_do_everything_but_pay() {
    let mut world = World::trial();
    let sent = world.pay(ANA, BEN, SEED).unwrap();
    let incoming = world.pay(BEN, ANA, 5).unwrap();
    let unwanted = world.pay(BEN, ANA, 6).unwrap();
    let decline = world.decline(BEN, sent).unwrap();
    let refusal = Refusal::SpendOverLine { asked: 1, most: 0, balance: -SEED, line: SEED };
    assert_eq!(world.pay(ANA, BEN, 1), Err(refusal));
    world.checkpoint(ANA).unwrap();
    world.receive(ANA, &[incoming]).unwrap();
    world.decline(ANA, unwanted).unwrap();
    world.reclaim(ANA, sent, decline).unwrap();
    assert_eq!(world.balance(ANA), 5);
}

#[test]
fn the_window_drops_its_smallest_key_and_nothing_else() {
    let mut world = World::trial();
    let pays: Vec<_> = (0..65)
        .map(|number| world.pay(if number < 33 { ANA } else { CEM }, BEN, 1).unwrap())
        .collect();
    for pays in pays[..64].chunks(16) {
        world.receive(BEN, pays).unwrap();
    }
    assert_eq!(world.state(BEN).wm, Key::LOWEST);
    assert_eq!(world.state(BEN).recent.as_slice().len(), 64);
    world.receive(BEN, &pays[64..]).unwrap();
    let key = |id: &ActionId| Key::of(id, world.written(id).at);
    assert_eq!(world.state(BEN).wm, key(&pays[0]));
    let recent: Vec<_> = pays[1..].iter().map(key).collect();
    assert_eq!(world.state(BEN).recent.as_slice(), recent);
}

#[test]
fn time_on_a_balance_counts_while_it_is_positive() {
    let mut world = World::trial();
    let pay = world.pay_of(BEN, 7);
    let pay = world.write(ANA, time(T), Event::Pay(pay)).unwrap();
    world.write(BEN, time(T), receive_of(&[pay])).unwrap();
    let step = Step { stated: time(T + 90), ..world.step(BEN, time(T + 100)) };
    world.take(&step, Event::Checkpoint).unwrap();
    world.write(ANA, time(T + 100), Event::Checkpoint).unwrap();
    // The time stated counts, not the one of the action.
    assert_eq!(world.state(BEN).area, 7 * 90);
    assert_eq!(world.state(ANA).area, 0);
    world.write(BEN, time(T + 1_090), Event::Checkpoint).unwrap();
    assert_eq!(world.state(BEN).area, 7 * 1_090);
}
