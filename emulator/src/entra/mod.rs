//! Entra: the token endpoint and what MSAL reads before it.

mod access_token;
mod assertion;
mod certificate;
mod error;
mod federation;
mod metadata;
mod token;

pub(crate) use access_token::{Resource, issue, workload_issuer};

use crate::server::{Answer, Request};
use crate::state::State;

/// Answers what is for Entra.
pub(crate) fn route(state: &State, request: &Request) -> Option<Answer> {
    let segments: Vec<&str> = request.segments.iter().map(String::as_str).collect();
    let answer = match (request.method.as_str(), segments.as_slice()) {
        ("POST", [tenant, "oauth2", "v2.0", "token"]) => token::answer(state, request, tenant),
        ("GET", ["common", "discovery", "instance"]) => metadata::instance(request),
        (
            "GET",
            [tenant, "v2.0", ".well-known", "openid-configuration"]
            | [tenant, ".well-known", "openid-configuration"],
        ) => metadata::configuration(state, request, tenant),
        ("GET", [_, "discovery", "v2.0" | "keys", ..]) => metadata::keys(state),
        _ => return None,
    };
    Some(answer.with("Cache-Control", "no-store, no-cache").with("x-ms-request-id", request.id("trace")))
}
