//! What goes wrong on purpose.

use std::collections::BTreeMap;

use serde::Deserialize;

/// A fault: which requests it hits, how often, and what happens to them.
///
/// The first fault of the list that hits a request decides; it counts on its own, so that two
/// faults on one path follow each other (`times` of the first, then the second).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Fault {
    /// The request's method; absent: any.
    #[serde(default)]
    pub method: Option<String>,
    /// Matched against path and query, letter case aside; `*` stands for any text.
    pub path: String,
    /// Lets the first N matching requests through.
    #[serde(default)]
    pub after: u32,
    /// Hits N requests; absent: all from there on.
    #[serde(default)]
    pub times: Option<u32>,
    /// What happens.
    pub effect: Effect,
}

impl Fault {
    /// A fault that hits every request whose path and query match.
    pub fn new(path: &str, effect: Effect) -> Self {
        Self { method: None, path: path.to_owned(), after: 0, times: None, effect }
    }

    /// Hits the first N of them only.
    pub fn times(mut self, times: u32) -> Self {
        self.times = Some(times);
        self
    }

    /// Hits requests of that method only.
    pub fn method(mut self, method: &str) -> Self {
        self.method = Some(method.to_owned());
        self
    }

    /// Lets the first N of them through.
    pub fn after(mut self, after: u32) -> Self {
        self.after = after;
        self
    }
}

/// What a fault does to a request.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub enum Effect {
    /// Another answer instead of the normal one.
    Answer {
        /// The status.
        status: u16,
        /// Headers.
        #[serde(default)]
        headers: BTreeMap<String, String>,
        /// The body, raw.
        #[serde(default)]
        body: String,
    },
    /// The first N bytes of the normal body under a `Content-Length` of the whole, then the
    /// connection is closed.
    Cut(usize),
    /// The normal answer, N ms late.
    Delay(u64),
    /// The normal answer, a byte of the body every N ms.
    Drip(u64),
    /// Status and headers of the normal answer and a body of blanks that never ends.
    Endless,
    /// Never answers.
    Hang,
    /// Resets the connection (RST).
    Reset,
}
