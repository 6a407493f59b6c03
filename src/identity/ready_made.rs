//! A ready-made access token or a personal access token, told apart by their shape.

use super::claims::Claims;
use super::{AccessToken, Credential, Exchange, Found, Kind};
use crate::explain::Explanation;
use crate::inputs::{Inputs, UsageError};
use crate::secret::Secret;

struct ReadyMade {
    token: AccessToken,
    source: String,
    tenant: Option<String>,
}

/// The token that the inputs hold
pub fn find(inputs: &Inputs) -> Result<Found, UsageError> {
    let Some(given) = inputs.one_of(&["token", "tokenFile"])? else {
        return Ok(Found::Absent("a ready-made token (`AZP_TOKEN` or `AZP_TOKEN_FILE`)"));
    };
    let source = given.source.clone();
    let secret =
        if given.is_secret() { given.secret().expose().trim().into() } else { given.file_secret()? };
    let token = told_apart(secret).ok_or_else(|| {
        UsageError::new(
            format!("`{source}`: its value is no token"),
            "give an access token or a personal access token alone, without white space, quotes or `Bearer`",
        )
    })?;
    let tenant = inputs.get("tenantId").map(|given| given.tenant()).transpose()?;
    Ok(Found::Ready(Box::new(ReadyMade { token, source, tenant })))
}

impl Credential for ReadyMade {
    fn describe(&self) -> String {
        let what = match self.token.kind {
            Kind::Entra => "ready-made access token",
            Kind::PipelineJob => "access token of a pipeline job",
            Kind::Personal => "personal access token",
        };
        format!("{what} (from `{}`)", self.source)
    }

    fn exchange(&self, exchange: &Exchange<'_>) -> Result<AccessToken, Explanation> {
        self.token.check(self.tenant.as_deref(), exchange.now)?;
        Ok(self.token.clone())
    }
}

/// A JWT is an access token; personal access tokens are plain letters and digits (52, or 84 with `AZDO` in them).
fn told_apart(secret: Secret) -> Option<AccessToken> {
    let Some(claims) = Claims::of(&secret) else {
        let text = secret.expose();
        let is_plain = text.len() >= 20 && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        return is_plain.then_some(AccessToken {
            secret,
            kind: Kind::Personal,
            claims: None,
            expires_on: None,
        });
    };
    // The agent's own tokens come from Azure DevOps' token service, not from Entra ID.
    let is_of_job = claims.issuer.as_deref().is_some_and(|issuer| issuer.contains("vstoken"));
    let kind = if is_of_job { Kind::PipelineJob } else { Kind::Entra };
    let expires_on = claims.expires_on;
    Some(AccessToken { secret, kind, claims: Some(claims), expires_on })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_told_apart_by_shape() {
        let kind = |text: &str| told_apart(text.into()).map(|token| token.kind);
        assert_eq!(kind(&"a1".repeat(26)), Some(Kind::Personal));
        assert_eq!(kind("eyJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJ4In0.c2ln"), Some(Kind::Entra));
        assert_eq!(kind("Bearer eyJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJ4In0.c2ln"), None);
        assert_eq!(kind("short"), None);
        assert_eq!(kind("with space in it and long enough"), None);
    }
}
