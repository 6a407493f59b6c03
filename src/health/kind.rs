//! How a pool comes by its agents, which decides what is healthy in it.

use std::collections::BTreeSet;

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
    /// those who did the last jobs are still registered
    pub fn of(snapshot: &PoolSnapshot, placeholders: &BTreeSet<u64>) -> Self {
        let pool = &snapshot.pool;
        if pool.is_hosted {
            return Self::Hosted;
        }
        if pool.is_elastic() {
            return Self::Elastic;
        }
        let (gone, all) = comers_and_goers(snapshot);
        // One agent that was replaced is no proof, nor are a few among many that stayed.
        let come_and_go = gone >= 2 && gone * 2 > all;
        if pool.has_single_use_agents() || !placeholders.is_empty() || come_and_go {
            return Self::Ephemeral;
        }
        Self::Static
    }
}

/// Of the agents that did the last jobs, how many aren't registered any more, and how many there were
fn comers_and_goers(snapshot: &PoolSnapshot) -> (usize, usize) {
    let registered: BTreeSet<u64> = snapshot.agents.iter().map(|agent| agent.id).collect();
    let workers: BTreeSet<u64> = snapshot
        .history
        .iter()
        .filter_map(|request| request.reserved_agent.as_ref())
        .map(|agent| agent.id)
        .collect();
    (workers.difference(&registered).count(), workers.len())
}

/// The agents that are registered for their capabilities alone, so that jobs are queued where no agent runs yet
///
/// Those that the policy names, while they are offline; and those that were never connected and either say so by a
/// version that no agent has, or are in a pool whose other agents come and go.
pub fn placeholders(snapshot: &PoolSnapshot, policy: &Policy) -> BTreeSet<u64> {
    let (gone, _) = comers_and_goers(snapshot);
    let is_one = |agent: &&Agent| {
        if agent.is_online() || agent.is_busy() {
            return false;
        }
        let is_named = policy.placeholders.iter().any(|pattern| matches(pattern, &agent.name));
        is_named || (agent.never_connected() && (has_no_real_version(agent) || gone > 0))
    };
    snapshot.agents.iter().filter(is_one).map(|agent| agent.id).collect()
}

/// Those who register an agent by REST write a version that meets any demand (facts: `99.999.9`).
fn has_no_real_version(agent: &Agent) -> bool {
    agent.version().is_some_and(|version| version.major >= 99)
}
