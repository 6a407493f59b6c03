//! Assertions in the place of a secret: which kind it is, and whether it is in time.

use super::error::EntraError;
use super::{certificate, federation};
use crate::clock::entra_time;
use crate::jwt::Jwt;
use crate::scenario::{Identity, Tenant};
use crate::state::State;

/// How far two clocks may be apart, in seconds.
const SKEW: i64 = 300;

pub(super) fn authenticate(
    state: &State,
    tenant: &Tenant,
    segment: &str,
    identity: &Identity,
    assertion: &str,
) -> Result<(), EntraError> {
    let token = Jwt::parse(assertion).ok_or_else(|| {
        EntraError::invalid_client(
            50027,
            "JWT token is invalid or malformed.", // wording UNVERIFIED
        )
    })?;
    // An app vouches for itself with its certificate; anyone else's word needs a federation.
    let own = token.claim("iss") == identity.client_id.as_deref();
    if own {
        certificate::check(state, tenant, segment, identity, &token)
    } else {
        federation::check(state, identity, &token)
    }
}

/// AADSTS700024 unless it is within its time.
pub(super) fn check_time(state: &State, token: &Jwt) -> Result<(), EntraError> {
    let now = state.now().as_second();
    let from = token.seconds("nbf").or_else(|| token.seconds("iat")).unwrap_or(now);
    let to = token.seconds("exp").unwrap_or(i64::MIN);
    if from - SKEW <= now && now < to.saturating_add(SKEW) {
        return Ok(());
    }
    let text = |seconds| {
        jiff::Timestamp::from_second(seconds)
            .map(|timestamp| timestamp.strftime("%Y-%m-%dT%H:%M:%S.0000000Z").to_string())
            .unwrap_or_default()
    };
    Err(EntraError::invalid_client(
        700_024,
        format!(
            "Client assertion is not within its valid time range. Current time: {}, assertion valid from {}, expiry time of assertion {}. Review the documentation at https://learn.microsoft.com/entra/identity-platform/certificate-credentials .",
            entra_time(state.now()).replace(' ', "T").replace('Z', ".0000000Z"),
            text(from),
            text(to)
        ),
    ))
}
