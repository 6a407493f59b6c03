//! What `token` tells: who got it, not what it is. The JSON document is the exception, which the user asks for.

use std::fmt::Write as _;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::Serialize;

use super::{Style, clean, json};
use crate::identity::{AccessToken, Kind, RESOURCE};
use crate::moment::{span, timestamp};
use crate::paragraph::paragraph;

/// For people, without the token
pub fn text(token: &AccessToken, credential: &str, now: SystemTime, style: Style) -> String {
    let title = match token.kind {
        Kind::Entra | Kind::PipelineJob => "Access token for Azure DevOps",
        Kind::Personal => "Personal access token for Azure DevOps",
    };
    let mut lines = vec![("identity", credential.to_owned())];
    if let Some(claims) = &token.claims {
        let audience = claims.audience.as_deref().map(|audience| match audience {
            RESOURCE => format!("{audience} (Azure DevOps)"),
            other => other.to_owned(),
        });
        lines.extend(audience.map(|audience| ("audience", audience)));
        lines.extend(claims.tenant.clone().map(|tenant| ("tenant", tenant)));
        lines.extend(claims.client_id.clone().map(|id| ("client id", id)));
        lines.extend(claims.object_id.clone().map(|id| ("object id", id)));
        lines.push(("kind", if claims.app_only { "app-only" } else { "on behalf of a user" }.to_owned()));
    }
    let end = token.expires_on.map_or("not told".to_owned(), |end| {
        let left = end.duration_since(now).unwrap_or_default();
        format!("{} (for {})", timestamp(end), span(left))
    });
    lines.push(("valid until", end));
    let mut text = format!("{}\n", style.bold(title));
    for (label, value) in lines {
        let line = paragraph(&format!("  {label:<13}{}", clean(&value)), "", &" ".repeat(15));
        let _ = write!(text, "{line}");
    }
    text
}

/// The field names of `az account get-access-token`
#[derive(Serialize)]
struct Document<'a> {
    #[serde(rename = "accessToken")]
    access_token: &'a str,
    #[serde(rename = "expiresOn", skip_serializing_if = "Option::is_none")]
    local: Option<String>,
    #[serde(rename = "expires_on", skip_serializing_if = "Option::is_none")]
    seconds: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tenant: Option<&'a str>,
    #[serde(rename = "tokenType")]
    token_type: &'static str,
}

/// For programs, the token included. `expiresOn` has the form that the Azure CLI writes local times in; here the
/// zone is UTC, since a component knows no other.
pub fn json(token: &AccessToken) -> String {
    let local =
        token.expires_on.map(|end| format!("{}.000000", timestamp(end).replace('T', " ").replace('Z', "")));
    json::document(&Document {
        access_token: token.secret.expose(),
        local,
        seconds: token
            .expires_on
            .and_then(|end| end.duration_since(UNIX_EPOCH).ok())
            .map(|since| since.as_secs()),
        tenant: token.claims.as_ref().and_then(|claims| claims.tenant.as_deref()),
        token_type: match token.kind {
            Kind::Entra | Kind::PipelineJob => "Bearer",
            Kind::Personal => "Basic",
        },
    })
}
