//! `remove`: takes agents out of pools, one by its name, or those that have been offline for long.

use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

use super::{Console, look, sign_in};
use crate::devops::{Agent, Client, Organization, Reason, Refusal, Scope, Snapshot, selectors};
use crate::explain::Failure;
use crate::health::{Policy, PoolView, State};
use crate::identity::{Chain, Exchange};
use crate::inputs::{Inputs, UsageError};
use crate::moment::span;
use crate::paragraph::paragraph;
use crate::pattern::matches;
use crate::report::{Format, clean, json::document};

/// How long to wait before an agent that has a job is looked at again
const PAUSE: Duration = Duration::from_secs(5);

/// Which agents are meant
enum Meant {
    /// The one of this name, such as a container's own at its end
    Named(String),
    /// Those that have been offline longer, with such names; at most so many, and only shown unless applied
    Gone { offline_for: Duration, names: Vec<String>, most: usize, is_applied: bool },
}

/// An agent and what became of it
struct Removal {
    pool: String,
    agent: String,
    id: u64,
    done: &'static str,
    why: String,
}

/// Runs the command.
pub fn run(inputs: &Inputs, exchange: Exchange<'_>, console: &Console) -> Result<u8, Failure> {
    let organization = Organization::from_input(inputs.require("organization")?)?;
    let selectors = selectors(inputs)?;
    let policy = Policy::from_inputs(inputs)?;
    let meant = meant(inputs)?;
    let format = look::plain_format(inputs)?;
    let chain = Chain::from_inputs(inputs)?;

    // With a token of its own: the one that a container began with has ended long since.
    let acquired = sign_in(&chain, &exchange, console)?;
    let client = Client::new(exchange, &organization, &acquired.token);
    // Whether agents come and go, and which one is a placeholder, shows in the jobs that have ended.
    let scope = Scope { history: true, ..Scope::default() };
    let snapshot = Snapshot::read(&client, &selectors, &scope)?;
    look::check_pools(&snapshot)?;
    let views = PoolView::all(&snapshot, &policy, exchange.now);
    let mut removals = Vec::new();
    let mut refused = None;
    match &meant {
        Meant::Named(name) => removals = remove_named(&client, &exchange, &views, name)?,
        Meant::Gone { offline_for, names, most, is_applied } => {
            let (mut gone, never_connected) = gone(&views, *offline_for, names);
            if never_connected > 0 {
                console.note(&format!(
                    "never connected, and kept, since that may be meant so: {never_connected} (`--agent-name` removes one)"
                ));
            }
            let more = gone.len().saturating_sub(*most);
            gone.truncate(*most);
            if more > 0 {
                console.note(&format!(
                    "{more} more agents are meant, beyond the {most} that are removed at most"
                ));
            }
            for (view, agent, time) in gone {
                if !is_applied {
                    removals.push(removal(
                        view,
                        agent,
                        "would be removed",
                        format!("offline for {}", span(time)),
                    ));
                    continue;
                }
                match remove(&client, view, agent.id, true) {
                    Ok(removal) => removals.push(removal),
                    // What is done is told all the same.
                    Err(refusal) => {
                        refused = Some(Failure::from(client.explained(refusal)));
                        break;
                    }
                }
            }
        }
    }
    let is_shown_only = matches!(meant, Meant::Gone { is_applied: false, .. });
    console.print(&match format {
        Format::Json => document(&json!({
            "applied": !is_shown_only, "agents": removals.iter().map(Removal::document).collect::<Vec<_>>(),
        })),
        _ => text(&removals, is_shown_only),
    });
    if let Some(failure) = refused {
        return Err(failure);
    }
    let is_kept = removals.iter().any(|removal| removal.done == "kept");
    if is_kept && matches!(meant, Meant::Named(_)) {
        console.complain("the agent wasn't removed");
        return Ok(1);
    }
    Ok(0)
}

fn meant(inputs: &Inputs) -> Result<Meant, UsageError> {
    let (name, offline_for) = (inputs.get("agentName"), inputs.get("offlineFor"));
    match (name, offline_for) {
        (Some(name), Some(offline_for)) if !name.source.starts_with("AZP_") => {
            Err(UsageError::contradiction(name, offline_for))
        }
        (_, Some(offline_for)) => Ok(Meant::Gone {
            offline_for: offline_for.duration()?,
            names: inputs.require("name")?.list(),
            most: inputs.require("most")?.positive()? as usize,
            is_applied: inputs.require("apply")?.boolean()?,
        }),
        (Some(name), None) => Ok(Meant::Named(name.text().to_owned())),
        (None, None) => Err(UsageError::new(
            "neither an agent's name nor how long it has been offline is given",
            "give `--agent-name NAME`, or `--offline-for 7d`",
        )),
    }
}

