//! Job requests: the queue of a pool, and what ran.

use std::cmp::Reverse;

use jiff::Timestamp;
use serde_json::Value;

use super::error::WrappedException;
use super::lists::{items, listed, number, select};
use super::pools::Pool;
use crate::server::{Answer, Request};
use crate::state::State;

/// The server returns no more than this.
const LARGEST_TOP: usize = 200;

/// `GET pools/{id}/jobrequests`
///
/// `$top` gives other items, without `matchedAgents`, and overrides `completedRequestCount`.
/// `completedRequestCount` gives all unfinished and that many of the newest finished ones; with
/// `agentId` or `agentIds` that many of all those agents together (that it isn't that many of each
/// is UNVERIFIED). Without either all unfinished and all finished ones of the file come (how many
/// finished ones the real service gives is UNVERIFIED).
pub(super) fn list(state: &State, request: &Request, pool: &Pool<'_>) -> Answer {
    let all = state.scenario.answers.job_requests.get(&pool.id);
    let top = request.query("$top").and_then(|top| top.parse().ok()).map(|top: usize| top.min(LARGEST_TOP));
    if let Some(top) = top {
        return page(request, all, top);
    }
    let completed =
        request.query("completedRequestCount").and_then(|count| count.parse().ok()).unwrap_or(usize::MAX);
    let mut finished: Vec<&Value> =
        items(all).iter().filter(|job| wanted(job, request) && is_finished(job)).collect();
    finished.sort_by_key(|job| Reverse(finish_time(job)));
    finished.truncate(completed);
    let found = select(all, |job| {
        let kept = wanted(job, request)
            && (!is_finished(job) || finished.iter().any(|newest| std::ptr::eq(*newest, job)));
        kept.then(|| job.clone())
    });
    Answer::json(200, &found)
}

/// `GET pools/{id}/jobrequests/{requestId}`
pub(super) fn one(state: &State, pool: &Pool<'_>, id: &str) -> Answer {
    let found = items(state.scenario.answers.job_requests.get(&pool.id))
        .iter()
        .find(|job| number(job, "requestId") == id.parse().ok());
    match found {
        Some(job) => Answer::json(200, job),
        None => WrappedException::distributed_task(
            404,
            "TaskAgentJobNotFoundException",
            format!("No job request found with identifier {id}."), // wording UNVERIFIED
        )
        .answer(),
    }
}

/// The first N from where the token says; the token is the id of the request to go on with
/// (its real form is UNVERIFIED, clients hand it back as it is).
fn page(request: &Request, all: Option<&Value>, top: usize) -> Answer {
    let start = request.query("continuationToken").and_then(|token| token.parse::<u64>().ok());
    let mut started = start.is_none();
    let (mut taken, mut next) = (0, None);
    let found = select(all, |job| {
        started |= number(job, "requestId") == start;
        if !started || !wanted(job, request) {
            return None;
        }
        if taken == top {
            next = next.or(number(job, "requestId"));
            return None;
        }
        taken += 1;
        let mut job = job.clone();
        if let Some(members) = job.as_object_mut() {
            members.shift_remove("matchedAgents");
        }
        Some(job)
    });
    let answer = Answer::json(200, &found);
    match next {
        Some(next) => answer.with("x-ms-continuationtoken", next.to_string()),
        None => answer,
    }
}

fn wanted(job: &Value, request: &Request) -> bool {
    let agent = job.get("reservedAgent").and_then(|agent| number(agent, "id"));
    let text = |name: &str| request.query(name).is_none_or(|wanted| super::lists::is(job, name, wanted));
    listed(request.query("agentId"), agent)
        && listed(request.query("agentIds"), agent)
        && text("planId")
        && text("jobId")
}

/// One that was finished without a time counts as the oldest.
fn finish_time(job: &Value) -> Option<Timestamp> {
    job.get("finishTime")?.as_str()?.parse().ok()
}

fn is_finished(job: &Value) -> bool {
    let present = |name: &str| job.get(name).is_some_and(|value| !value.is_null());
    present("result") || present("finishTime")
}
