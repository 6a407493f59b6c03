//! Those who issue assertions: Azure Pipelines, GitHub Actions, Kubernetes clusters.

mod github;
mod pipelines;

use serde_json::json;

use crate::EXCHANGE_AUDIENCE;
use crate::jwt::Signer;
use crate::scenario::Cluster;
use crate::server::{Answer, Request};
use crate::state::State;

/// Answers what is for an OIDC endpoint.
pub(crate) fn route(state: &State, request: &Request) -> Option<Answer> {
    github::route(state, request).or_else(|| pipelines::route(state, request))
}

/// A token of a cluster's service account.
pub(crate) fn service_account_token(state: &State, cluster: &Cluster) -> String {
    let now = state.now().as_second();
    let lifetime = cluster.token_lifetime.unwrap_or(3600);
    state.sign(
        Signer::Cluster,
        &json!({
            "aud": [cluster.audience.as_deref().unwrap_or(EXCHANGE_AUDIENCE)],
            "exp": now + lifetime,
            "iat": now.min(now + lifetime - 1),
            "iss": cluster.issuer,
            "nbf": now.min(now + lifetime - 1),
            "sub": cluster.subject,
        }),
    )
}

/// The token of an `Authorization: Bearer` header.
fn bearer(request: &Request) -> Option<&str> {
    let (scheme, token) = request.header("authorization")?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
