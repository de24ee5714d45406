//! The bound on what any set of keys can owe together [C4], tried by clusters that do whatever the
//! rules allow: trade without end among themselves, pledge, draw, give grants back, start again.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use std::collections::BTreeMap;
use weir_credit::book::{check_book, Book, Lowered, Size};
use weir_credit::limit::{check_pledge, cluster_bound, limit, standing, Backing, Rules};
use weir_units::Amount;

const SEED: i64 = 50;

fn rules() -> Rules {
    Rules { seed: Amount::new(SEED), ..Rules::with_line_max(Amount::new(1_000_000_000_000)) }
}

/// What a cluster is held by. The mutants show that the test would see a rule that is missing.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Held {
    ByTheRules,
    /// Pledges come from the whole line.
    PledgesFromTheLine,
    /// A grant may be lowered without showing anything.
    GrantsMoveFreely,
    /// Of pledges and debt, each alone must fit into the line of a lower grant.
    PledgesApartFromDebt,
}

#[derive(Clone, Debug)]
struct Pledge {
    borrower: usize,
    amount: i64,
    /// The borrower's line no longer lists it, and never will again.
    dropped: bool,
}

#[derive(Clone, Debug, Default)]
struct Key {
    limit: i64,
    rooted: i64,
    balance: i64,
    pledges: Vec<Pledge>,
    /// What honest members outside pledged, and what their sponsors did.
    cut: i64,
    sponsored: i64,
}

impl Key {
    fn committed(&self) -> i64 {
        self.pledges.iter().map(|pledge| pledge.amount).sum()
    }

    /// [L6] How far the balance may go down, seen from now.
    fn room(&self) -> i64 {
        (self.balance - (self.committed() - self.limit).max(-self.limit)).max(0)
    }
}

struct Cluster {
    held: Held,
    keys: Vec<Key>,
    book: Book,
    bound: i64,
}

#[derive(Clone, Debug)]
enum Act {
    /// A new line, rooted in this part of the grant (in quarters).
    Renew {
        key: usize,
        quarters: i64,
    },
    /// A pledge of this part of what would still be allowed (in quarters).
    Pledge {
        key: usize,
        borrower: usize,
        quarters: i64,
    },
    /// The borrower takes a line that no longer lists a stake.
    Drop {
        key: usize,
        which: usize,
    },
    Release {
        key: usize,
        which: usize,
    },
    /// Pays outsiders as much as fits.
    Spend {
        key: usize,
    },
    /// Pays another key of the cluster.
    Pay {
        key: usize,
        payee: usize,
        quarters: i64,
    },
    /// The bank moves a grant.
    Move {
        key: usize,
        to: usize,
        quarters: i64,
    },
}

impl Cluster {
    fn new(held: Held, keys: usize, grants: &[i64], cut: &[(i64, i64)]) -> Self {
        let mut cluster =
            Self { held, keys: vec![Key::default(); keys], book: Book::default(), bound: 0 };
        for (key, grant) in grants.iter().take(keys).enumerate() {
            cluster.book.grants.insert(key as u32, Amount::new(*grant));
        }
        for (key, (cut, sponsored)) in cluster.keys.iter_mut().zip(cut) {
            (key.cut, key.sponsored) = (*cut, *sponsored);
        }
        let granted: i64 = cluster.book.grants.values().map(|grant| grant.minor()).sum();
        let outside: i64 = cluster.keys.iter().map(|key| key.cut + key.sponsored).sum();
        let bound = cluster_bound(&rules(), Amount::new(granted), Amount::new(outside));
        cluster.bound = bound.unwrap().minor();
        cluster
    }

    fn grant(&self, key: usize) -> i64 {
        self.book.grants.get(&(key as u32)).map_or(0, |grant| grant.minor())
    }

    fn owed(&self) -> i64 {
        self.keys.iter().map(|key| (-key.balance).max(0)).sum()
    }

