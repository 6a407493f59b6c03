//! Pools, as far as the caller may see them.

use serde_json::Value;

use super::caller::Caller;
use super::error::WrappedException;
use super::lists::{is, items, listed, number, select};
use crate::scenario::Role;
use crate::server::{Answer, Request};
use crate::state::State;

/// A pool that the caller may see.
pub(super) struct Pool<'a> {
    pub(super) id: u64,
    pub(super) raw: &'a Value,
}

impl Pool<'_> {
    pub(super) fn name(&self) -> &str {
        self.raw.get("name").and_then(Value::as_str).unwrap_or_default()
    }
}

/// `GET pools`. Pools that the caller has no role on are simply missing.
///
/// `poolName` is compared whole and without letter case (UNVERIFIED); an unknown parameter, such
/// as KEDA's `poolID`, is ignored.
pub(super) fn list(state: &State, request: &Request, caller: &Caller<'_>) -> Answer {
    let needed = match request.query("actionFilter").map(str::to_lowercase) {
        Some(filter) if filter == "manage" || filter == "2" => Role::Administrator,
        Some(filter) if filter == "use" || filter == "16" => Role::ServiceAccount,
        _ => Role::Reader,
    };
    let visible = select(state.scenario.answers.pools.as_ref(), |pool| {
        let id = number(pool, "id");
        let shown = id.is_some_and(|id| caller.role(id) >= Some(needed))
            && request.query("poolName").is_none_or(|name| name.is_empty() || is(pool, "name", name))
            && listed(request.query("poolIds"), id)
            && request
                .query("poolType")
                .is_none_or(|kind| pool.get("poolType").is_none() || is(pool, "poolType", kind));
        shown.then(|| pool.clone())
    });
    Answer::json(200, &visible)
}

/// The pool of that id; one that the caller has no role on might as well not exist.
pub(super) fn visible<'a>(
    state: &'a State,
    caller: &Caller<'_>,
    id: &str,
) -> Result<Pool<'a>, WrappedException> {
    id.parse()
        .ok()
        .filter(|&id| caller.role(id).is_some())
        .and_then(|id| {
            items(state.scenario.answers.pools.as_ref())
                .iter()
                .find(|pool| number(pool, "id") == Some(id))
                .map(|raw| Pool { id, raw })
        })
        .ok_or_else(|| WrappedException::pool_not_found(id))
}

/// `GET pools/{id}/permissions/{bits}`: whether the caller has all of them.
///
/// Manage is 8 (seen); the other bits are UNVERIFIED: View 1, Listen 4, Use 16.
pub(super) fn permissions(caller: &Caller<'_>, pool: &Pool<'_>, bits: &str) -> Answer {
    let granted: u32 = match caller.role(pool.id) {
        Some(Role::Administrator) => u32::MAX,
        Some(Role::ServiceAccount) => 1 | 4 | 16,
        Some(Role::Reader) => 1,
        Some(Role::None) | None => 0,
    };
    let wanted: u32 = bits.parse().unwrap_or(u32::MAX);
    Answer::json(200, &(granted & wanted == wanted))
}

/// The refusal of a change by someone who isn't an administrator.
pub(super) fn needs_manage(caller: &Caller<'_>, pool: &Pool<'_>) -> WrappedException {
    WrappedException::distributed_task(
        403,
        "AccessDeniedException",
        format!(
            "Access denied. {} needs Manage permissions for pool {} to perform the action. For more information, contact the Azure DevOps Server administrator.",
            caller.identity.display_name(),
            pool.name()
        ),
    )
}
