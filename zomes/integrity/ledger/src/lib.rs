//! Integrity of the ledger DNA: declarations and the projection of verdicts, nothing else.
//! What is checked stands in `weir-rules`, how it is fetched in `weir-substrate`.

use hdi::prelude::*;
use weir_substrate::{ledger, types, verdict};

#[hdk_extern]
pub fn entry_defs(_: ()) -> ExternResult<EntryDefsCallbackResult> {
    Ok(EntryDefsCallbackResult::Defs(EntryDefs(vec![
        types::entry_def("ledger"),
        types::entry_def("ask"),
    ])))
}

#[no_mangle]
pub extern "C" fn __num_entry_types() -> u8 {
    2
}

#[no_mangle]
pub extern "C" fn __num_link_types() -> u8 {
    7
}

#[hdk_extern]
pub fn genesis_self_check(data: GenesisSelfCheckData) -> ExternResult<ValidateCallbackResult> {
    verdict(ledger::check_genesis(&data))
}

#[hdk_extern]
pub fn validate(op: Op) -> ExternResult<ValidateCallbackResult> {
    verdict(ledger::check(&op))
}
