//! Rules about a pool as a whole.

use serde_json::json;

use super::finding::{Finding, Severity, Subject};
use super::rules::{Context, Rule};
use super::tally::Tally;
use crate::devops::{PoolSelector, PoolSnapshot, Snapshot};

/// No agent is registered: jobs fail at once. A scale set's pool may be empty while nothing waits.
pub const EMPTY: Rule = Rule { id: "pool-empty", severity: Severity::Error, look: empty };

/// All agents are offline: jobs wait until one comes.
pub const OFFLINE: Rule = Rule { id: "pool-offline", severity: Severity::Error, look: offline };

/// All agents that are online are disabled: jobs wait until one is enabled.
pub const DISABLED: Rule = Rule { id: "pool-disabled", severity: Severity::Error, look: disabled };

/// Fewer agents are online and enabled than `minOnline`.
pub const BELOW_MIN_ONLINE: Rule =
    Rule { id: "pool-below-min-online", severity: Severity::Error, look: below_min_online };

/// More agents are offline or disabled than `maxOffline`.
pub const OFFLINE_RATIO: Rule =
    Rule { id: "pool-offline-ratio", severity: Severity::Warning, look: offline_ratio };

/// A pool doesn't exist, or the identity may not see it: Azure DevOps doesn't tell which.
pub fn not_visible(selector: &PoolSelector, snapshot: &Snapshot) -> Finding {
    let text = selector.text();
    let identity = snapshot.caller.as_ref().map_or("the identity", |caller| caller.name.as_str());
    let near = snapshot
        .visible
        .iter()
        .map(|name| (strsim::jaro_winkler(&name.to_lowercase(), &text.to_lowercase()), name))
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|one, other| one.0.total_cmp(&other.0));
    let check = match near {
        Some((_, name)) => format!("did you mean `{name}`? Otherwise "),
        None => String::new(),
    };
    let what =
        if matches!(selector, PoolSelector::Pattern(_)) { "no pool matches" } else { "there is no pool" };
    Finding {
        rule: "pool-not-visible",
        severity: Severity::Error,
        message: format!("{what} `{text}`, or {identity} may not see it"),
        evidence: [
            ("identity", json!(snapshot.caller.as_ref().map(|caller| &caller.name))),
            ("visiblePools", json!(snapshot.visible)),
        ]
        .into(),
        advice: format!(
            "{check}give {identity} the role Reader on the pool at organization level (Organization settings > \
             Agent pools > the pool > Security); a role set in a project doesn't count"
        ),
        subject: Subject { pool: text, pool_id: None, agent: None, agent_id: None },
    }
}

fn empty(snapshot: &PoolSnapshot, context: &Context<'_>) -> Vec<Finding> {
    let tally = Tally::of(snapshot, context.now);
    if tally.agents > 0 || (snapshot.pool.is_elastic() && tally.queued_jobs == 0) {
        return Vec::new();
    }
    finding(
        snapshot,
        context,
        "no agent is registered, so every job for this pool fails at once".into(),
        &[],
        "register an agent; a pool that is scaled to zero needs at least a placeholder, an offline agent with the \
         capabilities that jobs demand",
    )
}

fn offline(snapshot: &PoolSnapshot, context: &Context<'_>) -> Vec<Finding> {
    let tally = Tally::of(snapshot, context.now);
    let is_resting = snapshot.pool.is_elastic() && tally.queued_jobs == 0;
    if tally.agents == 0 || tally.offline < tally.agents || is_resting {
        return Vec::new();
    }
    let message = match tally.agents {
        1 => "its only agent is offline".into(),
        2 => "both agents are offline".into(),
        count => format!("all {count} agents are offline"),
    };
    finding(
        snapshot,
        context,
        message,
        &[("agents", tally.agents), ("offline", tally.offline)],
        "see whether the agents' machines run and can reach Azure DevOps; the agent's own log is in its folder `_diag`",
    )
}

fn disabled(snapshot: &PoolSnapshot, context: &Context<'_>) -> Vec<Finding> {
    let tally = Tally::of(snapshot, context.now);
    if tally.disabled == 0 || tally.available() > 0 {
        return Vec::new();
    }
    let message = match (tally.disabled, tally.offline) {
        (1, 0) => "its only agent is disabled".into(),
        (2, 0) => "both agents are disabled".into(),
        (disabled, 0) => format!("all {disabled} agents are disabled"),
        (disabled, offline) => {
            format!("of the agents {disabled} are disabled and the other {offline} offline")
        }
    };
    finding(
        snapshot,
        context,
        message,
        &[("agents", tally.agents), ("disabled", tally.disabled), ("offline", tally.offline)],
        "enable them: Organization settings > Agent pools > the pool > Agents",
    )
}

fn below_min_online(snapshot: &PoolSnapshot, context: &Context<'_>) -> Vec<Finding> {
    let tally = Tally::of(snapshot, context.now);
    let least = context.policy.min_online as usize;
    // None at all has a rule of its own, which says more.
    if tally.available() >= least || tally.available() == 0 {
        return Vec::new();
    }
    finding(
        snapshot,
        context,
        format!("{} of at least {least} agents are online and enabled", tally.available()),
        &[("available", tally.available()), ("minOnline", least)],
        "start or enable more agents, or lower `minOnline`",
    )
}

fn offline_ratio(snapshot: &PoolSnapshot, context: &Context<'_>) -> Vec<Finding> {
    let tally = Tally::of(snapshot, context.now);
    let out = tally.agents - tally.available();
    // All of them have rules of their own, which say more.
    if tally.available() == 0 || out * 100 <= tally.agents * context.policy.max_offline as usize {
        return Vec::new();
    }
    finding(
        snapshot,
        context,
        format!(
            "{out} of {} agents are offline or disabled, more than {} %",
            tally.agents, context.policy.max_offline
        ),
        &[
            ("agents", tally.agents),
            ("offline", tally.offline),
            ("disabled", tally.disabled),
            ("maxOfflinePercent", context.policy.max_offline as usize),
        ],
        "bring them back, or remove what is gone for good: a long list of dead agents hides the next outage",
    )
}

fn finding(
    snapshot: &PoolSnapshot,
    context: &Context<'_>,
    message: String,
    evidence: &[(&'static str, usize)],
    advice: &str,
) -> Vec<Finding> {
    vec![Finding {
        rule: context.rule.id,
        severity: context.rule.severity,
        subject: Subject::pool(&snapshot.pool),
        message,
        evidence: evidence.iter().map(|(name, value)| (*name, json!(value))).collect(),
        advice: advice.to_owned(),
    }]
}
