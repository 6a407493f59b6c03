//! What a rule finds.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use crate::devops::Pool;

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

/// What a finding is about: a pool, or an agent of it
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Subject {
    /// The pool's name, or what the user called it
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
}

impl Subject {
    /// A pool
    pub fn pool(pool: &Pool) -> Self {
        Self { pool: pool.name.clone(), pool_id: Some(pool.id), agent: None, agent_id: None }
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
    pub evidence: BTreeMap<&'static str, Value>,
    /// What to do
    pub advice: String,
}
