//! A pool in numbers.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::time::{Duration, SystemTime};

use serde::Serialize;

use crate::devops::{Agent, JobRequest, PoolSnapshot};

/// What an agent is, each in one state
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum State {
    /// Online and enabled, with a job
    Busy,
    /// Connected, but not enabled
    Disabled,
    /// Online and enabled, without a job
    Idle,
    /// Not connected, enabled or not
    Offline,
    /// Not connected, and not meant to be
    Placeholder,
}

impl State {
    /// The state of an agent, among these placeholders
    pub fn of(agent: &Agent, placeholders: &BTreeSet<u64>) -> Self {
        match (agent.is_online(), agent.is_enabled(), agent.is_busy()) {
            (false, ..) if placeholders.contains(&agent.id) => Self::Placeholder,
            (false, ..) => Self::Offline,
            (true, false, _) => Self::Disabled,
            (true, true, true) => Self::Busy,
            (true, true, false) => Self::Idle,
        }
    }

    /// `busy`, `disabled`, `idle`, `offline` or `placeholder`
    pub fn name(self) -> &'static str {
        match self {
            Self::Busy => "busy",
            Self::Disabled => "disabled",
            Self::Idle => "idle",
            Self::Offline => "offline",
            Self::Placeholder => "placeholder",
        }
    }
}

/// How many agents are in which state, each counted once; and the queue
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Tally {
    /// All that are registered
    pub agents: usize,
    /// Online and enabled, with a job
    pub busy: usize,
    /// Online and enabled, without a job
    pub idle: usize,
    /// Not connected, enabled or not
    pub offline: usize,
    /// Connected, but not enabled
    pub disabled: usize,
    /// Not connected, and not meant to be
    pub placeholders: usize,
    /// Jobs that wait for an agent
    pub queued_jobs: usize,
    /// Jobs that have an agent, taken by it or not
    pub in_flight_jobs: usize,
    /// How long the oldest of those that wait has waited
    pub oldest_wait_seconds: Option<u64>,
}

impl Tally {
    /// Counts a pool, without the agents that aren't to be looked at.
    pub fn of(
        snapshot: &PoolSnapshot,
        placeholders: &BTreeSet<u64>,
        ignored: &BTreeSet<u64>,
        now: SystemTime,
    ) -> Self {
        let mut tally = Self { agents: snapshot.agents.len() - ignored.len(), ..Self::default() };
        for agent in snapshot.agents.iter().filter(|agent| !ignored.contains(&agent.id)) {
            let count = match State::of(agent, placeholders) {
                State::Busy => &mut tally.busy,
                State::Disabled => &mut tally.disabled,
                State::Idle => &mut tally.idle,
                State::Offline => &mut tally.offline,
                State::Placeholder => &mut tally.placeholders,
            };
            *count += 1;
        }
        tally.queued_jobs = waiting(snapshot).count();
        tally.in_flight_jobs = snapshot.job_requests.len() - tally.queued_jobs;
        tally.oldest_wait_seconds = oldest(snapshot, now).map(|(_, wait)| wait.as_secs());
        tally
    }

    /// Online and enabled
    pub fn available(&self) -> usize {
        self.busy + self.idle
    }

    /// All but placeholders
    pub fn real(&self) -> usize {
        self.agents - self.placeholders
    }
}

/// The jobs that wait for an agent
pub fn waiting(snapshot: &PoolSnapshot) -> impl Iterator<Item = &JobRequest> {
    snapshot.job_requests.iter().filter(|request| request.is_waiting())
}

/// The job that has waited longest, and how long
pub fn oldest(snapshot: &PoolSnapshot, now: SystemTime) -> Option<(&JobRequest, Duration)> {
    waiting(snapshot)
        .filter_map(|request| Some((request, now.duration_since(request.queue_time?).unwrap_or_default())))
        .max_by_key(|(request, wait)| (*wait, Reverse(request.request_id)))
}
