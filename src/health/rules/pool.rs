//! Rules about a pool as a whole.

use serde_json::json;

use super::{Look, Rule};
use crate::health::finding::{Found, Severity, Subject};
use crate::health::kind::Kind;
use crate::health::tally::oldest;
use crate::health::view::PoolView;
use crate::moment::span;

/// How many of the last maintenance jobs must have failed
const MAINTENANCE_FAILURES: usize = 2;

/// No agent is registered.
pub const EMPTY: Rule = Rule {
    id: "pool-empty",
    severity: Severity::Error,
    means: "No agent is registered, so every job for this pool fails at once. An elastic pool may be empty; a pool \
            that KEDA scales needs at least its placeholder.",
    evidence: &[],
    inputs: &[],
    advice: "register an agent; a pool that is scaled to zero needs at least a placeholder, an offline agent with the \
             capabilities that jobs demand",
    look: Look::Pool(empty),
};

/// All agents are offline.
pub const OFFLINE: Rule = Rule {
    id: "pool-offline",
    severity: Severity::Error,
    means: "All agents are offline: jobs wait until one comes. In a pool that scales to zero that is right while \
            nothing waits (see `pool-not-scaling`), and placeholders aren't counted.",
    evidence: &[("agents", "agents, placeholders aside"), ("offline", "those that are offline")],
    inputs: &["placeholder", "ignoreAgent"],
    advice: "see whether the agents' machines run and can reach Azure DevOps; the agent's own log is in its folder `_diag`",
    look: Look::Pool(offline),
};

/// All agents that are online are disabled.
pub const DISABLED: Rule = Rule {
    id: "pool-disabled",
    severity: Severity::Error,
    means: "All agents that are online are disabled: jobs wait until somebody enables one. In a pool that scales to \
            zero that matters only while a job waits.",
    evidence: &[
        ("agents", "agents, placeholders aside"),
        ("disabled", "those that are online and disabled"),
        ("offline", "those that are offline"),
    ],
    inputs: &["ignoreAgent"],
    advice: "enable them: Organization settings > Agent pools > the pool > Agents",
    look: Look::Pool(disabled),
};

/// Fewer agents are online and enabled than asked for.
pub const BELOW_MIN_ONLINE: Rule = Rule {
    id: "pool-below-min-online",
    severity: Severity::Error,
    means: "Fewer agents are online and enabled than `minOnline`. A pool that scales to zero is held to it only where \
            `minOnline` is given.",
    evidence: &[("available", "agents that are online and enabled"), ("minOnline", "the threshold")],
    inputs: &["minOnline", "ignoreAgent"],
    advice: "start or enable more agents, or lower `minOnline`",
    look: Look::Pool(below_min_online),
};

/// Many agents are offline or disabled.
pub const OFFLINE_RATIO: Rule = Rule {
    id: "pool-offline-ratio",
    severity: Severity::Warning,
    means: "Of a static pool's agents more are offline or disabled than `maxOffline`, in percent.",
    evidence: &[
        ("agents", "agents, placeholders aside"),
        ("offline", "those that are offline"),
        ("disabled", "those that are online and disabled"),
        ("maxOfflinePercent", "the threshold"),
    ],
    inputs: &["maxOffline", "ignoreAgent"],
    advice: "bring them back, or remove what is gone for good: a long list of dead agents hides the next outage",
    look: Look::Pool(offline_ratio),
};

/// A pool that scales to zero doesn't scale up again.
pub const NOT_SCALING: Rule = Rule {
    id: "pool-not-scaling",
    severity: Severity::Error,
    means: "A pool that scales to zero has no agent online, and a job has waited for one longer than `maxScaleTime`.",
    evidence: &[
        ("queuedJobs", "jobs that wait"),
        ("oldestWaitSeconds", "how long the oldest has waited"),
        ("maxScaleTimeSeconds", "the threshold"),
    ],
    inputs: &["maxScaleTime"],
    advice: "see why no agent is started: the scaler's log (its identity, its pool, its `parent` or `demands`), or the \
             scale set's diagnostics and its quota; `lifeguard why` says what each job waits for",
    look: Look::Pool(not_scaling),
};

/// Agents are outdated, and may not update themselves.
pub const AUTO_UPDATE_OFF: Rule = Rule {
    id: "pool-auto-update-off",
    severity: Severity::Warning,
    means: "The pool doesn't let its agents update themselves, and some are older than the newest package. A job whose \
            tasks need a newer agent then waits or fails.",
    evidence: &[
        ("outdated", "agents older than the newest package"),
        ("newestVersion", "the newest package's version"),
    ],
    inputs: &[],
    advice: "let the pool update its agents (Organization settings > Agent pools > the pool > Settings), or build images \
             with the newest agent",
    look: Look::Pool(auto_update_off),
};

/// Maintenance fails.
pub const MAINTENANCE_FAILING: Rule = Rule {
    id: "pool-maintenance-failing",
    severity: Severity::Warning,
    means: "The last maintenance jobs of the pool, two or more in a row, failed: work folders aren't cleaned up, and \
            disks fill.",
    evidence: &[("failedInARow", "maintenance jobs that failed since one last succeeded")],
    inputs: &[],
    advice: "see the log of the last one: Organization settings > Agent pools > the pool > Maintenance History",
    look: Look::Pool(maintenance_failing),
};

