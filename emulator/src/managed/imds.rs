//! The instance metadata service of virtual machines.

use serde_json::json;

use super::grant::{Denied, Grant, grant, select};
use crate::scenario::Imds;
use crate::server::{Answer, Request};
use crate::state::State;

/// `GET /metadata/identity/oauth2/token`
pub(super) fn answer(state: &State, request: &Request, platform: &Imds) -> Answer {
    if let Some(refusal) = refuse(request) {
        return refusal;
    }
    let granted =
        select(&state.scenario, request, platform.system_assigned.as_deref(), &platform.user_assigned)
            .and_then(|identity| {
                grant(state, request, identity, request.query("resource"), platform.expires_on)
            });
    match granted {
        Ok(grant) => token(&grant),
        Err(denied) => deny(&denied),
    }
}

/// A machine without any identity.
pub(super) fn absent() -> Answer {
    deny(&Denied::NoIdentity)
}

/// What IMDS doesn't even look at: SDKs probe for it with a request without the header, and a
/// forwarded request may come from elsewhere.
pub(super) fn refuse(request: &Request) -> Option<Answer> {
    if request.method != "GET" {
        return Some(Answer::empty(405).with("Allow", "GET"));
    }
    let metadata = request.header("metadata").is_some_and(|value| value.eq_ignore_ascii_case("true"));
    if !metadata {
        return Some(bad_request("invalid_request", "Required metadata header not specified"));
    }
    if request.header("x-forwarded-for").is_some() {
        // Wording UNVERIFIED.
        return Some(bad_request("invalid_request", "Bad request. X-Forwarded-For header is not allowed"));
    }
    if request.query("api-version").is_none() {
        return Some(bad_request("invalid_request", "Required query variable 'api-version' is missing"));
    }
    None
}

/// IMDS writes every number as a text.
pub(super) fn token(grant: &Grant<'_>) -> Answer {
    Answer::json(
        200,
        &json!({
            "access_token": grant.token,
            "client_id": grant.identity.client_id,
            "expires_in": grant.lifetime.to_string(),
            "expires_on": grant.expires_on,
            "ext_expires_in": grant.lifetime.to_string(),
            "not_before": grant.not_before.to_string(),
            "refresh_token": "",
            "resource": grant.resource,
            "token_type": "Bearer",
        }),
    )
}

pub(super) fn deny(denied: &Denied) -> Answer {
    match denied {
        Denied::Ambiguous => bad_request(
            "invalid_request",
            "Multiple user assigned identities exist, please specify the clientId / resourceId of the identity in the token request",
        ),
        Denied::NoIdentity => bad_request("invalid_request", "Identity not found"),
        Denied::NoResource => bad_request("invalid_request", "Required query variable 'resource' is missing"),
        Denied::UnknownResource(resource) => bad_request(
            "invalid_resource",
            &format!(
                "AADSTS500011: The resource principal named {resource} was not found in the tenant. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You might have sent your authentication request to the wrong tenant."
            ),
        ),
    }
}

fn bad_request(error: &str, description: &str) -> Answer {
    Answer::json(400, &json!({"error": error, "error_description": description}))
}
