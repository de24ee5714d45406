//! The worked examples of the docs, and what holds for every assessment.

use proptest::prelude::*;
use weir_credit::assess::{amount_for_less_risk, assess, Part, Purpose, Request, Risk, Route};
use weir_credit::assess::{Standing, Terms};
use weir_units::Amount;

const DOCS: &str = include_str!("../../../docs/credit.md");

fn request(amount: i64, purpose: Purpose) -> Request {
    Request { amount: Amount::new(amount), purpose, again: false }
}

/// Cells of a row of the table behind a marker in the docs.
fn rows(marker: &str) -> Vec<Vec<String>> {
    let table = DOCS.split(marker).nth(1).expect("the marker is there");
    let from_head = table.lines().skip_while(|line| !line.starts_with('|'));
    let rows = from_head.skip(2).take_while(|line| line.starts_with('|'));
    let cells = |row: &str| {
        let inner = row.trim().trim_matches('|');
        inner.split('|').map(|cell| cell.trim().replace(',', "")).collect()
    };
    rows.map(cells).collect()
}

fn number<T: std::str::FromStr>(cell: &str) -> T {
    cell.parse().unwrap_or_else(|_| panic!("{cell:?} is no number"))
}

#[test]
fn the_worked_examples_of_the_docs_come_out() {
    let examples = rows("<!-- assessments -->");
    assert!(examples.len() >= 10, "the table is there");
    for row in examples {
        let [who, amount, purpose, months, aged, sales, stakes, backing, last, answers @ ..] =
            row.as_slice()
        else {
            panic!("{row:?}")
        };
        let purpose = *Purpose::ALL.iter().find(|p| p.name() == purpose).expect("a purpose");
        let standing = Standing {
            months: number(months),
            aged_partners: number(aged),
            effective_sales: Amount::new(number(sales)),
            stakes: number(stakes),
            backing: Amount::new(number(backing)),
            last_limit: Amount::new(number(last)),
        };
        let found = assess(&request(number(amount), purpose), &standing).expect("it is assessed");
        let risk = ["low", "medium", "high"][found.risk as usize];
        let route = match found.route {
            Route::Automatic => "automatic",
            Route::Stewards => "stewards",
            Route::Vote => "vote",
        };
        let scores = found.scores.map(|(_, score)| score.to_string());
        let reasons: Vec<_> = found.reasons.iter().map(|reason| reason.part.name()).collect();
        let mut said = scores.to_vec();
        said.extend([found.total.to_string(), risk.into(), route.into(), reasons.join(" ")]);
        assert_eq!(said, answers, "{who}");
    }
}

#[test]
fn risk_changes_at_65_and_at_45() {
    // 40 for conduct, 85 for the purpose: 33 points; each stake is worth 2 and R up to 12.
    let with = |months, stakes, backing| {
        let standing = Standing {
            months,
            stakes,
            backing: Amount::new(backing),
            aged_partners: 0,
            effective_sales: Amount::ZERO,
            last_limit: Amount::ZERO,
        };
        let found = assess(&request(60, Purpose::Productive), &standing).unwrap();
        (found.total, found.risk, found.terms, found.route)
    };
    let high = Terms { days: 60, standing_counts: false };
    let medium = Terms { days: 90, standing_counts: false };
    let low = Terms { days: 90, standing_counts: true };
    assert_eq!(with(0, 0, 55), (44, Risk::High, high, Route::Vote));
    assert_eq!(with(0, 0, 60), (45, Risk::Medium, medium, Route::Stewards));
    assert_eq!(with(9, 1, 55), (64, Risk::Medium, medium, Route::Stewards));
    assert_eq!(with(9, 1, 60), (65, Risk::Low, low, Route::Automatic));
}

#[test]
fn only_what_raises_a_limit_is_decided_by_risk_and_looking_again_is_for_people() {
    let standing = Standing { last_limit: Amount::new(500), ..Standing::default() };
    let route = |amount, again| {
        let asked = Request { again, ..request(amount, Purpose::Creative) };
        assess(&asked, &standing).unwrap().route
    };
    assert_eq!(route(500, false), Route::Automatic, "nothing is raised");
    assert_eq!(route(501, false), Route::Vote);
    assert_eq!(route(501, true), Route::Stewards);
    assert_eq!(route(500, true), Route::Stewards);
}

#[test]
fn nothing_can_be_asked_for_that_is_not_above_zero() {
    for amount in [0, -1, i64::MIN] {
        assert_eq!(assess(&request(amount, Purpose::Creative), &Standing::default()), None);
    }
}

#[test]
fn reasons_are_weighed_and_ties_stand_in_the_order_of_the_parts() {
    let found = assess(&request(100, Purpose::Productive), &Standing::default()).unwrap();
    let reasons: Vec<_> = found.reasons.iter().map(|r| (r.part, r.missing, r.cost)).collect();
    assert_eq!(
        reasons,
        [
            (Part::Conduct, 60, 2_400),
            (Part::Network, 100, 2_000),
            (Part::Community, 100, 2_000),
            (Part::Purpose, 15, 300),
        ]
    );
}

fn standing() -> impl Strategy<Value = Standing> {
    let amount = || prop_oneof![0..10_000_i64, Just(i64::MAX)].prop_map(Amount::new);
    let facts = (0..30_u32, 0..9_u32, amount(), 0..9_u32, amount(), amount());
    facts.prop_map(|(months, aged_partners, effective_sales, stakes, backing, last_limit)| {
        Standing { months, aged_partners, effective_sales, stakes, backing, last_limit }
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..Default::default() })]

    #[test]
    fn scores_are_of_a_hundred_and_more_of_anything_good_never_lowers_them(
        standing in standing(),
        amount in 1..20_000_i64,
        purpose in prop::sample::select(Purpose::ALL.to_vec()),
    ) {
        let total = |standing: &Standing, amount| {
            let found = assess(&request(amount, purpose), standing).unwrap();
            assert!(found.scores.iter().all(|(_, score)| *score <= 100), "{found:?}");
            assert!(found.reasons.len() <= 4 && found.total <= 100);
            found.total
        };
        let now = total(&standing, amount);
        let later = Standing { months: standing.months + 1, ..standing };
        prop_assert!(total(&later, amount) >= now);
        let wider = Standing { aged_partners: standing.aged_partners + 1, ..standing };
        prop_assert!(total(&wider, amount) >= now);
        let trusted = Standing { stakes: standing.stakes + 1, ..standing };
        prop_assert!(total(&trusted, amount) >= now);
        let more = |sum: Amount| sum.plus(Amount::new(7)).unwrap_or(sum);
        let richer = Standing { backing: more(standing.backing), ..standing };
        prop_assert!(total(&richer, amount) >= now);
        let busier = Standing { effective_sales: more(standing.effective_sales), ..standing };
        prop_assert!(total(&busier, amount) >= now);
        prop_assert!(total(&standing, amount + 1) <= now);
    }

    #[test]
    fn asking_for_the_amount_that_is_advised_lowers_the_risk_and_one_more_does_not(
        standing in standing(),
        amount in 1..20_000_i64,
    ) {
        let asked = request(amount, Purpose::Education);
        let risk = |minor| assess(&request(minor, Purpose::Education), &standing).unwrap().risk;
        match amount_for_less_risk(&asked, &standing) {
            Some((less, then)) => {
                prop_assert!(less.minor() < amount && then < risk(amount));
                prop_assert_eq!(risk(less.minor()), then);
                prop_assert_eq!(risk(less.minor() + 1), risk(amount));
            }
            None => prop_assert_eq!(risk(1), risk(amount)),
        }
    }
}