    fn renew(&mut self, key: usize, rooted: i64) {
        let pledged = self.keys.iter().flat_map(|key| &key.pledges);
        let inside = pledged.filter(|pledge| pledge.borrower == key && !pledge.dropped);
        let endorsed = inside.map(|pledge| pledge.amount).sum::<i64>() + self.keys[key].cut;
        let backing = Backing { granted: Amount::new(rooted), endorsed: Amount::new(endorsed) };
        let seed = Amount::new(SEED.min(self.keys[key].sponsored));
        // Wash trade without end, four years of good standing.
        let sales = Amount::new(1_000_000_000);
        let line = limit(&rules(), seed, backing, sales, standing(&rules(), 48)).unwrap();
        (self.keys[key].limit, self.keys[key].rooted) = (line.minor(), rooted);
    }

    fn pledge(&mut self, key: usize, borrower: usize, amount: i64) {
        let mine = &self.keys[key];
        let fits = match self.held {
            Held::PledgesFromTheLine => (mine.committed() + amount) * 2 <= mine.limit,
            _ => {
                let pledges: Vec<_> = mine
                    .pledges
                    .iter()
                    .map(|pledge| (pledge.borrower as u32, Amount::new(pledge.amount)))
                    .collect();
                let (rooted, amount) = (Amount::new(mine.rooted), Amount::new(amount));
                check_pledge(&rules(), rooted, &pledges, borrower as u32, amount).is_ok()
            }
        };
        if fits && amount > 0 && key != borrower && amount <= mine.room() {
            self.keys[key].pledges.push(Pledge { borrower, amount, dropped: false });
        }
    }

    fn move_grant(&mut self, key: usize, to: usize, amount: i64) {
        if key == to || amount == 0 {
            return;
        }
        let mut next = self.book.clone();
        let grants = [(key, self.grant(key) - amount), (to, self.grant(to) + amount)];
        for (key, grant) in grants {
            next.grants.insert(key as u32, Amount::new(grant));
        }
        let from = &self.keys[key];
        let entry = |committed: i64| Lowered::Entry {
            rooted: Amount::new(from.rooted),
            limit: Amount::new(from.limit),
            committed: Amount::new(committed),
            balance: Amount::new(from.balance),
        };
        let shown = match self.held {
            Held::GrantsMoveFreely => Lowered::Release,
            Held::PledgesApartFromDebt if from.committed() * 2 <= grants[0].1 => entry(0),
            _ => entry(from.committed()),
        };
        let size = Size { k_max: Amount::new(1_000_000_000), members: 100_000 };
        let lowered = BTreeMap::from([(key as u32, shown)]);
        if check_book(&rules(), size, &self.book, &next, Amount::ZERO, &lowered).is_ok() {
            self.book = next;
        }
    }

    fn act(&mut self, act: &Act) {
        let count = self.keys.len();
        let part = |of: i64, quarters: i64| of * quarters / 4;
        match *act {
            Act::Renew { key, quarters } => {
                let key = key % count;
                self.renew(key, part(self.grant(key), quarters));
            }
            Act::Pledge { key, borrower, quarters } => {
                let (key, borrower) = (key % count, borrower % count);
                let mine = &self.keys[key];
                let most = match self.held {
                    Held::PledgesFromTheLine => mine.limit / 2 - mine.committed(),
                    // Two fifths of half of the grant may be for one borrower.
                    _ => mine.rooted / 5,
                };
                self.pledge(key, borrower, part(most, quarters));
            }
            Act::Drop { key, which } => {
                let key = key % count;
                let Some(which) = which.checked_rem(self.keys[key].pledges.len()) else { return };
                let borrower = self.keys[key].pledges[which].borrower;
                // [E5] A line may leave a stake out when the borrower owes nothing.
                if self.keys[borrower].balance >= 0 {
                    self.keys[key].pledges[which].dropped = true;
                    self.renew(borrower, self.grant(borrower));
                }
            }
            Act::Release { key, which } => {
                let key = key % count;
                let Some(which) = which.checked_rem(self.keys[key].pledges.len()) else { return };
                let pledge = &self.keys[key].pledges[which];
                // [E6]
                if pledge.dropped && self.keys[pledge.borrower].balance >= 0 {
                    self.keys[key].pledges.remove(which);
                }
            }
            Act::Spend { key } => {
                let room = self.keys[key % count].room();
                self.keys[key % count].balance -= room;
            }
            Act::Pay { key, payee, quarters } => {
                let paid = part(self.keys[key % count].room(), quarters);
                self.keys[key % count].balance -= paid;
                self.keys[payee % count].balance += paid;
            }
            Act::Move { key, to, quarters } => {
                let (key, to) = (key % count, to % count);
                self.move_grant(key, to, part(self.grant(key), quarters));
            }
        }
    }
}

