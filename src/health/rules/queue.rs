//! Rules about the jobs that wait.

use serde_json::json;

use super::finding::{Finding, Severity, Subject};
use super::rules::{Context, Rule};
use super::tally::{Tally, oldest};
use crate::devops::PoolSnapshot;
use crate::moment::span;

/// More jobs wait than `maxQueued`.
pub const LENGTH: Rule = Rule { id: "queue-length", severity: Severity::Error, look: length };

/// A job has waited longer than `maxWait`.
pub const WAIT: Rule = Rule { id: "queue-wait", severity: Severity::Error, look: wait };

fn length(snapshot: &PoolSnapshot, context: &Context<'_>) -> Vec<Finding> {
    let queued = Tally::of(snapshot, context.now).queued_jobs;
    let Some(most) = context.policy.max_queued.filter(|most| queued > *most as usize) else {
        return Vec::new();
    };
    vec![Finding {
        rule: context.rule.id,
        severity: context.rule.severity,
        subject: Subject::pool(&snapshot.pool),
        message: format!("{queued} jobs wait for an agent, more than {most}"),
        evidence: [("queuedJobs", json!(queued)), ("maxQueued", json!(most))].into(),
        advice: "add agents, or see why those that are there don't take the jobs".into(),
    }]
}

fn wait(snapshot: &PoolSnapshot, context: &Context<'_>) -> Vec<Finding> {
    let most = context.policy.max_wait;
    let Some((request, waited)) = oldest(snapshot, context.now).filter(|(_, waited)| *waited > most) else {
        return Vec::new();
    };
    let tally = Tally::of(snapshot, context.now);
    let whose = match (request.pipeline(), request.run()) {
        (Some(pipeline), Some(run)) => format!("a job of `{pipeline}` (run {run})"),
        (Some(pipeline), None) => format!("a job of `{pipeline}`"),
        (None, _) => format!("job request {}", request.request_id),
    };
    vec![Finding {
        rule: context.rule.id,
        severity: context.rule.severity,
        subject: Subject::pool(&snapshot.pool),
        message: format!("{whose} has waited {}, longer than {}", span(waited), span(most)),
        evidence: [
            ("requestId", json!(request.request_id)),
            ("waitSeconds", json!(waited.as_secs())),
            ("maxWaitSeconds", json!(most.as_secs())),
            ("idleAgents", json!(tally.idle)),
        ]
        .into(),
        advice: match tally.idle {
            0 => "no agent is idle: add agents, or bring back those that are offline or disabled".into(),
            _ => "agents are idle, so the job demands something that they don't have, or parallel jobs are used up: \
                  compare its demands with their capabilities, and see Organization settings > Parallel jobs"
                .into(),
        },
    }]
}
