//! Rules about whether agents are there.

use std::time::{Duration, SystemTime};

use serde_json::json;

use super::{Look, Rule};
use crate::devops::Agent;
use crate::health::finding::{Found, Severity, Subject};
use crate::health::kind::Kind;
use crate::health::view::PoolView;
use crate::moment::{span, timestamp};

/// An agent is offline.
pub const OFFLINE: Rule = Rule {
    id: "agent-offline",
    severity: Severity::Warning,
    means: "An enabled agent of a static pool has been offline longer than `offlineAfter`, and not so long that it is \
            stale. Where agents come and go with jobs, and for placeholders, being offline is right.",
    evidence: &[
        ("offlineSince", "since when"),
        ("offlineSeconds", "how long"),
        ("offlineAfterSeconds", "the threshold"),
    ],
    inputs: &["offlineAfter", "ignoreAgent", "placeholder"],
    advice: "start its machine or its service; if it is gone for good, remove it from the pool",
    look: Look::Pool(offline),
};

/// An agent was registered and never came.
pub const NEVER_CONNECTED: Rule = Rule {
    id: "agent-never-connected",
    severity: Severity::Warning,
    means: "An agent of a static pool was registered longer ago than `offlineAfter`, and nothing shows that it was ever \
            connected: no change of its status, no job.",
    evidence: &[
        ("registeredOn", "when it was registered"),
        ("registeredSeconds", "how long ago"),
        ("offlineAfterSeconds", "the threshold"),
    ],
    inputs: &["offlineAfter", "ignoreAgent", "placeholder"],
    advice: "start its service (`run.sh`, or `svc.sh start`); its log is in its folder `_diag`. If it is meant to be a \
             placeholder, name it so (`placeholder`)",
    look: Look::Pool(never_connected),
};

/// An agent is most likely gone for good.
pub const STALE: Rule = Rule {
    id: "agent-stale",
    severity: Severity::Info,
    means: "An agent has been offline longer than `staleAfter`, or was registered as long ago and never came: most likely \
            it is gone for good. Its capabilities still let jobs be queued that nobody will take. Placeholders aren't \
            meant.",
    evidence: &[
        ("offlineSince", "since when"),
        ("offlineSeconds", "how long"),
        ("staleAfterSeconds", "the threshold"),
    ],
    inputs: &["staleAfter", "ignoreAgent", "placeholder"],
    advice: "remove it from the pool: Organization settings > Agent pools > the pool > Agents",
    look: Look::Pool(stale),
};

/// An agent is disabled and nobody uses it.
pub const DISABLED: Rule = Rule {
    id: "agent-disabled",
    severity: Severity::Info,
    means: "An agent is disabled, and its last job ended, or it was registered, longer ago than `disabledAfter`. Azure \
            DevOps doesn't tell since when it is disabled.",
    evidence: &[
        ("lastJobOn", "when its last job ended, or it was registered"),
        ("disabledAfterSeconds", "the threshold"),
    ],
    inputs: &["disabledAfter", "ignoreAgent"],
    advice: "enable it, or remove it from the pool",
    look: Look::Pool(disabled),
};

/// How long it has been out of reach, and since when; registered and never seen counts from the registration
fn offline_since(view: &PoolView<'_>, agent: &Agent) -> Option<(SystemTime, Duration)> {
    if agent.is_online() {
        return None;
    }
    let last_job = agent.last_completed_request.as_ref().and_then(|request| request.finish_time);
    let since = agent.status_changed_on.or(last_job).or(agent.created_on)?;
    Some((since, view.since(since)))
}

fn offline(view: &PoolView<'_>) -> Vec<Found> {
    let look = |agent: &Agent| {
        let (since, time) = out_of_reach(view, agent).filter(|_| !agent.never_connected())?;
        let evidence = [
            ("offlineSince", json!(timestamp(since))),
            ("offlineSeconds", json!(time.as_secs())),
            ("offlineAfterSeconds", json!(view.policy.offline_after.as_secs())),
        ];
        let message = format!("offline for {}", span(time));
        Some(Found::new(Subject::agent(&view.snapshot.pool, agent), message, &evidence))
    };
    view.real_agents().filter_map(look).collect()
}

fn never_connected(view: &PoolView<'_>) -> Vec<Found> {
    let look = |agent: &Agent| {
        let (since, time) = out_of_reach(view, agent).filter(|_| agent.never_connected())?;
        let evidence = [
            ("registeredOn", json!(timestamp(since))),
            ("registeredSeconds", json!(time.as_secs())),
            ("offlineAfterSeconds", json!(view.policy.offline_after.as_secs())),
        ];
        let message = format!("registered {} ago, and never connected", span(time));
        Some(Found::new(Subject::agent(&view.snapshot.pool, agent), message, &evidence))
    };
    view.real_agents().filter_map(look).collect()
}

/// The same of an enabled agent of a static pool, for longer than it may, and not so long that it is stale
fn out_of_reach(view: &PoolView<'_>, agent: &Agent) -> Option<(SystemTime, Duration)> {
    let is_judged = view.kind == Kind::Static && agent.is_enabled();
    let (offline_after, stale_after) = (view.policy.offline_after, view.policy.stale_after);
    offline_since(view, agent).filter(|(_, time)| is_judged && *time > offline_after && *time <= stale_after)
}

fn stale(view: &PoolView<'_>) -> Vec<Found> {
    // A scale set's agents are its own to remove.
    if view.kind == Kind::Elastic {
        return Vec::new();
    }
    let most = view.policy.stale_after;
    let look = |agent: &Agent| {
        let (since, time) = offline_since(view, agent).filter(|(_, time)| *time > most)?;
        if agent.is_busy() {
            return None;
        }
        let evidence = &[
            ("offlineSince", json!(timestamp(since))),
            ("offlineSeconds", json!(time.as_secs())),
            ("staleAfterSeconds", json!(most.as_secs())),
        ];
        let message = match agent.never_connected() {
            true => format!("registered {} ago, and never connected", span(time)),
            false => format!("offline for {}", span(time)),
        };
        Some(Found::new(Subject::agent(&view.snapshot.pool, agent), message, evidence))
    };
    view.real_agents().filter_map(look).collect()
}

fn disabled(view: &PoolView<'_>) -> Vec<Found> {
    let most = view.policy.disabled_after;
    let look = |agent: &Agent| {
        if agent.is_enabled() || agent.is_busy() {
            return None;
        }
        let last = agent.last_completed_request.as_ref().and_then(|request| request.finish_time);
        let since = last.or(agent.created_on)?;
        let time = view.since(since);
        let evidence =
            &[("lastJobOn", json!(timestamp(since))), ("disabledAfterSeconds", json!(most.as_secs()))];
        let message = match last {
            Some(_) => format!("disabled, and without a job for {}", span(time)),
            None => format!("disabled, and without any job since it was registered {} ago", span(time)),
        };
        (time > most).then(|| Found::new(Subject::agent(&view.snapshot.pool, agent), message, evidence))
    };
    view.real_agents().filter_map(look).collect()
}
