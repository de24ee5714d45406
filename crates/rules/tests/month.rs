//! [L12, L14] Month pages, statements and the levy: what they say, when they are due, and what they
//! never stand in the way of.

mod support;

use support::*;
use weir_rules::charter::CharterText;
use weir_rules::entry::{Event, Pay, State};
use weir_rules::ids::{ActionId, MemberKey};
use weir_rules::ledger::spendable;
use weir_rules::month::{Kind, MonthPage, Partner, Table, Trade};
use weir_rules::refusal::{Refusal, Stop};

const T: i64 = OPENED + 10 * DAY;
/// The first moment of the second month.
const SECOND_MONTH: i64 = FOUNDED + 30 * DAY;

fn trade(sales: i64, purchases: i64) -> Trade {
    Trade { sales: amount(sales), purchases: amount(purchases) }
}

/// What the rules say to an event of Ana's at a time.
fn said(world: &World, at: i64, event: &Event) -> Result<State, Stop<ActionId>> {
    world.judge(&world.step(ANA, time(at)), event)
}

fn refused<T>(refusal: Refusal) -> Result<T, Stop<ActionId>> {
    Err(Stop::Refused(refusal))
}

/// Ana buys food of Ben for 100 and 20, sells him work for 30, and a payment of 7 comes back.
fn traded() -> World {
    let mut world = World::trial();
    let food = world.pay(ANA, BEN, 100).unwrap();
    let more = world.pay(ANA, BEN, 20).unwrap();
    let returned = world.pay(ANA, CEM, 7).unwrap();
    world.receive(BEN, &by_key(&world, &[food, more])).unwrap();
    let work = Pay { category: 1, ..world.pay_of(ANA, 30) };
    let work = world.next(BEN, Event::Pay(work)).unwrap();
    world.receive(ANA, &[work]).unwrap();
    let decline = world.decline(CEM, returned).unwrap();
    world.reclaim(ANA, returned, decline).unwrap();
    world
}

fn table_of_traded() -> Table {
    Table {
        partners: vec![
            Partner { member: BEN, trade: trade(30, 120) },
            Partner { member: CEM, trade: trade(0, 0) },
        ],
        others: Trade::default(),
        kinds: vec![
            Kind { category: 0, trade: trade(0, 120) },
            Kind { category: 1, trade: trade(30, 0) },
        ],
    }
}

#[test]
fn a_page_says_with_whom_and_in_which_kinds_of_trade() {
    let mut world = traded();
    let page = world.page_of(ANA, time(T), false).unwrap();
    assert_eq!(page, MonthPage { table: table_of_traded(), levy: None });
    world.write(ANA, time(T), Event::MonthPage(page)).unwrap();
    assert_eq!(world.state(ANA).unpaged, 0);
}

#[test]
fn a_page_that_says_anything_else_is_refused_by_its_part() {
    let world = traded();
    let page = world.page_of(ANA, time(SECOND_MONTH), true).unwrap();
    type Lie = fn(&mut MonthPage);
    let lies: [(&str, Lie); 9] = [
        ("partners", |page| page.table.partners[0].trade = trade(31, 120)),
        ("partners", |page| page.table.partners[0].trade = trade(30, 119)),
        ("partners", |page| page.table.partners[0].member = ANA),
        ("partners", |page| page.table.partners.clear()),
        ("partners", |page| page.table.partners.swap(0, 1)),
        ("others", |page| page.table.others = trade(0, 1)),
        ("kinds", |page| page.table.kinds[0].category = 1),
        ("kinds", |page| page.table.kinds[1].trade = trade(0, 30)),
        ("levy", |page| page.levy = Some(amount(1))),
    ];
    for (part, lie) in lies {
        let mut told = page.clone();
        lie(&mut told);
        let said = said(&world, SECOND_MONTH, &Event::MonthPage(told));
        assert_eq!(said.map(|_| ()), refused(Refusal::Page { part }));
    }
    assert!(said(&world, SECOND_MONTH, &Event::MonthPage(page)).is_ok());
}

#[test]
fn pages_of_one_month_go_on_from_one_another_and_a_statement_ends_them() {
    let mut world = traded();
    world.paged(ANA, time(world.now), false).unwrap();
    let pay = world.pay(ANA, BEN, 5).unwrap();
    world.receive(BEN, &[pay]).unwrap();
    let second = world.page_of(ANA, time(world.now), false).unwrap();
    assert_eq!(second.table.partners[0], Partner { member: BEN, trade: trade(30, 125) });
    world.paged(ANA, time(world.now), false).unwrap();
    let statement = world.page_of(ANA, time(SECOND_MONTH), true).unwrap();
    assert_eq!(statement.table, second.table, "nothing has happened since");
    world.paged(ANA, time(SECOND_MONTH), true).unwrap();
    world.write(ANA, time(SECOND_MONTH), Event::Pay(world.pay_of(CEM, 9))).unwrap();
    let next = world.page_of(ANA, time(SECOND_MONTH), false).unwrap();
    assert_eq!(next.table.partners, [Partner { member: CEM, trade: trade(0, 9) }]);
}