/// Agents that have been offline for long, the longest first, and how many more were never connected: who put those
/// there may have meant them to be so. No placeholder is among them, and none with a job.
fn gone<'v>(
    views: &'v [PoolView<'v>],
    offline_for: Duration,
    names: &[String],
) -> (Vec<(&'v PoolView<'v>, &'v Agent, Duration)>, usize) {
    let (mut gone, mut never_connected) = (Vec::new(), 0);
    for view in views.iter().filter(|view| !view.snapshot.pool.is_hosted) {
        for agent in view.agents() {
            let Some(time) = time_offline(agent, view.now).filter(|time| *time > offline_for) else {
                continue;
            };
            let is_named = names.iter().any(|pattern| matches(pattern, &agent.name));
            if !is_named || view.state(agent) != State::Offline || agent.is_busy() {
                continue;
            }
            match agent.never_connected() {
                true => never_connected += 1,
                false => gone.push((view, agent, time)),
            }
        }
    }
    gone.sort_by_key(|(_, agent, time)| (std::cmp::Reverse(*time), agent.id));
    (gone, never_connected)
}

fn time_offline(agent: &Agent, now: SystemTime) -> Option<Duration> {
    let last_job = agent.last_completed_request.as_ref().and_then(|request| request.finish_time);
    let since = agent.status_changed_on.or(last_job).or(agent.created_on)?;
    (!agent.is_online()).then(|| now.duration_since(since).unwrap_or_default())
}

/// Removes the agents of a name, once they have no job any more
fn remove_named(
    client: &Client<'_>,
    exchange: &Exchange<'_>,
    views: &[PoolView<'_>],
    name: &str,
) -> Result<Vec<Removal>, Failure> {
    let explained = |refusal| client.explained(refusal);
    let mut removals = Vec::new();
    for view in views {
        for agent in view.snapshot.agents.iter().filter(|agent| agent.name.eq_ignore_ascii_case(name)) {
            if view.state(agent) == State::Placeholder {
                removals.push(removal(view, agent, "kept", "it is a placeholder".into()));
                continue;
            }
            let mut removal = remove(client, view, agent.id, false).map_err(explained)?;
            // Its last job may be ending: the time that the command has is for that.
            while removal.done == "kept" && exchange.transport.remaining() > PAUSE {
                exchange.transport.wait(PAUSE, &format!("{name}: {}", removal.why));
                removal = remove(client, view, agent.id, false).map_err(explained)?;
            }
            removals.push(removal);
        }
    }
    Ok(removals)
}

/// Removes an agent, unless it has a job or came back; it is read again right before, since Azure DevOps may refuse
/// neither by itself.
fn remove(client: &Client<'_>, view: &PoolView<'_>, id: u64, only_offline: bool) -> Result<Removal, Refusal> {
    let pool = view.snapshot.pool.id;
    let agent = match client.ask(client.agent(pool, id)) {
        Ok(agent) => agent,
        Err(refusal) => return gone_already(view, id, refusal),
    };
    if let Some(request) = agent.assigned_request.as_ref().filter(|request| !request.is_finished()) {
        return Ok(removal(view, &agent, "kept", format!("it works on {}", request.title())));
    }
    if only_offline && agent.is_online() {
        return Ok(removal(view, &agent, "kept", "it is online again".into()));
    }
    let done = if client.remove_agent(pool, id)? { "removed" } else { "gone already" };
    Ok(removal(view, &agent, done, String::new()))
}

fn gone_already(view: &PoolView<'_>, id: u64, refusal: Refusal) -> Result<Removal, Refusal> {
    let agent = view.snapshot.agents.iter().find(|agent| agent.id == id);
    match (refusal.reason, agent) {
        (Reason::NotFound, Some(agent)) => Ok(removal(view, agent, "gone already", String::new())),
        _ => Err(refusal),
    }
}

fn removal(view: &PoolView<'_>, agent: &Agent, done: &'static str, why: String) -> Removal {
    Removal { pool: view.snapshot.pool.name.clone(), agent: agent.name.clone(), id: agent.id, done, why }
}

impl Removal {
    fn document(&self) -> Value {
        json!({ "pool": self.pool, "agent": self.agent, "agentId": self.id, "done": self.done, "why": self.why })
    }
}

fn text(removals: &[Removal], is_shown_only: bool) -> String {
    let mut text = String::new();
    for Removal { pool, agent, id, done, why } in removals {
        let why = if why.is_empty() { String::new() } else { format!(": {why}") };
        let line = format!("{agent} (agent {id} of pool {pool}): {done}{why}");
        text.push_str(&paragraph(&clean(&line), "", "  "));
    }
    match (removals.is_empty(), is_shown_only) {
        (true, _) => text.push_str("there is nothing to remove\n"),
        (false, true) => text.push_str("nothing was removed: `--apply` does it\n"),
        (false, false) => (),
    }
    text
}
