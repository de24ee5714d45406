//! Is the own record in order? What others hold of it, beside what is here (F5).

use crate::problem::Told;
use hdk::prelude::*;
use weir_wire::{RecordOrder, RecordState};

/// Actions of one answer that are looked at. An honest one names at most four.
const LOOKED_AT: usize = 8;

/// Who has gone away keeps nobody waiting longer than this; the node asks again.
const ANSWER_MS: u64 = 5_000;

/// Asks the others. It says nothing about what nobody else has seen yet.
///
/// Whoever answers may lie, and a lie must not stop an honest member: only an action that this
/// member signed and that is not on the chain here counts against the record.
pub fn compare() -> Told<RecordOrder> {
    let info = agent_info()?;
    let (head, here, _) = info.chain_head;
    let me = info.agent_initial_pubkey;
    let asked = get_agent_activity(
        me.clone(),
        ChainQueryFilter::new(),
        ActivityRequest::Status,
        GetOptions::network().with_timeout_ms(ANSWER_MS),
    );
    let unknown = RecordOrder { state: RecordState::Unknown, here, elsewhere: None };
    // Nobody can be asked just now.
    let Ok(seen) = asked else { return Ok(unknown) };
    let Some(highest) = seen.highest_observed else { return Ok(unknown) };
    let forked = match seen.status {
        ChainStatus::Forked(fork) => vec![fork.first_action, fork.second_action],
        _ => Vec::new(),
    };
    let named: Vec<_> = highest.hash.into_iter().chain(forked).collect();
    let mut all_mine = highest.action_seq <= here;
    let mut elsewhere = None;
    let mut state = RecordState::InOrder;
    for hash in named.into_iter().take(LOOKED_AT).filter(|hash| *hash != head) {
        let Some(seq) = signed(&me, hash.clone())? else {
            all_mine = false;
            continue;
        };
        elsewhere = elsewhere.max(Some(seq));
        if seq > here {
            state = RecordState::Behind;
        } else if !on_chain(seq, &hash)? {
            return Ok(RecordOrder { state: RecordState::TwoVersions, here, elsewhere });
        }
    }
    if state == RecordState::InOrder && !all_mine {
        return Ok(unknown);
    }
    Ok(RecordOrder { state, here, elsewhere: elsewhere.or(Some(highest.action_seq)) })
}

/// The place of an action that this member signed, if anybody has it.
fn signed(me: &AgentPubKey, hash: ActionHash) -> Told<Option<u32>> {
    let Ok(found) = must_get_action(hash) else { return Ok(None) };
    let action = found.action();
    let mine = action.author() == me
        && verify_signature(me.clone(), found.signature().clone(), action.clone())?;
    Ok(mine.then(|| action.action_seq()))
}

/// Is this action the one at its place on the own chain?
fn on_chain(seq: u32, hash: &ActionHash) -> Told<bool> {
    let place =
        ChainQueryFilter::new().sequence_range(ChainQueryFilterRange::ActionSeqRange(seq, seq));
    Ok(query(place)?.iter().any(|record| record.action_address() == hash))
}
