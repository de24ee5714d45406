//! What became of an own payment, and what shows that it comes back (L9, L10).

use crate::account::{self, Entry};
use crate::answers;
use crate::problem::{wish, Told};
use crate::sound;
use hdk::prelude::*;
use weir_rules::charter::Charter;
use weir_rules::entry::{Event, Pay, Proof};
use weir_rules::ids::{ActionId, MemberKey};
use weir_rules::returns::{self, check_returns, Seen};
use weir_rules::window::{Key, Window};
use weir_substrate::{chain, ids};

/// What the payee's chain, as far as it is held here, says about a payment.
pub enum Fate {
    Taken,
    /// It comes back by this proof, which rests on this entry.
    ComesBack(Proof, Box<Entry>),
    /// Nobody took it, and it can still be taken as far as is known here.
    Waits,
}

pub fn of(charter: &Charter, paid: &Entry, pay: &Pay) -> Told<Fate> {
    if let Some(answer) = answers::to(charter, &paid.id, pay)? {
        return Ok(answered_by(answer));
    }
    let Some(action) = newest_action(&pay.payee)? else { return Ok(Fate::Waits) };
    let Some(last) = account::last_at(&pay.payee, ids::action_hash(&action))? else {
        return Ok(Fate::Waits);
    };
    let key = Key::of(&paid.id, paid.at);
    let mut after: Option<Entry> = None;
    for entry in account::back_from(last).take(WALK_MAX) {
        let entry = entry?;
        if entry.entry.event.answers(&paid.id) {
            return Ok(answered_by(entry));
        }
        if window(&entry).check_free(&key).is_err() {
            // It was answered, or fell behind, with this entry or one before.
            after = Some(entry);
            continue;
        }
        return match after {
            Some(after) => Ok(Fate::ComesBack(Proof::PushedOut(after.id), Box::new(after))),
            None => later(charter, paid, action, entry),
        };
    }
    Ok(Fate::Waits)
}

/// Entries of the payee looked at, back to the time of the payment.
const WALK_MAX: usize = 4_096;

fn answered_by(answer: Entry) -> Fate {
    match answer.entry.event {
        Event::Decline(_) => Fate::ComesBack(Proof::Decline(answer.id), Box::new(answer)),
        _ => Fate::Taken,
    }
}

/// Does the payee's newest action show that a payment they have not answered comes back?
fn later(charter: &Charter, paid: &Entry, action: ActionId, entry: Entry) -> Told<Fate> {
    let chain::Act { at, closes, gap, .. } = chain::acted(&action, &entry.id)?;
    let Window { wm, recent } = window(&entry);
    let seen = Seen { wm, recent: &recent };
    let proof = returns::Proof::Later { at: ids::time(at), closes, gap, entry: seen };
    let expires = paid.at.plus(charter.payment_life());
    Ok(match check_returns(&Key::of(&paid.id, paid.at), expires, &proof) {
        Ok(()) => Fate::ComesBack(Proof::Later { action, entry: entry.id }, Box::new(entry)),
        Err(_) => Fate::Waits,
    })
}

fn window(entry: &Entry) -> Window {
    Window { wm: entry.entry.state.wm, recent: entry.entry.state.recent.clone() }
}

/// How far behind a member's newest action one that is held here is looked for.
const HELD_WALK: usize = 16;

/// The newest action of a member that is held and in order here.
fn newest_action(member: &MemberKey) -> Told<Option<ActionId>> {
    let activity = get_agent_activity(
        ids::agent_key(member),
        ChainQueryFilter::new(),
        ActivityRequest::Status,
        GetOptions::local(),
    )?;
    let mut next = match activity.status {
        ChainStatus::Valid(head) | ChainStatus::Closed(head) => Some(head.hash),
        // What lies before the first rejected action stands.
        ChainStatus::Invalid(first) => must_get_action(first.hash)?.action().prev_action().cloned(),
        ChainStatus::Forked(_) => {
            return wish("TWO_VERSIONS", "There are two versions of the other member's record.");
        }
        ChainStatus::Empty => None,
    };
    for _ in 0..HELD_WALK {
        let Some(hash) = next else { return Ok(None) };
        let id = ids::action_id(&hash);
        if sound::is_held(member, &id)? {
            return Ok(Some(id));
        }
        next = must_get_action(hash)?.action().prev_action().cloned();
    }
    Ok(None)
}
