use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Why a call was refused.
///
/// `code` is stable and never reused; `facts` are the numbers of this refusal under stable names
/// (money as strings of minor units), so that a page can say what would make the wish pass;
/// `message` is plain English for logs and the command line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Problem {
    pub code: String,
    pub message: String,
    pub facts: BTreeMap<String, String>,
}

/// What stands before the JSON of a [`Problem`] in the error text of a call.
pub const PROBLEM_MARK: &str = "weir:";
