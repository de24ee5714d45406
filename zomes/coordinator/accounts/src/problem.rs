//! Why a call was refused, as the caller gets it.

use hdk::prelude::*;
use std::collections::BTreeMap;
use weir_rules::refusal::{Refusal, Stop};

/// Why something could not be done.
pub enum Trouble {
    /// A rule says no.
    Refused(Refusal),
    /// The wish cannot be tried as it is: a code of its own, a plain sentence, and facts.
    Wish(&'static str, &'static str, Vec<(&'static str, String)>),
    /// The platform could not do it; passed on as it is.
    Host(WasmError),
}

pub type Told<T> = Result<T, Trouble>;

impl From<WasmError> for Trouble {
    fn from(error: WasmError) -> Self {
        Self::Host(error)
    }
}

impl From<Refusal> for Trouble {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<Stop<WasmError>> for Trouble {
    fn from(stop: Stop<WasmError>) -> Self {
        match stop {
            Stop::Refused(refusal) => Self::Refused(refusal),
            Stop::Missing(error) => Self::Host(error),
        }
    }
}

/// A wish that cannot be tried.
pub fn wish<T>(code: &'static str, message: &'static str) -> Told<T> {
    Err(Trouble::Wish(code, message, vec![]))
}

/// The answer as the extern gives it: an error is `weir:` and the JSON of a problem, and nothing
/// has been written.
pub fn told<T>(result: Told<T>) -> ExternResult<T> {
    let problem = match result {
        Ok(value) => return Ok(value),
        Err(Trouble::Host(error)) => return Err(error),
        Err(Trouble::Refused(refusal)) => weir_wire::Problem {
            code: refusal.code().into(),
            message: refusal.message().into(),
            facts: refusal.facts(),
        },
        Err(Trouble::Wish(code, message, facts)) => weir_wire::Problem {
            code: code.into(),
            message: message.into(),
            facts: facts.into_iter().map(|(k, v)| (k.into(), v)).collect::<BTreeMap<_, _>>(),
        },
    };
    let json = serde_json::to_string(&problem)
        .map_err(|e| wasm_error!(WasmErrorInner::Guest(e.to_string())))?;
    Err(wasm_error!(WasmErrorInner::Guest(format!("{}{json}", weir_wire::PROBLEM_MARK))))
}
