//! What every node checks of a line, and how fast lines can grow.

use proptest::prelude::*;
use weir_credit::limit::{effective_sales, limit, standing, Backing, Partner, Rules};
use weir_credit::line::{check_line, limit_most, next_base, Facts, Line, Off};
use weir_units::{Amount, Span, Time};

const START: Time = Time::from_micros(1_700_000_000_000_000);

fn rules() -> Rules {
    Rules::with_line_max(Amount::new(1_000_000))
}

fn facts(granted: i64, sales: i64) -> Facts {
    Facts {
        backing: Backing { granted: Amount::new(granted), endorsed: Amount::ZERO },
        seed_pledged: Amount::new(10_000),
        effective_sales: Amount::new(sales),
        total: 70,
        standing_counts: true,
    }
}

/// The largest line that these facts allow.
fn largest(previous: Option<&Line>, facts: &Facts, from: Time) -> Line {
    let good_since = previous.map_or(from, |line| line.good_since);
    let (base, base_at) = next_base(previous, from);
    Line {
        limit: limit_most(&rules(), previous, facts, from, good_since).expect("it fits"),
        rooted: facts.backing.granted,
        seed: rules().seed.min(facts.seed_pledged),
        from,
        to: from.plus(Span::days(90)),
        number: previous.map_or(1, |line| line.number + 1),
        base,
        base_at,
        good_since,
        total: facts.total,
    }
}

#[test]
fn a_first_line_and_the_next_are_taken_at_every_boundary() {
    let facts = facts(30_000, 600_000);
    let first = largest(None, &facts, START);
    assert_eq!(check_line(&rules(), None, &facts, &first), Ok(()));
    let lower = Line { limit: Amount::ZERO, to: first.from.plus(Span::MINUTE), ..first };
    assert_eq!(check_line(&rules(), None, &facts, &lower), Ok(()), "terms may lower it");
    let second = largest(Some(&first), &facts, first.from);
    assert_eq!(check_line(&rules(), Some(&first), &facts, &second), Ok(()));
    let late = Line { good_since: second.from, ..second };
    let most = limit_most(&rules(), Some(&first), &facts, late.from, late.good_since).unwrap();
    assert!(late.limit <= most);
    assert_eq!(check_line(&rules(), Some(&first), &facts, &late), Ok(()), "signers may raise it");
}

#[test]
fn every_part_of_a_line_is_held_by_a_rule() {
    type Change = fn(&mut Line);
    let facts = facts(30_000, 0);
    let before = largest(None, &facts, START);
    let right = largest(Some(&before), &facts, START.plus(Span::days(91)));
    let changes: [(&str, Change); 16] = [
        ("number", |line| line.number += 1),
        ("number", |line| line.number -= 1),
        ("from", |line| line.from = Time::from_micros(START.micros() - 1)),
        ("to", |line| line.to = line.from),
        ("to", |line| line.to = line.from.plus(Span::days(90)).plus(Span::MINUTE)),
        ("rooted", |line| line.rooted = Amount::new(30_001)),
        ("rooted", |line| line.rooted = Amount::new(-1)),
        ("seed", |line| line.seed = Amount::new(10_001)),
        ("good_since", |line| line.good_since = Time::from_micros(START.micros() - 1)),
        ("good_since", |line| line.good_since = line.from.plus(Span::MINUTE)),
        ("base", |line| line.base = Amount::new(line.base.minor() + 1)),
        ("base_at", |line| line.base_at = START),
        ("total", |line| line.total += 1),
        ("limit", |line| line.limit = Amount::new(line.limit.minor() + 1)),
        ("limit", |line| line.limit = Amount::new(-1)),
        // Who takes a line rooted in less than the grant has the limit of that.
        ("limit", |line| line.rooted = Amount::new(29_999)),
    ];
    assert_eq!(check_line(&rules(), Some(&before), &facts, &right), Ok(()));
    for (part, change) in changes {
        let mut line = right;
        change(&mut line);
        let found = check_line(&rules(), Some(&before), &facts, &line);
        assert_eq!(found, Err(Off(part)), "{line:?}");
    }
}

#[test]
fn a_seed_is_what_sponsors_cover_at_most() {
    let facts = Facts { seed_pledged: Amount::new(4_000), ..facts(0, 0) };
    let line = largest(None, &facts, START);
    assert_eq!((line.seed.minor(), line.limit.minor()), (4_000, 4_000));
    assert_eq!(check_line(&rules(), None, &facts, &line), Ok(()));
}

