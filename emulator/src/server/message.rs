//! Requests and answers, as the emulated APIs see them.

use bytes::Bytes;
use hyper::header::HeaderMap;
use percent_encoding::percent_decode_str;
use serde::Serialize;

use crate::ids;

/// A request, read whole.
pub(crate) struct Request {
    pub(crate) method: String,
    /// Path and query as they came.
    pub(crate) target: String,
    /// The decoded segments of the path.
    pub(crate) segments: Vec<String>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// Where the client thinks that it is: `http://127.0.0.1:1234`.
    pub(crate) base: String,
    query: Vec<(String, String)>,
    seed: String,
}

impl Request {
    pub(crate) fn new(
        method: String,
        target: String,
        headers: HeaderMap,
        body: Bytes,
        secure: bool,
        seed: impl FnOnce(&Self) -> String,
    ) -> Self {
        let (path, query) = target.split_once('?').unwrap_or((&target, ""));
        let host = headers.get("host").and_then(|host| host.to_str().ok()).unwrap_or("localhost");
        let scheme = if secure { "https" } else { "http" };
        let mut request = Self {
            method,
            segments: path
                .split('/')
                .filter(|segment| !segment.is_empty())
                .map(|segment| percent_decode_str(segment).decode_utf8_lossy().into_owned())
                .collect(),
            query: form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
            base: format!("{scheme}://{host}"),
            target,
            headers,
            body,
            seed: String::new(),
        };
        request.seed = seed(&request);
        request
    }

    /// A query parameter; names are compared without letter case, as Azure does.
    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// A query parameter that says yes.
    pub(crate) fn flag(&self, name: &str) -> bool {
        self.query(name).is_some_and(|value| value.eq_ignore_ascii_case("true") || value == "1")
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The fields of a form body.
    pub(crate) fn form(&self) -> Vec<(String, String)> {
        form_urlencoded::parse(&self.body).into_owned().collect()
    }

    /// An id of this request's own.
    pub(crate) fn id(&self, purpose: &str) -> String {
        ids::guid(&[&self.seed, purpose])
    }
}

/// An answer.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Bytes::new() }
    }

    pub(crate) fn json(status: u16, value: &impl Serialize) -> Self {
        let body = serde_json::to_vec(value).unwrap_or_default();
        Self::empty(status).with("Content-Type", "application/json; charset=utf-8").body(body)
    }

    pub(crate) fn html(status: u16, page: &str) -> Self {
        Self::empty(status).with("Content-Type", "text/html; charset=utf-8").body(page.to_owned())
    }

    pub(crate) fn text(status: u16, text: String) -> Self {
        Self::empty(status).with("Content-Type", "text/plain; charset=utf-8").body(text)
    }

    pub(crate) fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    /// With a header in addition.
    pub(crate) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// With that header instead of what it had.
    pub(crate) fn replacing(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.retain(|(key, _)| !key.eq_ignore_ascii_case(name));
        self.with(name, value)
    }
}
