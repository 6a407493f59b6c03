//! Agents, read.

use std::cmp::Ordering;

use serde_json::{Map, Value};

use super::caller::Caller;
use super::error::WrappedException;
use super::lists::{is, items, number, select};
use super::pools::Pool;
use crate::server::{Answer, Request};
use crate::state::{State, lock};

/// `GET pools/{id}/agents`
pub(super) fn list(state: &State, request: &Request, pool: &Pool<'_>) -> Answer {
    let demands: Vec<&str> = request
        .query("demands")
        .into_iter()
        .flat_map(|demands| demands.split(','))
        .map(str::trim)
        .filter(|demand| !demand.is_empty())
        .collect();
    let agents = lock(&state.agents);
    let found = select(agents.get(&pool.id), |agent| {
        let named = request.query("agentName").is_none_or(|name| name.is_empty() || is(agent, "name", name));
        let able = demands.iter().all(|demand| satisfies(agent, demand));
        (named && able).then(|| shown(agent, request))
    });
    Answer::json(200, &found)
}

/// `GET pools/{id}/agents/{agentId}`
pub(super) fn one(
    state: &State,
    request: &Request,
    caller: &Caller<'_>,
    pool: &Pool<'_>,
    agent: &str,
) -> Answer {
    if request.query("isCheckPermissions").is_some() {
        // What it checks isn't documented; managing is plausible (UNVERIFIED).
        return Answer::json(200, &caller.administers(pool.id));
    }
    let agents = lock(&state.agents);
    let found = items(agents.get(&pool.id)).iter().find(|item| number(item, "id") == agent.parse().ok());
    match found {
        Some(item) => Answer::json(200, &shown(item, request)),
        None => WrappedException::agent_not_found(pool.id, agent).answer(),
    }
}

/// The agent without what wasn't asked for.
fn shown(agent: &Value, request: &Request) -> Value {
    let Value::Object(members) = agent else {
        return agent.clone();
    };
    let hidden = [
        ("systemCapabilities", "includeCapabilities"),
        ("userCapabilities", "includeCapabilities"),
        ("assignedRequest", "includeAssignedRequest"),
        ("lastCompletedRequest", "includeLastCompletedRequest"),
    ];
    let kept = members
        .iter()
        .filter(|(name, _)| !hidden.iter().any(|(member, flag)| name == member && !request.flag(flag)))
        .filter_map(|(name, value)| {
            if name != "properties" {
                return Some((name.clone(), value.clone()));
            }
            let wanted = request.query("propertyFilters")?;
            Some((name.clone(), filtered(value, wanted)))
        });
    Value::Object(kept.collect::<Map<_, _>>())
}

fn filtered(properties: &Value, wanted: &str) -> Value {
    let Value::Object(members) = properties else {
        return properties.clone();
    };
    let kept = members
        .iter()
        .filter(|(name, _)| {
            wanted.split(',').any(|filter| filter == "*" || filter.eq_ignore_ascii_case(name))
        })
        .map(|(name, value)| (name.clone(), value.clone()));
    Value::Object(kept.collect())
}

/// Whether the agent has what a demand asks for: `java`, `Agent.OS -equals Linux`,
/// `Agent.Version -gtVersion 3.218.0`.
fn satisfies(agent: &Value, demand: &str) -> bool {
    let mut words = demand.splitn(3, ' ');
    let name = words.next().unwrap_or_default();
    let capability = ["userCapabilities", "systemCapabilities"]
        .iter()
        .filter_map(|kind| agent.get(kind)?.as_object())
        .flatten()
        .find(|(key, _)| key.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.as_str().unwrap_or_default());
    let Some(value) = capability else {
        return false;
    };
    match (words.next(), words.next()) {
        (Some("-equals"), Some(wanted)) => value.eq_ignore_ascii_case(wanted),
        (Some("-gtVersion"), Some(least)) => compare_versions(value, least) != Ordering::Less,
        _ => true,
    }
}

fn compare_versions(left: &str, right: &str) -> Ordering {
    let parts = |version: &str| -> Vec<u64> {
        version.split('.').map(|part| part.parse().unwrap_or_default()).collect()
    };
    parts(left).cmp(&parts(right))
}
