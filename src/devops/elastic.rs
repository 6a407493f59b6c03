//! Elastic pools: agents in a virtual machine scale set that Azure DevOps sizes itself.

use std::time::SystemTime;

use serde_json::Value;

use super::reading::{number, text, timestamp};

/// The scale set behind a pool
#[derive(Clone, Debug, Default)]
pub struct ElasticPool {
    /// `online`, `offline`, `unhealthy` or `new`
    pub state: String,
    /// Since when it is offline
    pub offline_since: Option<SystemTime>,
    /// How many machines it is to have
    pub desired_size: u64,
    /// How often it was tried to give it that size
    pub sizing_attempts: u64,
    /// Its machines; nothing where they couldn't be read
    pub nodes: Vec<ElasticNode>,
}

/// One machine of a scale set
#[derive(Clone, Debug, Default)]
pub struct ElasticNode {
    /// Its name
    pub name: String,
    /// Where it is in its life, such as `idle` or `lost`
    pub state: String,
    /// How the machine is, such as `healthy` or `failed`
    pub compute_state: String,
}

impl ElasticPool {
    /// Reads what Azure DevOps says of it, but for its nodes.
    pub fn read(value: &Value) -> Self {
        Self {
            state: text(value, "state"),
            offline_since: timestamp(value, "offlineSince"),
            desired_size: number(value, "desiredSize"),
            sizing_attempts: number(value, "sizingAttempts"),
            nodes: Vec::new(),
        }
    }
}

impl ElasticNode {
    /// Reads what Azure DevOps says of it.
    pub fn read(value: &Value) -> Self {
        Self {
            name: text(value, "name"),
            state: text(value, "state"),
            compute_state: text(value, "computeState"),
        }
    }

    /// Whether it is in a state that it doesn't leave by itself, or only by being thrown away
    pub fn is_failed(&self) -> bool {
        let failed = |state: &str| {
            let state = state.to_ascii_lowercase();
            state.starts_with("failed")
                || state.starts_with("unhealthy")
                || matches!(state.as_str(), "lost" | "retrydelete")
        };
        failed(&self.state) || failed(&self.compute_state)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failed_nodes_are_known_by_either_state() {
        let node = |state: &str, compute: &str| ElasticNode {
            state: state.into(),
            compute_state: compute.into(),
            ..ElasticNode::default()
        };
        for (state, compute) in
            [("lost", "healthy"), ("failedToStartPendingDelete", "none"), ("idle", "unhealthyVm")]
        {
            assert!(node(state, compute).is_failed(), "{state} {compute}");
        }
        for (state, compute) in
            [("idle", "healthy"), ("saved", "stopped"), ("offline", "reimaging"), ("", "")]
        {
            assert!(!node(state, compute).is_failed(), "{state} {compute}");
        }
    }
}
