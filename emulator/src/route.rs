//! Which API a request is for.

use crate::server::{Answer, Request};
use crate::state::State;
use crate::{arm, devops, entra, managed, oidc, status};

/// Answers a request: the first API that knows the path takes it.
pub(crate) fn route(state: &State, request: &Request) -> Answer {
    managed::route(state, request)
        .or_else(|| oidc::route(state, request))
        .or_else(|| arm::route(state, request))
        .or_else(|| status::route(state, request))
        .or_else(|| entra::route(state, request))
        .unwrap_or_else(|| devops::route(state, request))
}
