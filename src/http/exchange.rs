//! A request and what came back, as plain data.

use std::time::Duration;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::Endpoint;
use crate::secret::Secret;

/// How long one request may take where its maker says nothing else
const REQUEST_DEADLINE: Duration = Duration::from_secs(30);

/// How many bytes of a body are read where the request says nothing else: a
/// token or an error fits many times over
const BODY_LIMIT: usize = 1 << 20;

/// Everything but the characters that RFC 3986 calls unreserved
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The methods in use
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Method {
    /// Removes
    Delete,
    /// Reads
    Get,
    /// Asks for a token, or adds
    Post,
    /// Replaces
    Put,
}

/// One request, not sent yet
#[derive(Clone, Debug)]
pub struct Request {
    /// What is to be done
    pub method: Method,
    /// The server and the path
    pub endpoint: Endpoint,
    /// The query, encoded, without `?`
    pub query: String,
    /// Header names in lower case, and their values
    pub headers: Vec<(&'static str, Secret)>,
    /// The body; empty for none
    pub body: Secret,
    /// The longest time from sending to the body's last byte
    pub deadline: Duration,
    /// The most bytes of a body that are read
    pub body_limit: usize,
}

impl Request {
    /// A GET of what the endpoint names, its own query included
    pub fn get(endpoint: Endpoint) -> Self {
        Self::new(Method::Get, endpoint)
    }

    /// A POST to what the endpoint names, its own query included
    pub fn post(endpoint: Endpoint) -> Self {
        Self::new(Method::Post, endpoint)
    }

    /// The same with another method
    #[must_use]
    pub fn by(mut self, method: Method) -> Self {
        self.method = method;
        self
    }

    /// Sets JSON as the body.
    #[must_use]
    pub fn json(mut self, value: &serde_json::Value) -> Self {
        self.body = value.to_string().into();
        self.header("content-type", "application/json")
    }

    fn new(method: Method, endpoint: Endpoint) -> Self {
        Self {
            method,
            query: endpoint.query().unwrap_or_default().to_owned(),
            endpoint,
            headers: vec![("user-agent", concat!("pool-lifeguard/", env!("CARGO_PKG_VERSION")).into())],
            body: Secret::default(),
            deadline: REQUEST_DEADLINE,
            body_limit: BODY_LIMIT,
        }
    }

    /// Adds `name=value` to the query.
    #[must_use]
    pub fn query(mut self, name: &str, value: &str) -> Self {
        push_pair(&mut self.query, name, value);
        self
    }

    /// Adds a header, which may hold a secret.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<Secret>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Sets a form as the body, its fields in the given order.
    #[must_use]
    pub fn form(mut self, fields: &[(&str, &str)]) -> Self {
        let mut body = String::new();
        for (name, value) in fields {
            push_pair(&mut body, name, value);
        }
        self.body = body.into();
        self.header("content-type", "application/x-www-form-urlencoded")
    }

    /// Sets the longest time that this request may take.
    #[must_use]
    pub fn within(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// Sets how many bytes of the answer are read at most.
    #[must_use]
    pub fn up_to(mut self, body_limit: usize) -> Self {
        self.body_limit = body_limit;
        self
    }
}

fn push_pair(text: &mut String, name: &str, value: &str) {
    if !text.is_empty() {
        text.push('&');
    }
    text.push_str(name);
    text.push('=');
    text.extend(utf8_percent_encode(value, RESERVED));
}

/// What a server answered
#[derive(Clone, Debug)]
pub struct Response {
    /// The status code
    pub status: u16,
    /// Header names in lower case, and their values (bytes that are no UTF-8 replaced)
    pub headers: Vec<(String, String)>,
    /// The whole body
    pub body: Vec<u8>,
}

impl Response {
    /// The first header of that name (in lower case)
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(candidate, _)| candidate == name).map(|(_, value)| value.as_str())
    }

    /// Whether the status is 200 to 299
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The body as text, without a byte order mark; Azure DevOps sends one with some errors
    pub fn text(&self) -> String {
        String::from_utf8_lossy(without_bom(&self.body)).into_owned()
    }

    /// The body as JSON of any shape; `null` where it isn't JSON
    pub fn json_value(&self) -> serde_json::Value {
        self.json().unwrap_or_default()
    }

    /// The body without a byte order mark
    pub fn bytes(&self) -> &[u8] {
        without_bom(&self.body)
    }

    /// The beginning of the body, for an error
    pub fn excerpt(&self) -> String {
        const LENGTH: usize = 200;
        let text = self.text();
        let mut words = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if let Some((end, _)) = words.char_indices().nth(LENGTH) {
            words.truncate(end);
            words.push('…');
        }
        words
    }

    /// The body as JSON, where it says that it is JSON and reads as that
    pub fn json<T: serde::de::DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_slice(without_bom(&self.body))
    }

    /// Whether the content type is one of JSON's
    pub fn says_json(&self) -> bool {
        self.header("content-type").is_some_and(|value| {
            let media_type = value.split(';').next().unwrap_or_default().trim();
            media_type.eq_ignore_ascii_case("application/json") || media_type.ends_with("+json")
        })
    }
}

fn without_bom(body: &[u8]) -> &[u8] {
    body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_encoded_and_keeps_what_the_url_had() {
        let endpoint = Endpoint::parse("https://h/x?api-version=2.0").expect("a URL");
        let request = Request::get(endpoint).query("audience", "api://A b&c");
        assert_eq!(request.query, "api-version=2.0&audience=api%3A%2F%2FA%20b%26c");
    }

    #[test]
    fn json_is_read_behind_a_byte_order_mark() {
        let response = Response {
            status: 503,
            headers: vec![("content-type".into(), "application/json; charset=utf-8".into())],
            body: b"\xEF\xBB\xBF{\"a\":1}".to_vec(),
        };
        assert!(response.says_json());
        assert_eq!(response.json::<serde_json::Value>().expect("JSON")["a"], 1);
    }
}
