//! Place: what members show of themselves.

use hdk::prelude::*;
use std::collections::BTreeMap;
use weir_rules::profile::Profile;
use weir_rules::refusal::Refusal;
use weir_substrate::{chain, types};
use weir_wire as wire;

/// Members asked for at once.
const ASKED_MAX: usize = 100;

#[hdk_extern]
pub fn my_profile(_: ()) -> ExternResult<wire::MemberProfile> {
    let me = agent_info()?.agent_initial_pubkey;
    let profile = mine(&me)?.map(|profile| wire::Profile { name: profile.name });
    Ok(wire::MemberProfile { member: me.to_string(), profile })
}

/// Own actions looked at before the links are asked.
const OWN_WALK: usize = 64;

/// The own newest profile: one's own entries are there at once, a link only after a moment.
fn mine(me: &AgentPubKey) -> ExternResult<Option<Profile>> {
    let mut at = agent_info()?.chain_head.0;
    for _ in 0..OWN_WALK {
        let action = must_get_action(at)?;
        if let Ok(hash) = chain::public_entry_hash(action.action(), types::PROFILE) {
            let entry = must_get_entry(hash.clone())?;
            let bytes = chain::app_bytes(&entry.content).map_err(refused)?;
            return Ok(Profile::decode(bytes).ok());
        }
        match action.action().prev_action() {
            Some(prev) => at = prev.clone(),
            None => return Ok(None),
        }
    }
    newest(me)
}

#[hdk_extern]
pub fn profiles(input: wire::ProfilesOf) -> ExternResult<Vec<wire::MemberProfile>> {
    input
        .members
        .iter()
        .take(ASKED_MAX)
        .filter_map(|text| AgentPubKey::try_from(text.as_str()).ok())
        .map(|member| member_profile(&member))
        .collect()
}

/// Every change is a new entry and a link to it from the member's own key; the newest counts.
#[hdk_extern]
pub fn set_profile(input: wire::SetProfile) -> ExternResult<wire::MemberProfile> {
    let me = agent_info()?.agent_initial_pubkey;
    let profile = Profile { name: input.profile.name };
    profile.check().map_err(refused)?;
    if mine(&me)?.as_ref() != Some(&profile) {
        let bytes = SerializedBytes::from(UnsafeBytes::from(profile.encode().map_err(refused)?));
        let bytes = AppEntryBytes::try_from(bytes)
            .map_err(|e| wasm_error!(WasmErrorInner::Guest(format!("{e:?}"))))?;
        let place =
            AppEntryDefLocation { zome_index: types::ZOME, entry_def_index: types::PROFILE };
        let hash = HDK.with(|h| {
            h.borrow().create(CreateInput::new(
                EntryDefLocation::App(place),
                EntryVisibility::Public,
                Entry::App(bytes),
                ChainTopOrdering::Strict,
            ))
        })?;
        let kind = ScopedLinkType { zome_index: types::ZOME, zome_type: types::PROFILE_LINK };
        create_link(me.clone(), hash, kind, ())?;
    }
    let profile = Some(wire::Profile { name: profile.name });
    Ok(wire::MemberProfile { member: me.to_string(), profile })
}

fn member_profile(member: &AgentPubKey) -> ExternResult<wire::MemberProfile> {
    let profile = newest(member)?.map(|profile| wire::Profile { name: profile.name });
    Ok(wire::MemberProfile { member: member.to_string(), profile })
}

/// The newest profile that the member linked from their own key. Links are hints (P11): author,
/// base and target are looked at again, deletes are passed over.
fn newest(member: &AgentPubKey) -> ExternResult<Option<Profile>> {
    let types = LinkTypeFilter::single_type(types::ZOME, types::PROFILE_LINK);
    let query = LinkQuery::new(member.clone(), types);
    let mut links = BTreeMap::new();
    for (link, _deletes) in get_links_details(query, GetStrategy::Local)?.into_inner() {
        if let ActionData::CreateLink(data) = &link.action().data {
            let target = data.target_address.clone().into_action_hash();
            if link.action().author() == member {
                links.insert((link.action().timestamp(), link.as_hash().clone()), target);
            }
        }
    }
    for target in links.into_values().rev().flatten() {
        if let Some(profile) = read(member, target)? {
            return Ok(Some(profile));
        }
    }
    Ok(None)
}

/// A profile by its author, judged valid here.
fn read(member: &AgentPubKey, target: ActionHash) -> ExternResult<Option<Profile>> {
    let Some(Details::Record(found)) = get_details(target, GetOptions::local())? else {
        return Ok(None);
    };
    let action = found.record.action();
    let ours = action.author() == member && found.validation_status == ValidationStatus::Valid;
    if !ours || chain::public_entry_hash(action, types::PROFILE).is_err() {
        return Ok(None);
    }
    let bytes = found.record.entry().as_option().and_then(|entry| chain::app_bytes(entry).ok());
    Ok(bytes.and_then(|bytes| Profile::decode(bytes).ok()))
}

fn refused(refusal: Refusal) -> WasmError {
    let problem = wire::Problem {
        code: refusal.code().into(),
        message: refusal.message().into(),
        facts: refusal.facts(),
    };
    let json = serde_json::to_string(&problem).unwrap_or_default();
    wasm_error!(WasmErrorInner::Guest(format!("{}{json}", wire::PROBLEM_MARK)))
}
