//! Validation of the commons DNA: profiles that only their author can change.

use crate::{chain, host, ids, types, Checked};
use hdi::prelude::*;
use weir_rules::profile::Profile;
use weir_rules::refusal::Refusal;

/// The verdict on one op.
pub fn check(op: &Op) -> Checked<()> {
    if !ids::in_form(op.author()) {
        return Err(Refusal::NotAdmitted {}.into());
    }
    match op {
        Op::CreateRecord(CreateRecord { record }) => {
            check_action(record.action(), record.entry().as_option())
        }
        Op::AgentActivity(AgentActivity { action, cached_entry: _ }) => {
            check_action(action.action(), None)
        }
        Op::CreateEntry(CreateEntry { action, entry }) => {
            check_action(action.action(), Some(entry))
        }
        Op::Update(Update { update, new_entry: _ }) => check_action(update.action(), None),
        Op::Delete(Delete { delete }) => check_action(delete.action(), None),
        Op::DeleteLink(_) => Err(Refusal::KeptForGood {}.into()),
        // The record and the activity of a link carry its verdict.
        Op::CreateLink(_) => Ok(()),
    }
}

fn check_action(action: &Action, entry: Option<&Entry>) -> Checked<()> {
    match &action.data {
        ActionData::Create(CreateData { entry_type: EntryType::App(_), .. }) => {
            let hash = chain::public_entry_hash(action, types::PROFILE)?;
            match entry {
                Some(entry) => Profile::decode(chain::app_bytes(entry)?)?,
                None => {
                    let entry = host(must_get_entry(hash.clone()))?;
                    Profile::decode(chain::app_bytes(&entry.content)?)?
                }
            };
            Ok(())
        }
        ActionData::CreateLink(link) => check_link(action, link),
        ActionData::Update(UpdateData { entry_type: EntryType::App(_), .. })
        | ActionData::DeleteLink(_) => Err(Refusal::KeptForGood {}.into()),
        ActionData::Delete(delete) => {
            let deleted = host(must_get_action(delete.deletes_address.clone()))?;
            match deleted.action().entry_type() {
                Some(EntryType::CapClaim | EntryType::CapGrant) => Ok(()),
                _ => Err(Refusal::KeptForGood {}.into()),
            }
        }
        ActionData::AgentValidationPkg(_) => {
            Ok(crate::commons_charter()?.check_admitted(&ids::member_key(action.author()))?)
        }
        _ => Ok(()),
    }
}

/// A member's key points to their own profile; nobody else can make or move that.
fn check_link(action: &Action, link: &CreateLinkData) -> Checked<()> {
    let wrong = |part| Err(Refusal::Link { part }.into());
    let CreateLinkData { base_address, target_address, zome_index, link_type, tag } = link;
    if (*zome_index, *link_type) != (types::ZOME, types::PROFILE_LINK) {
        return wrong("type");
    }
    if !tag.0.is_empty() {
        return wrong("tag");
    }
    if base_address.clone().into_agent_pub_key().as_ref() != Some(action.author()) {
        return wrong("base");
    }
    let target = target_address.clone().into_action_hash();
    let Some(target) = target.filter(ids::in_form) else {
        return wrong("target");
    };
    let target = host(must_get_action(target))?;
    if target.action().author() != action.author() {
        return wrong("author");
    }
    chain::public_entry_hash(target.action(), types::PROFILE)?;
    Ok(())
}

/// Whether the charter lets this key make a chain at all (`genesis_self_check`).
pub fn check_genesis(data: &GenesisSelfCheckData) -> Checked<()> {
    Ok(crate::commons_charter()?.check_admitted(&ids::member_key(&data.agent_key))?)
}
