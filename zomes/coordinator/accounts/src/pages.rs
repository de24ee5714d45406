//! Reading one's own account.

use crate::account::{self, me, Entry, Me};
use crate::answers;
use crate::find;
use crate::inbox;
use crate::memo;
use crate::months;
use crate::problem::{wish, Told};
use crate::reading;
use crate::sound::Mine;
use crate::witness;
use weir_rules::charter::Charter;
use weir_rules::entry::{Against, Event, Pay};
use weir_rules::ids::{ActionId, MemberKey};
use weir_rules::ledger::{line, spendable};
use weir_rules::month::{self, MonthPage};
use weir_rules::window::{Key, OpenPay};
use weir_wire::{self as wire, ActivityKind, PaymentStatus};

pub fn charter() -> Told<wire::CharterInfo> {
    let charter = weir_substrate::charter()?;
    let text = charter.text();
    Ok(wire::CharterInfo {
        name: text.name.clone(),
        unit: wire::Unit {
            name: text.unit.name.clone(),
            symbol: text.unit.symbol.clone(),
            decimals: text.unit.decimals,
        },
        trial: text.trial,
        categories: text.categories.clone(),
        amount_min: text.amount_min.to_string(),
        fee_bp: text.fee_bp,
        expires_days: text.expires_days,
        founded_ms: reading::millis(charter.founded()),
    })
}

pub fn position() -> Told<wire::Position> {
    let me = me()?;
    let charter = weir_substrate::charter()?;
    Ok(match account::head(&me)? {
        Some(head) => position_at(&charter, &me, &head),
        None => {
            let zero = || "0".to_string();
            wire::Position {
                balance: zero(),
                line: zero(),
                committed: zero(),
                spendable: zero(),
                open: 0,
                entries: 0,
                month_over: false,
                head: None,
            }
        }
    })
}

pub fn position_at(charter: &Charter, me: &Me, head: &Entry) -> wire::Position {
    let state = &head.entry.state;
    let paid_last = matches!(head.entry.event, Event::Pay(_));
    wire::Position {
        balance: state.balance.to_string(),
        line: line(charter, state, &me.key, me.now).to_string(),
        committed: state.committed.to_string(),
        spendable: spendable(charter, state, &me.key, me.now).to_string(),
        open: state.open.as_slice().len() as u32 + u32::from(paid_last),
        entries: state.seq.saturating_add(1),
        month_over: months::is_over(charter, head, me.now),
        head: Some(reading::action_text(&head.id)),
    }
}

/// A payment as wire, with its note opened where this member can.
pub fn payment_of(
    charter: &Charter,
    me: &Me,
    entry: &Entry,
    pay: &Pay,
    status: PaymentStatus,
    reason: Option<u8>,
) -> wire::Payment {
    let other = other_than(me, entry, pay);
    wire::Payment {
        payment: reading::action_text(&entry.id),
        payer: reading::member_text(&entry.author),
        payee: reading::member_text(&pay.payee),
        amount: pay.amount.to_string(),
        fee: pay.fee.to_string(),
        category: pay.category,
        memo: pay.memo.as_ref().and_then(|sealed| memo::open(&me.key, &other, sealed)),
        at_ms: reading::millis(entry.at),
        expires_ms: reading::millis(entry.at.plus(charter.payment_life())),
        status,
        reason,
        ask: pay.against.map(|Against::Ask(ask)| reading::action_text(&ask)),
        seen_by: None,
    }
}

/// The other side of a payment that this member made or was made.
pub fn other_than(me: &Me, entry: &Entry, pay: &Pay) -> MemberKey {
    if entry.author == me.key {
        pay.payee
    } else {
        entry.author
    }
}

/// Can an own payment still be taken or come back, as far as the own account knows?
pub fn is_still_open(head: &Entry, entry: &Entry) -> bool {
    let place = OpenPay::of(&entry.id, entry.entry.state.seq);
    entry.id == head.id || head.entry.state.open.contains(&place)
}