#[test]
fn weekly_lines_grow_by_a_quarter_in_ninety_days_and_not_eighteen_times() {
    // A book grants much, but not before the first line: the limit is what holds it back.
    let poor = facts(0, 0);
    let mut line = largest(None, &poor, START);
    let rich = Facts { effective_sales: Amount::new(90_000_000), ..facts(20_000, 0) };
    line = largest(Some(&line), &rich, START.plus(Span::days(7)));
    assert_eq!(line.limit.minor(), 30_000, "new backing counts at once, turnover does not");
    let mut limits = vec![line.limit.minor()];
    for week in 2..=52 {
        line = largest(Some(&line), &rich, START.plus(Span::days(7 * week)));
        limits.push(line.limit.minor());
    }
    for (week, limit) in limits.iter().enumerate().skip(13) {
        assert!(limit * 4 <= limits[week - 13] * 5, "week {week}: {limits:?}");
    }
    assert_eq!(limits[0..12], [30_000; 12]);
    // Weeks 13 and 26 move the base.
    assert_eq!((limits[12], limits[25]), (37_500, 46_875));
}

fn partner() -> impl Strategy<Value = Partner> {
    (0..100_000_i64, 0..100_000_i64, any::<bool>()).prop_map(|(sales, purchases, aged)| Partner {
        sales: Amount::new(sales),
        purchases: Amount::new(purchases),
        aged,
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..Default::default() })]

    #[test]
    fn more_stake_or_more_sales_never_lower_a_limit_and_turnover_never_outruns_stake(
        mut partners in prop::collection::vec(partner(), 0..12),
        granted in 0..200_000_i64,
        endorsed in 0..200_000_i64,
        months in 0..60_u32,
        more in 0..50_000_i64,
        which in any::<prop::sample::Index>(),
    ) {
        let seed = rules().seed;
        let h = standing(&rules(), months);
        let limit_of = |partners: &[Partner], granted, endorsed| {
            let backing =
                Backing { granted: Amount::new(granted), endorsed: Amount::new(endorsed) };
            let sales = effective_sales(partners).unwrap();
            limit(&rules(), seed, backing, sales, h).unwrap().minor()
        };
        let now = limit_of(&partners, granted, endorsed);
        prop_assert!(limit_of(&partners, granted + more, endorsed) >= now);
        prop_assert!(limit_of(&partners, granted, endorsed + more) >= now);
        // However much is traded, to whomever: seed and two and a half times the stake.
        prop_assert!((now - seed.minor()) * 2 <= (granted + endorsed) * 5);
        if !partners.is_empty() {
            let which = which.index(partners.len());
            let partner = &mut partners[which];
            partner.sales = Amount::new(partner.sales.minor() + more);
            prop_assert!(limit_of(&partners, granted, endorsed) >= now);
        }
    }

    #[test]
    fn trade_within_a_circle_counts_half_at_most(
        trades in prop::collection::vec(0..100_000_i64, 1..12),
    ) {
        // Everybody sells to the member what they buy from them: a ring of wash trade.
        let ring: Vec<Partner> = trades
            .iter()
            .map(|trade| Partner {
                sales: Amount::new(*trade),
                purchases: Amount::new(*trade),
                aged: true,
            })
            .collect();
        let all: i64 = trades.iter().sum();
        prop_assert!(effective_sales(&ring).unwrap().minor() * 2 <= all);
    }

    #[test]
    fn no_line_grows_by_more_than_a_quarter_in_ninety_days_without_new_backing(
        days in prop::collection::vec(0..60_u32, 2..40),
        sales in 0..50_000_000_i64,
        granted in 0..50_000_i64,
    ) {
        let facts = facts(granted, sales);
        let mut lines: Vec<Line> = vec![];
        let mut at = START;
        for day in days {
            at = at.plus(Span::days(day));
            let line = largest(lines.last(), &facts, at);
            prop_assert_eq!(check_line(&rules(), lines.last(), &facts, &line), Ok(()));
            lines.push(line);
        }
        // The base moves once in 90 days, so after m times 90 days it has moved m times at most.
        let floor = i128::from(facts.backing.granted.plus(rules().seed).unwrap().minor());
        for line in &lines {
            let moves = line.from.since(START).micros() / Span::days(90).micros();
            let (up, down) = (5_i128.pow(moves as u32), 4_i128.pow(moves as u32));
            prop_assert!(i128::from(line.limit.minor()) * down <= floor * up);
        }
    }
}
