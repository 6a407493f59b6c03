//! Snapshots as the case files write them: in the words of Azure DevOps, and short.
//!
//! - `"-3d"` and `"+5m"`, anywhere, are that long before and after `now`.
//! - What is left out is as in a healthy pool (see [`defaults`]); `null` stays `null`, and what is `"<missing>"` is
//!   left out in earnest.
//! - `"a"` instead of an agent is an agent of that name, in `reservedAgent` and `matchedAgents` the one that the pool
//!   has. Ids are given in order, from 1 for pools and agents, from 101 for job requests, from 11 for ended ones.
//! - `"times": 3` with a job request stands for three of them.
//! - A case of one pool may have that pool's members itself.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use pool_lifeguard::devops::{
    Agent, Caller, ElasticNode, ElasticPool, Incident, JobRequest, MaintenanceJob, ParallelJobs, Pool,
    PoolSelector, PoolSnapshot, Snapshot, Unread, Version,
};
use pool_lifeguard::explain::Explanation;
use pool_lifeguard::health::Policy;
use pool_lifeguard::inputs::{Arguments, Environment, Inputs};
use pool_lifeguard::moment::{read_timestamp, timestamp};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tempfile::TempDir;

/// What stands for a member that isn't there
const MISSING: &str = "<missing>";

/// What a pool has of its own in a case
const OF_POOL: &[&str] =
    &["pool", "agents", "jobRequests", "history", "maintenanceJobs", "elastic", "elasticNodes"];

/// A snapshot, what counts as healthy, and what is expected to come of them
pub struct Case {
    pub name: String,
    pub now: SystemTime,
    pub policy: Policy,
    pub snapshot: Snapshot,
    pub expect: Vec<Value>,
}

impl Case {
    /// The cases of a file
    pub fn load(file: &str) -> Vec<Self> {
        let path = folder().join(file);
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let cases: Vec<Value> =
            serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        cases.into_iter().map(|case| Self::read(case, &path)).collect()
    }

    fn read(mut case: Value, path: &Path) -> Self {
        let members = case.as_object_mut().expect("a case is an object");
        if !members.contains_key("pools") {
            let of_pool = OF_POOL.iter().filter_map(|name| members.remove_entry(*name));
            let pool: Map<String, Value> = of_pool.collect();
            members.insert("pools".into(), json!([pool]));
        }
        let now = members
            .get("now")
            .map_or_else(now, |text| text.as_str().and_then(read_timestamp).expect("a time"));
        date(&mut case, now);
        let text: CaseText = serde_json::from_value(case.clone())
            .unwrap_or_else(|error| panic!("{}: {error}: {case}", path.display()));
        let snapshot = text.snapshot();
        let policy = policy(text.policy);
        Self { name: text.name, now, policy, snapshot, expect: text.expect }
    }
}

/// The folder of all cases
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rules/cases")
}

/// The inputs of `check`, with a policy file
pub fn inputs(policy: &Value) -> Inputs {
    let folder = TempDir::new().expect("a temporary folder");
    let file = folder.path().join("policy.json");
    fs::write(&file, policy.to_string()).expect("a file");
    let file = format!("--policy-file={}", file.display());
    let arguments = ["check", "--organization=contoso", "--pool=*", &file].map(OsString::from);
    let arguments = Arguments::parse(arguments).expect("arguments");
    Inputs::collect(&arguments, Environment::default()).expect("a policy file")
}