/// Where an own payment stands: `open` names those not known to be settled at the newest entry.
fn sent_status(
    charter: &Charter,
    me: &Me,
    head: &Entry,
    entry: &Entry,
    pay: &Pay,
) -> Told<(PaymentStatus, Option<u8>)> {
    let still_open = is_still_open(head, entry);
    let answer = answers::to(charter, &entry.id, pay)?;
    Ok(match answer.map(|answer| answer.entry.event) {
        Some(Event::Decline(decline)) if still_open => {
            (PaymentStatus::Declined, Some(decline.reason))
        }
        Some(Event::Decline(decline)) => (PaymentStatus::Returned, Some(decline.reason)),
        Some(_) => (PaymentStatus::Taken, None),
        // One that left the open ones without an answer was taken back: nobody took it.
        None if !still_open => (PaymentStatus::Returned, None),
        None if me.now > entry.at.plus(charter.payment_life()) => (PaymentStatus::TooLate, None),
        None => (PaymentStatus::Waiting, None),
    })
}

pub fn payment(input: &wire::PaymentRef) -> Told<wire::Payment> {
    let me = me()?;
    let charter = weir_substrate::charter()?;
    let head = account::open_head(&me)?;
    let entry = account::fetch(&reading::action(&input.payment)?)?;
    let Event::Pay(pay) = &entry.entry.event else {
        return wish("RECEIPT_OF_ANOTHER_KIND", "This receipt number is not of a payment.");
    };
    if entry.author == me.key {
        let (status, reason) = sent_status(&charter, &me, &head, &entry, pay)?;
        return Ok(payment_of(&charter, &me, &entry, pay, status, reason));
    }
    if pay.payee != me.key {
        return wish("NOT_YOURS", "This payment is between other members.");
    }
    let mine = Mine { key: me.key, entry: &head.entry };
    if mine.window().check_free(&Key::of(&entry.id, entry.at)).is_ok() {
        let above = witness::asked_above(&charter, &head)?;
        return inbox::unanswered(&charter, &me, &mine, &entry, pay, above, &input.look);
    }
    let mut seen_by = None;
    let (status, reason) = match answers::to(&charter, &entry.id, pay)? {
        Some(answer) => match answer.entry.event {
            Event::Decline(decline) => (PaymentStatus::Declined, Some(decline.reason)),
            Event::Receive(receive) => {
                let count = receive.witnesses.len() as u32;
                seen_by = Some(count).filter(|count| *count > 0);
                (PaymentStatus::Taken, None)
            }
            _ => (PaymentStatus::Taken, None),
        },
        None => (PaymentStatus::TooLate, None),
    };
    let payment = payment_of(&charter, &me, &entry, pay, status, reason);
    Ok(wire::Payment { seen_by, ..payment })
}

/// Own entries looked at for payments that are still on their way.
const SENT_WALK: usize = 256;
const SENT_MAX: usize = 64;

/// Own payments that nobody has answered yet, newest first.
pub fn sent() -> Told<wire::Waiting> {
    let me = me()?;
    let charter = weir_substrate::charter()?;
    let Some(head) = account::head(&me)? else {
        return Ok(wire::Waiting { payments: vec![], complete: true });
    };
    let oldest = head.entry.state.open.as_slice().first().map(OpenPay::seq);
    let oldest = oldest.unwrap_or(head.entry.state.seq);
    let mut payments = vec![];
    let mut complete = false;
    for entry in account::back_from(head.clone()).take(SENT_WALK) {
        let entry = entry?;
        let seq = entry.entry.state.seq;
        if let Event::Pay(pay) = &entry.entry.event {
            let (status, reason) = sent_status(&charter, &me, &head, &entry, pay)?;
            let on_its_way = matches!(
                status,
                PaymentStatus::Waiting | PaymentStatus::Declined | PaymentStatus::TooLate
            );
            if on_its_way && payments.len() < SENT_MAX {
                payments.push(payment_of(&charter, &me, &entry, pay, status, reason));
            }
        }
        if seq <= oldest {
            complete = true;
            break;
        }
    }
    Ok(wire::Waiting { payments, complete })
}