#[test]
fn a_month_is_closed_once_and_after_its_end() {
    let mut world = traded();
    let early = |world: &World, at: i64| {
        let page = world.page_of(ANA, time(at), true).unwrap();
        said(world, at, &Event::MonthPage(page)).map(|_| ())
    };
    assert_eq!(early(&world, SECOND_MONTH - 1), refused(Refusal::StatementEarly { month: 0 }));
    assert_eq!(early(&world, SECOND_MONTH), Ok(()));
    world.paged(ANA, time(SECOND_MONTH), true).unwrap();
    let later = SECOND_MONTH + 30 * DAY;
    assert_eq!(early(&world, later - 1), refused(Refusal::StatementEarly { month: 1 }));
    assert_eq!(early(&world, later), Ok(()));
}

#[test]
fn a_statement_is_named_from_the_entry_after_it_on_and_names_the_one_before() {
    let mut world = World::trial();
    let first = world.paged(ANA, time(SECOND_MONTH), true).unwrap();
    let stated = |world: &World| (world.state(ANA).stated.hash, world.state(ANA).stated.at);
    assert_eq!(stated(&world), (None, time(SECOND_MONTH)));
    let later = SECOND_MONTH + 30 * DAY;
    let second = world.paged(ANA, time(later), true).unwrap();
    assert_eq!(stated(&world), (Some(first), time(later)));
    world.write(ANA, time(later), Event::Checkpoint).unwrap();
    assert_eq!(stated(&world), (Some(second), time(later)));
    // A page that closes nothing leaves the name alone.
    world.paged(ANA, time(later), false).unwrap();
    world.write(ANA, time(later), Event::Checkpoint).unwrap();
    assert_eq!(stated(&world), (Some(second), time(later)));
}

#[test]
fn after_62_days_without_a_statement_paying_waits_for_one() {
    let mut world = World::trial();
    let end = OPENED + 62 * DAY;
    let pay = Event::Pay(world.pay_of(BEN, 1));
    assert!(said(&world, end, &pay).is_ok());
    let due = Refusal::StatementDue { since: OPENED };
    assert_eq!(said(&world, end + 1, &pay).map(|_| ()), refused(due));
    world.paged(ANA, time(end + 1), true).unwrap();
    assert!(said(&world, end + 1, &pay).is_ok());
}

/// Ana stands where so many things wait for a page.
fn unpaged(count: u32) -> World {
    let mut world = World::trial();
    world.amend(ANA, |state| state.unpaged = count);
    world
}

#[test]
fn a_page_is_due_before_more_than_200_things_lie_behind_it() {
    let due = |unpaged| refused(Refusal::PageDue { unpaged, max: 200 });
    let check = |count| said(&unpaged(count), T, &Event::Checkpoint).map(|state| state.unpaged);
    assert_eq!(check(199), Ok(200));
    assert_eq!(check(200), due(200));
    // A receipt counts as itself and what it takes; a reclaim as itself and the payment.
    let mut world = World::trial();
    let pays: Vec<_> = (0..16).map(|_| world.pay(BEN, ANA, 1).unwrap()).collect();
    let take = receive_of(&by_key(&world, &pays));
    world.amend(ANA, |state| state.unpaged = 183);
    assert_eq!(said(&world, world.now, &take).map(|state| state.unpaged), Ok(200));
    world.amend(ANA, |state| state.unpaged = 184);
    assert_eq!(said(&world, world.now, &take).map(|_| ()), due(184).map(|_: u32| ()));
    let page = world.page_of(ANA, time(world.now), false).unwrap();
    let paged = said(&world, world.now, &Event::MonthPage(page));
    assert_eq!(paged.map(|state| state.unpaged), Ok(0));
}

#[test]
fn a_page_reads_200_things_and_no_more() {
    let mut world = World::trial();
    // The card, and as many more.
    for _ in 0..199 {
        world.checkpoint(ANA).unwrap();
    }
    assert_eq!(world.state(ANA).unpaged, 200);
    assert!(world.page_of(ANA, time(world.now), false).is_ok());
    // An account that told a lower number could go on; its pages are refused all the same.
    world.amend(ANA, |state| state.unpaged = 0);
    world.checkpoint(ANA).unwrap();
    let told = MonthPage { table: Table::default(), levy: None };
    let said = said(&world, world.now, &Event::MonthPage(told));
    assert_eq!(said.map(|_| ()), refused(Refusal::PageTooLong { max: 200 }));
}

