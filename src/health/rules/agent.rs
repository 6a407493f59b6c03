//! Rules about single agents.

use serde_json::json;

use super::finding::{Finding, Severity, Subject};
use super::rules::{Context, Rule};
use crate::devops::{Agent, PoolSnapshot};
use crate::moment::{span, timestamp};

/// An enabled agent has been offline longer than `offlineAfter`. Those that a scale set made come and go.
pub const OFFLINE: Rule = Rule { id: "agent-offline", severity: Severity::Warning, look: offline };

/// An agent's software is older than the newest package.
pub const OUTDATED: Rule = Rule { id: "agent-outdated", severity: Severity::Warning, look: outdated };

fn offline(snapshot: &PoolSnapshot, context: &Context<'_>) -> Vec<Finding> {
    if snapshot.pool.is_elastic() {
        return Vec::new();
    }
    let is_out = |agent: &&Agent| agent.is_enabled() && !agent.is_online();
    let look = |agent: &Agent| {
        let (since, never) = match agent.status_changed_on {
            Some(since) => (since, false),
            None => (agent.created_on?, true),
        };
        let time =
            context.now.duration_since(since).ok().filter(|time| *time > context.policy.offline_after)?;
        let message = if never {
            format!("registered {} ago, and never seen online", span(time))
        } else {
            format!("offline for {}", span(time))
        };
        Some(Finding {
            rule: context.rule.id,
            severity: context.rule.severity,
            subject: subject(snapshot, agent),
            message,
            evidence: [
                ("offlineSince", json!(timestamp(since))),
                ("offlineSeconds", json!(time.as_secs())),
                ("offlineAfterSeconds", json!(context.policy.offline_after.as_secs())),
            ]
            .into(),
            advice: "start its machine or its service; if it is gone for good, remove it from the pool"
                .into(),
        })
    };
    snapshot.agents.iter().filter(is_out).filter_map(look).collect()
}

fn outdated(snapshot: &PoolSnapshot, context: &Context<'_>) -> Vec<Finding> {
    let Some(newest) = snapshot.newest_package else { return Vec::new() };
    let look = |agent: &Agent| {
        let version = agent.version().filter(|version| *version < newest)?;
        Some(Finding {
            rule: context.rule.id,
            severity: context.rule.severity,
            subject: subject(snapshot, agent),
            message: format!("version {version} is older than {newest}"),
            evidence: [("version", json!(version.to_string())), ("newestVersion", json!(newest.to_string()))].into(),
            advice: "update it: Organization settings > Agent pools > the pool > Update all agents; an image that \
                     has the agent baked in needs building anew"
                .into(),
        })
    };
    snapshot.agents.iter().filter_map(look).collect()
}

fn subject(snapshot: &PoolSnapshot, agent: &Agent) -> Subject {
    Subject { agent: Some(agent.name.clone()), agent_id: Some(agent.id), ..Subject::pool(&snapshot.pool) }
}
