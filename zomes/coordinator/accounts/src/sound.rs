//! What may be built upon (P6, P4a).

use crate::account::{self, Entry};
use crate::problem::{wish, Told};
use hdk::prelude::*;
use weir_rules::entry::{Event, LedgerEntry};
use weir_rules::ids::{ActionId, MemberKey};
use weir_rules::window::{Key, Window};
use weir_substrate::ids;

/// [P6] Integrated here and judged valid here, so that others can have it from here.
pub fn is_held(author: &MemberKey, id: &ActionId) -> Told<bool> {
    let hash = ids::action_hash(id);
    let filter = ChainFilter::take(hash.clone(), 1);
    // A range that is not complete here is a host error: not held.
    if must_get_agent_activity(ids::agent_key(author), filter).is_err() {
        return Ok(false);
    }
    Ok(match get_details(hash, GetOptions::local())? {
        Some(Details::Record(record)) => record.validation_status == ValidationStatus::Valid,
        _ => false,
    })
}

/// Entries looked at on the way back to what this member has consumed before (P4a).
const WALK_BACK_MAX: usize = 256;

/// How far a payment can be trusted from here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    Sound,
    NotHeld,
    Unclear,
}

/// [P4a] Walks the payer's account back from a payment to the last entry that this member has
/// consumed already, or to the opening. Everything on the way, and what it rests on, must be
/// held here.
pub fn trust(pay: &Entry, mine: &LedgerEntry) -> Told<Trust> {
    let window = Window { wm: mine.state.wm, recent: mine.state.recent.clone() };
    for (walked, entry) in account::back_from(pay.clone()).enumerate() {
        let Ok(entry) = entry else { return Ok(Trust::NotHeld) };
        if walked > 0 && consumed(&entry, &window) {
            return Ok(Trust::Sound);
        }
        if walked >= WALK_BACK_MAX {
            return Ok(Trust::Unclear);
        }
        if !is_held(&entry.author, &entry.id)? || !rests_on_held(&entry)? {
            return Ok(Trust::NotHeld);
        }
    }
    Ok(Trust::Sound)
}

/// An entry that this member has taken: their own entry already rests on it.
fn consumed(entry: &Entry, window: &Window) -> bool {
    let Event::Pay(_) = entry.entry.event else { return false };
    window.recent.contains(&Key::of(&entry.id, entry.at))
}

fn rests_on_held(entry: &Entry) -> Told<bool> {
    let cited: Vec<ActionId> = match &entry.entry.event {
        Event::Receive(receive) => receive.pays.clone(),
        Event::Decline(decline) => vec![decline.pay],
        Event::Reclaim(reclaim) => vec![reclaim.decline],
        Event::Pay(pay) => vec![pay.card],
        Event::Open | Event::Checkpoint => vec![],
    };
    for id in cited {
        let Ok(entry) = account::fetch(&id) else { return Ok(false) };
        if !is_held(&entry.author, &id)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Refuses what cannot be built upon yet. `vouched`: the node's own index says it can.
pub fn check(pay: &Entry, mine: &LedgerEntry, vouched: bool) -> Told<()> {
    if !is_held(&pay.author, &pay.id)? {
        return wish("NOT_HELD", "The payment is not complete here yet.");
    }
    if vouched {
        return Ok(());
    }
    match trust(pay, mine)? {
        Trust::Sound => Ok(()),
        Trust::NotHeld => wish("NOT_HELD", "The payment is not complete here yet."),
        Trust::Unclear => wish("UNCLEAR", "The payment cannot be judged from here yet."),
    }
}
