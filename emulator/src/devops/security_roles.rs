//! Security roles of pools.

use serde_json::{Value, json};

use super::caller::Caller;
use super::error::WrappedException;
use super::lists::select;
use super::refusal::no_such_route;
use crate::server::{Answer, Request};
use crate::state::State;

/// `GET securityroles/scopes/{scope}/roleassignments/resources/{id}` and `…/roledefinitions`
pub(super) fn answer(
    state: &State,
    request: &Request,
    caller: &Caller<'_>,
    method: &str,
    scope: &str,
    rest: &[&str],
) -> Answer {
    match (method, rest) {
        ("GET", ["roledefinitions"]) => Answer::json(200, &definitions(scope)),
        ("GET", ["roleassignments", "resources", resource]) => {
            let pool = match (scope, resource.parse()) {
                ("distributedtask.agentpoolrole", Ok(pool)) if pool != 0 => pool,
                ("distributedtask.globalagentpoolrole", Ok(0)) => 0,
                _ => return no_such_route(request),
            };
            // Whoever can't see the pool can't see who may (the exact answer is UNVERIFIED).
            if pool != 0 && caller.role(pool).is_none() {
                return WrappedException::pool_not_found(resource).answer();
            }
            let roles = state.scenario.answers.security_roles.get(&pool);
            Answer::json(200, &select(roles, |role| Some(role.clone())))
        }
        _ => no_such_route(request),
    }
}

fn definitions(scope: &str) -> Value {
    let definitions: Vec<Value> = [
        ("Reader", 1, "Reader can only view the agent pool."),
        ("Service Account", 5, "Service Account can use the agent pool."),
        ("User", 17, "User can view and use the agent pool."),
        ("Administrator", 27, "Administrator can administer, manage, view and use the agent pool."),
    ]
    .map(|(name, allowed, description)| {
        json!({
            "displayName": name,
            "name": name,
            "allowPermissions": allowed,
            "denyPermissions": 0,
            "identifier": format!("{scope}.{name}"),
            "description": description,
            "scope": scope,
        })
    })
    .into();
    json!({"count": definitions.len(), "value": definitions})
}
