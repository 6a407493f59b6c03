//! A small snapshot in which every name is hostile, for the tests of all formats.

use std::ffi::OsString;
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

use crate::devops::{
    Agent, Incident, JobRequest, Organization, ParallelJobs, Pool, PoolSelector, PoolSnapshot, Snapshot,
};
use crate::health::Policy;
use crate::inputs::{Arguments, Environment, Inputs};
use crate::report::Report;

/// A name that tries to break out of every format
pub const HOSTILE: &str = "a|b`c`<script>##vso[task.complete result=Succeeded]x\r\n##VSO[y]z\u{1b}[31m\u{202e}]]>\"'\\\
                           {@team #12 !34 https://evil.example $x$ bob@evil.example%0A;";

/// The report of two pools with one name, a hosted one, and one that isn't there; `failOn` is `error`
pub fn hostile(check: impl FnOnce(&Report<'_>)) {
    let arguments = ["check", "--organization=contoso", "--pool=*"].map(OsString::from);
    let arguments = Arguments::parse(arguments).expect("arguments");
    let inputs = Inputs::collect(&arguments, Environment::default()).expect("inputs");
    let organization = Organization::from_input(inputs.require("organization").expect("given"));
    let organization = organization.expect("an organization");
    let policy = Policy::from_inputs(&inputs).expect("a policy");
    let snapshot = Snapshot {
        pools: vec![pool(7, false), pool(8, false), pool(9, true)],
        missing: vec![PoolSelector::Name(HOSTILE.into())],
        parallel_jobs: vec![ParallelJobs { kind: "Private", used: 1, total: Some(2) }],
        incidents: vec![Incident {
            service: "Pipelines".into(),
            geography: HOSTILE.into(),
            geography_id: "EU".into(),
            health: "degraded".into(),
            message: HOSTILE.into(),
        }],
        left_out: vec![HOSTILE.into()],
        ..Snapshot::default()
    };
    // 2026-11-02T09:00:00Z
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_793_610_000);
    check(&Report::new(&organization, "a test's", &snapshot, &policy, now));
}

fn pool(id: u64, is_hosted: bool) -> PoolSnapshot {
    let pool = json!({"id": id, "name": HOSTILE, "isHosted": is_hosted, "poolType": "automation"});
    let mut snapshot = PoolSnapshot { pool: Pool::read(&pool), ..PoolSnapshot::default() };
    if is_hosted {
        return snapshot;
    }
    let job = json!({
        "requestId": 1, "queueTime": "2026-11-02T08:00:00Z", "assignTime": "2026-11-02T08:00:01Z",
        "receiveTime": "2026-11-02T08:00:02Z", "definition": {"name": HOSTILE}, "owner": {"name": HOSTILE},
    });
    let agent = |id: u64, status: &str, request: Value| {
        Agent::read(&json!({
            "id": id, "name": HOSTILE, "version": HOSTILE, "status": status, "assignedRequest": request,
            "createdOn": "2026-01-01T00:00:00Z", "statusChangedOn": "2026-11-01T00:00:00Z",
            "systemCapabilities": {"Agent.OS": HOSTILE, "Agent.ComputerName": HOSTILE},
        }))
    };
    snapshot.agents = vec![agent(1, "online", job), agent(2, "online", Value::Null)];
    // One more than stand open in a table
    snapshot.agents.extend((3..=11).map(|id| agent(id, "offline", Value::Null)));
    snapshot.job_requests = vec![JobRequest::read(&json!({
        "requestId": 2, "queueTime": "2026-11-02T08:30:00Z", "demands": [HOSTILE], "matchedAgents": [],
        "definition": {"name": HOSTILE}, "owner": {"name": HOSTILE},
    }))];
    snapshot
}
