//! Assertions of others: workload identity federation.

use super::access_token::workload_issuer;
use super::assertion::check_time;
use super::error::EntraError;
use crate::jwt::{Jwt, Signer};
use crate::scenario::Identity;
use crate::state::State;

const HELP: &str = "Check your federated identity credential Subject, Audience and Issuer against the presented assertion. https://learn.microsoft.com/entra/workload-id/workload-identity-federation";

/// Issuer, audience and subject must be those of one federation, letter by letter.
pub(super) fn check(state: &State, identity: &Identity, token: &Jwt) -> Result<(), EntraError> {
    let federations = &identity.federations;
    if federations.is_empty() {
        return Err(EntraError::invalid_client(
            70025,
            format!(
                "The client '{}'({}) has no configured federated identity credentials.",
                identity.client_id.as_deref().unwrap_or_default(),
                identity.display_name()
            ),
        ));
    }
    let issuer = token.claim("iss").unwrap_or_default();
    let of_issuer: Vec<_> = federations.iter().filter(|federation| federation.issuer == issuer).collect();
    if of_issuer.is_empty() {
        return Err(no_match(700_211, "issuer", issuer));
    }
    let audiences = token.audiences();
    let of_audience: Vec<_> = of_issuer
        .into_iter()
        .filter(|federation| audiences.contains(&federation.audience.as_str()))
        .collect();
    if of_audience.is_empty() {
        return Err(no_match(700_212, "audience", &audiences.join(", ")));
    }
    let subject = token.claim("sub").unwrap_or_default();
    if !of_audience.iter().any(|federation| federation.subject == subject) {
        let but_for_case =
            of_audience.iter().find(|federation| federation.subject.eq_ignore_ascii_case(subject));
        return Err(match but_for_case {
            // Wording UNVERIFIED: the facts have the code and its meaning only.
            Some(federation) => EntraError::invalid_client(
                7_002_138,
                format!(
                    "No matching federated identity record found for presented assertion subject '{subject}'. The subject matches '{}' when letter case is ignored, but the match is case-sensitive. {HELP}",
                    federation.subject
                ),
            ),
            None => no_match(700_213, "subject", subject),
        });
    }
    let signer = signer(state, issuer);
    if !state.keys.of(signer).signed(token) {
        return Err(EntraError::invalid_client(
            50013,
            "Assertion failed signature validation. [Reason - The key was not found.]",
        ));
    }
    check_time(state, token)
}

fn signer(state: &State, issuer: &str) -> Signer {
    let scenario = &state.scenario;
    if scenario.clusters.iter().any(|cluster| cluster.issuer == issuer) {
        return Signer::Cluster;
    }
    let entra = scenario.tenants.iter().any(|tenant| workload_issuer(&tenant.id) == issuer);
    if entra { Signer::Entra } else { Signer::Pipelines }
}

fn no_match(code: u32, what: &str, value: &str) -> EntraError {
    EntraError::invalid_client(
        code,
        format!(
            "No matching federated identity record found for presented assertion {what} '{value}'. {HELP}"
        ),
    )
}
