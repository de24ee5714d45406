//! The baseline of the benches: one entry type and four link types, as the ledger DNA has, and a
//! validation that says yes at once. What it costs to write here is the platform's own cost.

use hdi::prelude::*;

#[hdk_extern]
pub fn entry_defs(_: ()) -> ExternResult<EntryDefsCallbackResult> {
    Ok(EntryDefsCallbackResult::Defs(EntryDefs(vec![EntryDef {
        id: EntryDefId::App(AppEntryName::from_str("ledger")),
        visibility: EntryVisibility::Public,
        required_validations: RequiredValidations(2),
        cache_at_agent_activity: false,
    }])))
}

#[no_mangle]
pub extern "C" fn __num_entry_types() -> u8 {
    1
}

#[no_mangle]
pub extern "C" fn __num_link_types() -> u8 {
    4
}

#[hdk_extern]
pub fn validate(_: Op) -> ExternResult<ValidateCallbackResult> {
    Ok(ValidateCallbackResult::Valid)
}
