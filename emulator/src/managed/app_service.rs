//! App Service, Functions, Container Apps.

use serde_json::json;

use super::grant::{Denied, grant, select};
use crate::scenario::AppService;
use crate::server::{Answer, Request};
use crate::state::State;

/// `GET $IDENTITY_ENDPOINT?api-version=2019-08-01&resource=…`
pub(super) fn answer(state: &State, request: &Request, platform: &AppService) -> Answer {
    if request.method != "GET" {
        return Answer::empty(405).with("Allow", "GET");
    }
    if request.header("x-identity-header") != Some(&platform.identity_header) {
        // Wording UNVERIFIED.
        return error(request, 401, "Unauthorized: X-IDENTITY-HEADER is missing or wrong.");
    }
    if request.query("api-version").is_none() {
        return error(request, 400, "Missing required parameter: api-version.");
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
        Err(Denied::Ambiguous | Denied::NoIdentity) => {
            error(request, 400, "No Managed Identity found for specified ClientId/ResourceId/PrincipalId.")
        }
        Err(Denied::NoResource) => error(request, 400, "Missing required parameter: resource."),
        Err(Denied::UnknownResource(resource)) => error(
            request,
            400,
            &format!("AADSTS500011: The resource principal named {resource} was not found in the tenant."),
        ),
    }
}

fn error(request: &Request, status: u16, message: &str) -> Answer {
    Answer::json(
        status,
        &json!({
            "StatusCode": status,
            "Message": message,
            "CorrelationId": request.id("correlation"),
        }),
    )
}
