//! Maintenance jobs: the clean-up of agents' work folders that a pool can be set to do.

use std::time::SystemTime;

use serde_json::Value;

use super::reading::timestamp;

/// One maintenance job of a pool
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct MaintenanceJob {
    /// When it was asked for
    pub queue_time: Option<SystemTime>,
    /// Whether it has ended, and in failure
    pub is_failed: bool,
    /// Whether it has ended well
    pub is_succeeded: bool,
}

impl MaintenanceJob {
    /// Reads what Azure DevOps says of it.
    pub fn read(value: &Value) -> Self {
        let result = value["result"].as_str().unwrap_or_default();
        Self {
            queue_time: timestamp(value, "queueTime"),
            is_failed: result.eq_ignore_ascii_case("failed"),
            is_succeeded: result.eq_ignore_ascii_case("succeeded"),
        }
    }
}
