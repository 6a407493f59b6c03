//! Why jobs wait, for programs, as `docs/why.schema.json` describes it.

use serde_json::{Value, json};

use super::WhyReport;
use crate::devops::{Agent, JobRequest};
use crate::health::{PoolView, Waiting};
use crate::moment::timestamp;
use crate::report::json::document;

/// Raised when a reader of the format before it could be misled
const SCHEMA_VERSION: u32 = 1;

/// How many agents are listed for a job; `candidates` counts them all
const LISTED: usize = 20;

/// The report
pub fn render(report: &WhyReport<'_>) -> String {
    let pools: Vec<Value> = report
        .pools
        .iter()
        .map(|(view, waiting)| {
            json!({
                "id": view.snapshot.pool.id,
                "name": view.snapshot.pool.name,
                "kind": view.kind.name(),
                "queuedJobs": view.tally.queued_jobs,
                "jobs": waiting.iter().map(|waiting| job(view, waiting)).collect::<Vec<_>>(),
            })
        })
        .collect();
    document(&json!({
        "schemaVersion": SCHEMA_VERSION,
        "toolVersion": env!("CARGO_PKG_VERSION"),
        "takenAt": timestamp(report.taken_at),
        "organization": report.organization.to_string(),
        "credential": report.credential,
        "pools": pools,
    }))
}

fn job(view: &PoolView<'_>, waiting: &Waiting<'_>) -> Value {
    let mut job = request(waiting.request);
    let listed: Vec<Value> = waiting.candidates.iter().take(LISTED).map(|found| agent(view, found)).collect();
    for (name, value) in [
        ("queuedOn", json!(waiting.request.queue_time.map(timestamp))),
        ("waitSeconds", json!(waiting.wait.map(|wait| wait.as_secs()))),
        ("demands", json!(waiting.request.demands)),
        ("ahead", json!(waiting.ahead)),
        ("cause", json!(waiting.cause.name())),
        ("why", json!(waiting.sentence(view))),
        ("advice", json!(waiting.advice(view))),
        ("candidates", json!(waiting.candidates.len())),
        ("agents", Value::Array(listed)),
    ] {
        job[name] = value;
    }
    job
}

/// What a job request is called
fn request(request: &JobRequest) -> Value {
    json!({
        "requestId": request.request_id,
        "pipeline": request.pipeline(),
        "run": request.run(),
        "job": Some(&request.job_name).filter(|name| !name.is_empty()),
    })
}

fn agent(view: &PoolView<'_>, agent: &Agent) -> Value {
    let assigned = agent.assigned_request.as_ref().map(|assigned| {
        let mut job = request(assigned);
        job["since"] = json!(assigned.receive_time.or(assigned.assign_time).map(timestamp));
        job
    });
    json!({
        "id": agent.id,
        "name": agent.name,
        "state": view.state(agent).name(),
        "since": agent.status_changed_on.map(timestamp),
        "assigned": assigned,
    })
}
