//! [L4] What must be true of asks, of what follows them up, and of payments against them.

use super::Auditor;
use crate::config::DAY;
use crate::record::{MemberNo, Record, RecordNo, Store};
use std::collections::BTreeMap;
use weir_rules::asks::{Ask, AskEntry, AskEvent, Payer};
use weir_rules::entry::{Against, Event, Pay};
use weir_rules::ids::ActionId;

/// Days that an ask lives at most, days until its asker may remind, and the highest reason.
const LIFE_DAYS: i64 = 400;
const REMIND_DAYS: i64 = 3;
const REASONS: u8 = 4;

impl Auditor {
    /// A payment against an ask was accepted: the payee asked this payer for at least as much, and
    /// it is not too late.
    pub(super) fn check_against(
        &mut self,
        store: &Store,
        number: RecordNo,
        record: &Record,
        pay: &Pay,
    ) {
        let Some(Against::Ask(id)) = &pay.against else { return };
        let wrong = match found(store, id) {
            None => "what is no ask",
            Some((asked, _)) if asked.key != pay.payee => "an ask of somebody else",
            Some((asked, ask)) if !is_to(record, asked, ask) => "an ask to somebody else",
            Some((_, ask)) if ask.amount.is_some_and(|most| pay.amount.minor() > most.minor()) => {
                "an ask for less"
            }
            Some((_, ask)) if record.at.micros() > ask.until.micros() => "an ask that is over",
            Some(_) => return,
        };
        let facts = format!("record {number} of member {} pays against {wrong}", record.author);
        self.violation("L4", facts);
    }

    /// An ask entry was accepted: its author may write it.
    pub(super) fn check_ask(
        &mut self,
        store: &Store,
        number: RecordNo,
        record: &Record,
        entry: &AskEntry,
    ) {
        let at = record.at.micros();
        let right = match &entry.event {
            AskEvent::Ask(ask) => self.is_in_order(store, record, ask),
            AskEvent::Withdraw(id) => {
                found(store, id).is_some_and(|(asked, _)| asked.key == record.key)
            }
            AskEvent::Remind(id) => found(store, id).is_some_and(|(asked, _)| {
                asked.key == record.key && at - asked.at.micros() >= REMIND_DAYS * DAY
            }),
            AskEvent::Acknowledge(id) => found(store, id).is_some_and(|(asked, ask)| {
                let in_time = at <= ask.until.micros();
                is_to(record, asked, ask) && in_time && ask.due.is_some()
            }),
            AskEvent::Refuse { ask, reason } => found(store, ask).is_some_and(|(_, ask)| {
                let named = ask.payer.is_some_and(|payer| payer.member == record.key);
                named && *reason <= REASONS
            }),
        };
        if !right {
            let facts = format!("record {number}: member {} writes {entry:?}", record.author);
            self.violation("L4", facts);
        }
    }

    /// Invoices of which one of these payers was taken more than was asked.
    pub fn overpaid(&self, store: &Store, is_one: impl Fn(MemberNo) -> bool) -> u64 {
        let mut taken = BTreeMap::new();
        for (number, payment) in &self.payments {
            let event = store.entry(*number).map(|entry| &entry.event);
            let Some(Event::Pay(Pay { against: Some(Against::Ask(ask)), .. })) = event else {
                continue;
            };
            if !payment.taken.is_empty() && is_one(payment.payer) {
                *taken.entry((payment.payer, *ask)).or_insert(0) += payment.amount;
            }
        }
        let is_over = |((_, ask), taken): &((MemberNo, ActionId), i128)| {
            let invoice = found(store, ask).filter(|(_, ask)| ask.due.is_some());
            let most = invoice.and_then(|(_, ask)| ask.amount);
            most.is_some_and(|most| *taken > i128::from(most.minor()))
        };
        taken.into_iter().filter(is_over).count() as u64
    }

    /// Is this an ask that somebody could pay?
    fn is_in_order(&self, store: &Store, record: &Record, ask: &Ask) -> bool {
        let (at, until) = (record.at.micros(), ask.until.micros());
        let least = self.terms.amount_min.max(1);
        let in_range = |amount: i64| (least..1 << 53).contains(&amount);
        let is_payer = |payer: Payer| {
            let card = store.find(&payer.card).map(|card| store.record(card));
            payer.member != record.key
                && card.is_some_and(|card| {
                    let opens = card.entry().is_some_and(|it| it.event == Event::Open);
                    opens && card.key == payer.member
                })
        };
        ask.amount.is_none_or(|amount| in_range(amount.minor()))
            && usize::from(ask.category) < self.terms.categories.len()
            && at <= until
            && until - at <= LIFE_DAYS * DAY
            && ask.due.is_none_or(|due| (at..=until).contains(&due.micros()))
            && ask.payer.is_none_or(is_payer)
            && (ask.memo.is_none() || ask.payer.is_some())
    }
}

/// The ask of this name, by whomever.
fn found<'a>(store: &'a Store, id: &ActionId) -> Option<(&'a Record, &'a Ask)> {
    let asked = store.record(store.find(id)?);
    Some((asked, asked.ask()?))
}

/// Does the ask name the author of this record, or nobody, and is it not their own?
fn is_to(record: &Record, asked: &Record, ask: &Ask) -> bool {
    asked.key != record.key && ask.payer.is_none_or(|payer| payer.member == record.key)
}
