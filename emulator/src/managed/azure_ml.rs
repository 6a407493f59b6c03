//! Azure Machine Learning.

use serde_json::json;

use super::grant::{Denied, grant, select};
use crate::scenario::AzureMl;
use crate::server::{Answer, Request};
use crate::state::State;

/// `GET $MSI_ENDPOINT?api-version=2017-09-01&resource=…&clientid=…`. Errors UNVERIFIED.
pub(super) fn answer(state: &State, request: &Request, platform: &AzureMl) -> Answer {
    if request.method != "GET" {
        return Answer::empty(405).with("Allow", "GET");
    }
    if request.header("secret") != Some(&platform.msi_secret) {
        return error(401, "the secret header is missing or wrong");
    }
    let granted =
        select(&state.scenario, request, platform.system_assigned.as_deref(), &platform.user_assigned)
            .and_then(|identity| {
                grant(state, request, identity, request.query("resource"), platform.expires_on)
            });
    match granted {
        Ok(grant) => Answer::json(
            200,
            &json!({
                "access_token": grant.token,
                "expires_on": grant.expires_on,
                "resource": grant.resource,
                "token_type": "Bearer",
                "client_id": grant.identity.client_id,
            }),
        ),
        Err(Denied::Ambiguous | Denied::NoIdentity) => error(400, "Identity not found"),
        Err(Denied::NoResource) => error(400, "resource is missing"),
        Err(Denied::UnknownResource(resource)) => error(400, &format!("unknown resource {resource}")),
    }
}

fn error(status: u16, message: &str) -> Answer {
    Answer::json(status, &json!({"error": "invalid_request", "error_description": message}))
}
