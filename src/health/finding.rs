//! What a rule finds.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::devops::{Agent, JobRequest, Pool};

/// How bad a finding is
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Good to know
    Info,
    /// Will be trouble
    Warning,
    /// Is trouble
    Error,
}

impl Severity {
    /// `info`, `warning` or `error`
    pub fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// What a finding is about: a pool, an agent or a job of it; or none of them, where it is about the service
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Subject {
    /// The pool's name, or what the user called it; empty where it is about no pool
    pub pool: String,
    /// The pool's id; none where it wasn't found
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pool_id: Option<u64>,
    /// The agent's name
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// The agent's id
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent_id: Option<u64>,
    /// The job request's id
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<u64>,
}

impl Subject {
    /// A pool
    pub fn pool(pool: &Pool) -> Self {
        Self { pool: pool.name.clone(), pool_id: Some(pool.id), ..Self::default() }
    }

    /// An agent of a pool
    pub fn agent(pool: &Pool, agent: &Agent) -> Self {
        Self { agent: Some(agent.name.clone()), agent_id: Some(agent.id), ..Self::pool(pool) }
    }

    /// A job request in a pool
    pub fn job(pool: &Pool, request: &JobRequest) -> Self {
        Self { request_id: Some(request.request_id), ..Self::pool(pool) }
    }
}

/// The values that a rule went by, in seconds where they are times
pub type Evidence = Map<String, Value>;

/// One thing that a rule found, before the policy says how bad it is
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Found {
    /// What it is about
    pub subject: Subject,
    /// What is the matter, in one sentence without a full stop
    pub message: String,
    /// The values that the rule went by
    pub evidence: Evidence,
    /// What to do, where there is more to say than the rule's own advice
    pub advice: Option<String>,
}

impl Found {
    /// A finding with the rule's own advice
    pub fn new(subject: Subject, message: impl Into<String>, evidence: &[(&'static str, Value)]) -> Self {
        let evidence = evidence.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        Self { subject, message: message.into(), evidence, advice: None }
    }

    /// The same with advice of its own
    #[must_use]
    pub fn advise(mut self, advice: impl Into<String>) -> Self {
        self.advice = Some(advice.into());
        self
    }
}

/// One thing that a rule found
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// The rule's id, which never changes its meaning
    pub rule: &'static str,
    /// How bad it is
    pub severity: Severity,
    /// What it is about
    pub subject: Subject,
    /// What is the matter, in one sentence without a full stop
    pub message: String,
    /// The values that the rule went by, in seconds where they are times
    pub evidence: Evidence,
    /// What to do
    pub advice: String,
}
