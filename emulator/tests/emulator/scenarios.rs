//! Every scenario of the folder: it loads alone, and its raw answers go together.

use std::fs;
use std::path::PathBuf;

use lifeguard_emulator::Scenario;
use serde_json::Value;

use crate::client::{demo_folder, start_fixed};

const POOLS: &str = "/contoso/_apis/distributedtask/pools";

#[test]
fn every_scenario_loads_and_answers() {
    let folders = folders();
    let names: Vec<_> = folders.iter().map(|folder| folder.file_name().unwrap().to_str().unwrap()).collect();
    assert_eq!(names, ["degraded", "demo", "elastic", "ephemeral", "healthy", "keda"]);
    for folder in folders {
        let client = start_fixed(Scenario::load(&folder).unwrap());
        assert!(client.emulator.environment("client-secret").is_some(), "{}", folder.display());
        let bearer = client.bearer("lifeguard");
        let get = |path: &str| {
            let reply = client.get(&format!("{POOLS}{path}"), &[("Authorization", &bearer)]);
            assert_eq!(reply.status, 200, "{}: {path}: {}", folder.display(), reply.text);
            reply
        };
        let pools = get("").names("id");
        assert!(!pools.is_empty());
        for pool in pools {
            for list in ["agents", "jobrequests", "maintenancejobs"] {
                let answer = get(&format!("/{pool}/{list}")).json();
                assert_eq!(answer["count"], items(&answer).len(), "{}: {pool}/{list}", folder.display());
            }
        }
    }
}

/// A slip here would show as a puzzling finding in a test of the lifeguard.
#[test]
fn raw_answers_go_together() {
    for folder in folders() {
        let scenario = Scenario::load(&folder).unwrap();
        let place = folder.display();
        let pools = scenario.answers.pools.as_ref().map_or(&[] as &[Value], items);
        let ids: Vec<_> = pools.iter().map(|pool| pool["id"].as_u64().unwrap()).collect();
        let answers = &scenario.answers;
        let by_pool = [&answers.agents, &answers.job_requests, &answers.maintenance_jobs];
        for pool in by_pool.into_iter().flat_map(|lists| lists.keys()) {
            assert!(ids.contains(pool), "{place}: no pool {pool}");
        }
        for (pool, jobs) in &answers.job_requests {
            let agents = answers.agents.get(pool).map_or(&[] as &[Value], items);
            for job in items(jobs) {
                assert_eq!(job["poolId"], *pool, "{place}: {}", job["requestId"]);
                for matched in job["matchedAgents"].as_array().into_iter().flatten() {
                    let agent = agents.iter().find(|agent| agent["id"] == matched["id"]);
                    let agent = agent.unwrap_or_else(|| panic!("{place}: no agent {}", matched["id"]));
                    for member in ["name", "status", "enabled", "version"] {
                        assert_eq!(agent[member], matched[member], "{place}: {}", job["requestId"]);
                    }
                }
            }
            for agent in agents.iter().filter(|agent| agent.get("assignedRequest").is_some()) {
                let assigned = &agent["assignedRequest"]["requestId"];
                let known = items(jobs).iter().find(|job| job["requestId"] == *assigned);
                assert_eq!(known, Some(&agent["assignedRequest"]), "{place}: {}", agent["name"]);
            }
        }
    }
}

fn folders() -> Vec<PathBuf> {
    let parent = demo_folder().parent().unwrap().to_owned();
    let mut folders: Vec<_> = fs::read_dir(parent).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    folders
}

#[track_caller]
fn items(list: &Value) -> &[Value] {
    list.as_array().or_else(|| list["value"].as_array()).unwrap()
}