fn act() -> impl Strategy<Value = Act> {
    let key = || 0..8_usize;
    let quarters = || prop_oneof![3 => Just(4_i64), 1 => 0..4_i64];
    prop_oneof![
        4 => (key(), prop_oneof![3 => Just(4_i64), 2 => 0..4_i64])
            .prop_map(|(key, quarters)| Act::Renew { key, quarters }),
        3 => (key(), key(), quarters())
            .prop_map(|(key, borrower, quarters)| Act::Pledge { key, borrower, quarters }),
        1 => (key(), 0..24_usize).prop_map(|(key, which)| Act::Drop { key, which }),
        1 => (key(), 0..24_usize).prop_map(|(key, which)| Act::Release { key, which }),
        3 => key().prop_map(|key| Act::Spend { key }),
        2 => (key(), key(), quarters())
            .prop_map(|(key, payee, quarters)| Act::Pay { key, payee, quarters }),
        2 => (key(), key(), quarters())
            .prop_map(|(key, to, quarters)| Act::Move { key, to, quarters }),
    ]
}

type World = (usize, Vec<i64>, Vec<(i64, i64)>, Vec<Act>);

fn world() -> impl Strategy<Value = World> {
    let grants = prop::collection::vec(prop_oneof![Just(0), 1..2_000_i64], 1..4);
    let cut = prop::collection::vec((prop_oneof![Just(0), 1..500_i64], 0..80_i64), 0..4);
    (1..8_usize, grants, cut, prop::collection::vec(act(), 1..120))
}

/// Whether a cluster stays within the bound, whatever it does.
fn stays_within(held: Held, cases: u32) -> Result<(), String> {
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(
        config,
        proptest::test_runner::TestRng::deterministic_rng(
            proptest::test_runner::RngAlgorithm::ChaCha,
        ),
    );
    let outcome = runner.run(&world(), |(keys, grants, cut, acts)| {
        let mut cluster = Cluster::new(held, keys, &grants, &cut);
        for act in &acts {
            cluster.act(act);
            prop_assert!(
                cluster.owed() <= cluster.bound,
                "{} of {}",
                cluster.owed(),
                cluster.bound
            );
        }
        Ok(())
    });
    outcome.map_err(|error| error.to_string())
}

#[test]
fn no_cluster_of_any_size_passes_the_bound() {
    assert_eq!(stays_within(Held::ByTheRules, 4_000), Ok(()));
}

#[test]
fn a_rule_that_pledges_from_the_whole_line_passes_the_bound() {
    stays_within(Held::PledgesFromTheLine, 4_000).unwrap_err();
}

#[test]
fn grants_that_move_freely_pass_the_bound() {
    stays_within(Held::GrantsMoveFreely, 4_000).unwrap_err();
}

/// So that rounding does not show.
const PARTS: i64 = 1_000_000;