/// What counts as healthy, by the members of a policy file
pub fn policy(members: Map<String, Value>) -> Policy {
    Policy::from_inputs(&inputs(&Value::Object(members))).expect("a policy")
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct CaseText {
    name: String,
    #[serde(default, rename = "now")]
    _now: String,
    #[serde(default)]
    policy: Map<String, Value>,
    pools: Vec<PoolText>,
    #[serde(default = "newest_package")]
    newest_package: Option<String>,
    #[serde(default)]
    parallel_jobs: Vec<Value>,
    #[serde(default)]
    incidents: Vec<IncidentText>,
    #[serde(default)]
    missing: Vec<String>,
    #[serde(default)]
    visible: Vec<String>,
    caller: Option<String>,
    #[serde(default)]
    unread: Vec<UnreadText>,
    expect: Vec<Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct PoolText {
    #[serde(default)]
    pool: Map<String, Value>,
    #[serde(default)]
    agents: Vec<Value>,
    #[serde(default)]
    job_requests: Vec<Value>,
    #[serde(default)]
    history: Vec<Value>,
    #[serde(default)]
    maintenance_jobs: Vec<Value>,
    elastic: Option<Value>,
    #[serde(default)]
    elastic_nodes: Vec<Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct IncidentText {
    geography: String,
    geography_id: String,
    health: String,
    #[serde(default)]
    message: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UnreadText {
    pool: Value,
    headline: String,
    #[serde(default)]
    advice: Vec<String>,
}

fn newest_package() -> Option<String> {
    Some("4.266.2".into())
}

impl CaseText {
    fn snapshot(&self) -> Snapshot {
        let incident = |incident: &IncidentText| Incident {
            service: "Pipelines".into(),
            geography: incident.geography.clone(),
            geography_id: incident.geography_id.clone(),
            health: incident.health.clone(),
            message: incident.message.clone(),
        };
        let unread = |unread: &UnreadText| Unread {
            pool: Pool::read(&unread.pool),
            reason: unread
                .advice
                .iter()
                .fold(Explanation::new(&unread.headline), |reason, step| reason.advise(step)),
        };
        let selector = |text: &String| match text.contains('*') {
            true => PoolSelector::Pattern(text.clone()),
            false => PoolSelector::from_text(text),
        };
        let usage = |usage: &Value| {
            ParallelJobs::read(if usage["kind"] == "Public" { "Public" } else { "Private" }, usage)
        };
        Snapshot {
            pools: (1..).zip(&self.pools).map(|(id, pool)| pool.snapshot(id)).collect(),
            unread: self.unread.iter().map(unread).collect(),
            missing: self.missing.iter().map(selector).collect(),
            visible: self.visible.clone(),
            caller: self.caller.clone().map(|name| Caller { id: "1".into(), name }),
            newest_package: self.newest_package.as_ref().and_then(|version| Version::parse(version)),
            parallel_jobs: self.parallel_jobs.iter().map(usage).collect(),
            is_status_page_read: !self.incidents.is_empty(),
            incidents: self.incidents.iter().map(incident).collect(),
            ..Snapshot::default()
        }
    }
}

impl PoolText {
    /// What is read of a pool: of its job requests those that haven't ended, in its history those that have
    fn snapshot(&self, id: u64) -> PoolSnapshot {
        let mut agents = numbered(&self.agents, 1, defaults::agent);
        for agent in &mut agents {
            fill(&mut agent["assignedRequest"], &defaults::assigned());
            fill(&mut agent["lastCompletedRequest"], &defaults::ended(1));
        }
        let read_requests = |requests: &[Value], first, defaults: fn(u64) -> Value| -> Vec<JobRequest> {
            let mut requests = numbered(&repeated(requests), first, defaults);
            requests.iter_mut().for_each(|request| refer(request, &agents));
            requests.iter().map(JobRequest::read).collect()
        };
        let mut job_requests = read_requests(&self.job_requests, 101, defaults::waiting);
        job_requests.retain(|request| !request.is_finished());
        let mut history = read_requests(&self.history, 11, defaults::ended);
        history.retain(JobRequest::is_finished);
        let mut pool = Value::Object(self.pool.clone());
        fill(&mut pool, &defaults::pool(id));
        let maintenance_jobs = numbered(&self.maintenance_jobs, 1, defaults::maintenance);
        let nodes = numbered(&self.elastic_nodes, 1, defaults::node);
        let elastic = self.elastic.clone().map(|mut elastic| {
            fill(&mut elastic, &defaults::elastic());
            ElasticPool {
                nodes: nodes.iter().map(ElasticNode::read).collect(),
                ..ElasticPool::read(&elastic)
            }
        });
        PoolSnapshot {
            pool: Pool::read(&pool),
            agents: agents.iter().map(Agent::read).collect(),
            job_requests,
            history,
            maintenance_jobs: maintenance_jobs.iter().map(MaintenanceJob::read).collect(),
            elastic,
        }
    }
}

/// What a case needn't say
mod defaults {
    use super::{Value, json};

    pub fn pool(id: u64) -> Value {
        json!({"id": id, "name": "linux", "isHosted": false, "poolType": "automation", "autoUpdate": true,
               "options": "none", "agentCloudId": null})
    }

    /// Online, idle and up to date
    pub fn agent(id: u64) -> Value {
        json!({"id": id, "enabled": true, "status": "online", "version": "4.266.2", "createdOn": "2026-08-01T09:00:00Z",
               "statusChangedOn": "2026-11-01T09:00:00Z", "provisioningState": "Provisioned"})
    }

    /// What an agent works on since nine minutes
    pub fn assigned() -> Value {
        json!({"requestId": 1, "queueTime": "2026-11-02T08:50:00Z", "assignTime": "2026-11-02T08:51:00Z",
               "receiveTime": "2026-11-02T08:51:00Z", "lockedUntil": "2026-11-02T09:05:00Z"})
    }

    /// Queued five minutes ago
    pub fn waiting(id: u64) -> Value {
        json!({"requestId": id, "queueTime": "2026-11-02T08:55:00Z", "planType": "Build"})
    }

    /// Ended an hour ago, and well
    pub fn ended(id: u64) -> Value {
        json!({"requestId": id, "queueTime": "2026-11-02T07:00:00Z", "assignTime": "2026-11-02T07:00:00Z",
               "receiveTime": "2026-11-02T07:00:00Z", "finishTime": "2026-11-02T08:00:00Z", "result": "succeeded"})
    }

    /// The first the newest
    pub fn maintenance(id: u64) -> Value {
        json!({"jobId": id, "queueTime": format!("2026-10-{:02}T09:00:00Z", 31 - id), "status": "completed"})
    }

    pub fn elastic() -> Value {
        json!({"state": "online", "desiredSize": 2, "sizingAttempts": 0, "offlineSince": null})
    }

    pub fn node(id: u64) -> Value {
        json!({"id": id, "name": format!("vm-{id}"), "state": "idle", "computeState": "healthy"})
    }
}

/// Items in full, with ids in order
fn numbered(items: &[Value], first: u64, defaults: fn(u64) -> Value) -> Vec<Value> {
    let in_full = |(number, item): (u64, &Value)| {
        let mut item = match item {
            Value::String(name) => json!({ "name": name }),
            other => other.clone(),
        };
        fill(&mut item, &defaults(number));
        item
    };
    (first..).zip(items).map(in_full).collect()
}

/// Items as often as they say
fn repeated(items: &[Value]) -> Vec<Value> {
    let times = |item: &Value| item["times"].as_u64().unwrap_or(1) as usize;
    items.iter().flat_map(|item| std::iter::repeat_n(item.clone(), times(item))).collect()
}

/// Adds what an object lacks, and takes out what is to be missing.
fn fill(item: &mut Value, defaults: &Value) {
    let (Some(members), Some(defaults)) = (item.as_object_mut(), defaults.as_object()) else { return };
    for (name, value) in defaults {
        members.entry(name).or_insert_with(|| value.clone());
    }
    members.retain(|_, value| value != MISSING);
}

/// Puts the pool's agents where a request has only their names.
fn refer(request: &mut Value, agents: &[Value]) {
    let resolve = |reference: &mut Value| {
        if let Some(name) = reference.as_str() {
            let agent = agents.iter().find(|agent| agent["name"] == name);
            *reference = json!({"id": agent.expect("an agent of the pool")["id"], "name": name});
        }
    };
    for reference in request["matchedAgents"].as_array_mut().into_iter().flatten() {
        resolve(reference);
    }
    resolve(&mut request["reservedAgent"]);
}

/// Replaces what is a time before or after now.
fn date(value: &mut Value, now: SystemTime) {
    match value {
        Value::String(text) => {
            let span = |sign| text.strip_prefix(sign).and_then(|span| humantime::parse_duration(span).ok());
            let moment = match (span('-'), span('+')) {
                (Some(before), _) => now - before,
                (_, Some(after)) => now + after,
                _ => return,
            };
            *text = timestamp(moment);
        }
        Value::Array(items) => items.iter_mut().for_each(|item| date(item, now)),
        Value::Object(members) => members.values_mut().for_each(|member| date(member, now)),
        _ => (),
    }
}

/// The moment of whatever names none
pub fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_793_610_000)
}
