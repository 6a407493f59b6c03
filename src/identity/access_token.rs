//! The access token, and what is checked before it is used.

use std::time::{Duration, SystemTime};

use super::Claims;
use super::claims::is_local_id;
use crate::explain::Explanation;
use crate::secret::Secret;

/// Azure DevOps as a resource of Entra: the audience of every token for it
pub const RESOURCE: &str = "499b84ac-1321-427f-aa17-267ca6975798";

/// How far this machine's clock may be off
const CLOCK_SKEW: Duration = Duration::from_secs(5 * 60);

/// How an access token was come by, which decides how it is presented
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    /// Issued by Entra ID
    Entra,
    /// The access token of an Azure Pipelines job (`System.AccessToken`)
    PipelineJob,
    /// A personal access token
    Personal,
}

/// A token that Azure DevOps may accept
#[derive(Clone, Debug)]
pub struct AccessToken {
    /// The token itself
    pub secret: Secret,
    /// How it was come by
    pub kind: Kind,
    /// What the token says of itself; a personal access token says nothing
    pub claims: Option<Claims>,
    /// When it ends, where that is known
    pub expires_on: Option<SystemTime>,
}

impl AccessToken {
    /// A token that Entra ID issued just now
    pub fn from_entra(secret: Secret, expires_on: Option<SystemTime>) -> Self {
        let claims = Claims::of(&secret);
        let expires_on = expires_on.or(claims.as_ref().and_then(|claims| claims.expires_on));
        Self { secret, kind: Kind::Entra, claims, expires_on }
    }

    /// Whether it ends within a time from now, as far as that is known
    pub fn ends_within(&self, time: Duration, now: SystemTime) -> bool {
        self.expires_on.is_some_and(|expires_on| expires_on < now + time)
    }

    /// Looks at an Entra token before it is used: audience, tenant and time.
    ///
    /// # Errors
    /// An [`Explanation`] of why Azure DevOps would refuse it without a reason.
    pub fn check(&self, tenant: Option<&str>, now: SystemTime) -> Result<(), Explanation> {
        let Some(claims) = self.claims.as_ref().filter(|_| self.kind == Kind::Entra) else {
            return Ok(());
        };
        let shown = |headline: &str| claims.show(Explanation::new(headline));
        if let Some(audience) = claims.audience.as_deref().filter(|audience| !is_azure_devops(audience)) {
            return Err(shown("the access token is for another resource than Azure DevOps")
                .fact("means", format!(
                    "its audience is {audience}; Azure DevOps answers such a token with 302 or 401 and no reason"
                ))
                .advise(format!(
                    "ask for the token with scope `{RESOURCE}/.default`, or with `resource={RESOURCE}` from a \
                     managed identity; `az account get-access-token` needs `--resource {RESOURCE}`"
                )));
        }
        let wanted = tenant.filter(|tenant| is_local_id(tenant));
        if let (Some(wanted), Some(tenant)) = (wanted, claims.tenant.as_deref())
            && !wanted.eq_ignore_ascii_case(tenant)
        {
            return Err(shown("the access token is from another tenant than the one that was asked for")
                .fact("asked for", wanted)
                .advise(
                    "set the tenant id to the tenant that the organization is connected to \
                         (Organization settings > Microsoft Entra)",
                ));
        }
        if let Some(expires_on) = claims.expires_on.filter(|expires_on| *expires_on <= now) {
            let ago = now.duration_since(expires_on).unwrap_or_default();
            return Err(shown("the access token has expired")
                .fact("now", crate::moment::timestamp(now))
                .fact("means", format!("it ended {} ago", crate::moment::span(ago)))
                .advise(
                    "get a new one right before it is needed: an access token lives about an hour; \
                         where the times can't be right, set this machine's clock",
                ));
        }
        if let Some(not_before) = claims.not_before.filter(|not_before| *not_before > now + CLOCK_SKEW) {
            return Err(shown("the access token isn't valid yet")
                .fact("valid from", crate::moment::timestamp(not_before))
                .fact("now", crate::moment::timestamp(now))
                .advise("set this machine's clock: it is behind by more than five minutes"));
        }
        Ok(())
    }
}

fn is_azure_devops(audience: &str) -> bool {
    audience.trim_end_matches('/').eq_ignore_ascii_case(RESOURCE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headline(not_before: Duration) -> Option<String> {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000);
        let claims = Claims { not_before: Some(now + not_before), ..Claims::default() };
        let token =
            AccessToken { secret: "".into(), kind: Kind::Entra, claims: Some(claims), expires_on: None };
        token.check(None, now).err().map(|explanation| explanation.headline)
    }

    #[test]
    fn a_token_of_the_future_shows_a_clock_that_is_behind() {
        assert_eq!(headline(CLOCK_SKEW), None);
        let future = headline(CLOCK_SKEW + Duration::from_secs(1));
        assert_eq!(future.as_deref(), Some("the access token isn't valid yet"));
    }
}