fn pool(
    view: &PoolView<'_>,
    message: impl Into<String>,
    evidence: &[(&'static str, serde_json::Value)],
) -> Vec<Found> {
    vec![Found::new(Subject::pool(&view.snapshot.pool), message, evidence)]
}

fn empty(view: &PoolView<'_>) -> Vec<Found> {
    // A scale set has no agents before its first job.
    if !view.snapshot.agents.is_empty() || view.kind == Kind::Elastic {
        return Vec::new();
    }
    pool(view, "no agent is registered, so every job for this pool fails at once", &[])
}

fn offline(view: &PoolView<'_>) -> Vec<Found> {
    let (all, offline) = (view.tally.real(), view.tally.offline);
    if all == 0 || offline < all || view.kind.scales_to_zero() {
        return Vec::new();
    }
    let message = match all {
        1 => "its only agent is offline".into(),
        2 => "both agents are offline".into(),
        count => format!("all {count} agents are offline"),
    };
    pool(view, message, &[("agents", json!(all)), ("offline", json!(offline))])
}

fn disabled(view: &PoolView<'_>) -> Vec<Found> {
    let (disabled, offline) = (view.tally.disabled, view.tally.offline);
    let is_needed = !view.kind.scales_to_zero() || view.tally.queued_jobs > 0;
    if disabled == 0 || view.tally.available() > 0 || !is_needed {
        return Vec::new();
    }
    let message = match (disabled, offline) {
        (1, 0) => "its only agent is disabled".into(),
        (2, 0) => "both agents are disabled".into(),
        (disabled, 0) => format!("all {disabled} agents are disabled"),
        (disabled, offline) => format!(
            "of {} agents {disabled} {} disabled and {offline} {} offline",
            view.tally.real(),
            are(disabled),
            are(offline)
        ),
    };
    let evidence =
        &[("agents", json!(view.tally.real())), ("disabled", json!(disabled)), ("offline", json!(offline))];
    pool(view, message, evidence)
}

fn below_min_online(view: &PoolView<'_>) -> Vec<Found> {
    let default = if view.kind.scales_to_zero() { 0 } else { 1 };
    let least = view.policy.min_online.unwrap_or(default) as usize;
    let available = view.tally.available();
    // None at all in a static pool has rules of its own, which say more.
    let are_on = [EMPTY, OFFLINE, DISABLED].iter().all(|rule| view.policy.severity(rule).is_some());
    let is_said = available == 0 && !view.kind.scales_to_zero() && are_on;
    if available >= least || is_said {
        return Vec::new();
    }
    let evidence = &[("available", json!(available)), ("minOnline", json!(least))];
    let message = format!("{available} of at least {least} agents {} online and enabled", are(available));
    pool(view, message, evidence)
}

fn offline_ratio(view: &PoolView<'_>) -> Vec<Found> {
    let (all, available) = (view.tally.real(), view.tally.available());
    let (out, most) = (all - available, view.policy.max_offline as usize);
    // All of them have rules of their own, which say more; where agents come and go, many are offline.
    if available == 0 || out * 100 <= all * most || view.kind.scales_to_zero() {
        return Vec::new();
    }
    let evidence = &[
        ("agents", json!(all)),
        ("offline", json!(view.tally.offline)),
        ("disabled", json!(view.tally.disabled)),
        ("maxOfflinePercent", json!(most)),
    ];
    pool(
        view,
        format!("{out} of {all} agents {} offline or disabled, more than {most} %", are(out)),
        evidence,
    )
}

fn not_scaling(view: &PoolView<'_>) -> Vec<Found> {
    let most = view.policy.max_scale_time;
    let longest = oldest(view.snapshot, view.now).filter(|(_, wait)| *wait > most);
    let Some((_, wait)) = longest else { return Vec::new() };
    // Without any agent no job waits for one, but in a scale set.
    let is_empty = view.snapshot.agents.is_empty() && view.kind != Kind::Elastic;
    if !view.kind.scales_to_zero() || view.tally.available() > 0 || is_empty {
        return Vec::new();
    }
    let evidence = &[
        ("queuedJobs", json!(view.tally.queued_jobs)),
        ("oldestWaitSeconds", json!(wait.as_secs())),
        ("maxScaleTimeSeconds", json!(most.as_secs())),
    ];
    let jobs = match view.tally.queued_jobs {
        1 => "a job has waited".to_owned(),
        count => format!("{count} jobs wait, the oldest"),
    };
    pool(
        view,
        format!("no agent was started, though {jobs} for {}, longer than {}", span(wait), span(most)),
        evidence,
    )
}

fn auto_update_off(view: &PoolView<'_>) -> Vec<Found> {
    let Some(newest) = view.all.newest_package else { return Vec::new() };
    let outdated =
        view.real_agents().filter(|agent| agent.version().is_some_and(|version| version < newest)).count();
    if view.snapshot.pool.auto_update != Some(false) || outdated == 0 {
        return Vec::new();
    }
    let agents = match outdated {
        1 => "an agent is".to_owned(),
        count => format!("{count} agents are"),
    };
    let evidence = &[("outdated", json!(outdated)), ("newestVersion", json!(newest.to_string()))];
    pool(view, format!("{agents} older than {newest}, and the pool lets none update itself"), evidence)
}

fn maintenance_failing(view: &PoolView<'_>) -> Vec<Found> {
    let mut jobs: Vec<_> = view.snapshot.maintenance_jobs.iter().collect();
    jobs.sort_by_key(|job| std::cmp::Reverse(job.queue_time));
    let ended = jobs.iter().filter(|job| job.is_failed || job.is_succeeded);
    let failed = ended.take_while(|job| job.is_failed).count();
    if failed < MAINTENANCE_FAILURES {
        return Vec::new();
    }
    pool(view, format!("the last {failed} maintenance jobs failed"), &[("failedInARow", json!(failed))])
}

fn are(count: usize) -> &'static str {
    if count == 1 { "is" } else { "are" }
}
