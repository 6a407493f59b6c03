//! A pool as rules and reports see it: the data, and what follows from it under a policy.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, SystemTime};

use super::kind::{Kind, placeholders};
use super::policy::Policy;
use super::tally::{State, Tally};
use super::waiting::Waiting;
use crate::devops::{Agent, JobRequest, PoolSnapshot, Snapshot};
use crate::pattern::matches;

/// A pool as rules and reports see it
#[derive(Debug)]
pub struct PoolView<'a> {
    /// The pool, its agents, its jobs
    pub snapshot: &'a PoolSnapshot,
    /// All that was read
    pub all: &'a Snapshot,
    /// What counts as healthy
    pub policy: &'a Policy,
    /// The moment of the snapshot
    pub now: SystemTime,
    /// How the pool comes by its agents
    pub kind: Kind,
    /// The pool in numbers
    pub tally: Tally,
    placeholders: BTreeSet<u64>,
    ignored: BTreeSet<u64>,
    by_id: BTreeMap<u64, &'a Agent>,
    pub(super) waiting: OnceCell<Vec<Waiting<'a>>>,
}

impl<'a> PoolView<'a> {
    /// The view of one pool
    fn new(snapshot: &'a PoolSnapshot, all: &'a Snapshot, policy: &'a Policy, now: SystemTime) -> Self {
        let placeholders = placeholders(snapshot, policy);
        let is_ignored =
            |agent: &&Agent| policy.ignored_agents.iter().any(|pattern| matches(pattern, &agent.name));
        let ignored: BTreeSet<u64> =
            snapshot.agents.iter().filter(is_ignored).map(|agent| agent.id).collect();
        Self {
            snapshot,
            all,
            policy,
            now,
            kind: Kind::of(snapshot, &placeholders),
            tally: Tally::of(snapshot, &placeholders, &ignored, now),
            placeholders,
            ignored,
            waiting: OnceCell::new(),
            by_id: snapshot.agents.iter().map(|agent| (agent.id, agent)).collect(),
        }
    }

    /// The views of all pools
    pub fn all(all: &'a Snapshot, policy: &'a Policy, now: SystemTime) -> Vec<Self> {
        all.pools.iter().map(|pool| Self::new(pool, all, policy, now)).collect()
    }

    /// The state of one of its agents
    pub fn state(&self, agent: &Agent) -> State {
        State::of(agent, &self.placeholders)
    }

    /// Its agents, without those that aren't to be looked at
    pub fn agents(&self) -> impl Iterator<Item = &'a Agent> {
        self.snapshot.agents.iter().filter(|agent| !self.ignored.contains(&agent.id))
    }

    /// Those of them that are meant to be connected
    pub fn real_agents(&self) -> impl Iterator<Item = &'a Agent> {
        self.agents().filter(|agent| !self.placeholders.contains(&agent.id))
    }

    /// How many of its agents aren't to be looked at
    pub fn ignored(&self) -> usize {
        self.ignored.len()
    }

    /// Its placeholders
    pub fn placeholders(&self) -> impl Iterator<Item = &'a Agent> {
        self.placeholders.iter().filter_map(|id| self.by_id.get(id).copied())
    }

    /// The agents that meet a job's demands, as Azure DevOps says; where it doesn't, by their capabilities
    pub fn candidates(&self, request: &JobRequest) -> Vec<&'a Agent> {
        if request.matches_all_agents() {
            return self.snapshot.agents.iter().collect();
        }
        match &request.matched_agents {
            Some(matched) => matched.iter().filter_map(|agent| self.by_id.get(&agent.id).copied()).collect(),
            None => {
                let demands: Vec<_> = request.demands().collect();
                let agents = self.snapshot.agents.iter();
                agents.filter(|agent| demands.iter().all(|demand| agent.meets(demand))).collect()
            }
        }
    }

    /// How long ago it was
    pub fn since(&self, moment: SystemTime) -> Duration {
        self.now.duration_since(moment).unwrap_or_default()
    }
}
