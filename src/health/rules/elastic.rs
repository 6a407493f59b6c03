//! Rules about scale sets that Azure DevOps sizes itself.

use serde_json::json;

use super::{Look, Rule};
use crate::devops::ElasticPool;
use crate::health::finding::{Found, Severity, Subject};
use crate::health::view::PoolView;
use crate::moment::{span, timestamp};

/// More attempts than this mean that the scale set doesn't follow.
const SIZING_ATTEMPTS: u64 = 1;

/// Azure DevOps calls the scale set unhealthy.
pub const UNHEALTHY: Rule = Rule {
    id: "elastic-unhealthy",
    severity: Severity::Error,
    means: "Azure DevOps calls the scale set behind the pool unhealthy: it makes no agents, or not enough.",
    evidence: &[("state", "the scale set's state"), ("desiredSize", "how many machines it is to have")],
    inputs: &[],
    advice: "see Organization settings > Agent pools > the pool > Diagnostics; most often the service connection lost its \
             right on the scale set, the subscription's quota is used up, or the agent's extension fails on the image",
    look: Look::Pool(|view| in_state(view, "unhealthy")),
};

/// The scale set is offline.
pub const OFFLINE: Rule = Rule {
    id: "elastic-offline",
    severity: Severity::Error,
    means: "Azure DevOps can't reach the scale set behind the pool.",
    evidence: &[
        ("state", "the scale set's state"),
        ("offlineSince", "since when"),
        ("desiredSize", "how many machines it is to have"),
    ],
    inputs: &[],
    advice: "see whether the scale set still exists and whether the pool's service connection still has a right on it",
    look: Look::Pool(|view| in_state(view, "offline")),
};

/// The scale set doesn't reach its size.
pub const SIZING: Rule = Rule {
    id: "elastic-sizing",
    severity: Severity::Warning,
    means: "Azure DevOps tried more than once to give the scale set the size that the queue needs.",
    evidence: &[("sizingAttempts", "how often it tried"), ("desiredSize", "the size that is wanted")],
    inputs: &[],
    advice: "see Organization settings > Agent pools > the pool > Diagnostics: quota, capacity of the region, policies, locks",
    look: Look::Pool(sizing),
};

/// Machines of the scale set failed.
pub const NODES_FAILED: Rule = Rule {
    id: "elastic-nodes-failed",
    severity: Severity::Warning,
    means: "Machines of the scale set failed to start, became unhealthy, or were lost. Saved, starting and reimaged ones \
            aren't meant.",
    evidence: &[("failedNodes", "the machines' names and states"), ("nodes", "all machines")],
    inputs: &[],
    advice: "look at one of them in the scale set (Instances > the machine > Boot diagnostics, Extensions); Azure DevOps \
             replaces them, so that many at once point to the image or the network",
    look: Look::Pool(nodes_failed),
};

fn elastic<'a>(view: &'a PoolView<'_>) -> Option<&'a ElasticPool> {
    view.snapshot.elastic.as_ref()
}

fn in_state(view: &PoolView<'_>, state: &str) -> Vec<Found> {
    let Some(elastic) = elastic(view).filter(|elastic| elastic.state.eq_ignore_ascii_case(state)) else {
        return Vec::new();
    };
    let mut evidence = vec![("state", json!(elastic.state)), ("desiredSize", json!(elastic.desired_size))];
    let mut message = format!("the scale set is {state}");
    if let Some(since) = elastic.offline_since {
        message.push_str(&format!(" for {}", span(view.since(since))));
        evidence.push(("offlineSince", json!(timestamp(since))));
    }
    vec![Found::new(Subject::pool(&view.snapshot.pool), message, &evidence)]
}

fn sizing(view: &PoolView<'_>) -> Vec<Found> {
    let Some(elastic) = elastic(view).filter(|elastic| elastic.sizing_attempts > SIZING_ATTEMPTS) else {
        return Vec::new();
    };
    let ElasticPool { sizing_attempts, desired_size, .. } = elastic;
    vec![Found::new(
        Subject::pool(&view.snapshot.pool),
        format!(
            "{sizing_attempts} attempts to give the scale set {desired_size} machine{} didn't succeed",
            if *desired_size == 1 { "" } else { "s" }
        ),
        &[("sizingAttempts", json!(sizing_attempts)), ("desiredSize", json!(desired_size))],
    )]
}

fn nodes_failed(view: &PoolView<'_>) -> Vec<Found> {
    let Some(elastic) = elastic(view) else { return Vec::new() };
    let failed: Vec<_> = elastic.nodes.iter().filter(|node| node.is_failed()).collect();
    if failed.is_empty() {
        return Vec::new();
    }
    let mut named: Vec<String> =
        failed.iter().map(|node| format!("{}: {}, {}", node.name, node.state, node.compute_state)).collect();
    named.sort_unstable();
    let all = elastic.nodes.len();
    let machines = match all {
        1 => "the only machine".to_owned(),
        _ => format!("{} of {all} machines", failed.len()),
    };
    vec![Found::new(
        Subject::pool(&view.snapshot.pool),
        format!(
            "{machines} of the scale set failed or {} lost",
            if failed.len() == 1 { "was" } else { "were" }
        ),
        &[("failedNodes", json!(named)), ("nodes", json!(all))],
    )]
}
