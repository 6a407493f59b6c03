//! How a pool comes by its agents, which decides what is healthy in it.

use std::collections::{BTreeMap, BTreeSet};

use super::policy::Policy;
use crate::devops::{Agent, PoolSnapshot};
use crate::pattern::matches;

/// How a pool comes by its agents
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Kind {
    /// Azure DevOps makes them as jobs come: a scale set, or another cloud's.
    Elastic,
    /// Something else makes one for a job, and it goes with the job: containers, KEDA.
    Ephemeral,
    /// Microsoft runs them.
    Hosted,
    /// They are there, or should be.
    #[default]
    Static,
}

impl Kind {
    /// `elastic`, `ephemeral`, `hosted` or `static`
    pub fn name(self) -> &'static str {
        match self {
            Self::Elastic => "elastic",
            Self::Ephemeral => "ephemeral",
            Self::Hosted => "hosted",
            Self::Static => "static",
        }
    }

    /// Whether no agents at all are right while nothing waits
    pub fn scales_to_zero(self) -> bool {
        matches!(self, Self::Elastic | Self::Ephemeral)
    }

    /// What the data says, names aside: the pool's own flags, a placeholder that somebody put there, and whether
    /// those who did the last jobs come and go
    pub fn of(snapshot: &PoolSnapshot, placeholders: &BTreeSet<u64>) -> Self {
        let pool = &snapshot.pool;
        if pool.is_hosted {
            return Self::Hosted;
        }
        if pool.is_elastic() {
            return Self::Elastic;
        }
        if pool.has_single_use_agents() || !placeholders.is_empty() || come_and_go(snapshot) {
            return Self::Ephemeral;
        }
        Self::Static
    }
}

/// Whether most of the agents that did the last jobs aren't registered any more, and most of those did one job each.
/// One agent that was replaced is no proof, nor are a few among many that stayed, nor agents that worked on before they
/// were registered anew.
fn come_and_go(snapshot: &PoolSnapshot) -> bool {
    let registered: BTreeSet<u64> = snapshot.agents.iter().map(|agent| agent.id).collect();
    let mut jobs: BTreeMap<u64, usize> = BTreeMap::new();
    for agent in snapshot.history.iter().filter_map(|request| request.reserved_agent.as_ref()) {
        *jobs.entry(agent.id).or_default() += 1;
    }
    let gone: Vec<usize> =
        jobs.iter().filter(|(id, _)| !registered.contains(id)).map(|(_, count)| *count).collect();
    let did_one = gone.iter().filter(|count| **count == 1).count();
    gone.len() >= 2 && gone.len() * 2 > jobs.len() && did_one * 2 > gone.len()
}

/// The agents that are registered for their capabilities alone, so that jobs are queued where no agent runs yet
///
/// Those that the policy names, while they are offline; and those that were never connected and either say so by a
/// version that no agent has, or are in a pool whose other agents come and go.
pub fn placeholders(snapshot: &PoolSnapshot, policy: &Policy) -> BTreeSet<u64> {
    let come_and_go = come_and_go(snapshot);
    let is_one = |agent: &&Agent| {
        if agent.is_online() || agent.is_busy() {
            return false;
        }
        let is_named = policy.placeholders.iter().any(|pattern| matches(pattern, &agent.name));
        is_named || (agent.never_connected() && (has_no_real_version(agent) || come_and_go))
    };
    snapshot.agents.iter().filter(is_one).map(|agent| agent.id).collect()
}

/// Those who register an agent by REST write a version that meets any demand (facts: `99.999.9`).
fn has_no_real_version(agent: &Agent) -> bool {
    agent.version().is_some_and(|version| version.major >= 99)
}