/// Entries that one call gives.
const PAGE: usize = 20;
/// Own entries, and payments named by them, that one call reads to find those.
const PAGE_READS: u32 = 200;

/// One page of the own account, newest first: what the filter takes.
pub fn activity(page: &wire::ActivityPage) -> Told<wire::Activity> {
    let me = me()?;
    let charter = weir_substrate::charter()?;
    let filter = &page.filter;
    find::check(filter)?;
    let mut found = wire::Activity { items: vec![], next: None, looked_to_ms: None };
    let Some(head) = account::head(&me)? else {
        return Ok(found);
    };
    let start = match &page.from {
        None => head.clone(),
        Some(text) => account::fetch(&reading::action(text)?)?,
    };
    if start.author != me.key {
        return wish("NOT_YOURS", "This receipt number is of another account.");
    }
    let mut reads: u32 = 0;
    for entry in account::back_from(find::skip_newer(start, filter)?) {
        let entry = entry?;
        let at_ms = reading::millis(entry.at);
        found.looked_to_ms = Some(at_ms);
        if filter.begins_after(at_ms) {
            found.next = None;
            break;
        }
        found.next = entry.entry.state.prev.as_ref().map(reading::action_text);
        if find::may_fit(filter, &me, &entry)? {
            let what = what(&charter, &me, &head, &entry)?;
            if find::fits(filter, &me, &what) {
                found.items.push(item(&entry, what));
            }
        }
        // A page cites nothing that would be read here, but is an entry all the same.
        reads = reads.saturating_add(month::reads(&entry.entry.event).max(1));
        if found.items.len() == PAGE || reads >= PAGE_READS {
            break;
        }
    }
    Ok(found)
}

fn item(entry: &Entry, what: ActivityKind) -> wire::ActivityItem {
    wire::ActivityItem {
        entry: reading::action_text(&entry.id),
        seq: entry.entry.state.seq,
        at_ms: reading::millis(entry.at),
        balance: entry.entry.state.balance.to_string(),
        what,
    }
}

/// What an own entry was, in words of the wire.
fn what(charter: &Charter, me: &Me, head: &Entry, entry: &Entry) -> Told<ActivityKind> {
    let cited = |id: &ActionId, status, reason| -> Told<wire::Payment> {
        let paid = account::fetch(id)?;
        match &paid.entry.event {
            Event::Pay(pay) => Ok(payment_of(charter, me, &paid, pay, status, reason)),
            _ => wish("RECEIPT_OF_ANOTHER_KIND", "An own entry names no payment."),
        }
    };
    Ok(match &entry.entry.event {
        Event::Open => ActivityKind::Opened,
        Event::Checkpoint => ActivityKind::Checkpoint,
        Event::MonthPage(MonthPage { levy: Some(levy), .. }) => {
            ActivityKind::MonthClosed { levy: levy.to_string() }
        }
        Event::MonthPage(_) => ActivityKind::Checkpoint,
        Event::Pay(pay) => {
            let (status, reason) = sent_status(charter, me, head, entry, pay)?;
            ActivityKind::Paid { payment: payment_of(charter, me, entry, pay, status, reason) }
        }
        Event::Receive(receive) => ActivityKind::Received {
            payments: receive
                .pays
                .iter()
                .map(|id| cited(id, PaymentStatus::Taken, None))
                .collect::<Told<_>>()?,
        },
        Event::Decline(decline) => ActivityKind::SentBack {
            payment: cited(&decline.pay, PaymentStatus::Declined, Some(decline.reason))?,
        },
        Event::Reclaim(reclaim) => {
            ActivityKind::CameBack { payment: cited(&reclaim.pay, PaymentStatus::Returned, None)? }
        }
    })
}
