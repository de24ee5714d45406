//! `weir books`: do all units add up to nothing, over what this node holds and counts sound?
//!
//! Rule L15: the balances, what is in flight, fees, levies and absorbed losses, less what pools
//! granted, are zero together. Every unit that someone is below zero is somewhere else.

use crate::held::Held;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use weir_rules::entry::{Event, State};
use weir_rules::ids::{ActionId, MemberKey};

/// The books of a community, in minor units.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Books {
    /// Accounts with a sound entry.
    pub members: u64,
    /// Ledger entries that are sound here.
    pub entries: u64,
    /// Ledger entries that are held here and not counted.
    pub not_counted: u64,
    /// Sum of the balances above zero.
    pub above_zero: i128,
    /// Sum of the balances below zero.
    pub below_zero: i128,
    /// Paid, and not taken or taken back yet.
    pub in_flight: i128,
    pub fees: i128,
    pub levies: i128,
    pub absorbed: i128,
    pub granted: i128,
    /// Must be 0.
    pub difference: i128,
}

impl Books {
    /// Adds up what is sound.
    pub fn of(held: &Held) -> Self {
        let sound = held.sound();
        let mut books = Self {
            entries: sound.len() as u64,
            not_counted: (held.entries.len() - sound.len()) as u64,
            in_flight: in_flight(held, &sound),
            ..Self::default()
        };
        for state in last_states(held, &sound).values() {
            books.add(state);
        }
        books.difference = books.above_zero
            + books.below_zero
            + books.in_flight
            + books.fees
            + books.levies
            + books.absorbed
            - books.granted;
        books
    }

    fn add(&mut self, state: &State) {
        let balance = i128::from(state.balance.minor());
        self.members += 1;
        self.above_zero += balance.max(0);
        self.below_zero += balance.min(0);
        self.fees += i128::from(state.fees.minor());
        self.levies += i128::from(state.levies.minor());
        self.absorbed += i128::from(state.absorbed.minor());
        self.granted += i128::from(state.granted.minor());
    }

    pub fn balanced(&self) -> bool {
        self.difference == 0
    }
}

/// The newest sound account of each member.
fn last_states<'a>(held: &'a Held, sound: &BTreeSet<ActionId>) -> BTreeMap<MemberKey, &'a State> {
    let mut last: BTreeMap<MemberKey, &State> = BTreeMap::new();
    for held in sound.iter().filter_map(|id| held.entries.get(id)) {
        let state = &held.entry.state;
        let newest = last.entry(held.author).or_insert(state);
        if state.seq > newest.seq {
            *newest = state;
        }
    }
    last
}

/// Sound payments that no sound entry took or took back. One that was sent back is still in
/// flight until its payer takes it back.
fn in_flight(held: &Held, sound: &BTreeSet<ActionId>) -> i128 {
    let mut open: BTreeMap<ActionId, i128> = BTreeMap::new();
    let mut ended = Vec::new();
    for id in sound {
        match held.entries.get(id).map(|held| &held.entry.event) {
            Some(Event::Pay(pay)) => {
                open.insert(*id, i128::from(pay.amount.minor()));
            }
            Some(Event::Receive(receive)) => ended.extend(receive.pays.iter()),
            Some(Event::Reclaim(reclaim)) => ended.push(&reclaim.pay),
            Some(Event::Open | Event::Decline(_) | Event::Checkpoint | Event::MonthPage(_))
            | None => {}
        }
    }
    for pay in ended {
        open.remove(pay);
    }
    open.values().sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::held::tests::{id, pay, state, village};

    #[test]
    fn the_books_of_a_village_are_zero() {
        let books = Books::of(&village());
        assert_eq!((books.members, books.entries, books.not_counted), (3, 7, 0));
        assert_eq!((books.above_zero, books.below_zero), (5, -5));
        assert!(books.balanced());
    }

    #[test]
    fn a_payment_that_nobody_took_is_in_flight() {
        let held = village().with(12, 1, state(2, Some(id(11)), -9), pay(3, 30, 4));
        let books = Books::of(&held);
        assert_eq!(books.in_flight, 4);
        assert!(books.balanced());
    }

    #[test]
    fn what_is_not_sound_is_left_out_and_the_books_stay_zero() {
        let mut held = village();
        held.accepted.insert(id(21), 1);
        let books = Books::of(&held);
        assert_eq!((books.entries, books.not_counted), (4, 3));
        assert_eq!(books.in_flight, 5);
        assert!(books.balanced());
    }

    #[test]
    fn a_wrong_balance_shows() {
        let held =
            village().with(31, 3, state(1, Some(id(30)), 4), crate::held::tests::receive(&[22]));
        assert_eq!(Books::of(&held).difference, 1);
    }
}
