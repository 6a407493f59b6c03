//! Agents, changed: the changes live as long as the emulator.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::caller::Caller;
use super::error::WrappedException;
use super::lists::{is, items, items_mut, number, recount};
use super::pools::{Pool, needs_manage};
use super::refusal::no_such_route;
use super::site::Site;
use crate::server::{Answer, Request};
use crate::state::{State, lock};

/// What the server decides, whatever the body says.
const SERVER_OWNED: [&str; 6] =
    ["_links", "assignedRequest", "createdOn", "id", "lastCompletedRequest", "statusChangedOn"];

/// POST, PUT, PATCH or DELETE on `pools/{id}/agents…`
pub(super) fn answer(
    state: &State,
    request: &Request,
    site: &Site,
    caller: &Caller<'_>,
    pool: &Pool<'_>,
    method: &str,
    rest: &[&str],
) -> Answer {
    if !caller.administers(pool.id) {
        return needs_manage(caller, pool).answer();
    }
    let body = match serde_json::from_slice::<Map<String, Value>>(&request.body) {
        Ok(body) => body,
        Err(_) if method == "DELETE" => Map::new(),
        Err(e) => return unreadable(&e).answer(),
    };
    let mut pools = lock(&state.agents);
    let agents = pools.entry(pool.id).or_insert_with(|| json!({"count": 0, "value": []}));
    let outcome = match (method, rest) {
        ("POST", []) => add(agents, pool, body, state.now(), request, site),
        ("PUT", [agent]) => replace(agents, pool, agent, body),
        ("PATCH", [agent]) => update(agents, pool, agent, body),
        ("DELETE", [agent]) => return delete(agents, pool, agent),
        ("PUT", [agent, "usercapabilities"]) => set_capabilities(agents, pool, agent, body),
        _ => return no_such_route(request),
    };
    match outcome {
        Ok(agent) => Answer::json(200, &agent),
        Err(error) => error.answer(),
    }
}

fn add(
    agents: &mut Value,
    pool: &Pool<'_>,
    body: Map<String, Value>,
    now: Timestamp,
    request: &Request,
    site: &Site,
) -> Result<Value, WrappedException> {
    let name = body
        .get("name")
        .and_then(Value::as_str)
        .filter(|name| !name.is_empty())
        .ok_or_else(|| missing("name"))?;
    if !body.get("version").is_some_and(Value::is_string) {
        return Err(missing("version"));
    }
    if items(Some(agents)).iter().any(|agent| is(agent, "name", name)) {
        return Err(WrappedException::distributed_task(
            409,
            "TaskAgentExistsException",
            format!("The pool {} already contains an agent with name {name}.", pool.id),
        ));
    }
    let id = items(Some(agents)).iter().filter_map(|agent| number(agent, "id")).max().unwrap_or_default() + 1;
    let url = &site.url;
    let mut agent = Map::new();
    agent.insert(
        "_links".to_owned(),
        json!({
            "self": {"href": format!("{url}/_apis/distributedtask/pools/{}/agents/{id}", pool.id)},
            "web": {"href": format!("{url}/_settings/agentpools?view=jobs&poolId={}&agentId={id}", pool.id)},
        }),
    );
    let defaults = json!({
        "maxParallelism": 1, "enabled": true, "status": "offline", "provisioningState": "Provisioned",
    });
    agent.insert("id".to_owned(), json!(id));
    agent.insert("createdOn".to_owned(), json!(now.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()));
    agent.extend(defaults.as_object().cloned().into_iter().flatten());
    let own = body.into_iter().filter(|(name, _)| !SERVER_OWNED.contains(&name.as_str()));
    agent.extend(own);
    // An agent that never connected is offline, whatever its registration says.
    agent.insert("status".to_owned(), json!("offline"));
    if let Some(Value::Object(authorization)) = agent.get_mut("authorization") {
        authorization.insert("clientId".to_owned(), json!(request.id("client")));
        authorization.insert("authorizationUrl".to_owned(), json!(format!("{url}/_apis/oauth2/token")));
    }
    let agent = Value::Object(agent);
    if let Some(items) = items_mut(agents) {
        items.push(agent.clone());
    }
    recount(agents);
    Ok(agent)
}

/// PUT replaces everything that the client owns, capabilities included.
fn replace(
    agents: &mut Value,
    pool: &Pool<'_>,
    agent: &str,
    body: Map<String, Value>,
) -> Result<Value, WrappedException> {
    let members = find(agents, pool, agent)?;
    members.retain(|name, _| {
        SERVER_OWNED.contains(&name.as_str()) || name == "status" || name == "authorization"
    });
    let own = body.into_iter().filter(|(name, _)| {
        !SERVER_OWNED.contains(&name.as_str()) && name != "status" && name != "authorization"
    });
    members.extend(own);
    Ok(Value::Object(members.clone()))
}

/// PATCH doesn't touch capabilities.
fn update(
    agents: &mut Value,
    pool: &Pool<'_>,
    agent: &str,
    body: Map<String, Value>,
) -> Result<Value, WrappedException> {
    let members = find(agents, pool, agent)?;
    let own = body.into_iter().filter(|(name, _)| {
        !SERVER_OWNED.contains(&name.as_str()) && !name.ends_with("Capabilities") && name != "status"
    });
    members.extend(own);
    let mut answer = members.clone();
    answer.retain(|name, _| !name.ends_with("Capabilities") && !name.ends_with("Request"));
    Ok(Value::Object(answer))
}

fn set_capabilities(
    agents: &mut Value,
    pool: &Pool<'_>,
    agent: &str,
    body: Map<String, Value>,
) -> Result<Value, WrappedException> {
    let members = find(agents, pool, agent)?;
    members.insert("userCapabilities".to_owned(), Value::Object(body));
    Ok(Value::Object(members.clone()))
}

/// That the server refuses while the agent runs a job is UNVERIFIED: it doesn't here, so that a
/// client has to look for itself.
fn delete(agents: &mut Value, pool: &Pool<'_>, agent: &str) -> Answer {
    if let Err(error) = find(agents, pool, agent) {
        return error.answer();
    }
    if let Some(items) = items_mut(agents) {
        items.retain(|item| number(item, "id") != agent.parse().ok());
    }
    recount(agents);
    Answer::empty(204)
}

fn find<'a>(
    agents: &'a mut Value,
    pool: &Pool<'_>,
    agent: &str,
) -> Result<&'a mut Map<String, Value>, WrappedException> {
    items_mut(agents)
        .into_iter()
        .flatten()
        .find(|item| item.get("id").is_some() && number(item, "id") == agent.parse().ok())
        .and_then(Value::as_object_mut)
        .ok_or_else(|| WrappedException::agent_not_found(pool.id, agent))
}

/// Wording UNVERIFIED.
fn unreadable(error: &serde_json::Error) -> WrappedException {
    WrappedException::new(
        400,
        "Microsoft.VisualStudio.Services.WebApi.VssPropertyValidationException, Microsoft.VisualStudio.Services.WebApi",
        format!("TF400898: the body is not a JSON object: {error}"),
    )
}

/// Wording UNVERIFIED.
fn missing(parameter: &str) -> WrappedException {
    WrappedException::new(
        400,
        "System.ArgumentNullException, mscorlib",
        format!("Value cannot be null.\r\nParameter name: agent.{parameter}"),
    )
}
