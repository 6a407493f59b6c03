//! What counts as healthy.

use std::time::Duration;

use serde::Serialize;

use super::finding::Severity;
use crate::inputs::{Given, Inputs, UsageError};

/// The thresholds that rules go by
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Policy {
    /// The least number of agents that are online and enabled
    pub min_online: u32,
    /// How long an agent may be offline
    pub offline_after: Duration,
    /// How many agents may be offline or disabled, in percent
    pub max_offline: u32,
    /// How many jobs may wait
    pub max_queued: Option<u32>,
    /// How long a job may wait
    pub max_wait: Duration,
    /// The least severity that makes the verdict unhealthy; none: nothing does
    pub fail_on: Option<Severity>,
}

impl Policy {
    /// The policy that the inputs hold
    ///
    /// # Errors
    /// [`UsageError`] for a threshold that can't be read.
    pub fn from_inputs(inputs: &Inputs) -> Result<Self, UsageError> {
        Ok(Self {
            min_online: inputs.require("minOnline")?.number()?,
            offline_after: inputs.require("offlineAfter")?.duration()?,
            max_offline: inputs.require("maxOffline")?.percentage()?,
            max_queued: inputs.get("maxQueued").map(Given::number).transpose()?,
            max_wait: inputs.require("maxWait")?.duration()?,
            fail_on: match inputs.require("failOn")?.text() {
                "never" => None,
                "info" => Some(Severity::Info),
                "warning" => Some(Severity::Warning),
                _ => Some(Severity::Error),
            },
        })
    }
}

/// The policy as a report shows it
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown {
    min_online: u32,
    offline_after_seconds: u64,
    max_offline_percent: u32,
    max_queued: Option<u32>,
    max_wait_seconds: u64,
    fail_on: &'static str,
}

impl Serialize for Policy {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Shown {
            min_online: self.min_online,
            offline_after_seconds: self.offline_after.as_secs(),
            max_offline_percent: self.max_offline,
            max_queued: self.max_queued,
            max_wait_seconds: self.max_wait.as_secs(),
            fail_on: self.fail_on.map_or("never", Severity::name),
        }
        .serialize(serializer)
    }
}
