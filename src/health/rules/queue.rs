//! Rules about the jobs that wait.

use std::time::Duration;

use serde_json::json;

use super::{Look, Rule};
use crate::devops::ParallelJobs;
use crate::health::finding::{Found, Severity, Subject};
use crate::health::tally::oldest;
use crate::health::view::PoolView;
use crate::health::waiting::{Cause, Waiting};
use crate::moment::span;

/// How long ago a job may have been abandoned to matter now
const LATELY: Duration = Duration::from_secs(24 * 60 * 60);

/// Too many jobs wait.
pub const LENGTH: Rule = Rule {
    id: "queue-length",
    severity: Severity::Error,
    means: "More jobs wait for an agent than `maxQueued`. A job waits until an agent is chosen for it.",
    evidence: &[("queuedJobs", "jobs that wait"), ("maxQueued", "the threshold")],
    inputs: &["maxQueued"],
    advice: "add agents, or see why those that are there don't take the jobs: `lifeguard why`",
    look: Look::Pool(length),
};

/// A job waits too long.
pub const WAIT: Rule = Rule {
    id: "queue-wait",
    severity: Severity::Error,
    means: "The job that has waited longest for an agent has waited longer than `maxWait`.",
    evidence: &[
        ("requestId", "the job request"),
        ("waitSeconds", "how long it has waited"),
        ("maxWaitSeconds", "the threshold"),
        ("cause", "what it waits for, as `lifeguard why` names it"),
    ],
    inputs: &["maxWait"],
    advice: "see what it waits for: `lifeguard why`",
    look: Look::Pool(wait),
};

/// A job demands what no agent has.
pub const DEMANDS_UNMET: Rule = Rule {
    id: "queue-demands-unmet",
    severity: Severity::Error,
    means: "A job waits whose demands no registered agent meets. Azure DevOps fails such a job when it is queued, so the \
            agent that had the capability was removed since, or lost it.",
    evidence: &[("demands", "what the job demands"), ("unmet", "those that no agent meets")],
    inputs: &[],
    advice: "register an agent that has it, or correct the pipeline's `demands`",
    look: Look::Pool(demands_unmet),
};

/// A job waits for agents that are out of service.
pub const AGENTS_OUT_OF_SERVICE: Rule = Rule {
    id: "queue-agents-out-of-service",
    severity: Severity::Warning,
    means: "All agents that meet a waiting job's demands are offline or disabled, in a pool that doesn't scale: the job \
            waits until one comes back.",
    evidence: &[
        ("offline", "agents that could take it and are offline"),
        ("disabled", "those that are disabled"),
        ("demands", "what the job demands"),
    ],
    inputs: &[],
    advice: "start or enable one of the agents that could take it",
    look: Look::Pool(agents_out_of_service),
};

/// Jobs wait for busy agents.
pub const AGENTS_BUSY: Rule = Rule {
    id: "queue-agents-busy",
    severity: Severity::Info,
    means: "Jobs wait since every agent that meets their demands and isn't out of service is busy.",
    evidence: &[("jobs", "jobs that wait so"), ("busy", "agents of the pool that are busy")],
    inputs: &[],
    advice: "nothing, if it passes; if it stays, add agents, or make jobs shorter",
    look: Look::Pool(agents_busy),
};

/// Parallel jobs are used up.
pub const PARALLEL_JOBS: Rule = Rule {
    id: "queue-parallel-jobs",
    severity: Severity::Warning,
    means: "Jobs wait since the organization's parallel jobs are used up: however many agents are idle, no further job \
            starts until one ends.",
    evidence: &[
        ("jobs", "jobs that wait so"),
        ("used", "parallel jobs in use"),
        ("total", "parallel jobs that there are"),
    ],
    inputs: &[],
    advice: "buy more (Organization settings > Parallel jobs), or run fewer jobs at once; more agents don't help",
    look: Look::Pool(parallel_jobs),
};

/// Jobs were abandoned.
pub const ABANDONED: Rule = Rule {
    id: "queue-abandoned-jobs",
    severity: Severity::Warning,
    means: "Jobs ended as abandoned within a day: their agent was lost while it worked on them.",
    evidence: &[
        ("abandoned", "jobs that ended so, of those that Azure DevOps still tells"),
        ("agents", "the agents that were lost"),
    ],
    inputs: &[],
    advice: "see whether the agents' machines were stopped, ran out of memory or lost the network while a job ran; a scale-in \
             must not take agents that work",
    look: Look::Pool(abandoned),
};

/// A job as a message speaks of it
fn name(waiting: &Waiting<'_>) -> String {
    match waiting.request.pipeline() {
        Some(_) => format!("a job of {}", waiting.request.title()),
        None => waiting.request.title(),
    }
}

