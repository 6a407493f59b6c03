//! What a JWT says of itself. Read, not verified: that is its receiver's part.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use serde_json::{Map, Value};

use crate::explain::Explanation;
use crate::inputs::is_guid;
use crate::secret::Secret;

/// The claims that are shown and decided on; nothing else of a token ever is
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Claims {
    /// Whom it is for (`aud`)
    pub audience: Option<String>,
    /// Who issued it (`iss`)
    pub issuer: Option<String>,
    /// Whom it is about (`sub`)
    pub subject: Option<String>,
    /// The tenant (`tid`)
    pub tenant: Option<String>,
    /// The client id of the app (`appid` or `azp`)
    pub client_id: Option<String>,
    /// The object id of the service principal or user (`oid`)
    pub object_id: Option<String>,
    /// The managed identity's resource id (`xms_mirid`)
    pub resource_id: Option<String>,
    /// Whether it is an app's own token, without a user
    pub app_only: bool,
    /// When it begins (`nbf`)
    pub not_before: Option<SystemTime>,
    /// When it ends (`exp`)
    pub expires_on: Option<SystemTime>,
}

impl Claims {
    /// The claims of a token that has a JWT's shape
    pub fn of(token: &Secret) -> Option<Self> {
        let mut parts = token.expose().split('.');
        let (header, payload, _signature) = (parts.next()?, parts.next()?, parts.next()?);
        if parts.next().is_some() {
            return None;
        }
        decode(header)?;
        let claims = decode(payload)?;
        let text = |name: &str| claims.get(name).and_then(Value::as_str).map(str::to_owned);
        Some(Self {
            app_only: text("idtyp").as_deref() == Some("app")
                || (!claims.contains_key("scp") && !claims.contains_key("upn")),
            // The audience is one text, or a list of them (RFC 7519 §4.1.3).
            audience: match claims.get("aud") {
                Some(Value::Array(all)) => all.first().and_then(Value::as_str).map(str::to_owned),
                _ => text("aud"),
            },
            issuer: text("iss"),
            subject: text("sub"),
            tenant: text("tid"),
            client_id: text("appid").or_else(|| text("azp")),
            object_id: text("oid"),
            resource_id: text("xms_mirid"),
            not_before: claims.get("nbf").and_then(instant),
            expires_on: claims.get("exp").and_then(instant),
        })
    }

    /// Adds what a reader needs to know of the token.
    pub fn show(&self, explanation: Explanation) -> Explanation {
        explanation
            .fact_if("audience", self.audience.clone())
            .fact_if("tenant", self.tenant.clone())
            .fact_if("client id", self.client_id.clone())
            .fact_if("object id", self.object_id.clone())
            .fact_if("valid until", self.expires_on.map(crate::moment::timestamp))
    }

    /// Adds what an app's federated credential is matched by.
    pub fn show_as_assertion(&self, explanation: Explanation) -> Explanation {
        explanation
            .fact_if("presented issuer", self.issuer.clone())
            .fact_if("presented audience", self.audience.clone())
            .fact_if("presented subject", self.subject.clone())
            .fact_if("presented valid until", self.expires_on.map(crate::moment::timestamp))
    }
}

/// Whether a tenant is given by its id, which a token names, and not by a domain, which it doesn't
pub(super) fn is_local_id(tenant: &str) -> bool {
    is_guid(tenant)
}

fn decode(part: &str) -> Option<Map<String, Value>> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(part.trim_end_matches('=')).ok()?;
    serde_json::from_slice(&bytes).ok()
}

/// A NumericDate, which some issuers write as text; fractions of a second are left away
fn instant(value: &Value) -> Option<SystemTime> {
    let text = match value {
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.clone(),
        _ => return None,
    };
    let seconds = text.split('.').next()?.parse().ok()?;
    UNIX_EPOCH.checked_add(Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jwt(payload: &str) -> Secret {
        let header = BASE64_URL_SAFE_NO_PAD.encode(r#"{"alg":"RS256"}"#);
        format!("{header}.{}.c2lnbmF0dXJl", BASE64_URL_SAFE_NO_PAD.encode(payload)).into()
    }

    #[test]
    fn claims_are_read_in_every_form() {
        let claims = Claims::of(&jwt(r#"{"aud":["a","b"],"azp":"c","exp":"1586984735","nbf":1.5}"#));
        let claims = claims.expect("a JWT");
        assert_eq!((claims.audience.as_deref(), claims.client_id.as_deref()), (Some("a"), Some("c")));
        assert_eq!(claims.expires_on, Some(UNIX_EPOCH + Duration::from_secs(1_586_984_735)));
        assert!(claims.app_only);
        assert!(!Claims::of(&jwt(r#"{"scp":"user_impersonation"}"#)).expect("a JWT").app_only);
    }

    #[test]
    fn what_is_no_jwt_has_no_claims() {
        for text in ["", "a.b.c", "x.y", "eyJhbGciOiJub25lIn0.e30", "a.b.c.d"] {
            assert_eq!(Claims::of(&text.into()), None, "{text}");
        }
        assert_eq!(Claims::of(&jwt(r#"{"exp":-1}"#)).expect("a JWT").expires_on, None);
        assert_eq!(Claims::of(&jwt(r#"{"exp":1e300}"#)).expect("a JWT").expires_on, None);
    }
}
