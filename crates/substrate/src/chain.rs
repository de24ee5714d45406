//! Reading a member's chain by bytes only (P4, P5, L2).

use crate::{host, ids, types, Checked};
use hdi::prelude::*;
use weir_rules::asks::{AskEntry, Asked};
use weir_rules::entry::LedgerEntry;
use weir_rules::ids::ActionId;
use weir_rules::limits_v1::{GAP_MAX, OPEN_SEQ_MAX, WALK_MAX};
use weir_rules::refusal::Refusal;

/// A ledger entry with the action that wrote it.
pub struct Found {
    pub action: SignedActionHashed,
    pub entry: LedgerEntry,
}

/// [P5] The entry hash of an action that says it is a public ledger entry.
pub fn ledger_entry_hash(action: &Action) -> Result<&EntryHash, Refusal> {
    public_entry_hash(action, types::LEDGER)
}

/// [P5] The entry hash of an action that says it is a public ask entry.
pub fn ask_entry_hash(action: &Action) -> Result<&EntryHash, Refusal> {
    public_entry_hash(action, types::ASK)
}

/// [P5] The entry hash of a Create of the public entry type with this index.
pub fn public_entry_hash(action: &Action, index: EntryDefIndex) -> Result<&EntryHash, Refusal> {
    match &action.data {
        ActionData::Create(create) if create.entry_type == EntryType::App(types::public(index)) => {
            Ok(&create.entry_hash)
        }
        _ => Err(Refusal::WrongType {}),
    }
}

/// The bytes of an app entry.
pub fn app_bytes(entry: &Entry) -> Result<&[u8], Refusal> {
    match entry {
        Entry::App(bytes) => Ok(bytes.bytes()),
        _ => Err(Refusal::WrongType {}),
    }
}

/// [P5] Fetches a ledger entry: its action is judged before its bytes are asked for.
pub fn fetch(id: &ActionId) -> Checked<Found> {
    let (action, entry_hash) = fetch_action(id)?;
    with_entry(action, entry_hash)
}

/// [P5] Fetches an ask entry: who wrote it, when, and what it says.
pub fn fetch_ask(id: &ActionId) -> Checked<Asked> {
    let fetched = host(must_get_action(ids::action_hash(id)))?;
    let action = fetched.action();
    let entry_hash = ask_entry_hash(action)?.clone();
    if !ids::in_form(action.author()) {
        return Err(Refusal::WrongAuthor {}.into());
    }
    let entry = host(must_get_entry(entry_hash))?;
    let AskEntry { request: _, event } = AskEntry::decode(app_bytes(&entry.content)?)?;
    let author = ids::member_key(action.author());
    Ok(Asked { author, at: ids::time(action.timestamp()), event })
}

/// The ledger entry of an action at hand, if that wrote one.
pub fn entry_of(action: SignedActionHashed) -> Checked<Option<Found>> {
    match ledger_entry_hash(action.action()).cloned() {
        Ok(entry_hash) => with_entry(action, entry_hash).map(Some),
        Err(_) => Ok(None),
    }
}

/// [P5] The action of a public ledger entry, by a key in its one form, and its entry's hash.
fn fetch_action(id: &ActionId) -> Checked<(SignedActionHashed, EntryHash)> {
    let action = host(must_get_action(ids::action_hash(id)))?;
    let entry_hash = ledger_entry_hash(action.action())?.clone();
    if !ids::in_form(action.action().author()) {
        return Err(Refusal::WrongAuthor {}.into());
    }
    Ok((action, entry_hash))
}

fn with_entry(action: SignedActionHashed, entry_hash: EntryHash) -> Checked<Found> {
    let entry = host(must_get_entry(entry_hash))?;
    let entry = LedgerEntry::decode(app_bytes(&entry.content)?)?;
    Ok(Found { action, entry })
}

/// [L1, L2] The author's ledger entry before `action`, which must be the last one.
pub fn before(action: &Action, prev: &ActionId) -> Checked<Found> {
    let (found, entry_hash) = fetch_action(prev)?;
    if found.action().author() != action.author() {
        return Err(Refusal::WrongAuthor {}.into());
    }
    let (here, there) = (action.action_seq(), found.action().action_seq());
    let gap = match here.checked_sub(there) {
        Some(gap) if gap > 0 => gap,
        _ => return Err(Refusal::NotTheLast {}.into()),
    };
    if gap > GAP_MAX {
        return Err(Refusal::GapTooLong { max: GAP_MAX }.into());
    }
    let found = with_entry(found, entry_hash)?;
    check_between(action, gap, prev)?;
    Ok(found)
}

