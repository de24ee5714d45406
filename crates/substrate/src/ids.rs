//! Holochain hashes to the rules' names and back.

use hdi::prelude::*;
use weir_rules::ids::{ActionId, MemberKey};
use weir_units::Time;

fn core<T: holo_hash::HashType>(hash: &holo_hash::HoloHash<T>) -> [u8; 32] {
    // A hash always has its 32 bytes; zeroes would name nothing.
    hash.get_raw_32().try_into().unwrap_or([0; 32])
}

/// Whether a hash is in its one form: the bytes behind its core follow from the core.
///
/// The platform compares and stores them and never checks them. To it a key with other bytes
/// there is another agent with a chain of its own, to the rules it is the same member, so that
/// one key could open as many accounts as it likes.
pub fn in_form<T: holo_hash::PrimitiveHashType>(hash: &holo_hash::HoloHash<T>) -> bool {
    holo_hash::HoloHash::<T>::from_raw_32(core(hash).to_vec()) == *hash
}

pub fn action_id(hash: &ActionHash) -> ActionId {
    ActionId::from_core(core(hash))
}

pub fn action_hash(id: &ActionId) -> ActionHash {
    ActionHash::from_raw_32(id.core().to_vec())
}

pub fn member_key(key: &AgentPubKey) -> MemberKey {
    MemberKey::from_core(core(key))
}

pub fn agent_key(key: &MemberKey) -> AgentPubKey {
    AgentPubKey::from_raw_32(key.core().to_vec())
}

/// The core of an external hash, used as an anchor.
pub fn anchor_core(hash: &ExternalHash) -> [u8; 32] {
    core(hash)
}

pub fn anchor_hash(core: [u8; 32]) -> ExternalHash {
    ExternalHash::from_raw_32(core.to_vec())
}

pub fn time(at: Timestamp) -> Time {
    Time::from_micros(at.as_micros())
}
