//! Why a job waits.

use std::time::{Duration, SystemTime};

use super::kind::Kind;
use super::tally::State;
use super::view::PoolView;
use crate::devops::{Agent, JobRequest};
use crate::moment::span;

/// A job with an idle agent that could take it is started within seconds; after this long something else holds it.
const PROMPTLY: Duration = Duration::from_secs(60);

/// A job that waits, or that was given to an agent which hasn't taken it, and why
#[derive(Debug)]
pub struct Waiting<'a> {
    /// The job
    pub request: &'a JobRequest,
    /// How long it has been in the queue, where that is known
    pub wait: Option<Duration>,
    /// The agents that meet its demands
    pub candidates: Vec<&'a Agent>,
    /// What it waits for
    pub cause: Cause<'a>,
    /// How many jobs of the pool were queued before it and wait as well
    pub ahead: usize,
}

/// What a job waits for
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Cause<'a> {
    /// For the agent that it was given to, to take it
    Assigned {
        /// The agent's name
        agent: &'a str,
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
    pub fn waiting(&self) -> Vec<Waiting<'a>> {
        let mut requests: Vec<&JobRequest> = self
            .snapshot
            .job_requests
            .iter()
            .filter(|request| request.is_waiting() || request.is_assigned_only())
            .collect();
        requests.sort_by_key(|request| (request.queue_time, request.request_id));
        let mut ahead = 0;
        requests
            .into_iter()
            .map(|request| {
                let candidates = self.candidates(request);
                let waiting = Waiting {
                    request,
                    wait: request.queue_time.map(|time| self.since(time)),
                    cause: self.cause(request, &candidates),
                    candidates,
                    ahead,
                };
                ahead += usize::from(request.is_waiting());
                waiting
            })
            .collect()
    }

    fn cause(&self, request: &'a JobRequest, candidates: &[&'a Agent]) -> Cause<'a> {
        if request.is_assigned_only() {
            let reserved = request.reserved_agent.as_ref();
            let id = reserved.map(|agent| agent.id);
            return Cause::Assigned {
                agent: reserved.map_or("an agent", |agent| agent.name.as_str()),
                since: request.assign_time,
                is_online: self.snapshot.agents.iter().any(|agent| Some(agent.id) == id && agent.is_online()),
            };
        }
        if candidates.is_empty() {
            return Cause::Unmet { demands: self.unmet(request) };
        }
        let count = |state| candidates.iter().filter(|agent| self.state(agent) == state).count();
        let (busy, idle) = (count(State::Busy), count(State::Idle));
        if busy + idle == 0 {
            if self.kind.scales_to_zero() {
                let placeholder = candidates.iter().find(|agent| self.state(agent) == State::Placeholder);
                return Cause::Scaling { placeholder: placeholder.map(|agent| agent.name.as_str()) };
            }
            return Cause::OutOfService {
                offline: count(State::Offline) + count(State::Placeholder),
                disabled: count(State::Disabled),
            };
        }
        if idle > 0 {
            let usage = self.all.parallel_jobs.iter().find(|usage| request.parallelism() == usage.kind);
            // With all agents busy it waits for them: the job that ends there gives its parallel job back too.
            if let Some((usage, total)) =
                usage.filter(|usage| usage.are_used_up()).and_then(|usage| Some((usage, usage.total?)))
            {
                return Cause::ParallelJobs { kind: usage.kind, used: usage.used, total };
            }
        }
        match (idle, self.kind) {
            (0, kind) if kind.scales_to_zero() => Cause::Scaling { placeholder: None },
            (0, _) => Cause::Busy,
            _ => Cause::Idle { idle },
        }
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