#[test]
fn of_more_than_64_partners_the_smallest_stand_together() {
    let mut world = World::trial();
    let members: Vec<MemberKey> = (0..66).map(member).collect();
    for other in &members {
        world.next(*other, Event::Open).unwrap();
    }
    for (number, other) in members.iter().enumerate() {
        // The first three are equal and the smallest.
        let minor = if number < 3 { 1 } else { 10 + number as i64 };
        let pay = world.pay(*other, ANA, minor).unwrap();
        world.receive(ANA, &[pay]).unwrap();
    }
    let page = world.page_of(ANA, time(world.now), false).unwrap();
    let listed: Vec<_> = page.table.partners.iter().map(|partner| partner.member).collect();
    assert_eq!(listed.len(), 64);
    assert!(listed.is_sorted());
    let mut equal = members[..3].to_vec();
    equal.sort();
    assert!(listed.contains(&equal[0]), "of equal ones the lowest key stays");
    assert!(!listed.contains(&equal[1]) && !listed.contains(&equal[2]));
    assert_eq!(page.table.others, trade(2, 0));
}

/// Ana holds this much from her card on, under a levy of 5 % a year above a floor.
fn holding(minor: i64, levy_floor: i64) -> World {
    let text = CharterText { levy_bp: 500, levy_floor, seed: 0, ..trial_text() };
    let mut world = World::village(text);
    world.enrich(ANA, minor);
    world
}

fn levied(minor: i64, floor: i64, at: i64) -> i64 {
    let mut world = holding(minor, floor);
    world.paged(ANA, time(at), true).unwrap();
    let state = world.state(ANA);
    assert_eq!(state.balance.minor() + state.levies.minor(), minor);
    assert_eq!(state.area, 0);
    state.levies.minor()
}

#[test]
fn the_levy_is_a_share_of_what_was_held_above_what_may_be_kept_rounded_up() {
    let year = OPENED + 365 * DAY;
    assert_eq!(levied(1_000_000, 0, year), 50_000);
    assert_eq!(levied(1_000_000, 999_999, year), 1, "the smallest part is rounded up");
    assert_eq!(levied(1_000_000, 1_000_000, year), 0);
    assert_eq!(levied(1_000_000, 400_000, year), 30_000);
    assert_eq!(levied(1_000_000, 0, year + 1), 50_001);
    assert_eq!(levied(0, 0, year), 0);
    assert_eq!(levied(1, 0, SECOND_MONTH), 1);
}

#[test]
fn twice_the_line_may_be_kept_without_levy() {
    let year = OPENED + 365 * DAY;
    let text = CharterText { levy_bp: 500, ..trial_text() };
    let mut world = World::village(text);
    world.enrich(ANA, 2 * SEED);
    assert_eq!(world.page_of(ANA, time(year), true).unwrap().levy, Some(amount(0)));
    world.enrich(ANA, 2 * SEED + 20);
    assert_eq!(world.page_of(ANA, time(year), true).unwrap().levy, Some(amount(1)));
}

#[test]
fn what_the_levy_will_take_cannot_be_spent_before() {
    let world = holding(1_000_000, 0);
    let at = OPENED + 60 * DAY;
    // 1,000,000 · 60/365 · 5 %, rounded up.
    let levy = 8_220;
    let most = spendable(&world.charter, world.state(ANA), &ANA, time(at)).minor();
    assert_eq!(most, 1_000_000 - levy);
    let pay = |minor| said(&world, at, &Event::Pay(world.pay_of(BEN, minor))).map(|_| ());
    assert_eq!(pay(most), Ok(()));
    let over = Refusal::SpendOverLine { asked: most + 1, most, balance: 1_000_000, line: 0 };
    assert_eq!(pay(most + 1), refused(over));
}

#[test]
fn an_overdue_member_who_owes_a_levy_can_do_everything_but_pay() {
    let mut world = holding(1_000_000, 0);
    let sent = world.pay(ANA, BEN, 1_000_000 - 1).unwrap();
    let at = OPENED + 300 * DAY;
    world.amend(BEN, |state| state.stated.at = time(at));
    world.enrich(BEN, 100);
    let [taken, unwanted] = [1, 2]
        .map(|minor| world.write(BEN, time(at), Event::Pay(world.pay_of(ANA, minor))).unwrap());
    let decline = world.write(BEN, time(at), decline_of(sent)).unwrap();
    let events = [receive_of(&[taken]), decline_of(unwanted), reclaim_of(sent, decline)];
    for event in events.into_iter().chain([Event::Checkpoint]) {
        world.write(ANA, time(at), event).unwrap();
    }
    let pay = Event::Pay(world.pay_of(BEN, 1));
    let due = Refusal::StatementDue { since: OPENED };
    assert_eq!(said(&world, at, &pay).map(|_| ()), refused(due));
    // The statement may take the balance below the line; it is never refused for that.
    world.paged(ANA, time(at), true).unwrap();
    assert!(world.state(ANA).levies.minor() > 0);
}
