//! Parallel jobs: how many there are, how many are in use.

use serde_json::{Value, json};

use crate::server::{Answer, Request};
use crate::state::State;

/// `GET resourceusage?parallelismTag=Private&poolIsHosted=false&includeRunningRequests=true`
pub(super) fn answer(state: &State, request: &Request) -> Answer {
    let mut usage = match &state.scenario.answers.resource_usage {
        Some(Value::Array(cases)) => {
            cases.iter().find(|case| fits(case, request)).map(|case| case["answer"].clone())
        }
        Some(any) => Some(any.clone()),
        None => None,
    }
    // A query that fits nothing is answered like this.
    .unwrap_or_else(|| json!({"resourceLimit": null, "usedCount": 0}));
    if !request.flag("includeRunningRequests")
        && let Some(members) = usage.as_object_mut()
    {
        members.shift_remove("runningRequests");
    }
    Answer::json(200, &usage)
}

fn fits(case: &Value, request: &Request) -> bool {
    let tag = case["parallelismTag"].as_str().unwrap_or_default();
    let hosted = case["poolIsHosted"].as_bool().unwrap_or_default();
    request.query("parallelismTag").is_some_and(|wanted| wanted.eq_ignore_ascii_case(tag))
        && request.flag("poolIsHosted") == hosted
}
