//! [I1] The books of each node, over what it counts as sound: together they are always nothing.
//!
//! A record with two versions counts with all its branches: each step once. Balances move by what
//! entries state, payments by what they say, so that the two sides are found by different ways.

use super::{stated, Auditor, Payment};
use crate::record::{NodeNo, RecordNo, Store};
use std::collections::BTreeMap;
use weir_rules::entry::{Event, LedgerEntry};

#[derive(Clone, Debug, Default)]
pub(super) struct Books {
    balances: i128,
    fees: i128,
    levies: i128,
    in_flight: i128,
    /// What counted twice because somebody forked; without a fork it is a violation.
    minted: i128,
    minted_payments: u64,
    /// How often each payment left the flight.
    ended: BTreeMap<RecordNo, u32>,
}

impl Auditor {
    /// A node begins its books anew: it lost its disk, or what it calls sound has changed.
    pub fn forget_books(&mut self, node: NodeNo) {
        self.books[node] = Books::default();
    }

    /// An entry became sound for a node.
    pub(super) fn book(
        &mut self,
        store: &Store,
        node: NodeNo,
        number: RecordNo,
        entry: &LedgerEntry,
    ) {
        let below = store.record(number).below.and_then(|below| store.entry(below));
        let before = below.map(|below| stated(&below.state)).unwrap_or_default();
        let after = stated(&entry.state);
        let books = &mut self.books[node];
        books.balances += after.balance - before.balance;
        books.fees += after.fees - before.fees;
        books.levies += after.levies - before.levies;
        match &entry.event {
            Event::Open | Event::Checkpoint | Event::Decline(_) | Event::MonthPage(_) => {}
            Event::Pay(pay) => books.in_flight += i128::from(pay.amount.minor()),
            Event::Receive(receive) => {
                receive.pays.iter().for_each(|pay| self.landed(store, node, store.find(pay)));
            }
            Event::Reclaim(reclaim) => self.landed(store, node, store.find(&reclaim.pay)),
        }
    }

    /// A payment is in flight no more; for the second time only when somebody forked.
    fn landed(&mut self, store: &Store, node: NodeNo, paid: Option<RecordNo>) {
        let Some((paid, payment)) = paid.and_then(|it| Some((it, self.payments.get(&it)?))) else {
            return;
        };
        let amount = payment.amount;
        let excused = self.forked.contains(&payment.payer) || self.forked_payee(store, payment);
        let books = &mut self.books[node];
        let ended = books.ended.entry(paid).or_default();
        *ended += 1;
        if *ended == 1 {
            books.in_flight -= amount;
            return;
        }
        books.minted += amount;
        books.minted_payments += 1;
        if !excused {
            let facts = format!("payment {paid} counts twice for node {node}, and nobody forked");
            self.violation("I5", facts);
        }
    }

    /// After every step: the books of every node come to nothing.
    pub fn check_books(&mut self) {
        for node in 0..self.books.len() {
            let Books { balances, fees, levies, in_flight, minted, .. } = self.books[node];
            let sum = balances + fees + levies + in_flight - minted;
            if sum != 0 {
                let facts = format!(
                    "node {node}: balances {balances} + in flight {in_flight} + fees {fees} + \
                     levies {levies} - counted twice by forks {minted} = {sum}"
                );
                self.violation("I1", facts);
                // One fault is told once.
                self.books[node].balances -= sum;
            }
        }
    }

    /// Payments that counted twice by forks, and what they come to, for this node.
    pub fn minted(&self, node: NodeNo) -> (u64, i128) {
        let books = &self.books[node];
        (books.minted_payments, books.minted)
    }

    /// By how much members who forked spent past their line on all branches together.
    pub fn overspent(&self, store: &Store) -> i128 {
        let mut totals = BTreeMap::new();
        for (number, account) in &self.accounts {
            let record = store.record(*number);
            if self.forked.contains(&record.author) {
                let below = record.below.and_then(|below| self.accounts.get(&below));
                let before = below.copied().unwrap_or_default();
                *totals.entry(record.author).or_insert(0) += account.balance - before.balance;
            }
        }
        let line = i128::from(self.terms.seed) + i128::from(self.terms.founder_grant);
        totals.values().map(|total: &i128| (-line - total).max(0)).sum()
    }

    /// Every payment that is sound for somebody.
    pub fn payments(&self) -> impl Iterator<Item = RecordNo> + '_ {
        self.payments.keys().copied()
    }

    /// How many payments were sent back and not taken back, and how many nobody answered.
    pub fn left_open(&self) -> (u64, u64) {
        let is_open = |it: &&Payment| it.taken.is_empty() && it.taken_back.is_empty();
        let open: Vec<&Payment> = self.payments.values().filter(is_open).collect();
        let sent_back = open.iter().filter(|it| !it.sent_back.is_empty()).count();
        (sent_back as u64, (open.len() - sent_back) as u64)
    }
}
