//! Made-up pools of a big organization.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::client::{Client, demo, start_fixed};

const POOLS: &str = "/contoso/_apis/distributedtask/pools";

#[test]
fn pools_by_the_hundred() {
    let client = start_fixed(demo().with_pools(250));
    let pools = get(&client, "").json();
    assert_eq!(pools["count"], 250);
    let names: Vec<_> = items(&pools).iter().map(|pool| pool["name"].as_str().unwrap()).collect();
    assert_eq!((names[0], names[249]), ("pool-001", "pool-250"));
    let mut ids = BTreeSet::new();
    for pool in 1..=250_u64 {
        let agents = client.scenario.answers.agents[&pool].clone();
        let offline = items(&agents).iter().filter(|agent| agent["status"] == "offline").count();
        assert_eq!((items(&agents).len(), offline), (3, usize::from(pool % 10 == 0)), "{pool}");
        ids.extend(items(&agents).iter().map(|agent| agent["id"].as_u64().unwrap()));
        let queued = queued(&client.scenario.answers.job_requests[&pool]);
        assert_eq!(queued, usize::from(pool % 25 == 0), "{pool}");
    }
    assert_eq!(ids.len(), 750);
}

#[test]
fn made_up_agents_look_real() {
    let client = start_fixed(demo().with_pools(50));
    let everything = "includeCapabilities=true&includeAssignedRequest=true&includeLastCompletedRequest=true";
    let agents = get(&client, &format!("/50/agents?{everything}")).json();
    let (first, last) = (&agents["value"][0], &agents["value"][2]);
    assert_eq!(first["name"], "pool-050-01");
    assert_eq!(first["systemCapabilities"]["Agent.ComputerName"], "vm-pool-050-01");
    assert_eq!(first["assignedRequest"]["lockedUntil"], "2026-11-02T09:09:00Z");
    assert_eq!(first["lastCompletedRequest"]["result"], "succeeded");
    assert_eq!(
        (&last["status"], &last["statusChangedOn"]),
        (&json!("offline"), &json!("2026-11-02T07:00:00Z"))
    );
    assert!(last["assignedRequest"].is_null());
    let jobs = get(&client, "/50/jobrequests?completedRequestCount=0").json();
    assert_eq!(items(&jobs).len(), 3);
    assert_eq!(jobs["value"][0]["queueTime"], "2026-11-02T08:59:40Z");
    assert_eq!(items(&jobs["value"][0]["matchedAgents"]).len(), 3);
    assert_eq!(get(&client, "/10/agents/101").json()["name"], "pool-010-01");
}

#[test]
fn nothing_of_the_old_pools_is_left() {
    let mut scenario = demo();
    scenario.answers.elastic_pools = Some(json!([{"poolId": 12}]));
    scenario.answers.maintenance_jobs.insert(10, json!([]));
    let first = scenario.with_pools(30);
    let answers = &first.answers;
    assert!(answers.elastic_pools.is_none() && answers.queues.is_none());
    assert!(answers.maintenance_jobs.is_empty());
    assert_eq!(answers.security_roles.keys().collect::<Vec<_>>(), [&0]);
    assert!(answers.packages.is_some() && answers.resource_usage.is_some());
    // The same again, however often.
    let again = first.clone().with_pools(30).answers;
    assert_eq!((&answers.pools, &answers.agents), (&again.pools, &again.agents));
    assert_eq!(answers.job_requests, again.job_requests);
    assert_eq!(demo().with_pools(0).answers.pools, Some(json!({"count": 0, "value": []})));
}

fn get(client: &Client, path: &str) -> crate::client::Reply {
    let bearer = client.bearer("lifeguard");
    client.get(&format!("{POOLS}{path}"), &[("Authorization", &bearer)])
}

#[track_caller]
fn items(list: &Value) -> &[Value] {
    list.as_array().or_else(|| list["value"].as_array()).unwrap()
}

fn queued(jobs: &Value) -> usize {
    items(jobs).iter().filter(|job| job.get("assignTime").is_none()).count()
}
