//! The hosts' error codes, of which each host has its own idea.

use wasip2::http::types::ErrorCode;

use crate::http::TransportError;

/// The host doesn't take a part of a request.
pub(super) fn unusable(part: &str) -> TransportError {
    TransportError::Other(format!("the host doesn't take the request's {part}"))
}

/// What a host's code means
pub(super) fn error_of(code: ErrorCode) -> TransportError {
    match code {
        ErrorCode::DnsTimeout | ErrorCode::DnsError(_) => TransportError::Dns,
        ErrorCode::ConnectionRefused
        | ErrorCode::DestinationNotFound
        | ErrorCode::DestinationUnavailable
        | ErrorCode::DestinationIpUnroutable => TransportError::Refused,
        ErrorCode::ConnectionTimeout
        | ErrorCode::ConnectionReadTimeout
        | ErrorCode::ConnectionWriteTimeout
        | ErrorCode::HttpResponseTimeout => {
            TransportError::Other("the host's own timeout came before the deadline".into())
        }
        ErrorCode::TlsProtocolError | ErrorCode::TlsCertificateError | ErrorCode::TlsAlertReceived(_) => {
            TransportError::Tls
        }
        ErrorCode::HttpRequestDenied | ErrorCode::DestinationIpProhibited => TransportError::Denied,
        ErrorCode::ConnectionTerminated
        | ErrorCode::HttpResponseIncomplete
        | ErrorCode::HttpProtocolError => TransportError::Reset,
        // The host on Node has one code for all that Node calls by another name.
        ErrorCode::InternalError(Some(text)) if speaks_of_proxy(&text) => TransportError::Proxy(text),
        ErrorCode::InternalError(Some(text)) if speaks_of_tls(&text) => TransportError::Tls,
        ErrorCode::InternalError(Some(text)) => TransportError::Other(text),
        other => TransportError::Other(format!("{other:?}")),
    }
}

/// As our own hosts do; for others a proxy has no name.
fn speaks_of_proxy(text: &str) -> bool {
    text.strip_prefix("the ").unwrap_or(text).starts_with("proxy ")
}

fn speaks_of_tls(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    ["certificate", "cert_", "self-signed", "ssl", "tls"].iter().any(|word| text.contains(word))
}
