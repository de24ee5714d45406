//! What is no whole account is not exported.

mod support;

use support::{head, oaks, Story, Told};
use weir_exports::{Broken, Day, Standing, Statement};
use weir_units::Amount;
use weir_wire::{ActivityItem, ActivityKind, PaymentStatus};

fn story() -> Story {
    let mut story = Story::opened();
    story.received(&[Told::of("ben", 500, "Honey")]);
    story.days_later(1).paid(Told::of("ben", 200, "Bread").with_fee(2), PaymentStatus::Waiting);
    story
}

fn of(items: &[ActivityItem]) -> Result<Statement, Broken> {
    Statement::new(&head(oaks(), &[]), items, None, None)
}

#[test]
fn an_account_that_adds_up_is_taken() {
    let statement = of(&story().items).unwrap();
    let standing = |balance, on_the_way| Standing {
        balance: Amount::new(balance),
        on_the_way: Amount::new(on_the_way),
    };
    assert_eq!(statement.closing(), standing(298, 200));
    let rows: Vec<Standing> = statement.rows.iter().map(|row| row.standing).collect();
    assert_eq!(rows, [standing(0, 0), standing(500, 0), standing(298, 200)]);
}

#[test]
fn an_account_without_one_of_its_entries_is_refused() {
    let items = story().items;
    assert_eq!(of(&items[1..]), Err(Broken::Order { seq: 1 }));
    assert_eq!(of(&[items[0].clone(), items[2].clone()]), Err(Broken::Order { seq: 2 }));
    assert_eq!(of(&[items[0].clone(), items[0].clone()]), Err(Broken::Order { seq: 0 }));
    let backwards: Vec<ActivityItem> = items.into_iter().rev().collect();
    assert_eq!(of(&backwards), Err(Broken::Order { seq: 2 }));
}

#[test]
fn an_account_that_does_not_add_up_is_refused() {
    for (at, balance) in [(0, "1"), (1, "499"), (2, "300")] {
        let mut items = story().items;
        items[at].balance = balance.into();
        assert_eq!(of(&items), Err(Broken::Sum { seq: u32::try_from(at).unwrap() }));
    }
}

#[test]
fn an_amount_that_is_none_is_refused() {
    for wrong in ["", "5.00", "-5", "five", "9223372036854775808"] {
        let mut items = story().items;
        let ActivityKind::Received { payments } = &mut items[1].what else { panic!("another") };
        payments[0].amount = wrong.into();
        assert_eq!(of(&items), Err(Broken::Amount { seq: 1 }), "{wrong}");
    }
    let mut items = story().items;
    items[1].balance = "much".into();
    assert_eq!(of(&items), Err(Broken::Sum { seq: 1 }));
}

#[test]
fn sums_outside_their_range_are_refused_and_never_wrap() {
    let mut story = Story::opened();
    story.received(&[Told::of("ben", i64::MAX, "All there is")]);
    let mut items = story.items;
    let mut again = items[1].clone();
    again.seq = 2;
    items.push(again);
    assert_eq!(of(&items), Err(Broken::Amount { seq: 2 }));
}

#[test]
fn time_does_not_run_backwards() {
    let mut items = story().items;
    items[2].at_ms = items[1].at_ms;
    assert!(of(&items).is_ok());
    items[2].at_ms = items[1].at_ms - 1;
    assert_eq!(of(&items), Err(Broken::Time { seq: 2 }));
    items[0].at_ms = -1;
    assert_eq!(of(&items), Err(Broken::Time { seq: 0 }));
}

#[test]
fn a_time_begins_with_what_was_there_before_it() {
    let items = story().items;
    let day = |text| Day::parse(text);
    let of = |from, to| Statement::new(&head(oaks(), &[]), &items, from, to).unwrap();
    let rows = |statement: &Statement| statement.rows.len();
    let (first, second, third) = (day("2026-09-01"), day("2026-09-02"), day("2026-09-03"));

    let second_day = of(second, second);
    assert_eq!(rows(&second_day), 1);
    assert_eq!(second_day.opening.balance, Amount::new(500));
    assert_eq!(second_day.closing().balance, Amount::new(298));

    let first_day = of(None, first);
    assert_eq!((rows(&first_day), first_day.closing().balance), (2, Amount::new(500)));

    let after = of(third, None);
    assert_eq!((rows(&after), after.closing()), (0, after.opening));
    assert_eq!(after.opening.on_the_way, Amount::new(200));
}
