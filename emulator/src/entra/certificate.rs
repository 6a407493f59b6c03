//! Assertions that the app signed with its certificate's key.

use serde_json::Value;

use super::assertion::check_time;
use super::error::EntraError;
use crate::certificates::Certificate;
use crate::jwt::{Jwt, decode_any_base64, decode_base64};
use crate::scenario::{Identity, Tenant};
use crate::state::State;

pub(super) fn check(
    state: &State,
    tenant: &Tenant,
    segment: &str,
    identity: &Identity,
    token: &Jwt,
) -> Result<(), EntraError> {
    let certificate = signing_certificate(state, identity, token)?;
    let signed = certificate.public_key().is_some_and(|key| token.signed_by(&key));
    if !signed {
        return Err(invalid_signature(
            "The key was found, but the signature is invalid.",
            &certificate.sha1(),
        ));
    }
    if !certificate.valid_at(state.now().as_second()) {
        return Err(invalid_signature("The key used is expired.", &certificate.sha1()));
    }
    check_time(state, token)?;
    check_claims(tenant, segment, identity, token)
}

/// The certificate that signed, if Entra has a reason to trust it.
fn signing_certificate(state: &State, identity: &Identity, token: &Jwt) -> Result<Certificate, EntraError> {
    let carried = carried_chain(token);
    if let (Some(name), Some(leaf)) = (&identity.subject_name, carried.first()) {
        let issuers: Vec<_> = read(state, &identity.trusted_issuers).collect();
        let trusted = issuers.iter().any(|issuer| leaf.issued_by(issuer));
        if trusted && leaf.common_name().as_deref() == Some(name) {
            return Ok(leaf.clone());
        }
        // A registered certificate is welcome with its chain too.
        return registered(state, identity, token).map_err(|_| {
            EntraError::invalid_client(
                700_030,
                format!(
                    "Invalid certificate - subject name in certificate is not authorized. SubjectNames/SubjectAlternativeNames (up to 10) in token certificate are: '{}'.",
                    leaf.common_name().unwrap_or_default()
                ),
            )
        });
    }
    registered(state, identity, token)
}

fn registered(state: &State, identity: &Identity, token: &Jwt) -> Result<Certificate, EntraError> {
    let thumbprint = |name| token.header(name).and_then(Value::as_str).and_then(decode_any_base64);
    let (sha1, sha256) = (thumbprint("x5t"), thumbprint("x5t#S256"));
    let fits = |certificate: &Certificate| match (&sha256, &sha1) {
        (Some(sha256), _) => *sha256 == certificate.sha256(),
        (None, Some(sha1)) => *sha1 == certificate.sha1(),
        (None, None) => false,
    };
    read(state, &identity.certificates).find(fits).ok_or_else(|| {
        let sent = sha256.as_ref().or(sha1.as_ref());
        invalid_signature("The key was not found.", sent.map_or(&[], Vec::as_slice))
    })
}

fn check_claims(tenant: &Tenant, segment: &str, identity: &Identity, token: &Jwt) -> Result<(), EntraError> {
    if token.claim("sub") != identity.client_id.as_deref() {
        return Err(EntraError::invalid_client(
            700_021,
            "Client assertion application identifier doesn't match 'client_id' parameter.",
        ));
    }
    // Whatever host the client knows this emulator by; the rest must be this very endpoint.
    let accepted = token.audiences().iter().any(|audience| {
        let path = audience
            .split_once("://")
            .and_then(|(_, rest)| rest.split_once('/'))
            .map_or("", |(_, path)| path);
        [segment, tenant.id.as_str(), tenant.domain.as_str()].iter().any(|name| {
            path.eq_ignore_ascii_case(&format!("{name}/oauth2/v2.0/token"))
                || path.eq_ignore_ascii_case(&format!("{name}/v2.0"))
        })
    });
    if accepted {
        return Ok(());
    }
    // The facts know no code for it; AADSTS700023 is the documented one.
    Err(EntraError::invalid_client(
        700_023,
        "Client assertion audience claim does not match Realm issuer. Review the documentation at https://learn.microsoft.com/entra/identity-platform/certificate-credentials .",
    ))
}

fn carried_chain(token: &Jwt) -> Vec<Certificate> {
    token
        .header("x5c")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|entry| Certificate::from_der(decode_base64(entry.as_str()?)?))
        .collect()
}

fn read<'a>(state: &'a State, files: &'a [String]) -> impl Iterator<Item = Certificate> + 'a {
    files.iter().filter_map(|file| Certificate::from_pem(state.scenario.certificates.get(file)?))
}

fn invalid_signature(reason: &str, thumbprint: &[u8]) -> EntraError {
    let hex: String = thumbprint.iter().map(|b| format!("{b:02X}")).collect();
    EntraError::invalid_client(
        700_027,
        format!(
            "The certificate with identifier used to sign the client assertion is not registered on application. [Reason - {reason}, Thumbprint of key used by client: '{hex}', Please visit the Azure Portal, Graph Explorer or directly use MS Graph to see configured keys for app. Review the documentation at https://docs.microsoft.com/en-us/graph/deployments to determine the corresponding service endpoint and https://docs.microsoft.com/en-us/graph/api/application-get?view=graph-rest-1.0&tabs=http to build a query request URL, such as 'https://graph.microsoft.com/beta/applications']."
        ),
    )
}
