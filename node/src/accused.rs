//! Somebody has accused this member, and the platform has believed it.
//!
//! The platform shuts an accused member out everywhere, on their own computer too, and does not see
//! when an accusation of two versions names one and the same action twice (holochain#5811). Nothing
//! here can undo that: there is no call for it. The member is told what happened, and whether the
//! accusations that lie here prove anything.

use crate::member::{CallError, Member};
use anyhow::Result;
use holochain::conductor::ConductorHandle;
use holochain::prelude::{
    AgentPubKey, CellId, ChainIntegrityWarrant, DhtOp, WarrantOp, WarrantProof,
};
use holochain_conductor_api::DhtOpsCursor;
use std::collections::BTreeMap;
use weir_wire::Problem;

/// Operations read at once.
const PAGE_LEN: u32 = 2_000;
/// How the platform says that it takes no call of this member.
const SHUT_OUT: &str = "BlockedProvenance";

/// Did the platform refuse a call because its author is shut out?
pub fn is_shut_out(error: &CallError) -> bool {
    matches!(error, CallError::Other(text) if text.contains(SHUT_OUT))
}

/// What to tell the member.
pub async fn why(member: &Member) -> Problem {
    let falsely = falsely(member.conductor(), member.ledger(), member.agent()).await;
    let (code, message) = match falsely {
        Ok(true) => ("ACCUSED_FALSELY", "What this member was accused of proves nothing."),
        _ => ("ACCUSED", "This member was accused of breaking a rule, and is shut out."),
    };
    Problem { code: code.into(), message: message.into(), facts: BTreeMap::new() }
}

/// Do accusations against a member lie here, none of which proves anything?
pub async fn falsely(
    conductor: &ConductorHandle,
    ledger: &CellId,
    member: &AgentPubKey,
) -> Result<bool> {
    let mut found = false;
    let mut cursor: Option<DhtOpsCursor> = None;
    loop {
        let page = conductor.dump_full_cell_state(ledger, cursor, Some(PAGE_LEN)).await?;
        let page = page.integration_dump;
        for accusation in page.integrated.iter().filter_map(accusation) {
            if accusation.warrantee == *member {
                if proves_something(&accusation.proof) {
                    return Ok(false);
                }
                found = true;
            }
        }
        match page.dht_ops_cursor {
            Some(next) => cursor = Some(next),
            None => return Ok(found),
        }
    }
}

fn accusation(op: &DhtOp) -> Option<&WarrantOp> {
    match op {
        DhtOp::WarrantOp(warrant) => Some(warrant),
        DhtOp::ChainOp(_) => None,
    }
}

/// The platform judges again what was said to be invalid; of two versions it does not ask whether
/// they are two.
fn proves_something(proof: &WarrantProof) -> bool {
    let WarrantProof::ChainIntegrity(breach) = proof;
    match breach {
        ChainIntegrityWarrant::ChainFork { action_pair: (one, other), .. } => one.0 != other.0,
        ChainIntegrityWarrant::InvalidChainOp { .. } => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use holochain::prelude::{ActionHash, Signature};

    fn fork(one: u8, other: u8) -> WarrantProof {
        let action = |n| (ActionHash::from_raw_32(vec![n; 32]), Signature::from([n; 64]));
        WarrantProof::ChainIntegrity(ChainIntegrityWarrant::ChainFork {
            chain_author: AgentPubKey::from_raw_32(vec![9; 32]),
            action_pair: (action(one), action(other)),
            seq: 4,
        })
    }

    #[test]
    fn one_action_named_twice_proves_nothing() {
        assert!(!proves_something(&fork(1, 1)));
        assert!(proves_something(&fork(1, 2)));
    }

    #[test]
    fn who_is_shut_out_is_told_from_other_errors() {
        let shut_out = "Unauthorized(BlockedProvenance, None, ZomeName(\"accounts\"))";
        assert!(is_shut_out(&CallError::from_text(shut_out)));
        assert!(!is_shut_out(&CallError::from_text("boom")));
    }
}