fn length(view: &PoolView<'_>) -> Vec<Found> {
    let queued = view.tally.queued_jobs;
    let Some(most) = view.policy.max_queued.filter(|most| queued > *most as usize) else {
        return Vec::new();
    };
    let jobs = if queued == 1 { "1 job waits" } else { &format!("{queued} jobs wait") };
    vec![Found::new(
        Subject::pool(&view.snapshot.pool),
        format!("{jobs} for an agent, more than {most}"),
        &[("queuedJobs", json!(queued)), ("maxQueued", json!(most))],
    )]
}

fn wait(view: &PoolView<'_>) -> Vec<Found> {
    let most = view.policy.max_wait;
    let Some((request, waited)) = oldest(view.snapshot, view.now).filter(|(_, waited)| *waited > most) else {
        return Vec::new();
    };
    let all = view.waiting();
    let Some(waiting) = all.iter().find(|waiting| waiting.request.request_id == request.request_id) else {
        return Vec::new();
    };
    let message = format!("{} has waited {}, longer than {}", name(waiting), span(waited), span(most));
    let evidence = &[
        ("requestId", json!(request.request_id)),
        ("waitSeconds", json!(waited.as_secs())),
        ("maxWaitSeconds", json!(most.as_secs())),
        ("cause", json!(waiting.cause.name())),
    ];
    let advice = format!("{}; {}", waiting.sentence(view), waiting.advice(view));
    vec![Found::new(Subject::pool(&view.snapshot.pool), message, evidence).advise(advice)]
}

fn demands_unmet(view: &PoolView<'_>) -> Vec<Found> {
    let all = view.waiting();
    let found = all.iter().filter_map(|waiting| {
        let Cause::Unmet { demands } = &waiting.cause else { return None };
        Some(Found::new(
            Subject::job(&view.snapshot.pool, waiting.request),
            format!("{}: {}", name(waiting), waiting.sentence(view)),
            &[("demands", json!(waiting.request.demands)), ("unmet", json!(demands))],
        ))
    });
    found.collect()
}

fn agents_out_of_service(view: &PoolView<'_>) -> Vec<Found> {
    let all = view.waiting();
    let found = all.iter().filter_map(|waiting| {
        let Cause::OutOfService { offline, disabled } = waiting.cause else { return None };
        let evidence = &[
            ("offline", json!(offline)),
            ("disabled", json!(disabled)),
            ("demands", json!(waiting.request.demands)),
        ];
        let message = format!("{}: {}", name(waiting), waiting.sentence(view));
        Some(Found::new(Subject::job(&view.snapshot.pool, waiting.request), message, evidence))
    });
    found.collect()
}

fn agents_busy(view: &PoolView<'_>) -> Vec<Found> {
    let jobs = view.waiting().iter().filter(|waiting| waiting.cause == Cause::Busy).count();
    let message = match jobs {
        0 => return Vec::new(),
        1 => "1 job waits for a busy agent".to_owned(),
        jobs => format!("{jobs} jobs wait for busy agents"),
    };
    let evidence = &[("jobs", json!(jobs)), ("busy", json!(view.tally.busy))];
    vec![Found::new(Subject::pool(&view.snapshot.pool), message, evidence)]
}

fn parallel_jobs(view: &PoolView<'_>) -> Vec<Found> {
    let look = |usage: &ParallelJobs| {
        let is_blocked = |waiting: &&Waiting<'_>| matches!(waiting.cause, Cause::ParallelJobs { kind, .. } if kind == usage.kind);
        let mut blocked = view.waiting().iter().filter(is_blocked);
        let first = blocked.next()?;
        let jobs = blocked.count() + 1;
        let wait = if jobs == 1 { "1 job waits" } else { &format!("{jobs} jobs wait") };
        let evidence = &[("jobs", json!(jobs)), ("used", json!(usage.used)), ("total", json!(usage.total))];
        let message = format!("{wait}: {}", first.sentence(view));
        Some(Found::new(Subject::pool(&view.snapshot.pool), message, evidence))
    };
    view.all.parallel_jobs.iter().filter_map(look).collect()
}

fn abandoned(view: &PoolView<'_>) -> Vec<Found> {
    let is_recent =
        |finished: Option<std::time::SystemTime>| finished.is_some_and(|time| view.since(time) < LATELY);
    let history = view.snapshot.history.iter();
    let lost: Vec<_> =
        history.filter(|request| request.is_abandoned() && is_recent(request.finish_time)).collect();
    if lost.is_empty() {
        return Vec::new();
    }
    let mut agents: Vec<&str> = lost
        .iter()
        .filter_map(|request| request.reserved_agent.as_ref())
        .map(|agent| agent.name.as_str())
        .collect();
    agents.sort_unstable();
    agents.dedup();
    let jobs = match lost.len() {
        1 => "1 job was".to_owned(),
        count => format!("{count} jobs were"),
    };
    vec![Found::new(
        Subject::pool(&view.snapshot.pool),
        format!(
            "{jobs} abandoned within a day, since the {} lost",
            if agents.len() > 1 { "agents were" } else { "agent was" }
        ),
        &[("abandoned", json!(lost.len())), ("agents", json!(agents))],
    )]
}
