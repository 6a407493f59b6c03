//! Errors as Entra writes them.

use serde_json::json;

use crate::clock::entra_time;
use crate::server::{Answer, Request};
use crate::state::State;

/// An error of the token endpoint.
#[derive(Debug)]
pub(super) struct EntraError {
    status: u16,
    error: &'static str,
    code: u32,
    message: String,
}

impl EntraError {
    /// An error of the client's credential.
    pub(super) fn invalid_client(code: u32, message: impl Into<String>) -> Self {
        Self::new(401, "invalid_client", code, message)
    }

    /// An error of the request.
    pub(super) fn invalid_request(code: u32, message: impl Into<String>) -> Self {
        Self::new(400, "invalid_request", code, message)
    }

    /// A tenant that nobody has.
    pub(super) fn unknown_tenant(tenant: &str) -> Self {
        Self::new(
            400,
            "invalid_tenant",
            90002,
            format!(
                "Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud. Check with your subscription administrator, this may happen if there are no active subscriptions for the tenant.",
            ),
        )
    }

    pub(super) fn new(status: u16, error: &'static str, code: u32, message: impl Into<String>) -> Self {
        Self { status, error, code, message: message.into() }
    }

    pub(super) fn answer(&self, state: &State, request: &Request) -> Answer {
        let (trace, correlation) = (request.id("trace"), correlation(request));
        let timestamp = entra_time(state.now());
        let code = self.code;
        Answer::json(
            self.status,
            &json!({
                "error": self.error,
                "error_description": format!(
                    "AADSTS{code}: {} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {timestamp}",
                    self.message
                ),
                "error_codes": [code],
                "timestamp": timestamp,
                "trace_id": trace,
                "correlation_id": correlation,
                "error_uri": format!("https://login.microsoftonline.com/error?code={code}"),
            }),
        )
    }
}

/// The client's own correlation id when it sent one.
fn correlation(request: &Request) -> String {
    request
        .header("client-request-id")
        .filter(|id| id.len() == 36)
        .map_or_else(|| request.id("correlation"), str::to_owned)
}
