//! Rules about how agents are set up: their software, their registration, their capabilities.

use std::collections::BTreeMap;

use serde_json::json;

use super::{Look, Rule};
use crate::devops::{Agent, Pool, Version};
use crate::health::finding::{Found, Severity, Subject};
use crate::health::kind::Kind;
use crate::health::policy::MinVersion;
use crate::health::secret_names::looks_secret;
use crate::health::view::PoolView;
use crate::moment::{span, timestamp};

/// How many other agents are named beside one
const NAMED: usize = 5;

/// An agent's software is old.
pub const OUTDATED: Rule = Rule {
    id: "agent-outdated",
    severity: Severity::Info,
    means: "An agent's version is older than `minVersion` says: than the newest package, than a version that is given, or \
            than what most agents of the pool have. Where the newest package isn't known, nothing is said.",
    evidence: &[("version", "the agent's version"), ("minVersion", "what it is compared with")],
    inputs: &["minVersion", "ignoreAgent"],
    advice: "update it: Organization settings > Agent pools > the pool > Update all agents; an image that has the agent \
             baked in needs building anew",
    look: Look::Pool(outdated),
};

/// An update doesn't end.
pub const UPDATE_STUCK: Rule = Rule {
    id: "agent-update-stuck",
    severity: Severity::Warning,
    means: "An agent that is online was asked longer ago than `maxUpdateTime` to update itself, and hasn't, nor worked on \
            a job since.",
    evidence: &[
        ("requestedOn", "when it was asked"),
        ("targetVersion", "the version that it is to have"),
        ("maxUpdateTimeSeconds", "the threshold"),
    ],
    inputs: &["maxUpdateTime", "ignoreAgent"],
    advice: "restart its service; its log in the folder `_diag` says why the update fails: often the download is blocked \
             (download.agent.dev.azure.com), its folder is read-only, or the disk is full",
    look: Look::Pool(update_stuck),
};

/// Two registrations for one machine.
pub const DUPLICATE: Rule = Rule {
    id: "agent-duplicate",
    severity: Severity::Warning,
    means: "Agents of static pools have the same computer name and the same folder: one machine was registered twice, and \
            only one registration can be connected.",
    evidence: &[
        ("computer", "the capability `Agent.ComputerName`"),
        ("folder", "the capability `Agent.HomeDirectory`"),
        ("others", "the other agents, each with its pool, five at most"),
    ],
    inputs: &["ignoreAgent"],
    advice: "remove the registration that isn't in use; `config.sh --replace` takes over one of the same name",
    look: Look::Pools(duplicate),
};

/// Capabilities may show secrets.
pub const SECRET_CAPABILITY: Rule = Rule {
    id: "agent-secret-capability",
    severity: Severity::Warning,
    means: "Names of an agent's capabilities look like secrets. The agent makes a capability of every environment variable \
            it is started with, and whoever may view the pool can read it. Values are never looked at nor shown.",
    evidence: &[("capabilities", "the names")],
    inputs: &["ignoreAgent"],
    advice: "start the agent without them, or list them in `VSO_AGENT_IGNORE`; then change the secrets, since they have been \
             readable",
    look: Look::Pool(secret_capability),
};

fn outdated(view: &PoolView<'_>) -> Vec<Found> {
    let (least, what) = match view.policy.min_version {
        MinVersion::Version(version) => (Some(version), "the version that was asked for"),
        MinVersion::Newest => (view.all.newest_package, "the newest package"),
        MinVersion::Majority => (majority(view), "what most agents of the pool have"),
    };
    let Some(least) = least else { return Vec::new() };
    let look = |agent: &Agent| {
        let version = agent.version().filter(|version| *version < least)?;
        let evidence = &[("version", json!(version.to_string())), ("minVersion", json!(least.to_string()))];
        let message = format!("version {version} is older than {least}, {what}");
        Some(Found::new(Subject::agent(&view.snapshot.pool, agent), message, evidence))
    };
    view.real_agents().filter_map(look).collect()
}

