//! Rules about pools that KEDA scales.

use serde_json::json;

use super::{Look, Rule};
use crate::health::finding::{Found, Severity, Subject};
use crate::health::kind::Kind;
use crate::health::tally::waiting;
use crate::health::view::PoolView;
use crate::pattern::matches;

/// What names placeholders and KEDA's settings
const INPUTS: &[&str] = &["placeholder", "kedaParent", "kedaDemands"];

/// A placeholder that was named isn't there.
pub const PLACEHOLDER_MISSING: Rule = Rule {
    id: "keda-placeholder-missing",
    severity: Severity::Error,
    means: "The placeholder agent that was named isn't registered. Without it no job is queued while no agent runs, so \
            KEDA never starts one; Azure DevOps removes agents that are offline for long in some setups.",
    evidence: &[("placeholder", "the name or pattern that no agent has")],
    inputs: INPUTS,
    advice: "register it again: an offline agent of this name with the capabilities that jobs demand",
    look: Look::Pool(placeholder_missing),
};

/// A placeholder is connected.
pub const PLACEHOLDER_ONLINE: Rule = Rule {
    id: "keda-placeholder-online",
    severity: Severity::Warning,
    means: "An agent that was named as the placeholder is online: it takes jobs itself, and KEDA counts jobs that already \
            have an agent.",
    evidence: &[("status", "the agent's status")],
    inputs: INPUTS,
    advice: "stop it: a placeholder is registered and never run; give agents that run other names",
    look: Look::Pool(placeholder_online),
};

/// The placeholder lacks what jobs demand.
pub const PLACEHOLDER_DEMANDS: Rule = Rule {
    id: "keda-placeholder-demands",
    severity: Severity::Warning,
    means: "The pool's placeholder lacks a capability that a waiting job demands, or that KEDA's `demands` name: such jobs \
            fail, or wait unseen.",
    evidence: &[("missing", "the demands that it doesn't meet")],
    inputs: INPUTS,
    advice: "give the placeholder the capabilities that the agents have which it stands for",
    look: Look::Pool(placeholder_demands),
};

/// KEDA doesn't see jobs that wait.
pub const UNSEEN_JOBS: Rule = Rule {
    id: "keda-unseen-jobs",
    severity: Severity::Warning,
    means: "Jobs wait that KEDA's azure-pipelines scaler doesn't count with the given settings, so that it starts no agent \
            for them.",
    evidence: &[("requestIds", "the job requests"), ("demands", "what the first of them demands")],
    inputs: INPUTS,
    advice: "with `parent`, the placeholder of exactly that name must meet the job's demands; with `demands`, the list is \
             compared as text (letter case, spaces after commas, ` -equals ` and all)",
    look: Look::Pool(unseen_jobs),
};

/// KEDA counts otherwise than we do.
pub const COUNT: Rule = Rule {
    id: "keda-count",
    severity: Severity::Info,
    means: "KEDA's azure-pipelines scaler, with the given settings, counts another number of jobs than wait for an agent. \
            From version 2.20 on it counts jobs that no agent has taken; before, all that haven't ended.",
    evidence: &[
        ("queuedJobs", "jobs that wait for an agent"),
        ("kedaCount", "what KEDA 2.20 and later counts"),
        ("kedaCountBefore220", "what KEDA before 2.20 counts"),
        ("unseen", "jobs that wait and aren't counted"),
        ("assigned", "jobs that are counted and have an agent that hasn't taken them"),
        ("running", "jobs that only KEDA before 2.20 counts, since they run"),
    ],
    inputs: &[
        "kedaParent",
        "kedaDemands",
        "kedaRequireAllDemands",
        "kedaRequireAllDemandsAndIgnoreOthers",
        "kedaCaseInsensitiveDemandsProcessing",
    ],
    advice: "nothing, where the difference is explained by jobs that have an agent; a ScaledJob that starts too many agents \
             for jobs that run is cured by KEDA 2.20 or later",
    look: Look::Pool(count),
};

fn placeholder_missing(view: &PoolView<'_>) -> Vec<Found> {
    let pools = &view.all.pools;
    // KEDA scales none of the others, and which of them it was meant for can't be told.
    let is_meant = view.kind == Kind::Ephemeral || view.snapshot.agents.is_empty() || pools.len() == 1;
    if !is_meant || view.kind == Kind::Elastic {
        return Vec::new();
    }
    // With several pools each may have its own.
    let is_missing = |pattern: &&String| {
        !pools.iter().flat_map(|pool| &pool.agents).any(|agent| matches(pattern, &agent.name))
    };
    let missing = view.policy.placeholders.iter().filter(is_missing).map(|pattern| {
        Found::new(
            Subject::pool(&view.snapshot.pool),
            format!("the placeholder `{pattern}` isn't registered: no job waits while no agent runs, so KEDA starts none"),
            &[("placeholder", json!(pattern))],
        )
    });
    missing.collect()
}

