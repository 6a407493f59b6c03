//! Which identity is meant, and its token.

use serde_json::{Value, json};

use crate::entra::{Resource, issue};
use crate::scenario::{Assigned, ExpiryFormat, Identity, Scenario};
use crate::server::Request;
use crate::state::State;

/// How long a token of a managed identity lives, in seconds.
const LIFETIME: i64 = 86_400;

/// The names by which platforms let a user-assigned identity be chosen.
const SELECTORS: [&str; 6] =
    ["client_id", "clientid", "object_id", "principal_id", "msi_res_id", "mi_res_id"];

/// A token for a managed identity.
pub(super) struct Grant<'a> {
    pub(super) identity: &'a Identity,
    pub(super) resource: String,
    pub(super) token: String,
    pub(super) lifetime: i64,
    pub(super) not_before: i64,
    pub(super) expires_on: Value,
}

/// Why there's none.
pub(super) enum Denied {
    /// There are several, and none was named.
    Ambiguous,
    /// None fits what was asked for.
    NoIdentity,
    /// The request names no resource.
    NoResource,
    /// Nobody knows the resource.
    UnknownResource(String),
}

/// The identity that the request means.
pub(super) fn select<'a>(
    scenario: &'a Scenario,
    request: &Request,
    system_assigned: Option<&str>,
    user_assigned: &[Assigned],
) -> Result<&'a Identity, Denied> {
    let selector = SELECTORS.iter().find_map(|name| request.query(name)).filter(|value| !value.is_empty());
    let name = match (selector, system_assigned, user_assigned) {
        (Some(wanted), _, _) => user_assigned
            .iter()
            .find(|assigned| is_called(scenario, assigned, wanted))
            .map(|assigned| assigned.identity.as_str()),
        (None, Some(name), _) => Some(name),
        // A machine with a single identity hands it out unasked.
        (None, None, [only]) => Some(only.identity.as_str()),
        (None, None, []) => None,
        (None, None, _) => return Err(Denied::Ambiguous),
    };
    name.and_then(|name| scenario.identity(name)).ok_or(Denied::NoIdentity)
}

/// A token of the identity for the resource that was asked for.
pub(super) fn grant<'a>(
    state: &State,
    request: &Request,
    identity: &'a Identity,
    resource: Option<&str>,
    format: ExpiryFormat,
) -> Result<Grant<'a>, Denied> {
    let resource = resource.filter(|resource| !resource.is_empty()).ok_or(Denied::NoResource)?;
    let known = Resource::known(&state.scenario, resource)
        .ok_or_else(|| Denied::UnknownResource(resource.to_owned()))?;
    let (token, lifetime) = issue(state, request, identity, &known, LIFETIME);
    let now = state.now().as_second();
    Ok(Grant {
        identity,
        resource: resource.to_owned(),
        token,
        lifetime,
        not_before: now,
        expires_on: written(now + lifetime, format),
    })
}

fn is_called(scenario: &Scenario, assigned: &Assigned, wanted: &str) -> bool {
    let identity = scenario.identity(&assigned.identity);
    let names = [
        identity.and_then(|identity| identity.client_id.as_deref()),
        identity.map(|identity| identity.object_id.as_str()),
        assigned.resource_id.as_deref(),
    ];
    names.into_iter().flatten().any(|name| name.eq_ignore_ascii_case(wanted))
}

fn written(seconds: i64, format: ExpiryFormat) -> Value {
    let as_date = |pattern: &str| {
        let text = jiff::Timestamp::from_second(seconds)
            .map(|timestamp| timestamp.strftime(pattern).to_string())
            .unwrap_or_default();
        Value::String(text)
    };
    match format {
        ExpiryFormat::Date => as_date("%m/%d/%Y %H:%M:%S +00:00"),
        ExpiryFormat::DateAmPm => as_date("%-m/%-d/%Y %-I:%M:%S %p +00:00"),
        ExpiryFormat::Number => json!(seconds),
        ExpiryFormat::Rfc3339 => as_date("%Y-%m-%dT%H:%M:%SZ"),
        ExpiryFormat::Text => Value::String(seconds.to_string()),
    }
}
