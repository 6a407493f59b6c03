//! Access tokens.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

use crate::jwt::Signer;
use crate::scenario::{Identity, Scenario};
use crate::server::Request;
use crate::state::State;
use crate::{AZURE_DEVOPS, EXCHANGE_AUDIENCE};

/// Something that a token is for.
pub(crate) enum Resource<'a> {
    /// An API: its tokens are of version 1.
    Api(&'a str),
    /// Entra itself, which takes the token as an assertion.
    Exchange,
}

impl<'a> Resource<'a> {
    /// The resource of that identifier, if the tenants have one.
    pub(crate) fn known(scenario: &Scenario, identifier: &'a str) -> Option<Self> {
        if identifier == EXCHANGE_AUDIENCE {
            return Some(Self::Exchange);
        }
        let listed = scenario
            .resources
            .iter()
            .any(|known| known.trim_end_matches('/') == identifier.trim_end_matches('/'));
        (identifier == AZURE_DEVOPS || listed).then_some(Self::Api(identifier))
    }
}

/// The issuer of tokens that are assertions, in a tenant.
pub(crate) fn workload_issuer(tenant: &str) -> String {
    format!("https://login.microsoftonline.com/{tenant}/v2.0")
}

/// A signed token of the identity for the resource, and how many seconds it lives.
pub(crate) fn issue(
    state: &State,
    request: &Request,
    identity: &Identity,
    resource: &Resource<'_>,
    default_lifetime: i64,
) -> (String, i64) {
    let lifetime = identity.token_lifetime.unwrap_or(default_lifetime);
    let now = state.now().as_second();
    // A token that has already expired was valid once.
    let issued = now.min(now.saturating_add(lifetime) - 1);
    let tenant = identity.token_tenant.as_ref().unwrap_or(&identity.tenant);
    let (audience, issuer, version) = match resource {
        Resource::Api(identifier) => (*identifier, format!("https://sts.windows.net/{tenant}/"), "1.0"),
        Resource::Exchange => (EXCHANGE_AUDIENCE, workload_issuer(tenant), "2.0"),
    };
    let uti = URL_SAFE_NO_PAD.encode(&crate::ids::hash(&[&request.id("uti")])[..16]);

    let mut claims = Map::new();
    let mut claim = |name: &str, value: Value| claims.insert(name.to_owned(), value);
    let audience = identity.token_audience.as_deref().unwrap_or(audience);
    claim("aud", json!(audience));
    claim("iss", json!(issuer));
    claim("iat", json!(issued));
    claim("nbf", json!(issued));
    claim("exp", json!(now.saturating_add(lifetime)));
    match &identity.client_id {
        Some(client) => {
            claim("appid", json!(client));
            claim("appidacr", json!("1"));
            claim("idtyp", json!("app"));
        }
        None => {
            claim("idtyp", json!("user"));
            claim("scp", json!("user_impersonation"));
        }
    }
    claim("idp", json!(issuer));
    claim("oid", json!(identity.object_id));
    claim("sub", json!(identity.object_id));
    claim("tid", json!(tenant));
    claim("uti", json!(uti));
    claim("ver", json!(version));
    (state.sign(Signer::Entra, &Value::Object(claims)), lifetime)
}
