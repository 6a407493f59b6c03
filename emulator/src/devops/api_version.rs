//! `api-version`: in the query or in `Accept`.

use super::error::WrappedException;
use crate::server::{Answer, Request};

/// The version that a client asks for.
pub(super) struct ApiVersion {
    pub(super) text: String,
}

impl ApiVersion {
    pub(super) fn of(request: &Request) -> Option<Self> {
        let accepted = request.header("accept").and_then(|accept| {
            let (_, rest) = accept.split_once("api-version=")?;
            rest.split([';', ',']).next()
        });
        let text = request.query("api-version").or(accepted)?.trim();
        (!text.is_empty()).then(|| Self { text: text.to_owned() })
    }
}

/// The refusal of a version without `-preview`, for resources that have no other.
///
/// Of these it is known: connection data, security roles, elastic pools. For job requests,
/// packages and resource usage it's UNVERIFIED, and scripts in the wild use plain versions: those
/// are served either way.
pub(super) fn need_preview(version: Option<&ApiVersion>) -> Option<Answer> {
    let text = &version?.text;
    if text.contains("-preview") {
        return None;
    }
    Some(
        WrappedException::new(
            400,
            "Microsoft.VisualStudio.Services.WebApi.VssInvalidPreviewVersionException, Microsoft.VisualStudio.Services.WebApi",
            format!(
                "The requested version \"{text}\" of the resource is under preview. The -preview flag must be supplied in the api-version for such requests. For example: \"{text}-preview\""
            ),
        )
        .answer(),
    )
}

/// Changing something without a version (UNVERIFIED; on GET the server picks one).
pub(super) fn missing(method: &str) -> Answer {
    WrappedException::new(
        400,
        "Microsoft.VisualStudio.Services.WebApi.VssVersionNotSpecifiedException, Microsoft.VisualStudio.Services.WebApi",
        format!(
            "No api-version was supplied for the \"{method}\" request. The version must be supplied either as part of the Accept header (e.g. \"application/json; api-version=1.0\") or as a query parameter (e.g. \"?api-version=1.0\")."
        ),
    )
    .answer()
}
