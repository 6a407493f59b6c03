//! A pool in numbers.

use std::time::{Duration, SystemTime};

use serde::Serialize;

use crate::devops::{JobRequest, PoolSnapshot};

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
    /// Jobs that wait for an agent
    pub queued_jobs: usize,
    /// How long the oldest of them has waited
    pub oldest_wait_seconds: Option<u64>,
}

impl Tally {
    /// Counts a pool.
    pub fn of(snapshot: &PoolSnapshot, now: SystemTime) -> Self {
        let mut tally = Self { agents: snapshot.agents.len(), ..Self::default() };
        for agent in &snapshot.agents {
            let count = match (agent.is_online(), agent.is_enabled(), agent.is_busy()) {
                (false, ..) => &mut tally.offline,
                (true, false, _) => &mut tally.disabled,
                (true, true, true) => &mut tally.busy,
                (true, true, false) => &mut tally.idle,
            };
            *count += 1;
        }
        tally.queued_jobs = waiting(snapshot).count();
        tally.oldest_wait_seconds = oldest(snapshot, now).map(|(_, wait)| wait.as_secs());
        tally
    }

    /// Online and enabled
    pub fn available(&self) -> usize {
        self.busy + self.idle
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
        .max_by_key(|(_, wait)| *wait)
}
