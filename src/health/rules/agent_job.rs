//! Rules about agents and the jobs that they work on or worked on.

use std::cmp::Reverse;
use std::time::Duration;

use serde_json::json;

use super::{Look, Rule};
use crate::devops::{Agent, JobRequest};
use crate::health::finding::{Found, Severity, Subject};
use crate::health::view::PoolView;
use crate::moment::{span, timestamp};

/// A connection may be lost for a moment, and clocks differ.
const GRACE: Duration = Duration::from_secs(60);

/// A job's agent is gone.
pub const LOST: Rule = Rule {
    id: "agent-job-lost",
    severity: Severity::Error,
    means: "An agent has a job, and has been offline for more than a minute, or hasn't renewed the job's lease for more \
            than a minute past its end: the job goes on nowhere, and Azure DevOps gives it up only later.",
    evidence: &[
        ("requestId", "the job request"),
        ("status", "the agent's status"),
        ("lockedUntil", "until when the lease runs or ran"),
    ],
    inputs: &["ignoreAgent"],
    advice: "restart the agent, and start the run anew if it doesn't go on; see what stopped it: the machine, its memory, its \
             network, or a scale-in that takes agents which work",
    look: Look::Pool(lost),
};

/// A job runs long.
pub const LONG: Rule = Rule {
    id: "agent-job-long",
    severity: Severity::Warning,
    means: "An agent has worked on a job for longer than `maxJobTime`.",
    evidence: &[
        ("requestId", "the job request"),
        ("runSeconds", "how long it has run"),
        ("maxJobTimeSeconds", "the threshold"),
    ],
    inputs: &["maxJobTime", "ignoreAgent"],
    advice: "see the run's log; give jobs a `timeoutInMinutes`, so that one that hangs ends by itself",
    look: Look::Pool(long),
};

/// Jobs fail on one agent.
pub const FAILING: Rule = Rule {
    id: "agent-failing",
    severity: Severity::Warning,
    means: "The last jobs of an agent, at least `maxFailures`, all failed or were abandoned, while most jobs of the pool's \
            other agents succeeded.",
    evidence: &[
        ("failedInARow", "jobs that failed since one last succeeded"),
        ("othersSucceeded", "of the other agents' last jobs, those that succeeded"),
        ("others", "the other agents' last jobs"),
    ],
    inputs: &["maxFailures", "ignoreAgent"],
    advice: "disable the agent until it is mended, so that it doesn't fail more jobs; compare it with one that works: disk, \
             tools, credentials, network",
    look: Look::Pool(failing),
};

fn lost(view: &PoolView<'_>) -> Vec<Found> {
    let look = |agent: &Agent| {
        let request = agent.assigned_request.as_ref().filter(|request| !request.is_finished())?;
        let overdue = request.locked_until.map(|until| view.since(until)).filter(|overdue| *overdue > GRACE);
        let is_back_soon = agent.status_changed_on.is_some_and(|since| view.since(since) <= GRACE);
        let message = match (agent.is_online(), overdue) {
            (false, None) if is_back_soon => return None,
            (false, _) => format!("is offline, and has {}", request.title()),
            (true, Some(overdue)) => {
                format!("hasn't reported on {}; its lease ran out {} ago", request.title(), span(overdue))
            }
            (true, None) => return None,
        };
        let evidence = &[
            ("requestId", json!(request.request_id)),
            ("status", json!(agent.status)),
            ("lockedUntil", json!(request.locked_until.map(timestamp))),
        ];
        Some(Found::new(Subject::agent(&view.snapshot.pool, agent), message, evidence))
    };
    view.agents().filter_map(look).collect()
}

fn long(view: &PoolView<'_>) -> Vec<Found> {
    let most = view.policy.max_job_time;
    let look = |agent: &Agent| {
        let request = agent.assigned_request.as_ref().filter(|request| !request.is_finished())?;
        let run = view.since(request.receive_time.or(request.assign_time)?);
        let evidence = &[
            ("requestId", json!(request.request_id)),
            ("runSeconds", json!(run.as_secs())),
            ("maxJobTimeSeconds", json!(most.as_secs())),
        ];
        let message = format!("works on {} for {}, longer than {}", request.title(), span(run), span(most));
        (run > most).then(|| Found::new(Subject::agent(&view.snapshot.pool, agent), message, evidence))
    };
    view.agents().filter_map(look).collect()
}

fn failing(view: &PoolView<'_>) -> Vec<Found> {
    let most = view.policy.max_failures as usize;
    let mut history: Vec<&JobRequest> = view.snapshot.history.iter().collect();
    history.sort_by_key(|request| (Reverse(request.finish_time), Reverse(request.request_id)));
    // One that was canceled says nothing about the agent.
    history.retain(|request| request.is_failed() || request.is_succeeded());
    let of = |agent: &Agent, request: &JobRequest| {
        request.reserved_agent.as_ref().is_some_and(|reserved| reserved.id == agent.id)
    };
    let look = |agent: &Agent| {
        let own = history.iter().filter(|request| of(agent, request));
        let streak = own.take_while(|request| request.is_failed()).count();
        let others: Vec<_> = history.iter().filter(|request| !of(agent, request)).collect();
        let succeeded = others.iter().filter(|request| request.is_succeeded()).count();
        // Where it goes no better elsewhere, the fault isn't the agent's.
        if streak < most || others.is_empty() || succeeded * 2 <= others.len() {
            return None;
        }
        let evidence = &[
            ("failedInARow", json!(streak)),
            ("othersSucceeded", json!(succeeded)),
            ("others", json!(others.len())),
        ];
        let jobs = if streak == 1 { "job" } else { &format!("{streak} jobs") };
        let message = format!(
            "its last {jobs} failed, while {succeeded} of the others' last {} succeeded",
            others.len()
        );
        Some(Found::new(Subject::agent(&view.snapshot.pool, agent), message, evidence))
    };
    // Who disabled it knows.
    view.real_agents().filter(|agent| agent.is_enabled()).filter_map(look).collect()
}
