//! What a busy shop bounces (L7, A16): payments that arrive after 64 newer ones were taken fall
//! behind the window and come back to their payers (L10 b). The table stands in
//! `docs/decisions/0015-busy-shop.md`.

use weir_rules::ids::ActionId;
use weir_rules::limits_v1::RECENT_MAX;
use weir_rules::window::{Key, Window};
use weir_units::Time;

const DAYS: i64 = 30;
const MINUTE: i64 = 60_000_000;
const HOUR: i64 = 60 * MINUTE;

/// Sales at even distances from 9 to 19 o'clock. Of `late_of` payments one arrives late: after
/// sixteenths of `longest`, in turn. The shop takes at once what has arrived, the oldest first.
/// Late payments, and how many of them fall behind the window.
fn shop(sales_a_day: i64, late_of: usize, longest: i64) -> (usize, usize) {
    let mut late = 0;
    let mut arrivals = vec![];
    for sale in 0..sales_a_day * DAYS {
        let (day, in_day) = (sale / sales_a_day, sale % sales_a_day);
        let at = (day * 24 + 9) * HOUR + in_day * 10 * HOUR / sales_a_day;
        let mut name = [0; 32];
        name[..8].copy_from_slice(&sale.to_be_bytes());
        let key = Key::of(&ActionId::from_core(name), Time::from_micros(at));
        let is_late = arrivals.len() % late_of == 0;
        let sixteenths = i64::from(is_late) * (late % 16 + 1);
        late += i64::from(is_late);
        arrivals.push((at + longest / 16 * sixteenths, key));
    }
    arrivals.sort();
    let mut window = Window::empty();
    let mut bounced = 0;
    for (_, key) in arrivals {
        match window.check_free(&key) {
            Ok(()) => window.remember(&[key], RECENT_MAX),
            Err(_) => bounced += 1,
        }
    }
    (usize::try_from(late).unwrap(), bounced)
}

#[test]
fn a_shop_bounces_what_the_table_says() {
    let bounced =
        |sales, late_of| [1, 3, 6, 24, 72, 168].map(|hours| shop(sales, late_of, hours * HOUR));
    assert_eq!(bounced(20, 20), [(30, 0), (30, 0), (30, 0), (30, 0), (30, 0), (30, 13)]);
    assert_eq!(bounced(50, 20), [(75, 0), (75, 0), (75, 0), (75, 0), (75, 40), (75, 61)]);
    let busy = [(300, 0), (300, 0), (300, 88), (300, 212), (300, 281), (300, 293)];
    assert_eq!(bounced(200, 20), busy);
    let busier =
        [(1_200, 0), (1_200, 0), (1_200, 270), (1_200, 805), (1_200, 1_068), (1_200, 1_155)];
    assert_eq!(bounced(200, 5), busier);
}
