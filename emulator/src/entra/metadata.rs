//! What MSAL reads before it asks for a token.

use serde_json::json;

use super::error::EntraError;
use crate::jwt::Signer;
use crate::server::{Answer, Request};
use crate::state::State;

/// OpenID Connect's discovery document. MSAL compares the issuer with the authority that it was
/// given, so it is under the address that the client used.
pub(super) fn configuration(state: &State, request: &Request, tenant: &str) -> Answer {
    // For everyone's tenants the issuer is a template, as in the real document.
    let everyone = ["common", "consumers", "organizations"].contains(&tenant);
    let known = state.scenario.tenant(tenant);
    let (id, issuer_tenant) = match known {
        _ if everyone => (tenant, "{tenantid}"),
        Some(known) => (known.id.as_str(), known.id.as_str()),
        None => return EntraError::unknown_tenant(tenant).answer(state, request),
    };
    let base = &request.base;
    Answer::json(
        200,
        &json!({
            "token_endpoint": format!("{base}/{id}/oauth2/v2.0/token"),
            "token_endpoint_auth_methods_supported":
                ["client_secret_post", "private_key_jwt", "client_secret_basic"],
            "jwks_uri": format!("{base}/{id}/discovery/v2.0/keys"),
            "response_modes_supported": ["query", "fragment", "form_post"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
            "scopes_supported": ["openid", "profile", "email", "offline_access"],
            "issuer": format!("{base}/{issuer_tenant}/v2.0"),
            "request_uri_parameter_supported": false,
            "authorization_endpoint": format!("{base}/{id}/oauth2/v2.0/authorize"),
            "device_authorization_endpoint": format!("{base}/{id}/oauth2/v2.0/devicecode"),
            "tenant_region_scope": "EU",
            "cloud_instance_name": "microsoftonline.com",
            "cloud_graph_host_name": "graph.windows.net",
            "msgraph_host": "graph.microsoft.com",
        }),
    )
}

/// Instance discovery: the authority that was asked about stands for itself.
pub(super) fn instance(request: &Request) -> Answer {
    let authority = request
        .query("authorization_endpoint")
        .and_then(|endpoint| endpoint.split_once("://"))
        .map_or(request.base.as_str(), |(_, rest)| rest);
    let host = authority
        .trim_start_matches("https://")
        .trim_start_matches("http://")
        .split('/')
        .next()
        .unwrap_or_default();
    let tenant = authority.split('/').nth(1).unwrap_or("common");
    Answer::json(
        200,
        &json!({
            "tenant_discovery_endpoint":
                format!("{}/{tenant}/v2.0/.well-known/openid-configuration", request.base),
            "api-version": "1.1",
            "metadata": [{"preferred_network": host, "preferred_cache": host, "aliases": [host]}],
        }),
    )
}

/// The keys that Entra signs with.
pub(super) fn keys(state: &State) -> Answer {
    Answer::json(200, &json!({"keys": [state.keys.of(Signer::Entra).jwk()]}))
}
