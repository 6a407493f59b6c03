//! `placeholder`: makes sure that an offline agent stands in a pool, so that KEDA sees jobs while no agent runs.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Console, look, sign_in};
use crate::devops::{Agent, Client, Organization, Pool, Scope, Snapshot, selectors};
use crate::explain::{Explanation, Failure};
use crate::health::looks_secret;
use crate::identity::{Chain, Exchange};
use crate::inputs::{Inputs, UsageError};
use crate::report::{Format, clean, json::document};

/// A version that meets any demand for one, and that no agent has
const VERSION: &str = "99.999.9";

/// Capabilities that are one machine's own, and no other's
const OWN: &[&str] = &["agent.computername", "agent.homedirectory", "agent.name", "agent.version"];

/// Runs the command.
pub fn run(inputs: &Inputs, exchange: Exchange<'_>, console: &Console) -> Result<u8, Failure> {
    let organization = Organization::from_input(inputs.require("organization")?)?;
    let selectors = selectors(inputs)?;
    if selectors.len() != 1 {
        let pool = inputs.require("pool")?;
        return Err(pool.wrong("names several pools", "one: a placeholder is registered in one pool").into());
    }
    let name = inputs.require("agentName")?.text();
    let mut capabilities = given_capabilities(inputs)?;
    let from = inputs.get("from").map(|given| given.text());
    let may_take_over = inputs.require("force")?.boolean()?;
    let format = look::plain_format(inputs)?;
    let chain = Chain::from_inputs(inputs)?;

    let acquired = sign_in(&chain, &exchange, console)?;
    let client = Client::new(exchange, &organization, &acquired.token);
    let snapshot = Snapshot::read(&client, &selectors, &Scope::default())?;
    look::check_pools(&snapshot)?;
    let Some(pool) = snapshot.pools.first() else {
        return Err(UsageError::new("no pool was found", "name one pool").into());
    };
    let named = |name: &str| pool.agents.iter().find(|agent| agent.name.eq_ignore_ascii_case(name));
    let mut left_out = Vec::new();
    if let Some(from) = from {
        let Some(agent) = named(from) else {
            return Err(no_agent(from, &pool.pool));
        };
        left_out = copy(agent, &mut capabilities);
    }
    let (done, id) = match named(name) {
        None => ("registered", register(&client, &pool.pool, None, name, &capabilities)?),
        Some(agent) if !agent.never_connected() && !may_take_over => return Err(connected(agent)),
        Some(agent) if agent.is_online() || agent.is_busy() => return Err(connected(agent)),
        Some(agent) if has_all(agent, &capabilities) => ("there already", agent.id),
        Some(agent) => ("updated", register(&client, &pool.pool, Some(agent.id), name, &capabilities)?),
    };
    console.print(&match format {
        Format::Json => document(&json!({
            "pool": pool.pool.name, "agent": name, "agentId": id, "done": done,
            "capabilities": capabilities, "leftOut": left_out,
        })),
        _ => text(&pool.pool, name, id, done, &capabilities, &left_out),
    });
    Ok(0)
}

/// `NAME` or `NAME=VALUE` each
fn given_capabilities(inputs: &Inputs) -> Result<BTreeMap<String, String>, UsageError> {
    let mut capabilities = BTreeMap::new();
    let Some(given) = inputs.get("capability") else { return Ok(capabilities) };
    for text in given.list() {
        let (name, value) = text.split_once('=').unwrap_or((&text, ""));
        if name.trim().is_empty() || name.trim().contains(' ') {
            return Err(UsageError::new(
                format!("`{}`: `{text}` is no capability", given.source),
                "give `java`, or `Agent.OS=Linux`",
            ));
        }
        capabilities.insert(name.trim().to_owned(), value.trim().to_owned());
    }
    Ok(capabilities)
}

/// Takes over what another agent can do, what was given going before; gives the names that look like secrets.
fn copy(agent: &Agent, capabilities: &mut BTreeMap<String, String>) -> Vec<String> {
    let mut left_out = Vec::new();
    for (name, value) in agent.system_capabilities.iter().chain(&agent.user_capabilities) {
        if OWN.contains(&name.to_lowercase().as_str()) {
            continue;
        }
        if looks_secret(name) {
            left_out.push(name.clone());
            continue;
        }
        capabilities.entry(name.clone()).or_insert_with(|| value.clone().unwrap_or_default());
    }
    left_out
}

fn has_all(agent: &Agent, capabilities: &BTreeMap<String, String>) -> bool {
    agent.is_enabled()
        && agent.version == VERSION
        && capabilities.iter().all(|(name, value)| agent.capability(name) == Some(value))
}

fn register(
    client: &Client<'_>,
    pool: &Pool,
    id: Option<u64>,
    name: &str,
    capabilities: &BTreeMap<String, String>,
) -> Result<u64, Failure> {
    let mut agent: Value = json!({
        "name": name,
        "version": VERSION,
        "osDescription": "a placeholder: stands for agents that are started for jobs",
        "enabled": true,
        "status": "offline",
        "provisioningState": "Provisioned",
        "maxParallelism": 1,
        "systemCapabilities": capabilities,
    });
    let question = match id {
        Some(id) => {
            agent["id"] = json!(id);
            client.replace_agent(pool.id, id, &agent)
        }
        None => client.add_agent(pool.id, &agent),
    };
    Ok(client.ask(question).map_err(|refusal| client.explained(refusal))?.id)
}

fn connected(agent: &Agent) -> Failure {
    let (headline, advice) = match agent.is_online() || agent.is_busy() {
        true => ("is online: it is an agent, and no placeholder", "choose another name"),
        false => (
            "was connected once: it may be an agent that works again tomorrow",
            "choose another name, or take it over with `--force`; it can't work any more then",
        ),
    };
    Failure::Usage(Explanation::new(format!("the agent `{}` {headline}", agent.name)).advise(advice))
}

fn no_agent(name: &str, pool: &Pool) -> Failure {
    UsageError::new(
        format!("`--from`: there is no agent `{name}` in the pool `{}`", pool.name),
        "name one that is registered there, or give the capabilities (`--capability`)",
    )
    .into()
}

fn text(
    pool: &Pool,
    name: &str,
    id: u64,
    done: &str,
    capabilities: &BTreeMap<String, String>,
    left_out: &[String],
) -> String {
    let mut lines = format!("{}: {done} (agent {id} of pool {})\n", clean(name), clean(&pool.name));
    for (name, value) in capabilities {
        let value = if value.is_empty() { String::new() } else { format!(" = {value}") };
        lines.push_str(&crate::paragraph::paragraph(&clean(&format!("{name}{value}")), "  ", "    "));
    }
    if !left_out.is_empty() {
        let names = format!("left out, since they look like secrets: {}", left_out.join(", "));
        lines.push_str(&crate::paragraph::paragraph(&clean(&names), "", "  "));
    }
    lines
}
