//! Agents of a pool.

use std::collections::BTreeMap;
use std::time::SystemTime;

use serde_json::Value;

use super::demands::Demand;
use super::job_requests::JobRequest;
use super::packages::Version;
use super::reading::{number, object, text, timestamp};

/// An agent as it is registered
#[derive(Clone, Debug, Default)]
pub struct Agent {
    /// Its id in the pool
    pub id: u64,
    /// Its name
    pub name: String,
    /// The version of its software, as it writes it
    pub version: String,
    /// Whether it may be given jobs; where nothing is said, it may
    pub enabled: Option<bool>,
    /// `online` or `offline`
    pub status: String,
    /// When it was last seen to come or go; missing for one that never came
    pub status_changed_on: Option<SystemTime>,
    /// When it was registered
    pub created_on: Option<SystemTime>,
    /// The operating system, in its own words
    pub os_description: String,
    /// What it reports of its machine, a capability's value being possibly none
    pub system_capabilities: BTreeMap<String, Option<String>>,
    /// What people say of it
    pub user_capabilities: BTreeMap<String, Option<String>>,
    /// The job request that it works on
    pub assigned_request: Option<JobRequest>,
    /// The job request that it worked on last
    pub last_completed_request: Option<JobRequest>,
    /// The update that it has been asked to make
    pub pending_update: Option<PendingUpdate>,
}

/// An update that an agent has been asked to make
#[derive(Clone, Debug, Default)]
pub struct PendingUpdate {
    /// When it was asked
    pub request_time: Option<SystemTime>,
    /// The version that it is to have
    pub target_version: Option<Version>,
}

impl PendingUpdate {
    fn read(value: &Value) -> Self {
        Self {
            request_time: timestamp(value, "requestTime"),
            target_version: object(value, "targetVersion", Version::read),
        }
    }
}

impl Agent {
    /// Reads what Azure DevOps says of it.
    pub fn read(value: &Value) -> Self {
        Self {
            id: number(value, "id"),
            name: text(value, "name"),
            version: text(value, "version"),
            enabled: value["enabled"].as_bool(),
            status: text(value, "status"),
            status_changed_on: timestamp(value, "statusChangedOn"),
            created_on: timestamp(value, "createdOn"),
            os_description: text(value, "osDescription"),
            system_capabilities: capabilities(&value["systemCapabilities"]),
            user_capabilities: capabilities(&value["userCapabilities"]),
            assigned_request: object(value, "assignedRequest", JobRequest::read),
            last_completed_request: object(value, "lastCompletedRequest", JobRequest::read),
            pending_update: object(value, "pendingUpdate", PendingUpdate::read),
        }
    }

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

    /// Whether it could be given a job: online and enabled
    pub fn is_available(&self) -> bool {
        self.is_online() && self.is_enabled()
    }

    /// Whether nothing shows that it was ever connected
    pub fn never_connected(&self) -> bool {
        !self.is_online()
            && self.status_changed_on.is_none()
            && self.assigned_request.is_none()
            && self.last_completed_request.is_none()
    }

    /// Its version as numbers, where it has one
    pub fn version(&self) -> Option<Version> {
        Version::parse(&self.version)
    }

    /// The value of a capability, letter case aside; `Some("")` for one without a value
    pub fn capability(&self, name: &str) -> Option<&str> {
        let all = self.user_capabilities.iter().chain(&self.system_capabilities);
        let found = all.into_iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_deref().unwrap_or_default())
    }

    /// Whether it has what a job demands
    pub fn meets(&self, demand: &Demand<'_>) -> bool {
        let value = match self.capability(demand.name) {
            None if demand.name.eq_ignore_ascii_case("Agent.Version") => Some(self.version.as_str()),
            value => value,
        };
        value.is_some_and(|value| demand.is_met_by(value))
    }
}

fn capabilities(value: &Value) -> BTreeMap<String, Option<String>> {
    let members = value.as_object().into_iter().flatten();
    members.map(|(name, value)| (name.clone(), value.as_str().map(str::to_owned))).collect()
}
