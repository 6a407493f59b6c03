//! Azure Cloud Shell: the user who opened it.

use serde_json::json;

use super::grant::{Denied, grant};
use crate::scenario::{CloudShell, ExpiryFormat};
use crate::server::{Answer, Request};
use crate::state::State;

/// `POST $MSI_ENDPOINT` with `resource=…`
pub(super) fn answer(state: &State, request: &Request, platform: &CloudShell) -> Answer {
    if request.method != "POST" {
        return Answer::empty(405).with("Allow", "POST");
    }
    let metadata = request.header("metadata").is_some_and(|value| value.eq_ignore_ascii_case("true"));
    if !metadata {
        return error("Required metadata header not specified".to_owned());
    }
    let form = request.form();
    let field = |name: &str| form.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    if ["client_id", "object_id", "msi_res_id"].iter().any(|name| field(name).is_some()) {
        return error("Cloud Shell has no user-assigned identities".to_owned()); // UNVERIFIED
    }
    let granted = state
        .scenario
        .identity(&platform.system_assigned)
        .ok_or(Denied::NoIdentity)
        .and_then(|identity| grant(state, request, identity, field("resource"), ExpiryFormat::Text));
    match granted {
        Ok(grant) => Answer::json(
            200,
            &json!({
                "access_token": grant.token,
                "refresh_token": "",
                "expires_in": grant.lifetime.to_string(),
                "expires_on": grant.expires_on,
                "not_before": grant.not_before.to_string(),
                "resource": grant.resource,
                "token_type": "Bearer",
            }),
        ),
        Err(Denied::UnknownResource(resource)) => {
            error(format!("AADSTS500011: The resource principal named {resource} was not found."))
        }
        Err(_) => error("resource is missing".to_owned()),
    }
}

fn error(message: String) -> Answer {
    Answer::json(400, &json!({"error": {"code": "invalid_request", "message": message}}))
}
