//! Why a job waits, in words, and what to do about it.

use std::time::Duration;

use super::kind::Kind;
use super::tally::State;
use super::view::PoolView;
use super::waiting::{Cause, Waiting};
use crate::moment::span;

/// A job with an idle agent that could take it is started within seconds; after this long something else holds it.
const PROMPTLY: Duration = Duration::from_secs(60);

impl Waiting<'_> {
    /// Why it waits, in one sentence without a full stop
    pub fn sentence(&self, view: &PoolView<'_>) -> String {
        let count = self.candidates.len();
        match &self.cause {
            Cause::Assigned { agent, since, .. } => {
                let agent = agent.map_or_else(|| "an agent".to_owned(), |name| format!("`{name}`"));
                let ago = since.map(|since| format!(" {} ago", span(view.since(since)))).unwrap_or_default();
                format!("it was given to {agent}{ago}, which hasn't taken it yet")
            }
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
                                "of the {count} agents that could take it {busy} {} busy and the other{} out of service",
                                are(busy),
                                if count - busy == 1 { "" } else { "s" }
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
                    let but = if state.is_empty() || state.eq_ignore_ascii_case("online") {
                        ""
                    } else {
                        &format!(", which is {state},")
                    };
                    format!("no agent is free for it: the scale set{but} has to start one")
                }
                (None, _) => "no agent is free for it: the pool's scaling has to start one".to_owned(),
            },
            Cause::Unmet { demands } => match demands[..] {
                _ if view.snapshot.agents.is_empty() => "no agent is registered in the pool".to_owned(),
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
            1 => "; 1 job that demands the same was queued before it".to_owned(),
            ahead => format!("; {ahead} jobs that demand the same were queued before it"),
        }
    }
}

fn are(count: usize) -> &'static str {
    if count == 1 { "is" } else { "are" }
}
