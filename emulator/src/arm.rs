//! Azure Resource Manager, as far as the Azure CLI asks it at sign-in: lists of nothing.

use serde_json::json;

use crate::jwt::{Jwt, Signer};
use crate::server::{Answer, Request};
use crate::state::State;

/// The audience of its tokens.
const RESOURCE: &str = "https://management.azure.com";

/// Answers what is for the resource manager. Nobody here has a subscription, and who has none is
/// told of no tenant either (UNVERIFIED).
pub(crate) fn route(state: &State, request: &Request) -> Option<Answer> {
    let segments: Vec<&str> = request.segments.iter().map(String::as_str).collect();
    let (method, ["arm", list]) = (request.method.as_str(), segments.as_slice()) else {
        return None;
    };
    Some(match (method, *list) {
        _ if !admitted(state, request) => unauthorized(state),
        ("GET", "subscriptions" | "tenants") => Answer::json(200, &json!({"value": []})),
        _ => Answer::json(404, &json!({"error": {"code": "NotFound", "message": "Not found."}})),
    })
}

/// Whether it brings a token of Entra's for this API that is in force.
fn admitted(state: &State, request: &Request) -> bool {
    let token = request.header("authorization").and_then(|value| Jwt::parse(value.strip_prefix("Bearer ")?));
    let now = state.now().as_second();
    token.is_some_and(|token| {
        state.keys.of(Signer::Entra).signed(&token)
            && matches!(token.audiences()[..], [audience] if audience.trim_end_matches('/') == RESOURCE)
            && token.seconds("nbf").is_some_and(|from| from <= now)
            && token.seconds("exp").is_some_and(|to| now < to)
    })
}

/// The refusal, whatever is wrong with the token (UNVERIFIED: the real one words each case).
fn unauthorized(state: &State) -> Answer {
    let tenant = &state.scenario.organization.tenant;
    let challenge = format!(
        "Bearer authorization_uri=\"https://login.windows.net/{tenant}\", error=\"invalid_token\", \
         error_description=\"The access token is invalid.\""
    );
    let error = json!({"code": "InvalidAuthenticationToken", "message": "The access token is invalid."});
    Answer::json(401, &json!({"error": error})).with("WWW-Authenticate", challenge)
}