impl Waiting<'_> {
    /// Why it waits, in one sentence without a full stop
    pub fn sentence(&self, view: &PoolView<'_>) -> String {
        let count = self.candidates.len();
        match &self.cause {
            Cause::Assigned { agent, since, .. } => match since {
                Some(since) => {
                    format!(
                        "it was given to `{agent}` {} ago, which hasn't taken it yet",
                        span(view.since(*since))
                    )
                }
                None => format!("it was given to `{agent}`, which hasn't taken it yet"),
            },
            Cause::Busy => {
                let agents = match count {
                    1 => format!("the only agent that could take it, `{}`, is busy", self.candidates[0].name),
                    _ => {
                        match self.candidates.iter().filter(|agent| view.state(agent) == State::Busy).count()
                        {
                            2 if count == 2 => "both agents that could take it are busy".to_owned(),
                            busy if busy == count => {
                                format!("all {count} agents that could take it are busy")
                            }
                            busy => format!(
                                "of the {count} agents that could take it {busy} {} busy and the others out of service",
                                are(busy)
                            ),
                        }
                    }
                };
                format!("{agents}{}", self.behind())
            }
            Cause::Idle { idle } => {
                let agents = match idle {
                    1 => "an idle agent could take it".to_owned(),
                    _ => format!("{idle} idle agents could take it"),
                };
                match self.wait {
                    Some(wait) if wait > PROMPTLY => {
                        format!("{agents}, yet Azure DevOps hasn't given it to one")
                    }
                    _ => format!("{agents}: it should start within seconds"),
                }
            }
            Cause::OutOfService { offline, disabled } => match (count, offline, disabled) {
                (1, _, 0) => {
                    format!("the only agent that could take it, `{}`, is offline", self.candidates[0].name)
                }
                (1, ..) => {
                    format!("the only agent that could take it, `{}`, is disabled", self.candidates[0].name)
                }
                (2, _, 0) => "both agents that could take it are offline".to_owned(),
                (2, 0, _) => "both agents that could take it are disabled".to_owned(),
                (_, _, 0) => format!("all {count} agents that could take it are offline"),
                (_, 0, _) => format!("all {count} agents that could take it are disabled"),
                _ => format!(
                    "of the {count} agents that could take it {offline} {} offline and {disabled} {} disabled",
                    are(*offline),
                    are(*disabled)
                ),
            },
            Cause::ParallelJobs { kind, used, total } => format!(
                "the organization's parallel jobs for {} projects are used up ({used} of {total})",
                kind.to_lowercase()
            ),
            Cause::Scaling { placeholder } => match (placeholder, view.kind) {
                (Some(name), _) => {
                    format!(
                        "no agent runs for it yet: `{name}` is a placeholder, and the pool's scaling has to start one"
                    )
                }
                (None, Kind::Elastic) => {
                    let state =
                        view.snapshot.elastic.as_ref().map_or("online", |elastic| elastic.state.as_str());
                    let but = if state.eq_ignore_ascii_case("online") {
                        ""
                    } else {
                        &format!(", which is {state},")
                    };
                    format!("no agent is free for it: the scale set{but} has to start one")
                }
                (None, _) => "no agent is free for it: the pool's scaling has to start one".to_owned(),
            },
            Cause::Unmet { demands } => match demands[..] {
                [] if view.snapshot.agents.is_empty() => "no agent is registered in the pool".to_owned(),
                [] => "no agent of the pool meets all its demands together".to_owned(),
                [demand] => format!("no agent of the pool has `{demand}`"),
                _ => format!("no agent of the pool has `{}`", demands.join("`, nor `")),
            },
        }
    }

    /// What to do about it
    pub fn advice(&self, view: &PoolView<'_>) -> &'static str {
        match &self.cause {
            Cause::Assigned { is_online: false, .. } => {
                "the agent went offline in the meantime: start it again, or cancel the run and start it anew"
            }
            Cause::Assigned { .. } => {
                "an agent takes a job within seconds: see whether it is updating itself or hangs (its log is in its \
                 folder `_diag`), and restart it if need be"
            }
            Cause::Busy => "add agents with these capabilities, or wait for the jobs that run",
            Cause::Idle { .. } if self.wait.is_none_or(|wait| wait <= PROMPTLY) => {
                "nothing: look again in a minute"
            }
            Cause::Idle { .. } => {
                "see the run's page for a check or an approval that it waits for, whether the project may use the \
                 pool, and https://status.dev.azure.com"
            }
            Cause::OutOfService { offline: 0, .. } => {
                "enable one of them: Organization settings > Agent pools > the pool > Agents"
            }
            Cause::OutOfService { .. } => {
                "start the machine or the service of one of them; the agent's own log is in its folder `_diag`"
            }
            Cause::ParallelJobs { .. } => {
                "wait for a job to end, or buy more: Organization settings > Parallel jobs; agents don't help"
            }
            Cause::Scaling { .. } => match view.kind {
                Kind::Elastic => {
                    "a machine of a scale set takes some minutes; if none comes, see Organization settings > Agent \
                     pools > the pool > Diagnostics"
                }
                _ => {
                    "a container takes about a minute; if none comes, see the scaler's log: its identity, the pool, \
                     and whether it counts this job (`--keda-parent`, `--keda-demands`)"
                }
            },
            Cause::Unmet { .. } if view.kind == Kind::Ephemeral => {
                "if the agents that are started for jobs have it, give it to the placeholder as well; otherwise correct \
                 the pipeline's `demands`"
            }
            Cause::Unmet { .. } => {
                "register an agent that has it, or correct the pipeline's `demands`; a job that no registered agent \
                 can take fails instead of waiting, so an agent was probably removed since"
            }
        }
    }

    fn behind(&self) -> String {
        match self.ahead {
            0 => String::new(),
            1 => "; 1 job was queued before it".to_owned(),
            ahead => format!("; {ahead} jobs were queued before it"),
        }
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

fn are(count: usize) -> &'static str {
    if count == 1 { "is" } else { "are" }
}
