//! `POST /{tenant}/oauth2/v2.0/token` with `grant_type=client_credentials`.

use serde_json::json;

use super::access_token::{Resource, issue};
use super::assertion;
use super::error::EntraError;
use crate::scenario::{Identity, Tenant};
use crate::server::{Answer, Request};
use crate::state::State;

const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// How long a token of an app registration lives, in seconds.
const LIFETIME: i64 = 3599;

pub(super) fn answer(state: &State, request: &Request, tenant: &str) -> Answer {
    match grant(state, request, tenant) {
        Ok(answer) => answer,
        Err(error) => error.answer(state, request),
    }
}

/// The order of the checks is the one seen in public logs where there are any, and plausible
/// where there are none (UNVERIFIED): form, tenant, client, scope, credential, resource.
fn grant(state: &State, request: &Request, segment: &str) -> Result<Answer, EntraError> {
    let form = Form(request.form());
    match form.required("grant_type")? {
        "client_credentials" => {}
        other => {
            return Err(EntraError::new(
                400,
                "unsupported_grant_type",
                70003,
                format!("The app requested an unsupported grant type '{other}'."),
            ));
        }
    }
    let client = form.required("client_id")?;
    let scope = form.required("scope")?;
    let tenant = tenant(state, segment)?;
    let identity = app(state, tenant, client)?;
    let resource = resource_of(scope)?;
    authenticate(state, tenant, segment, identity, &form)?;
    let known = Resource::known(&state.scenario, resource).ok_or_else(|| {
        EntraError::new(400, "invalid_resource", 500_011, format!(
            "The resource principal named {resource} was not found in the tenant named {}. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You might have sent your authentication request to the wrong tenant.",
            tenant.display_name
        ))
    })?;
    let (token, lifetime) = issue(state, request, identity, &known, LIFETIME);
    Ok(Answer::json(
        200,
        &json!({
            "token_type": "Bearer",
            "expires_in": lifetime,
            "ext_expires_in": lifetime,
            "access_token": token,
        }),
    ))
}

fn tenant<'a>(state: &'a State, segment: &str) -> Result<&'a Tenant, EntraError> {
    if ["common", "consumers", "organizations"].contains(&segment) {
        return Err(EntraError::invalid_request(
            50059,
            "No tenant-identifying information found in either the request or implied by any provided credentials.",
        ));
    }
    let well_formed = segment.contains(['.', '-'])
        && segment.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.' || b == b'-');
    if !well_formed {
        return Err(EntraError::invalid_request(
            900_023,
            format!(
                "Specified tenant identifier '{segment}' is neither a valid DNS name, nor a valid external domain."
            ),
        ));
    }
    state.scenario.tenant(segment).ok_or_else(|| EntraError::unknown_tenant(segment))
}

fn app<'a>(state: &'a State, tenant: &Tenant, client: &str) -> Result<&'a Identity, EntraError> {
    let of_client = |identity: &&Identity| {
        identity.tenant == tenant.id
            && identity.client_id.as_ref().is_some_and(|id| id.eq_ignore_ascii_case(client))
    };
    let identity = state.scenario.identities.iter().find(of_client).ok_or_else(|| {
        EntraError::new(400, "unauthorized_client", 700_016, format!(
            "Application with identifier '{client}' was not found in the directory '{}'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You may have sent your authentication request to the wrong tenant.",
            tenant.display_name
        ))
    })?;
    if identity.disabled {
        return Err(EntraError::new(
            401,
            "unauthorized_client",
            7_000_112,
            format!("Application '{client}'({}) is disabled.", identity.display_name()),
        ));
    }
    Ok(identity)
}

/// The resource of a scope. Only `{resource}/.default` will do without a user.
fn resource_of(scope: &str) -> Result<&str, EntraError> {
    let mut scopes = scope.split_ascii_whitespace();
    let (Some(first), None) = (scopes.next(), scopes.next()) else {
        return Err(EntraError::new(
            400,
            "invalid_scope",
            70011,
            format!(
                "The provided request must include a 'scope' input parameter. The provided value for the input parameter 'scope' is not valid. The scope {scope} is not valid."
            ),
        ));
    };
    first.strip_suffix("/.default").ok_or_else(|| {
        EntraError::new(400, "invalid_scope", 1_002_012, format!(
            "The provided value for scope {first} is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI)."
        ))
    })
}

fn authenticate(
    state: &State,
    tenant: &Tenant,
    segment: &str,
    identity: &Identity,
    form: &Form,
) -> Result<(), EntraError> {
    if let Some(assertion) = form.value("client_assertion") {
        if form.value("client_assertion_type") != Some(JWT_BEARER) {
            return Err(EntraError::invalid_request(
                900_144,
                "The request body must contain the following parameter: 'client_assertion_type'.",
            ));
        }
        return assertion::authenticate(state, tenant, segment, identity, assertion);
    }
    match form.value("client_secret") {
        Some(secret) => check_secret(state, identity, secret),
        None => Err(EntraError::invalid_client(
            7_000_218,
            "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
        )),
    }
}

fn check_secret(state: &State, identity: &Identity, secret: &str) -> Result<(), EntraError> {
    let client = identity.client_id.as_deref().unwrap_or_default();
    let known = identity
        .secrets
        .iter()
        .find(|known| known.value == secret)
        .ok_or_else(|| EntraError::invalid_client(7_000_215, format!(
            "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '{client}'."
        )))?;
    if known.expires.is_some_and(|expires| expires <= state.now()) {
        return Err(EntraError::invalid_client(
            7_000_222,
            format!(
                "The provided client secret keys for app '{client}' are expired. Visit the Azure portal to create new keys for your app: https://aka.ms/NewClientSecret, or consider using certificate credentials for added security: https://aka.ms/certCreds."
            ),
        ));
    }
    Ok(())
}

struct Form(Vec<(String, String)>);

impl Form {
    fn value(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }

    fn required(&self, name: &str) -> Result<&str, EntraError> {
        self.value(name).ok_or_else(|| {
            EntraError::invalid_request(
                900_144,
                format!("The request body must contain the following parameter: '{name}'."),
            )
        })
    }
}