/// An action of whatever kind, and its author's last ledger entry at it, which may be the same.
pub struct Act {
    pub at: Timestamp,
    pub closes: bool,
    pub gap: u32,
    pub found: Found,
}

/// [L10] Fetches an action whose author's last ledger entry at it must be `entry` (L2).
pub fn acted(id: &ActionId, entry: &ActionId) -> Checked<Act> {
    if id == entry {
        let found = fetch(entry)?;
        return Ok(Act { at: found.action.action().timestamp(), closes: false, gap: 0, found });
    }
    let fetched = host(must_get_action(ids::action_hash(id)))?;
    let action = fetched.action();
    if !ids::in_form(action.author()) {
        return Err(Refusal::WrongAuthor {}.into());
    }
    let closes = matches!(action.data, ActionData::CloseChain(_));
    if !closes {
        check_passed(action)?;
    }
    let found = before(action, entry)?;
    let gap = action.action_seq().saturating_sub(found.action.action().action_seq());
    Ok(Act { at: action.timestamp(), closes, gap, found })
}

/// [L1] No ledger entry lies between the card and the start of the chain.
pub fn check_first(action: &Action) -> Checked<()> {
    let seq = action.action_seq();
    if seq > OPEN_SEQ_MAX {
        return Err(Refusal::OpenTooLate { max: OPEN_SEQ_MAX }.into());
    }
    if seq > WALK_MAX {
        let top = last_before(action)?;
        let filter = ChainFilter::new(top.clone());
        for item in host(must_get_agent_activity(action.author().clone(), filter))? {
            check_passed(item.action.action()).map_err(before_the_card)?;
        }
        return Ok(());
    }
    let mut at = action.prev_action().cloned();
    for _ in 0..seq {
        let Some(hash) = at else { break };
        let passed = host(must_get_action(hash))?;
        check_passed(passed.action()).map_err(before_the_card)?;
        at = passed.action().prev_action().cloned();
    }
    Ok(())
}

/// What may not lie between two ledger entries, as it is called before the first one.
fn before_the_card(refusal: Refusal) -> Refusal {
    match refusal {
        Refusal::NotTheLast {} => Refusal::OpenTwice {},
        other => other,
    }
}

/// [L2] Only actions that change no account lie between `action` and its ledger entry before.
fn check_between(action: &Action, gap: u32, prev: &ActionId) -> Checked<()> {
    let prev_hash = ids::action_hash(prev);
    if gap > WALK_MAX {
        // Counted, not read until the hash of `prev`: if that lies on another branch, the count
        // shows it, while a hash that is never met would be waited for by everybody for ever.
        let filter = ChainFilter::take(last_before(action)?.clone(), gap);
        let passed = host(must_get_agent_activity(action.author().clone(), filter))?;
        let (last, between) = passed.split_last().ok_or(Refusal::NotTheLast {})?;
        for item in between {
            check_passed(item.action.action())?;
        }
        let same = *last.action.as_hash() == prev_hash;
        return if same { Ok(()) } else { Err(Refusal::NotTheLast {}.into()) };
    }
    let mut at = last_before(action)?.clone();
    for _ in 1..gap {
        let passed = host(must_get_action(at))?;
        check_passed(passed.action())?;
        at = last_before(passed.action())?.clone();
    }
    if at == prev_hash {
        Ok(())
    } else {
        Err(Refusal::NotTheLast {}.into())
    }
}

fn last_before(action: &Action) -> Result<&ActionHash, Refusal> {
    action.prev_action().ok_or(Refusal::NotTheLast {})
}

/// [L2] An action that may lie between two ledger entries.
fn check_passed(action: &Action) -> Result<(), Refusal> {
    match &action.data {
        ActionData::CloseChain(_) => Err(Refusal::Closed {}),
        ActionData::Create(CreateData { entry_type, .. })
        | ActionData::Update(UpdateData { entry_type, .. }) => match entry_type {
            EntryType::App(def) if (def.zome_index, def.entry_index) == LEDGER_PLACE => {
                Err(Refusal::NotTheLast {})
            }
            _ => Ok(()),
        },
        _ => Ok(()),
    }
}

/// Zome and entry index of the ledger entry, whatever its visibility is said to be.
const LEDGER_PLACE: (ZomeIndex, EntryDefIndex) = (types::ZOME, types::LEDGER);
