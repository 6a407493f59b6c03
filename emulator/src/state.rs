//! What the emulator knows while it runs.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use serde_json::Value;

use crate::clock::Clock;
use crate::ids;
use crate::jwt::{Keys, Signer};
use crate::scenario::Scenario;

/// What the emulator knows while it runs.
pub(crate) struct State {
    pub(crate) scenario: Scenario,
    pub(crate) clock: Clock,
    pub(crate) keys: Keys,
    /// Where Arc's challenges are written.
    pub(crate) arc_tokens: PathBuf,
    /// The agents of each pool; changed by POST, PUT, PATCH and DELETE.
    pub(crate) agents: Mutex<BTreeMap<u64, Value>>,
    /// Arc's challenges that weren't answered yet.
    pub(crate) challenges: Mutex<Vec<String>>,
    issued: Mutex<Vec<String>>,
    requests: Mutex<Vec<ReceivedRequest>>,
    fault_hits: Mutex<Vec<u32>>,
    counters: Mutex<HashMap<String, u64>>,
    /// Sets one run's ids apart from another's; empty under the fixed clock.
    salt: String,
}

impl State {
    pub(crate) fn new(scenario: Scenario, clock: Clock, keys: Keys, arc_tokens: PathBuf) -> Self {
        let salt = match clock {
            Clock::Fixed => String::new(),
            Clock::Present => Timestamp::now().as_nanosecond().to_string(),
        };
        Self {
            clock,
            keys,
            arc_tokens,
            agents: Mutex::new(scenario.answers.agents.clone()),
            challenges: Mutex::default(),
            issued: Mutex::default(),
            requests: Mutex::default(),
            fault_hits: Mutex::new(vec![0; scenario.faults.len()]),
            counters: Mutex::default(),
            salt,
            scenario,
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now(self.scenario.now)
    }

    /// Signs the claims and remembers the token for whoever looks for leaks.
    pub(crate) fn sign(&self, signer: Signer, claims: &Value) -> String {
        let token = self.keys.of(signer).sign(claims);
        self.remember(token.clone());
        token
    }

    /// Remembers a secret that was handed out.
    pub(crate) fn remember(&self, secret: String) {
        lock(&self.issued).push(secret);
    }

    pub(crate) fn issued(&self) -> Vec<String> {
        lock(&self.issued).clone()
    }

    pub(crate) fn requests(&self) -> Vec<ReceivedRequest> {
        lock(&self.requests).clone()
    }

    /// Notes a request; the answer to it is noted by the index.
    pub(crate) fn received(&self, request: ReceivedRequest) -> usize {
        let mut requests = lock(&self.requests);
        requests.push(request);
        requests.len() - 1
    }

    pub(crate) fn answered(&self, index: usize, status: u16) {
        if let Some(request) = lock(&self.requests).get_mut(index) {
            request.status = Some(status);
        }
    }

    /// The seed of all ids of a request: how many of its kind came before, whatever else comes in
    /// meanwhile.
    pub(crate) fn seed(&self, kind: &str) -> String {
        let mut counters = lock(&self.counters);
        let counter = counters.entry(kind.to_owned()).or_default();
        *counter += 1;
        ids::guid(&[&self.salt, kind, &counter.to_string()])
    }

    /// The effect of the first fault that still hits such a request.
    pub(crate) fn fault(&self, method: &str, target: &str) -> Option<crate::Effect> {
        let mut hits = lock(&self.fault_hits);
        for (fault, seen) in self.scenario.faults.iter().zip(hits.iter_mut()) {
            let method_fits = fault.method.as_ref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(method));
            if !method_fits || !fits(&fault.path.to_lowercase(), &target.to_lowercase()) {
                continue;
            }
            if fault.times.is_some_and(|times| *seen >= fault.after.saturating_add(times)) {
                continue; // used up
            }
            *seen += 1;
            if *seen > fault.after {
                return Some(fault.effect.clone());
            }
        }
        None
    }
}

/// A request that came in.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ReceivedRequest {
    /// Its method.
    pub method: String,
    /// Path and query.
    pub target: String,
    /// Its headers, names in lower case. They hold secrets.
    pub headers: Vec<(String, String)>,
    /// The status that was answered; `None` when a fault left it without an answer.
    pub status: Option<u16>,
}

/// A panic of another request doesn't make the data wrong: each change is one call.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether the text fits the pattern, where `*` stands for any text.
fn fits(pattern: &str, text: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let Some(tail) = text.strip_prefix(head) else {
        return false;
    };
    (0..=tail.len()).filter(|&at| tail.is_char_boundary(at)).any(|at| fits(rest, &tail[at..]))
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn wildcards() {
        for (pattern, text, expected) in [
            ("/a", "/a", true),
            ("/a", "/ab", false),
            ("/a*", "/ab?c=d", true),
            ("*/pools?*", "/contoso/_apis/pools?x=1", true),
            ("*/pools", "/contoso/_apis/pools/1", false),
            ("*a*b", "xxaxxbxxb", true),
        ] {
            assert_eq!(fits(pattern, text), expected, "{pattern} {text}");
        }
    }
}
