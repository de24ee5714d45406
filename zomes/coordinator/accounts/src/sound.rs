//! What may be built upon (P6, P4a).

use crate::account::{self, Entry};
use crate::problem::{wish, Told, Trouble};
use crate::reading;
use hdk::prelude::*;
use std::collections::BTreeSet;
use weir_rules::entry::{Event, LedgerEntry};
use weir_rules::ids::{ActionId, MemberKey};
use weir_rules::window::{Key, Window};
use weir_substrate::ids;

/// [P6] Integrated here and judged valid here, so that others can have it from here. Asks nobody
/// else: a link may name what nobody has.
pub fn is_held(author: &MemberKey, id: &ActionId) -> Told<bool> {
    let hash = ids::action_hash(id);
    // A range that is not complete here is a host error: not held.
    let held = || must_get_agent_activity(ids::agent_key(author), ChainFilter::take(hash, 1));
    Ok(is_here(id)? && held().is_ok())
}

/// Was the record judged valid here? To be asked before anything is read whose name somebody else
/// has given: what is not here would be looked for everywhere.
pub fn is_here(id: &ActionId) -> Told<bool> {
    Ok(match get_details(ids::action_hash(id), GetOptions::local())? {
        Some(Details::Record(record)) => record.validation_status == ValidationStatus::Valid,
        _ => false,
    })
}

/// Entries looked at on the way back to what this member's own account rests on already (P4a).
const WALK_BACK_MAX: usize = 256;

/// How far a payment can be trusted from here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    Sound,
    NotHeld,
    Unclear,
}

/// [P4a] Looks at everything an entry rests on, whoever wrote it: back to openings, to own
/// entries, and to payments that this member has answered. Those were sound when they were
/// answered, and what is sound stays so.
pub fn trust(start: &Entry, mine: &Mine<'_>, vouched: bool) -> Told<Trust> {
    if !is_held(&start.author, &start.id)? {
        return Ok(Trust::NotHeld);
    }
    if vouched {
        return Ok(Trust::Sound);
    }
    let mut seen = BTreeSet::from([start.id]);
    let mut todo = vec![start.clone()];
    while let Some(entry) = todo.pop() {
        for id in entry.entry.cites() {
            if !seen.insert(id) {
                continue;
            }
            if seen.len() > WALK_BACK_MAX {
                return Ok(Trust::Unclear);
            }
            let Ok(next) = account::fetch(&id) else { return Ok(Trust::NotHeld) };
            if mine.rests_on(&next) {
                continue;
            }
            if !is_held(&next.author, &next.id)? {
                return Ok(Trust::NotHeld);
            }
            todo.push(next);
        }
    }
    Ok(Trust::Sound)
}

/// The own account, which rests on sound entries alone.
pub struct Mine<'a> {
    pub key: MemberKey,
    pub entry: &'a LedgerEntry,
}

impl Mine<'_> {
    fn rests_on(&self, entry: &Entry) -> bool {
        let answered = self.entry.state.recent.contains(&Key::of(&entry.id, entry.at));
        entry.author == self.key || (matches!(entry.entry.event, Event::Pay(_)) && answered)
    }

    /// Which payments the own account has answered.
    pub fn window(&self) -> Window {
        Window { wm: self.entry.state.wm, recent: self.entry.state.recent.clone() }
    }
}

/// Refuses a payment of somebody who has written two versions of their record.
pub fn check_one_version(payer: &MemberKey, pays: &[Entry]) -> Told<()> {
    if is_forked(payer, pays)? {
        let text = "There are two versions of the payer's record. This may be spent twice.";
        let facts = vec![("payer", reading::member_text(payer))];
        return Err(Trouble::Wish("PAYER_FORKED", text, facts));
    }
    Ok(())
}

/// Does one of these payments lie where its payer's record has two versions, so that the same
/// units may be spent in both? Only what this node holds and accepted counts; what others say of
/// it is no proof. What came before stands in both versions.
pub fn is_forked(payer: &MemberKey, pays: &[Entry]) -> Told<bool> {
    let activity = get_agent_activity(
        ids::agent_key(payer),
        ChainQueryFilter::new(),
        ActivityRequest::Status,
        GetOptions::local(),
    )?;
    let ChainStatus::Forked(fork) = activity.status else { return Ok(false) };
    // One action named twice is no fork.
    if fork.first_action == fork.second_action {
        return Ok(false);
    }
    for pay in pays.iter().filter(|pay| pay.author == *payer) {
        let action = must_get_action(ids::action_hash(&pay.id))?;
        if action.action().action_seq() >= fork.fork_seq {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Refuses what cannot be built upon yet. `vouched`: the node's own index says it can.
pub fn check(cited: &Entry, mine: &Mine<'_>, vouched: bool) -> Told<()> {
    match trust(cited, mine, vouched)? {
        Trust::Sound => Ok(()),
        Trust::NotHeld => wish("NOT_HELD", "The payment is not complete here yet."),
        Trust::Unclear => wish("UNCLEAR", "The payment cannot be judged from here yet."),
    }
}
