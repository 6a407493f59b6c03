//! Agents of a pool.

use std::collections::BTreeMap;
use std::time::SystemTime;

use serde::Deserialize;

use super::job_requests::JobRequest;
use super::packages::Version;
use super::reading::{or_default, timestamp};

/// An agent as it is registered
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Agent {
    /// Its id in the pool
    pub id: u64,
    /// Its name
    #[serde(deserialize_with = "or_default")]
    pub name: String,
    /// The version of its software, as it writes it
    #[serde(deserialize_with = "or_default")]
    pub version: String,
    /// Whether it may be given jobs; where nothing is said, it may
    enabled: Option<bool>,
    #[serde(deserialize_with = "or_default")]
    status: String,
    /// When it was last seen to come or go; missing for one that never came
    #[serde(deserialize_with = "timestamp")]
    pub status_changed_on: Option<SystemTime>,
    /// When it was registered
    #[serde(deserialize_with = "timestamp")]
    pub created_on: Option<SystemTime>,
    /// What it reports of its machine, a capability's value being possibly none
    #[serde(deserialize_with = "or_default")]
    pub system_capabilities: BTreeMap<String, Option<String>>,
    /// The job request that it works on
    pub assigned_request: Option<JobRequest>,
}

impl Agent {
    /// Whether it is connected
    pub fn is_online(&self) -> bool {
        self.status.eq_ignore_ascii_case("online")
    }

    /// Whether it may be given jobs
    pub fn is_enabled(&self) -> bool {
        self.enabled != Some(false)
    }

    /// Whether it works on a job
    pub fn is_busy(&self) -> bool {
        self.assigned_request.is_some()
    }

    /// Its version as numbers, where it has one
    pub fn version(&self) -> Option<Version> {
        Version::parse(&self.version)
    }
}
