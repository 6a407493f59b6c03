//! Parallel jobs: how many jobs an organization may run at once on agents of its own.

use serde_json::Value;

use super::reading::number;

/// The use of one kind of parallel jobs
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ParallelJobs {
    /// `Private` or `Public`: the kind of project that they are for
    pub kind: &'static str,
    /// How many are in use
    pub used: u64,
    /// How many there are; nothing where Azure DevOps doesn't say
    pub total: Option<u64>,
}

impl ParallelJobs {
    /// Reads a `resourceusage`; its `resourceLimit` is null where the question was wrong.
    pub fn read(kind: &'static str, value: &Value) -> Self {
        Self { kind, used: number(value, "usedCount"), total: value["resourceLimit"]["totalCount"].as_u64() }
    }

    /// Whether a further job has to wait for another to end
    pub fn are_used_up(&self) -> bool {
        self.total.is_some_and(|total| self.used >= total)
    }
}
