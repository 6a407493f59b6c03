//! An app registration, and how Entra ID's token endpoint is asked for its token
//! (Microsoft identity platform, OAuth 2.0 client credentials flow).

use std::time::Duration;

use serde_json::Value;

use super::cloud::Cloud;
use super::{AccessToken, Claims, Exchange, RESOURCE, aadsts};
use crate::explain::Explanation;
use crate::http::{Endpoint, Request, Response, TransportError, retry};
use crate::inputs::{Inputs, UsageError};
use crate::secret::Secret;

/// An app in a tenant
#[derive(Clone, Debug)]
pub struct App {
    /// The tenant: a GUID or a domain
    pub tenant: String,
    /// The client (application) id
    pub client_id: String,
    /// The cloud that the tenant is in
    pub cloud: Cloud,
}

/// How an app proves that it is the one it says
pub enum Proof<'a> {
    /// By its secret
    Secret(&'a Secret),
    /// By a JWT that its certificate's key has signed
    SignedAssertion(&'a Secret),
    /// By a JWT that another issuer has signed, whom the app trusts
    FederatedAssertion(&'a Secret),
}

impl App {
    /// The app that the inputs name; `Err` in the result says which of tenant and client id is missing.
    ///
    /// # Errors
    /// [`UsageError`] for a tenant, client id or authority host that can't be one.
    pub fn from_inputs(inputs: &Inputs) -> Result<Result<Self, &'static str>, UsageError> {
        let tenant = inputs.get("tenantId").map(|given| given.tenant()).transpose()?;
        let client_id = inputs.get("clientId").map(|given| given.guid()).transpose()?;
        let cloud = Cloud::from_inputs(inputs)?;
        Ok(match (tenant, client_id) {
            (Some(tenant), Some(client_id)) => Ok(Self { tenant, client_id, cloud }),
            (None, Some(_)) => Err("no tenant id (`--tenant-id` or `AZURE_TENANT_ID`)"),
            (Some(_), None) => Err("no client id (`--client-id` or `AZURE_CLIENT_ID`)"),
            (None, None) => Err("neither tenant id (`AZURE_TENANT_ID`) nor client id (`AZURE_CLIENT_ID`)"),
        })
    }

    /// `app <client id> in tenant <tenant>`
    pub fn describe(&self) -> String {
        format!("app {} in tenant {}", self.client_id, self.tenant)
    }

    /// The token endpoint, which is also the audience of the app's own assertions
    pub fn token_endpoint(&self) -> Endpoint {
        let authority = &self.cloud.authority;
        authority.with_path(&format!("{}/{}/oauth2/v2.0/token", authority.path(), self.tenant))
    }

    /// Exchanges a proof for an access token for Azure DevOps.
    ///
    /// # Errors
    /// An [`Explanation`] of what Entra ID answered.
    pub fn exchange(&self, exchange: &Exchange<'_>, proof: &Proof<'_>) -> Result<AccessToken, Explanation> {
        let endpoint = self.token_endpoint();
        let scope = format!("{RESOURCE}/.default");
        let mut fields = vec![("client_id", self.client_id.as_str()), ("scope", &scope)];
        match proof {
            Proof::Secret(secret) => fields.push(("client_secret", secret.expose())),
            Proof::SignedAssertion(assertion) | Proof::FederatedAssertion(assertion) => {
                fields.push((
                    "client_assertion_type",
                    "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
                ));
                fields.push(("client_assertion", assertion.expose()));
            }
        }
        fields.push(("grant_type", "client_credentials"));
        let request = Request::post(endpoint.clone()).header("accept", "application/json").form(&fields);

        let answer = retry::TOKEN_ENDPOINT.send(exchange.transport, request, exchange.now);
        let response = answer.map_err(|error| unreachable(&endpoint, &error))?;
        if response.status == 200
            && let Some(token) = response.json_value()["access_token"].as_str()
        {
            let lifetime = seconds(&response.json_value()["expires_in"]);
            let expires_on = lifetime.and_then(|lifetime| exchange.now.checked_add(lifetime));
            return Ok(AccessToken::from_entra(token.into(), expires_on));
        }
        Err(self.refused(&endpoint, &response, proof))
    }

    fn refused(&self, endpoint: &Endpoint, response: &Response, proof: &Proof<'_>) -> Explanation {
        let Some(refusal) = Refusal::read(&response.json_value()) else {
            return not_entra(endpoint, response);
        };
        let explanation = aadsts::explain(&refusal, response.status)
            .fact("asked", format!("{endpoint} for {}", self.describe()));
        let explanation = match proof {
            Proof::FederatedAssertion(assertion) => match Claims::of(assertion) {
                Some(claims) => claims.show_as_assertion(explanation),
                None => explanation,
            },
            Proof::Secret(_) | Proof::SignedAssertion(_) => explanation,
        };
        explanation
            .fact_if("correlation id", refusal.correlation_id)
            .fact_if("trace id", refusal.trace_id)
            .fact_if("at", refusal.timestamp)
    }
}

/// What the token endpoint says when it refuses
#[derive(Debug, Default)]
pub struct Refusal {
    /// The OAuth error, such as `invalid_client`
    pub error: String,
    /// The text with the AADSTS code in it
    pub description: String,
    /// The codes alone
    pub codes: Vec<u64>,
    /// When it was refused
    pub timestamp: Option<String>,
    /// Microsoft's id of this answer
    pub trace_id: Option<String>,
    /// The id to give to Microsoft's support
    pub correlation_id: Option<String>,
}

impl Refusal {
    /// Reads a refusal, of which all but the error may be missing.
    fn read(answer: &Value) -> Option<Self> {
        let text = |name: &str| answer[name].as_str().map(str::to_owned);
        let codes = answer["error_codes"].as_array();
        Some(Self {
            error: text("error")?,
            description: text("error_description").unwrap_or_default(),
            codes: codes.into_iter().flatten().filter_map(Value::as_u64).collect(),
            timestamp: text("timestamp"),
            trace_id: text("trace_id"),
            correlation_id: text("correlation_id"),
        })
    }
}

/// A number of seconds, which some endpoints write as text
pub(super) fn seconds(value: &Value) -> Option<Duration> {
    let seconds = match value {
        Value::Number(number) => number.as_u64()?,
        Value::String(text) => text.trim().parse().ok()?,
        _ => return None,
    };
    Some(Duration::from_secs(seconds))
}

/// No answer came from an endpoint that issues tokens.
pub(super) fn unreachable(endpoint: &Endpoint, error: &TransportError) -> Explanation {
    Explanation::new(format!("{} can't be reached: {error}", endpoint.authority()))
        .fact("asked", endpoint.to_string())
        .advise(error.advice())
}

/// The answer isn't one that the endpoint gives: a proxy, or another server.
pub(super) fn not_entra(endpoint: &Endpoint, response: &Response) -> Explanation {
    let host = endpoint.authority();
    let explanation = match response.status {
        429 => Explanation::new(format!("{host} has too many requests"))
            .fact_if("retry after", response.header("retry-after"))
            .advise("ask less often, and keep a token until it expires"),
        500.. => Explanation::new(format!("{host} failed with status {}", response.status)).advise(
            "try again; if it stays, see https://status.dev.azure.com and https://azure.status.microsoft",
        ),
        _ => Explanation::new(format!("{host} answered with something that is no token"))
            .advise("check the URL; a proxy or a captive portal may answer in the server's place"),
    };
    let content_type = response.header("content-type").unwrap_or("no content type");
    explanation
        .fact("asked", endpoint.to_string())
        .fact("answer", format!("{} ({content_type}): {}", response.status, response.excerpt()))
}
