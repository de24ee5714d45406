//! Which entries of the own account a member looks for. What is cheap to find out is asked first.

use crate::account::{self, Entry, Me};
use crate::pages;
use crate::problem::Told;
use crate::reading;
use weir_rules::entry::Event;
use weir_rules::month::MonthPage;
use weir_units::Amount;
use weir_wire::{ActivityFilter, ActivityKind, Direction, Payment};

/// Can what is asked be read?
pub fn check(filter: &ActivityFilter) -> Told<()> {
    filter.member.as_deref().map(reading::member).transpose()?;
    filter.amount_least.as_deref().map(reading::amount).transpose()?;
    filter.amount_most.as_deref().map(reading::amount).transpose()?;
    Ok(())
}

/// From an entry towards the period, a month at a time: statements name one another.
pub fn skip_newer(start: Entry, filter: &ActivityFilter) -> Told<Entry> {
    let is_newer = |entry: &Entry| filter.ends_before(reading::millis(entry.at));
    let mut start = start;
    while let (true, Some(stated)) = (is_newer(&start), start.entry.state.stated.hash) {
        let statement = account::fetch(&stated)?;
        if !is_newer(&statement) {
            break;
        }
        start = statement;
    }
    Ok(start)
}

/// May an entry fit, by what it and the payments that it names say to everybody?
pub fn may_fit(filter: &ActivityFilter, me: &Me, entry: &Entry) -> Told<bool> {
    let event = &entry.entry.event;
    let in_time = !filter.ends_before(reading::millis(entry.at));
    if !in_time || !filter.takes_way(way(event)) {
        return Ok(false);
    }
    if !filter.asks_for_payment() {
        return Ok(true);
    }
    let named = match event {
        Event::Pay(_) => return Ok(may_take(filter, me, entry)),
        Event::Receive(receive) => receive.pays.as_slice(),
        Event::Decline(decline) => std::slice::from_ref(&decline.pay),
        Event::Reclaim(reclaim) => std::slice::from_ref(&reclaim.pay),
        Event::Open | Event::Checkpoint | Event::MonthPage(_) => &[],
    };
    for id in named {
        if may_take(filter, me, &account::fetch(id)?) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn may_take(filter: &ActivityFilter, me: &Me, paid: &Entry) -> bool {
    let Event::Pay(pay) = &paid.entry.event else { return false };
    let other = reading::member_text(&pages::other_than(me, paid, pay));
    filter.may_take(&other, pay.amount.minor(), pay.category)
}

/// Does an entry that may fit do so, now that its notes are open and its answers known?
pub fn fits(filter: &ActivityFilter, me: &Me, what: &ActivityKind) -> bool {
    let me = reading::member_text(&me.key);
    let takes = |payment: &Payment| {
        let other = if payment.payer == me { &payment.payee } else { &payment.payer };
        filter.takes(payment, other)
    };
    match what {
        ActivityKind::Received { payments } => payments.iter().any(takes),
        ActivityKind::Paid { payment }
        | ActivityKind::SentBack { payment }
        | ActivityKind::CameBack { payment } => takes(payment),
        ActivityKind::Opened | ActivityKind::MonthClosed { .. } | ActivityKind::Checkpoint => true,
    }
}

/// Which way an own entry moved the balance.
fn way(event: &Event) -> Option<Direction> {
    match event {
        Event::Receive(_) | Event::Reclaim(_) => Some(Direction::In),
        Event::Pay(_) => Some(Direction::Out),
        Event::MonthPage(MonthPage { levy: Some(levy), .. }) if *levy > Amount::ZERO => {
            Some(Direction::Out)
        }
        Event::Open | Event::Decline(_) | Event::Checkpoint | Event::MonthPage(_) => None,
    }
}