/// Ten fakes in a row, each pledging half of what it has to the next, with k = 3: what 100 of
/// honest stake become.
fn chain_of_ten(held: Held) -> i64 {
    let tripling = Rules { standing_max: weir_units::Bp::new(10_000), ..rules() };
    let line = |rooted: i64, endorsed: i64| {
        let backing = Backing { granted: Amount::new(rooted), endorsed: Amount::new(endorsed) };
        let h = weir_units::Bp::new(20_000);
        let sales = Amount::new(1_000_000_000_000);
        limit(&tripling, Amount::ZERO, backing, sales, h).unwrap().minor()
    };
    let (mut endorsed, mut owed) = (100 * PARTS, 0);
    for fake in 0..10 {
        let limit = line(0, endorsed);
        let pledged = match held {
            _ if fake == 9 => 0,
            Held::PledgesFromTheLine => limit / 2,
            _ => 0,
        };
        owed += limit - pledged;
        endorsed = pledged;
    }
    (owed + PARTS / 2) / PARTS
}

#[test]
fn ten_fakes_in_a_row_turn_100_into_22_766_when_lines_are_pledged_and_into_300_otherwise() {
    assert_eq!(chain_of_ten(Held::PledgesFromTheLine), 22_766);
    assert_eq!(chain_of_ten(Held::ByTheRules), 300);
}

/// One grant of 100 goes from fake to fake; each draws its line and stays in debt.
fn rotated_through_six(held: Held) -> (i64, i64, usize) {
    let mut cluster = Cluster::new(held, 6, &[100], &[]);
    let mut moved = 0;
    for fake in 0..6 {
        cluster.act(&Act::Renew { key: fake, quarters: 4 });
        cluster.act(&Act::Spend { key: fake });
        let before = cluster.book.clone();
        cluster.act(&Act::Move { key: fake, to: fake + 1, quarters: 4 });
        moved += usize::from(cluster.book != before);
    }
    (cluster.owed(), cluster.bound, moved)
}

#[test]
fn one_grant_rotated_through_six_fakes_is_refused_by_lowered() {
    assert_eq!(rotated_through_six(Held::GrantsMoveFreely), (6 * 250, 325, 6));
    assert_eq!(rotated_through_six(Held::ByTheRules), (250, 325, 0));
}

#[test]
fn a_grant_that_nothing_rests_on_moves_to_the_next() {
    let mut cluster = Cluster::new(Held::ByTheRules, 2, &[100], &[]);
    cluster.act(&Act::Renew { key: 0, quarters: 4 });
    cluster.act(&Act::Move { key: 0, to: 1, quarters: 4 });
    assert_eq!(cluster.grant(1), 0, "its line is still rooted in it");
    cluster.act(&Act::Renew { key: 0, quarters: 0 });
    cluster.act(&Act::Move { key: 0, to: 1, quarters: 4 });
    assert_eq!((cluster.grant(0), cluster.grant(1)), (0, 100));
}

/// A grant of 300 is given back in steps: each key pledges 50, owes 250, and keeps 100.
fn given_back_in_steps(held: Held) -> (i64, i64, usize) {
    let mut cluster = Cluster::new(held, 5, &[300], &[]);
    let mut moved = 0;
    for key in 0..3 {
        cluster.renew(key, cluster.grant(key));
        for borrower in [3, 4] {
            cluster.pledge(key, borrower, (cluster.grant(key) / 5).min(25));
        }
        cluster.keys[key].balance -= cluster.keys[key].room().min(250);
        cluster.renew(key, 100.min(cluster.grant(key)));
        let before = cluster.book.clone();
        cluster.move_grant(key, key + 1, cluster.grant(key) - 100);
        moved += usize::from(cluster.book != before);
    }
    for borrower in [3, 4] {
        cluster.renew(borrower, cluster.grant(borrower));
        cluster.act(&Act::Spend { key: borrower });
    }
    (cluster.owed(), cluster.bound, moved)
}

#[test]
fn pledges_and_debt_are_counted_together_when_a_grant_is_given_back() {
    let (owed, bound, moved) = given_back_in_steps(Held::PledgesApartFromDebt);
    assert_eq!((bound, moved), (975, 2));
    assert!(owed > bound, "{owed}");
    let (owed, bound, moved) = given_back_in_steps(Held::ByTheRules);
    assert_eq!((bound, moved), (975, 0));
    assert!(owed <= bound, "{owed}");
}
