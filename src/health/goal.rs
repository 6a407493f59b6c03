//! What `wait` waits for.

use super::view::PoolView;
use crate::inputs::{Given, Inputs, UsageError};

/// What must be so in every pool; all that is given must be
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Goal {
    /// At least this many agents are online and enabled.
    pub online: Option<u32>,
    /// At least this many agents are online and enabled, and have no job.
    pub idle: Option<u32>,
    /// At most this many jobs wait.
    pub queued: Option<u32>,
    /// The agent of this name is online, in any of the pools.
    pub agent: Option<String>,
}

impl Goal {
    /// The goal that the inputs hold; where they hold none, one agent online
    ///
    /// # Errors
    /// [`UsageError`] for a number that is none.
    pub fn from_inputs(inputs: &Inputs) -> Result<Self, UsageError> {
        let number = |name| inputs.get(name).map(Given::number).transpose();
        let goal = Self {
            online: number("minOnline")?,
            idle: number("minIdle")?,
            queued: number("maxQueued")?,
            agent: inputs.get("agent").map(|given| given.text().to_owned()),
        };
        Ok(if goal == Self::default() { Self { online: Some(1), ..goal } } else { goal })
    }

    /// What is still missing, a sentence each without a full stop; nothing where the goal is reached
    pub fn missing(&self, views: &[PoolView<'_>]) -> Vec<String> {
        let mut missing = Vec::new();
        for view in views {
            let (name, tally) = (&view.snapshot.pool.name, &view.tally);
            let too_few = |have: usize, want: Option<u32>| want.filter(|want| have < *want as usize);
            if let Some(want) = too_few(tally.available(), self.online) {
                missing.push(format!("`{name}` has {} of {want} agents online", tally.available()));
            }
            if let Some(want) = too_few(tally.idle, self.idle) {
                missing.push(format!("`{name}` has {} of {want} agents idle", tally.idle));
            }
            if let Some(most) = self.queued.filter(|most| tally.queued_jobs > *most as usize) {
                let jobs =
                    if tally.queued_jobs == 1 { "1 job" } else { &format!("{} jobs", tally.queued_jobs) };
                missing.push(format!("`{name}` has {jobs} waiting, more than {most}"));
            }
        }
        if let Some(name) = &self.agent {
            let mut found = views
                .iter()
                .flat_map(|view| &view.snapshot.agents)
                .filter(|agent| agent.name.eq_ignore_ascii_case(name))
                .peekable();
            if found.peek().is_none() {
                missing.push(format!("the agent `{name}` isn't registered"));
            } else if !found.any(|agent| agent.is_online()) {
                missing.push(format!("the agent `{name}` is offline"));
            }
        }
        missing
    }
}