fn placeholder_online(view: &PoolView<'_>) -> Vec<Found> {
    let named = |name: &str| view.policy.placeholders.iter().any(|pattern| matches(pattern, name));
    let online = view.snapshot.agents.iter().filter(|agent| agent.is_online() && named(&agent.name));
    online
        .map(|agent| {
            Found::new(
                Subject::agent(&view.snapshot.pool, agent),
                "is named as a placeholder, but online",
                &[("status", json!(agent.status))],
            )
        })
        .collect()
}

fn placeholder_demands(view: &PoolView<'_>) -> Vec<Found> {
    if view.kind != Kind::Ephemeral {
        return Vec::new();
    }
    let configured = view.policy.keda.iter().flat_map(|keda| keda.demands.split(','));
    let of_jobs = waiting(view.snapshot).flat_map(|request| request.demands.iter().map(String::as_str));
    let mut demands: Vec<&str> =
        configured.chain(of_jobs).map(str::trim).filter(|text| !text.is_empty()).collect();
    demands.sort_unstable();
    demands.dedup();
    let mut placeholders = view.placeholders().peekable();
    let Some(first) = placeholders.peek().copied() else { return Vec::new() };
    let all: Vec<_> = placeholders.collect();
    // Several placeholders may stand for several kinds of agents.
    let unmet = |text: &&str| {
        let demand = crate::devops::Demand::parse(text);
        !all.iter().any(|agent| agent.meets(&demand))
    };
    let missing: Vec<&str> = demands.into_iter().filter(unmet).collect();
    if missing.is_empty() {
        return Vec::new();
    }
    vec![Found::new(
        Subject::agent(&view.snapshot.pool, first),
        format!("the placeholder doesn't meet `{}`", missing.join("`, `")),
        &[("missing", json!(missing))],
    )]
}

fn unseen_jobs(view: &PoolView<'_>) -> Vec<Found> {
    let Some(keda) = &view.policy.keda else { return Vec::new() };
    let mut unseen = keda.count(view.snapshot).unseen;
    unseen.sort_by_key(|request| (request.queue_time, request.request_id));
    let Some(first) = unseen.first() else { return Vec::new() };
    let ids: Vec<u64> = unseen.iter().map(|request| request.request_id).collect();
    let jobs = match ids.len() {
        1 => "a job that waits isn't".to_owned(),
        count => format!("{count} jobs that wait aren't"),
    };
    vec![Found::new(
        Subject::pool(&view.snapshot.pool),
        format!("{jobs} seen by KEDA, which starts no agent for what it doesn't see"),
        &[("requestIds", json!(ids)), ("demands", json!(first.demands))],
    )]
}

fn count(view: &PoolView<'_>) -> Vec<Found> {
    let Some(keda) = &view.policy.keda else { return Vec::new() };
    let counts = keda.count(view.snapshot);
    if counts.newer == counts.ours && counts.older == counts.ours {
        return Vec::new();
    }
    let mut reasons = Vec::new();
    for (number, reason) in [
        (counts.unseen.len(), "not seen by it"),
        (counts.assigned, "with an agent that hasn't taken it (counted by both)"),
        (counts.running, "running (counted before 2.20)"),
    ] {
        if number > 0 {
            reasons.push(format!("{number} {reason}"));
        }
    }
    let jobs = if counts.ours == 1 { "1 job waits" } else { &format!("{} jobs wait", counts.ours) };
    vec![Found::new(
        Subject::pool(&view.snapshot.pool),
        format!(
            "{jobs} for an agent; KEDA counts {}, and before version 2.20 {}: {}",
            counts.newer,
            counts.older,
            reasons.join(", ")
        ),
        &[
            ("queuedJobs", json!(counts.ours)),
            ("kedaCount", json!(counts.newer)),
            ("kedaCountBefore220", json!(counts.older)),
            ("unseen", json!(counts.unseen.len())),
            ("assigned", json!(counts.assigned)),
            ("running", json!(counts.running)),
        ],
    )]
}
