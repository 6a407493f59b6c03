//! Why a job waits.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use super::kind::Kind;
use super::tally::State;
use super::view::PoolView;
use crate::devops::{Agent, JobRequest};

/// A job that waits, or that was given to an agent which hasn't taken it, and why
#[derive(Clone, Debug)]
pub struct Waiting<'a> {
    /// The job
    pub request: &'a JobRequest,
    /// How long it has been in the queue, where that is known
    pub wait: Option<Duration>,
    /// The agents that meet its demands
    pub candidates: Vec<&'a Agent>,
    /// What it waits for
    pub cause: Cause<'a>,
    /// How many jobs with the same demands were queued before it and wait as well
    pub ahead: usize,
}

/// What a job waits for
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Cause<'a> {
    /// For the agent that it was given to, to take it
    Assigned {
        /// The agent's name, where it is told
        agent: Option<&'a str>,
        /// Since when
        since: Option<SystemTime>,
        /// Whether that agent is online
        is_online: bool,
    },
    /// For one of the agents that meet its demands to have time
    Busy,
    /// For Azure DevOps: an idle agent meets its demands
    Idle {
        /// How many do
        idle: usize,
    },
    /// For an agent that meets its demands to come back
    OutOfService {
        /// How many are offline
        offline: usize,
        /// How many are online, but disabled
        disabled: usize,
    },
    /// For another job of the organization to end: its parallel jobs are used up
    ParallelJobs {
        /// `Private` or `Public`
        kind: &'static str,
        /// How many are in use
        used: u64,
        /// How many there are
        total: u64,
    },
    /// For the pool's scaling to start an agent
    Scaling {
        /// The placeholder that stands for the agent until then
        placeholder: Option<&'a str>,
    },
    /// For an agent that meets its demands to be registered
    Unmet {
        /// The demands that no agent meets; none where no agent meets all of them together
        demands: Vec<&'a str>,
    },
}

impl<'a> PoolView<'a> {
    /// The jobs that wait, in the order of their queueing
    pub fn waiting(&self) -> &[Waiting<'a>] {
        self.waiting.get_or_init(|| self.find_waiting())
    }

    fn find_waiting(&self) -> Vec<Waiting<'a>> {
        let mut requests: Vec<&JobRequest> = self
            .snapshot
            .job_requests
            .iter()
            .filter(|request| request.is_waiting() || request.is_assigned_only())
            .collect();
        requests
            .sort_by_key(|request| (request.queue_time.is_none(), request.queue_time, request.request_id));
        let mut ahead: BTreeMap<&[String], usize> = BTreeMap::new();
        requests
            .into_iter()
            .map(|request| {
                let candidates = self.candidates(request);
                let waiting = Waiting {
                    request,
                    wait: request.queue_time.map(|time| self.since(time)),
                    cause: self.cause(request, &candidates),
                    candidates,
                    ahead: ahead.get(&request.demands[..]).copied().unwrap_or_default(),
                };
                if request.is_waiting() {
                    *ahead.entry(&request.demands).or_default() += 1;
                }
                waiting
            })
            .collect()
    }

    fn cause(&self, request: &'a JobRequest, candidates: &[&'a Agent]) -> Cause<'a> {
        if request.is_assigned_only() {
            let reserved = request.reserved_agent.as_ref();
            let id = reserved.map(|agent| agent.id);
            return Cause::Assigned {
                agent: reserved.map(|agent| agent.name.as_str()),
                since: request.assign_time,
                is_online: self.snapshot.agents.iter().any(|agent| Some(agent.id) == id && agent.is_online()),
            };
        }
        if candidates.is_empty() {
            return match (self.kind, self.snapshot.agents.is_empty()) {
                // A scale set has no agents before its first job, and none that could tell what they will have.
                (Kind::Elastic, true) => {
                    self.parallel_jobs(request).unwrap_or(Cause::Scaling { placeholder: None })
                }
                _ => Cause::Unmet { demands: self.unmet(request) },
            };
        }
        let count = |state| candidates.iter().filter(|agent| self.state(agent) == state).count();
        let (busy, idle) = (count(State::Busy), count(State::Idle));
        if idle > 0 {
            return self.parallel_jobs(request).unwrap_or(Cause::Idle { idle });
        }
        if self.kind.scales_to_zero() {
            let placeholders = candidates.iter().filter(|agent| self.state(agent) == State::Placeholder);
            let placeholder = placeholders.min_by_key(|agent| agent.id).filter(|_| busy == 0);
            let placeholder = placeholder.map(|agent| agent.name.as_str());
            return self.parallel_jobs(request).unwrap_or(Cause::Scaling { placeholder });
        }
        // The job that ends on one of these agents gives its parallel job back too.
        match busy {
            0 => Cause::OutOfService {
                offline: count(State::Offline) + count(State::Placeholder),
                disabled: count(State::Disabled),
            },
            _ => Cause::Busy,
        }
    }

    /// That no parallel job is free for a job, where that is so
    fn parallel_jobs(&self, request: &JobRequest) -> Option<Cause<'a>> {
        let usage = self.all.parallel_jobs.iter().find(|usage| request.parallelism() == usage.kind)?;
        let total = usage.total.filter(|_| usage.are_used_up())?;
        Some(Cause::ParallelJobs { kind: usage.kind, used: usage.used, total })
    }

    /// The demands of a job that no agent of the pool meets
    fn unmet(&self, request: &'a JobRequest) -> Vec<&'a str> {
        let meets = |text: &str| {
            let demand = crate::devops::Demand::parse(text);
            self.snapshot.agents.iter().any(|agent| agent.meets(&demand))
        };
        request.demands.iter().map(String::as_str).filter(|text| !meets(text)).collect()
    }
}

impl Cause<'_> {
    /// What is waited for, in a few words
    pub fn for_what(&self) -> &'static str {
        match self {
            Self::Assigned { .. } => "the agent that was chosen",
            Self::Busy => "busy agents",
            Self::Idle { .. } => "Azure DevOps to assign an idle agent",
            Self::OutOfService { .. } => "agents that are offline or disabled",
            Self::ParallelJobs { .. } => "a parallel job",
            Self::Scaling { .. } => "scaling",
            Self::Unmet { .. } => "what no agent has",
        }
    }

    /// Its name in a report
    pub fn name(&self) -> &'static str {
        match self {
            Self::Assigned { .. } => "assigned",
            Self::Busy => "agents-busy",
            Self::Idle { .. } => "agents-idle",
            Self::OutOfService { .. } => "agents-out-of-service",
            Self::ParallelJobs { .. } => "parallel-jobs",
            Self::Scaling { .. } => "scaling",
            Self::Unmet { .. } => "demands-unmet",
        }
    }
}