/// The version that more than half of the pool's agents have
fn majority(view: &PoolView<'_>) -> Option<Version> {
    let mut counts: BTreeMap<Version, usize> = BTreeMap::new();
    for version in view.real_agents().filter_map(Agent::version) {
        *counts.entry(version).or_default() += 1;
    }
    counts.into_iter().find(|(_, count)| count * 2 > view.tally.real()).map(|(version, _)| version)
}

fn update_stuck(view: &PoolView<'_>) -> Vec<Found> {
    let most = view.policy.max_update_time;
    let look = |agent: &Agent| {
        let update = agent.pending_update.as_ref().filter(|_| agent.is_online() && !agent.is_busy())?;
        let requested = update.request_time?;
        // While it worked on a job it could not.
        let last_job = agent.last_completed_request.as_ref().and_then(|request| request.finish_time);
        let time = view.since(last_job.map_or(requested, |finished| finished.max(requested)));
        let target = update.target_version.map(|version| version.to_string());
        let to = target.as_ref().map(|version| format!(" to {version}")).unwrap_or_default();
        let evidence = &[
            ("requestedOn", json!(timestamp(requested))),
            ("targetVersion", json!(target)),
            ("maxUpdateTimeSeconds", json!(most.as_secs())),
        ];
        let message = format!("asked {} ago to update itself{to}, and hasn't", span(view.since(requested)));
        (time > most).then(|| Found::new(Subject::agent(&view.snapshot.pool, agent), message, evidence))
    };
    view.agents().filter_map(look).collect()
}

fn duplicate(views: &[&PoolView<'_>]) -> Vec<Found> {
    let is_static = |view: &&&PoolView<'_>| view.kind == Kind::Static;
    let mut machines: BTreeMap<(String, String), Vec<(&Pool, &Agent)>> = BTreeMap::new();
    for view in views.iter().filter(is_static) {
        for agent in view.real_agents() {
            machines.entry(machine(agent)).or_default().push((&view.snapshot.pool, agent));
        }
    }
    machines
        .retain(|(computer, folder), agents| !computer.is_empty() && !folder.is_empty() && agents.len() > 1);
    let mut found = Vec::new();
    for agents in machines.values() {
        for (pool, agent) in agents {
            let others =
                agents.iter().filter(|(other_pool, other)| (other_pool.id, other.id) != (pool.id, agent.id));
            let mut others: Vec<String> =
                others.map(|(pool, other)| format!("{} ({})", other.name, pool.name)).collect();
            others.sort_unstable();
            // Each of a thousand equal ones has all the others beside it.
            let more = match others.len().saturating_sub(NAMED) {
                0 => String::new(),
                more => format!(", and {more} more"),
            };
            others.truncate(NAMED);
            let message = format!("has the same machine and folder as {}{more}", others.join(", "));
            let evidence = &[
                ("computer", json!(agent.capability("Agent.ComputerName"))),
                ("folder", json!(agent.capability("Agent.HomeDirectory"))),
                ("others", json!(others)),
            ];
            found.push(Found::new(Subject::agent(pool, agent), message, evidence));
        }
    }
    found
}

fn machine(agent: &Agent) -> (String, String) {
    let lower = |name| agent.capability(name).unwrap_or_default().to_lowercase();
    (lower("Agent.ComputerName"), lower("Agent.HomeDirectory"))
}

fn secret_capability(view: &PoolView<'_>) -> Vec<Found> {
    let look = |agent: &Agent| {
        let names: Vec<&String> = agent
            .system_capabilities
            .keys()
            .chain(agent.user_capabilities.keys())
            .filter(|name| looks_secret(name))
            .collect();
        if names.is_empty() {
            return None;
        }
        let shown: Vec<&str> = names.iter().map(|name| name.as_str()).collect();
        let message = format!("shows capabilities that look like secrets: {}", shown.join(", "));
        Some(Found::new(
            Subject::agent(&view.snapshot.pool, agent),
            message,
            &[("capabilities", json!(names))],
        ))
    };
    view.agents().filter_map(look).collect()
}
