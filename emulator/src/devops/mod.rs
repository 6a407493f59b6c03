//! Azure DevOps: the distributed-task REST API and what clients ask beside it.

mod agent_changes;
mod agents;
mod api_version;
mod caller;
mod connection_data;
mod elastic;
mod error;
mod job_requests;
mod lists;
mod locations;
mod maintenance_jobs;
mod packages;
mod pools;
mod queues;
mod refusal;
mod resource_usage;
mod security_roles;
mod site;

pub(crate) use error::WrappedException;
pub(crate) use refusal::bad_token;

use api_version::ApiVersion;
use caller::Caller;
use refusal::Refusal;
use site::Site;

use crate::server::{Answer, Request};
use crate::state::State;

/// Answers whatever nobody else knows.
pub(crate) fn route(state: &State, request: &Request) -> Answer {
    let Some(site) = Site::of(state, request) else {
        return refusal::no_such_organization();
    };
    let version = ApiVersion::of(request);
    let mut answer = answer(state, request, &site, version.as_ref())
        .with("ActivityId", request.id("activity"))
        .with("X-TFS-Session", session(request))
        .with("X-VSS-E2EID", request.id("e2e"))
        .with("X-TFS-ProcessId", request.id("process"));
    // The version that was served is echoed.
    let served = version.map_or_else(|| "7.1".to_owned(), |version| version.text);
    for (name, value) in &mut answer.headers {
        if name == "Content-Type" && value == "application/json; charset=utf-8" {
            value.push_str("; api-version=");
            value.push_str(&served);
        }
    }
    answer
}

fn answer(state: &State, request: &Request, site: &Site, version: Option<&ApiVersion>) -> Answer {
    let segments: Vec<&str> = site.rest.iter().map(String::as_str).collect();
    let method = match request.method.as_str() {
        "HEAD" => "GET",
        other => other,
    };
    // What anyone may ask: where things are (that no credential is needed is UNVERIFIED).
    match (method, segments.as_slice()) {
        ("OPTIONS", ["_apis"]) => return locations::options(None),
        ("OPTIONS", ["_apis", area, ..] | [_, "_apis", area, ..]) => {
            return locations::options(Some(area));
        }
        ("GET", ["_apis", "resourceareas"]) => return locations::areas(site),
        ("GET", ["_apis", "resourceareas", id]) => return locations::area(site, id),
        _ => {}
    }

    let caller = match Caller::of(state, request, site) {
        Ok(caller) => Some(caller),
        Err(Refusal::NoCredentials) if segments == ["_apis", "connectiondata"] => None,
        Err(refusal) => return refusal.answer(state, request, site),
    };
    if segments == ["_apis", "connectiondata"] {
        return match api_version::need_preview(version) {
            Some(error) => error,
            None => connection_data::answer(state, site, caller.as_ref()),
        };
    }
    let Some(caller) = caller else {
        return Refusal::NoCredentials.answer(state, request, site);
    };
    if method != "GET" && version.is_none() {
        return api_version::missing(&request.method);
    }
    if !caller.may(method) {
        // How a PAT without the scope is refused wasn't seen (UNVERIFIED).
        return Refusal::BadToken.answer(state, request, site);
    }
    match segments.as_slice() {
        [] => Answer::html(200, "<!DOCTYPE html><title>Azure DevOps Services</title>"),
        ["_apis", "distributedtask", rest @ ..] => {
            distributed_task(state, request, site, &caller, method, version, rest)
        }
        ["_apis", "securityroles", "scopes", scope, rest @ ..] => api_version::need_preview(version)
            .unwrap_or_else(|| security_roles::answer(state, request, &caller, method, scope, rest)),
        [project, "_apis", "distributedtask", "queues", rest @ ..] if method == "GET" => {
            queues::answer(state, request, &caller, project, rest)
        }
        _ => refusal::no_such_route(request),
    }
}

fn distributed_task(
    state: &State,
    request: &Request,
    site: &Site,
    caller: &Caller<'_>,
    method: &str,
    version: Option<&ApiVersion>,
    rest: &[&str],
) -> Answer {
    match (method, rest) {
        ("GET", ["packages", rest @ ..]) => packages::answer(state, request, rest),
        ("GET", ["resourceusage"]) => resource_usage::answer(state, request),
        ("GET", ["elasticpools", rest @ ..]) => api_version::need_preview(version)
            .unwrap_or_else(|| elastic::answer(state, request, caller, rest)),
        ("GET", ["pools"]) => pools::list(state, request, caller),
        (_, ["pools", pool, rest @ ..]) => {
            let pool = match pools::visible(state, caller, pool) {
                Ok(pool) => pool,
                Err(error) => return error.answer(),
            };
            match (method, rest) {
                ("GET", []) => Answer::json(200, pool.raw),
                ("GET", ["agents"]) => agents::list(state, request, &pool),
                ("GET", ["agents", agent]) => agents::one(state, request, caller, &pool, agent),
                ("POST" | "PUT" | "PATCH" | "DELETE", ["agents", rest @ ..]) => {
                    agent_changes::answer(state, request, site, caller, &pool, method, rest)
                }
                ("GET", ["jobrequests"]) => job_requests::list(state, request, &pool),
                ("GET", ["jobrequests", id]) => job_requests::one(state, &pool, id),
                ("GET", ["maintenancejobs"]) => maintenance_jobs::list(state, request, &pool),
                ("GET", ["permissions", bits]) => pools::permissions(caller, &pool, bits),
                _ => refusal::no_such_route(request),
            }
        }
        _ => refusal::no_such_route(request),
    }
}

/// The client's session when it says so.
fn session(request: &Request) -> String {
    request
        .header("x-tfs-session")
        .filter(|id| id.len() == 36)
        .map_or_else(|| request.id("session"), str::to_owned)
}
