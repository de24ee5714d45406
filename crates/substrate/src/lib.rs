//! Between the rules and Holochain: fetches what a rule asks for, and keeps "not yet" apart from
//! "no".
//!
//! The only crate that knows hdi. It decides nothing: it turns actions, entries and links into
//! the types of `weir-rules`, and verdicts back. Everything here is reachable from `validate`, so
//! nothing panics, and a host error is passed on as it is (P6): a wrong `Invalid` would expel an
//! honest member for good.
#![forbid(unsafe_code)]
#![deny(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

pub mod chain;
pub mod commons;
pub mod ids;
pub mod ledger;
pub mod types;

use hdi::prelude::*;
use weir_rules::charter::{Charter, CharterText, CommonsText};
use weir_rules::refusal::{Refusal, Stop};

/// A yes, a refusal, or a host error that is passed on.
pub type Checked<T> = Result<T, Stop<WasmError>>;

/// Passes a host error on.
pub fn host<T>(result: ExternResult<T>) -> Checked<T> {
    result.map_err(Stop::Missing)
}

/// The charter in the DNA properties.
pub fn charter() -> Checked<Charter> {
    let text: CharterText = properties()?;
    Ok(Charter::try_from(text)?)
}

/// The part of the charter that the commons DNA carries.
pub fn commons_charter() -> Checked<CommonsText> {
    properties()
}

fn properties<T: serde::de::DeserializeOwned>() -> Checked<T> {
    let info = host(dna_info())?;
    rmp_serde::from_slice(info.modifiers.properties.bytes())
        .map_err(|_| Refusal::Charter { path: "properties" }.into())
}

/// The verdict as the callback gives it: the refusal's code stands first in its text.
pub fn verdict(checked: Checked<()>) -> ExternResult<ValidateCallbackResult> {
    match checked {
        Ok(()) => Ok(ValidateCallbackResult::Valid),
        Err(Stop::Refused(refusal)) => Ok(ValidateCallbackResult::Invalid(refusal.to_string())),
        Err(Stop::Missing(error)) => Err(error),
    }
}
