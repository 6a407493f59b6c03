//! GitHub Actions.

use serde_json::json;

use super::bearer;
use crate::jwt::Signer;
use crate::server::{Answer, Request};
use crate::state::State;

const ISSUER: &str = "https://token.actions.githubusercontent.com";

/// `GET /github/oidc/token?api-version=2.0&audience=…`
pub(super) fn route(state: &State, request: &Request) -> Option<Answer> {
    if request.segments != ["github", "oidc", "token"] {
        return None;
    }
    let hub = state.scenario.git_hub.as_ref()?;
    if bearer(request) != Some(&hub.request_token) {
        // The real endpoint's wording wasn't seen (UNVERIFIED).
        return Some(Answer::json(401, &json!({"message": "the request token is not valid"})));
    }
    let audience = request.query("audience").unwrap_or("https://github.com/contoso");
    let repository = hub.subject.split(':').nth(1).unwrap_or_default();
    let now = state.now().as_second();
    let lifetime = hub.token_lifetime.unwrap_or(300);
    let token = state.sign(
        Signer::Pipelines,
        &json!({
            "jti": request.id("jti"), "sub": hub.subject, "aud": audience, "iss": ISSUER,
            "repository": repository,
            "nbf": now.min(now + lifetime - 1), "iat": now.min(now + lifetime - 1),
            "exp": now + lifetime,
        }),
    );
    Some(Answer::json(200, &json!({"count": token.len(), "value": token})))
}
