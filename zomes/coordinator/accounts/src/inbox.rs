//! Payments to this member that wait for an answer (K1).

use crate::account::{self, me, Entry, Me};
use crate::evidence::AtHand;
use crate::links::{self, Hint};
use crate::members;
use crate::pages;
use crate::problem::Told;
use crate::sound::{self, Mine, Trust};
use crate::witness;
use std::slice;
use weir_rules::charter::Charter;
use weir_rules::entry::{Event, Pay};
use weir_rules::ids::ActionId;
use weir_rules::limits_v1::AHEAD_MAX;
use weir_rules::links::{tag_time, time_tag, Base, Kind};
use weir_rules::window::Key;
use weir_units::{Amount, Time};
use weir_wire as wire;

/// Payments listed at once.
const LIST_MAX: usize = 64;

pub fn waiting(look: &wire::Look) -> Told<wire::Waiting> {
    let me = me()?;
    let charter = weir_substrate::charter()?;
    let head = account::open_head(&me)?;
    let mine = Mine { key: me.key, entry: &head.entry };
    let Some(card) = members::card_of(&charter, &me.key, &AtHand::default())? else {
        return Ok(wire::Waiting { payments: vec![], complete: false });
    };
    let above = witness::asked_above(&charter, &head)?;
    let window = mine.window();
    let mut open: Vec<(Key, Hint)> = vec![];
    for hint in hints(&charter, &me, &mine, card)? {
        let Some(at) = tag_time(&hint.tag) else { continue };
        let key = Key::of(&hint.target, at);
        if window.check_free(&key).is_ok() {
            open.push((key, hint));
        }
    }
    open.sort_by_key(|(key, hint)| (*key, hint.author));
    open.dedup_by_key(|(key, hint)| (*key, hint.author));
    let mut payments = vec![];
    let mut complete = true;
    for (_, hint) in open {
        if payments.len() == LIST_MAX {
            complete = false;
            break;
        }
        let evidence = AtHand::default();
        match links::holds(&charter, Kind::Inbox, Base::Action(card), &hint, &evidence)? {
            Some(true) => {
                let entry = account::fetch(&hint.target)?;
                if let Event::Pay(pay) = &entry.entry.event {
                    payments.push(unanswered(&charter, &me, &mine, &entry, pay, above, look)?);
                }
            }
            Some(false) => {}
            None => complete = false,
        }
    }
    Ok(wire::Waiting { payments, complete })
}

/// A payment that this member has not answered.
pub fn unanswered(
    charter: &Charter,
    me: &Me,
    mine: &Mine<'_>,
    entry: &Entry,
    pay: &Pay,
    asked_above: Amount,
    look: &wire::Look,
) -> Told<wire::Payment> {
    let status = standing(charter, me, mine, entry, look.vouched)?;
    let mut payment = pages::payment_of(charter, me, entry, pay, status, None);
    if pay.amount > asked_above {
        payment.seen_by = Some(look.seen_by.get(&payment.payment).copied().unwrap_or(0));
    }
    Ok(payment)
}

/// Where it stands.
fn standing(
    charter: &Charter,
    me: &Me,
    mine: &Mine<'_>,
    entry: &Entry,
    vouched: bool,
) -> Told<wire::PaymentStatus> {
    if me.now > entry.at.plus(charter.payment_life()) {
        return Ok(wire::PaymentStatus::TooLate);
    }
    if entry.at > me.now {
        return Ok(wire::PaymentStatus::Announced);
    }
    Ok(match sound::trust(entry, mine, vouched)? {
        Trust::Sound if sound::is_forked(&entry.author, slice::from_ref(entry))? => {
            wire::PaymentStatus::Forked
        }
        Trust::Sound => wire::PaymentStatus::Arrived,
        Trust::NotHeld => wire::PaymentStatus::Announced,
        Trust::Unclear => wire::PaymentStatus::Unclear,
    })
}

/// Bytes of a tag that name a stretch of time: three for 12.7 days, four for 72 minutes.
const COARSE: usize = 3;
const FINE: usize = 4;
/// Above this many fine stretches the coarse ones are read: a member with so long a window gets
/// few payments.
const STRETCHES_MAX: usize = 16;

/// Links of the inbox from the oldest payment listed to now. What has expired is listed for as
/// long again: it can still be sent back.
fn hints(charter: &Charter, me: &Me, mine: &Mine<'_>, card: ActionId) -> Told<Vec<Hint>> {
    let life = charter.payment_life().micros();
    let listed = me.now.micros().saturating_sub(life.saturating_mul(2));
    let oldest = listed.max(mine.entry.state.wm.at().micros());
    let (from, to) = (Time::from_micros(oldest), me.now.plus(AHEAD_MAX));
    let mut prefixes = stretches(from, to, FINE);
    if prefixes.len() > STRETCHES_MAX {
        prefixes = stretches(from, to, COARSE);
    }
    let mut hints = vec![];
    for prefix in prefixes {
        hints.extend(links::find(Kind::Inbox, &Base::Action(card), &prefix)?);
    }
    Ok(hints)
}

/// The first `bytes` bytes of every tag between two times.
fn stretches(from: Time, to: Time, bytes: usize) -> Vec<Vec<u8>> {
    let shift = 8 * (8 - bytes);
    let first = u64::from_be_bytes(time_tag(from)) >> shift;
    let last = u64::from_be_bytes(time_tag(to)) >> shift;
    (first..=last).map(|stretch| (stretch << shift).to_be_bytes()[..bytes].to_vec()).collect()
}
