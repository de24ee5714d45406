//! One entry of every kind, with every part of the account in use somewhere.

use super::*;
use weir_rules::entry::{Against, Loan, Loss, Memo, Params, Pledge, Stated};
use weir_rules::month::{Kind, Partner, Table, Trade};
use weir_rules::window::{Key, OpenPays, Window};

fn id(byte: u8) -> ActionId {
    ActionId::from_core([byte; 32])
}

/// Keys and open payments of a busy account, as many of each.
fn lists(count: usize) -> (Window, OpenPays) {
    let mut window = Window::empty();
    let keys: Vec<_> = (0..count)
        .map(|i| Key::of(&ActionId::from_core(spread(i as u64)), time(FOUNDED + i as i64)))
        .collect();
    window.remember(&keys, 64);
    let mut open = OpenPays::default();
    for i in 0..count {
        let pay = ActionId::from_core(spread(500 + i as u64));
        open.add(OpenPay::of(&pay, 100 + i as u32)).expect("there is room");
    }
    (window, open)
}

/// The account of somebody who has traded for a while, with so many keys in each list.
pub fn busy_state(count: usize) -> State {
    let (window, open) = lists(count);
    State {
        version: 1,
        seq: 70_000,
        prev: Some(id(0x0b)),
        at: time(FOUNDED + 90 * DAY),
        params: Params::Founding,
        seed: amount(SEED),
        balance: amount(-7_001),
        committed: amount(0),
        cum_in: amount(250),
        cum_out: amount(7_300),
        reclaimed: amount(100),
        fees: amount(51),
        levies: amount(0),
        granted: amount(0),
        absorbed: amount(0),
        area: 0x0102_0304_0506_0708_090a_0b0c_0d0e_0f10,
        wm: Key::LOWEST,
        recent: window.recent,
        open,
        line: None,
        loans: vec![],
        pledges: vec![],
        losses: vec![],
        stated: Stated { hash: None, at: time(FOUNDED) },
        unpaged: 137,
    }
}

/// Every list full, every option taken, every number wide.
pub fn full_state() -> State {
    let loan = Loan {
        offer: id(1),
        principal: amount(i64::MAX),
        paid: amount(i64::MAX),
        fee_paid: amount(i64::MAX),
        next_due: time(i64::MAX),
        next_amount: amount(i64::MAX),
        last_paid: time(i64::MIN),
    };
    let loss =
        Loss { cause: id(2), seq: u32::MAX, share: amount(i64::MAX), taken: amount(i64::MIN) };
    let most = amount(i64::MAX);
    State {
        version: u8::MAX,
        seq: u32::MAX,
        at: time(i64::MAX),
        params: Params::At(id(3)),
        seed: most,
        balance: amount(i64::MIN),
        committed: most,
        cum_in: most,
        cum_out: most,
        reclaimed: most,
        fees: most,
        levies: most,
        granted: most,
        absorbed: most,
        area: u128::MAX,
        wm: Key::of(&id(4), time(i64::MAX)),
        line: Some(id(5)),
        loans: vec![loan; 8],
        pledges: vec![Pledge { seq: u32::MAX, left: most }; 24],
        losses: vec![loss; 16],
        stated: Stated { hash: Some(id(6)), at: time(i64::MIN) },
        unpaged: u32::MAX,
        ..busy_state(64)
    }
}

pub fn entry(event: Event, state: State) -> LedgerEntry {
    LedgerEntry { request: RequestId([0x17; 16]), event, state }
}

pub fn payment(memo: Option<Memo>) -> Event {
    Event::Pay(Pay {
        payee: MemberKey::from_core([0x21; 32]),
        card: id(0x22),
        amount: amount(1_250),
        fee: amount(2),
        category: 200,
        memo,
        against: Some(Against::Ask(id(0x24))),
        forget: Some(OpenPay::of(&id(0x23), 300)),
    })
}

/// A page with so many partners, and as many kinds of trade.
pub fn page_of(count: u8, levy: Option<Amount>) -> Event {
    let trade = |n: u8| Trade { sales: amount(1_000 + i64::from(n)), purchases: amount(-3) };
    let partner = |n| Partner { member: MemberKey::from_core([n; 32]), trade: trade(n) };
    let table = Table {
        partners: (0..count).map(partner).collect(),
        others: trade(9),
        kinds: (0..count).map(|n| Kind { category: n, trade: trade(n) }).collect(),
    };
    Event::MonthPage(MonthPage { table, levy })
}

/// The samples by the names of their files.
pub fn samples() -> Vec<(&'static str, LedgerEntry)> {
    let world = World::trial();
    let card = world.state(ANA).clone();
    let note: Vec<u8> = (0..112).collect();
    let plain = world.pay_of(BEN, 5);
    vec![
        ("open", entry(Event::Open, card)),
        ("pay", entry(payment(Some(Memo(note))), busy_state(3))),
        ("pay_plain", entry(Event::Pay(plain), busy_state(0))),
        ("receive", entry(receive_of(&[id(0x31), id(0x32)]), busy_state(2))),
        ("receive_witnessed", entry(witnessed_by(id(0x31), &[0x61, 0x62]), busy_state(2))),
        ("decline", entry(Event::Decline(Decline { pay: id(0x41), reason: 3 }), busy_state(1))),
        ("reclaim", entry(reclaim_of(id(0x51), id(0x52)), busy_state(1))),
        ("reclaim_later", entry(later_of(id(0x51), id(0x53), id(0x54)), busy_state(1))),
        ("reclaim_pushed_out", entry(pushed_out_of(id(0x51), id(0x55)), busy_state(1))),
        ("month_page", entry(page_of(2, None), busy_state(0))),
        ("statement", entry(page_of(0, Some(amount(77))), busy_state(0))),
        ("checkpoint", entry(Event::Checkpoint, busy_state(0))),
        ("full", entry(Event::Checkpoint, full_state())),
    ]
}
