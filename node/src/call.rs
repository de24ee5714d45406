//! `weir call`: one zome function from the command line, as JSON.

use crate::member::{CallError, Member};
use holochain::prelude::ExternIO;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use weir_wire::Problem;

/// Which function to call, with what.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallRequest {
    pub zome: String,
    pub function: String,
    pub input: Value,
}

/// How it went.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Called {
    Ok(Value),
    Error(Problem),
}

/// Calls the function for the member.
pub async fn call(member: &Member, request: &CallRequest) -> Called {
    let outcome = async {
        let input = ExternIO::encode(&request.input)
            .map_err(|error| CallError::Other(error.to_string()))?;
        let output = member.call_encoded(&request.zome, &request.function, input).await?;
        output.decode::<Value>().map_err(|error| CallError::Other(error.to_string()))
    };
    match outcome.await {
        Ok(value) => Called::Ok(value),
        Err(CallError::Refused(problem)) => Called::Error(problem),
        Err(CallError::Other(message)) => {
            Called::Error(Problem { code: "FAILED".into(), message, facts: BTreeMap::new() })
        }
    }
}
