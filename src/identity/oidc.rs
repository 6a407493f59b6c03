//! What the OIDC issuers have in common: an assertion is asked for, and may be refused.

use super::app::{App, Proof, not_entra, unreachable};
use super::{AccessToken, Exchange};
use crate::explain::Explanation;
use crate::http::{Endpoint, EndpointError, Request, Response, retry};
use crate::inputs::{Inputs, UsageError};
use crate::secret::Secret;

/// Asks an issuer for an assertion, which it answers in the JSON member `member`.
///
/// # Errors
/// What `refused` makes of an answer that is a refusal, or an [`Explanation`] of why no answer came.
pub fn assertion(
    exchange: &Exchange<'_>,
    request: Request,
    member: &str,
    refused: impl Fn(&Response) -> Explanation,
) -> Result<Secret, Explanation> {
    let endpoint = request.endpoint.clone();
    let answer = retry::OIDC.send(exchange.transport, request, exchange.now);
    let response = answer.map_err(|error| unreachable(&endpoint, &error))?;
    // Azure DevOps shows a sign-in page with 203 to a token that it doesn't accept.
    if response.status != 200 {
        return Err(refused(&response)
            .fact("asked", endpoint.to_string())
            .fact_if("said", message(&response)));
    }
    match response.json_value()[member].as_str() {
        Some(assertion) => {
            let assertion = Secret::from(assertion);
            (exchange.mask)(&assertion);
            Ok(assertion)
        }
        None => Err(not_entra(&endpoint, &response)),
    }
}

/// Exchanges another issuer's assertion for the app's access token, and looks at it.
///
/// # Errors
/// An [`Explanation`] of what Entra ID answered, or of what is wrong with the token.
pub fn exchange_assertion(
    app: &App,
    exchange: &Exchange<'_>,
    assertion: &Secret,
) -> Result<AccessToken, Explanation> {
    let token = app.exchange(exchange, &Proof::FederatedAssertion(assertion))?;
    token.check(Some(&app.tenant), exchange.now)?;
    Ok(token)
}

/// The URL in a variable that is no input
///
/// # Errors
/// [`UsageError`] where it can't be used.
pub fn endpoint_in(inputs: &Inputs, variable: &str) -> Result<Option<Endpoint>, UsageError> {
    let Some(text) = inputs.environment.get(variable) else { return Ok(None) };
    Endpoint::parse(text).map(Some).map_err(|error| {
        let shown = if error == EndpointError::UserInfo { "its value" } else { &format!("`{text}`") };
        UsageError::new(
            format!("`{variable}`: {shown} can't be used: {error}"),
            format!("leave `{variable}` as the platform sets it"),
        )
    })
}

fn message(response: &Response) -> Option<String> {
    response.json_value()["message"].as_str().map(str::to_owned)
}
