//! The caller's own account: its newest entry, found by walking back from the head of the chain.

use crate::problem::{wish, Told};
use hdk::prelude::*;
use weir_rules::entry::{Event, LedgerEntry, RequestId};
use weir_rules::ids::{ActionId, MemberKey};
use weir_rules::limits_v1::{GAP_MAX, WALK_MAX};
use weir_substrate::{chain, ids};
use weir_units::{Span, Time};

/// One's own key and moment.
pub struct Me {
    pub key: MemberKey,
    /// Never before the head of the chain, so that what is written now can state it.
    pub now: Time,
    head: ActionHash,
}

/// A ledger entry with its name and the time of its action.
#[derive(Clone)]
pub struct Entry {
    pub id: ActionId,
    pub at: Time,
    pub author: MemberKey,
    pub entry: LedgerEntry,
}

impl From<chain::Found> for Entry {
    fn from(found: chain::Found) -> Self {
        let action = found.action.action();
        Self {
            id: ids::action_id(found.action.as_hash()),
            at: ids::time(action.timestamp()),
            author: ids::member_key(action.author()),
            entry: found.entry,
        }
    }
}

pub fn me() -> Told<Me> {
    let info = agent_info()?;
    let (head, _, head_at) = info.chain_head;
    let now = sys_time()?.max(head_at);
    Ok(Me { key: ids::member_key(&info.agent_initial_pubkey), now: ids::time(now), head })
}

/// The newest own ledger entry. Flat in the length of the account: what lies after it are only
/// links and capabilities.
pub fn head(me: &Me) -> Told<Option<Entry>> {
    last_at(&me.key, me.head.clone())
}

/// A member's last ledger entry at one of their actions.
pub fn last_at(author: &MemberKey, action: ActionHash) -> Told<Option<Entry>> {
    let mut at = action;
    for _ in 0..WALK_MAX {
        let action = must_get_action(at)?;
        let prev = action.action().prev_action().cloned();
        if let Some(found) = chain::entry_of(action)? {
            return Ok(Some(found.into()));
        }
        match prev {
            Some(prev) => at = prev,
            None => return Ok(None),
        }
    }
    let filter = ChainFilter::take(at, GAP_MAX);
    for item in must_get_agent_activity(ids::agent_key(author), filter)? {
        if let Some(found) = chain::entry_of(item.action)? {
            return Ok(Some(found.into()));
        }
    }
    Ok(None)
}

/// The newest own entry of an account that is open.
pub fn open_head(me: &Me) -> Told<Entry> {
    match head(me)? {
        Some(head) => Ok(head),
        None => wish("NO_ACCOUNT", "The account is not open yet."),
    }
}

pub fn fetch(id: &ActionId) -> Told<Entry> {
    Ok(chain::fetch(id)?.into())
}

/// From an entry back to the opening, one at a time.
pub fn back_from(start: Entry) -> impl Iterator<Item = Told<Entry>> {
    let mut next = Some(Ok(start));
    std::iter::from_fn(move || {
        let this = next.take()?;
        if let Ok(entry) = &this {
            next = entry.entry.state.prev.map(|prev| fetch(&prev));
        }
        Some(this)
    })
}

/// How far a member's clock may have been off between making an id and writing (P12).
const CLOCK_SLACK: Span = Span::HOUR.times(2);

/// [P12] The own entry that an earlier try with this id has written.
pub fn written_before(
    head: &Entry,
    request: &RequestId,
    made: Time,
    now: Time,
) -> Told<Option<Entry>> {
    // An id from a clock ahead of ours was made before now all the same.
    let made = made.min(now);
    for entry in back_from(head.clone()) {
        let entry = entry?;
        if entry.entry.request == *request && entry.entry.event != Event::Open {
            return Ok(Some(entry));
        }
        if made.since(entry.at) > CLOCK_SLACK {
            break;
        }
    }
    Ok(None)
}
