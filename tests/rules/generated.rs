//! Pools of any shape, under any policy: what Azure DevOps might send, and names that nobody would think of.

use std::sync::LazyLock;
use std::time::Duration;

use pool_lifeguard::devops::{
    Agent, Demand, ElasticNode, ElasticPool, Incident, JobRequest, MaintenanceJob, ParallelJobs, Pool,
    PoolSelector, PoolSnapshot, Snapshot, Unread, Version,
};
use pool_lifeguard::explain::Explanation;
use pool_lifeguard::health::{Keda, MinVersion, Policy, Severity};
use pool_lifeguard::moment::timestamp;
use proptest::collection::vec;
use proptest::option::{of, weighted};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Map, Value, json};

use super::snapshots;

/// The newest version, where there is one
pub const NEWEST: &str = "4.266.2";

/// What breaks out of one format or another, in pieces too
const HOSTILE: &[&str] = &[
    "##vso[task.complete]",
    "##VSO[task.setvariable variable=x]",
    "##",
    "#",
    "vso[",
    "##[error]",
    "\"",
    "'",
    "]]>",
    "<script>",
    "&amp;",
    "`",
    "|",
    "\\",
    "\n",
    "\r",
    "\t",
    "\0",
    "\u{1b}[31m",
    "\u{202e}",
    "\u{2028}",
    "\u{feff}",
    "\u{ffff}",
    "%0A",
    "%AZP25",
    ";",
    "]",
    "{",
    "}",
    " ",
    "@team",
    "https://evil.example",
    "a",
];

/// Demands that one agent can meet together
const DEMANDS: &[&str] = &[
    "java",
    "gpu",
    "region -equals eu",
    "Agent.OS -equals Linux",
    "Agent.Version -gtVersion 4.0.0",
    "JAVA",
    "x -newOperator y",
];

/// How long before now things happened, in seconds: thresholds, what is just over them, and what has yet to come
const AGES: &[i64] =
    &[-600, 0, 30, 60, 61, 600, 601, 1_800, 1_801, 3_600, 3_601, 90_000, 1_300_000, 2_600_000, 40_000_000];

static POLICY: LazyLock<Policy> = LazyLock::new(|| snapshots::policy(Map::new()));

/// A name: plain, or one that tries to break out
pub fn name() -> impl Strategy<Value = String> {
    let piece =
        prop_oneof![3 => select(HOSTILE).prop_map(str::to_owned), 1 => any::<char>().prop_map(String::from)];
    prop_oneof![
        2 => select(vec!["a", "b", "template", "template-2"]).prop_map(str::to_owned),
        3 => vec(piece, 0..5).prop_map(|pieces| pieces.concat()),
    ]
}

/// What counts as healthy, with the rules as bad as they are by themselves
pub fn policy() -> impl Strategy<Value = Policy> {
    let fail_on = select(vec![Some(Severity::Error), Some(Severity::Warning), Some(Severity::Info), None]);
    let versions = vec![MinVersion::Newest, MinVersion::Majority, MinVersion::Version(version("4.1.0"))];
    let keda =
        (select(vec!["", "template"]), select(vec!["", "java", "gpu,java"])).prop_map(|(parent, demands)| {
            let keda = Keda { parent: parent.into(), demands: demands.into(), ..Keda::default() };
            (keda != Keda::default()).then_some(keda)
        });
    let numbers = (of(0..4_u32), of(0..4_u32), 0..=100_u32, 1..4_u32);
    let placeholders = select(vec![vec![], vec!["template*".to_owned()], vec!["none".to_owned()]]);
    (numbers, fail_on, select(versions), keda, placeholders).prop_map(
        |((min_online, max_queued, max_offline, max_failures), fail_on, min_version, keda, placeholders)| {
            Policy {
                min_online,
                max_queued,
                max_offline,
                max_failures,
                fail_on,
                min_version,
                keda,
                placeholders,
                ..POLICY.clone()
            }
        },
    )
}

/// All that could be read of an organization
pub fn snapshot() -> impl Strategy<Value = Snapshot> {
    let newest = weighted(0.8, Just(version(NEWEST)));
    let usage = (0..4_u64, of(0..4_u64)).prop_map(|(used, total)| (used, total));
    let beside = (rarely(name()), rarely((name(), name())), rarely((name(), name())), rarely(name()));
    (vec(pool(), 1..4), newest, [usage.clone(), usage], beside).prop_map(
        |(mut pools, newest_package, usage, (missing, unread, incidents, left_out))| {
            for (id, pool) in (1..).zip(&mut pools) {
                pool.pool.id = id;
            }
            let parallel_jobs = ["Private", "Public"].into_iter().zip(usage);
            let unread = (90..).zip(unread).map(|(id, (name, reason))| Unread {
                pool: Pool::read(&json!({"id": id, "name": name})),
                reason: Explanation::new(reason),
            });
            let incidents = incidents.into_iter().map(|(geography, message)| Incident {
                service: "Pipelines".into(),
                geography_id: geography.clone(),
                geography,
                health: "degraded".into(),
                message,
            });
            Snapshot {
                pools,
                unread: unread.collect(),
                visible: missing.iter().map(|name| format!("{name}x")).collect(),
                missing: missing.into_iter().map(PoolSelector::Name).collect(),
                newest_package,
                parallel_jobs: parallel_jobs
                    .map(|(kind, (used, total))| ParallelJobs { kind, used, total })
                    .collect(),
                incidents: incidents.collect(),
                is_status_page_read: true,
                left_out,
                ..Snapshot::default()
            }
        },
    )
}

/// The same, and once more in another order
pub fn reordered() -> impl Strategy<Value = (Snapshot, Snapshot)> {
    snapshot().prop_flat_map(|snapshot| {
        let pools: Vec<_> = snapshot
            .pools
            .iter()
            .map(|pool| {
                let nodes = pool.elastic.clone().unwrap_or_default().nodes;
                let lists = (
                    Just(pool.agents.clone()).prop_shuffle(),
                    Just(pool.job_requests.clone()).prop_shuffle(),
                    Just(pool.history.clone()).prop_shuffle(),
                    Just(nodes).prop_shuffle(),
                );
                (Just(pool.clone()), lists).prop_map(|(pool, (agents, job_requests, history, nodes))| {
                    let elastic = pool.elastic.map(|elastic| ElasticPool { nodes, ..elastic });
                    PoolSnapshot { agents, job_requests, history, elastic, ..pool }
                })
            })
            .collect();
        let pools = pools.prop_flat_map(|pools| Just(pools).prop_shuffle());
        (Just(snapshot), pools).prop_map(|(one, pools)| {
            let other = Snapshot { pools, ..one.clone() };
            (one, other)
        })
    })
}

/// An agent that has no job, lacks nothing, and is known to every job that waits in a pool
pub fn add_newcomer(pool: &mut PoolSnapshot) {
    let demands = pool.job_requests.iter().flat_map(|request| &request.demands);
    let capabilities = demands.map(|text| {
        let demand = Demand::parse(text);
        let value = ["", "eu", "Linux", NEWEST].into_iter().find(|value| demand.is_met_by(value));
        (demand.name.to_owned(), json!(value))
    });
    let capabilities: Map<String, Value> = capabilities.collect();
    let newcomer = json!({"id": 1_000, "name": "newcomer", "version": NEWEST, "status": "online", "enabled": true,
                          "createdOn": timestamp(snapshots::now()), "userCapabilities": capabilities});
    let newcomer = Agent::read(&newcomer);
    for request in &mut pool.job_requests {
        if let Some(matched) = &mut request.matched_agents {
            let read =
                JobRequest::read(&json!({"reservedAgent": {"id": newcomer.id, "name": newcomer.name}}));
            matched.extend(read.reserved_agent);
        }
    }
    pool.agents.push(newcomer);
}

fn version(text: &str) -> Version {
    Version::parse(text).expect("a version")
}

fn pool() -> impl Strategy<Value = PoolSnapshot> {
    let options =
        select(vec![json!("none"), json!("elasticPool"), json!("singleUseAgents"), json!(3), Value::Null]);
    let update = select(vec![json!(true), json!(false), Value::Null]);
    let head = (name(), options, update, weighted(0.1, Just(7)), prop::bool::weighted(0.1)).prop_map(
        |(name, options, update, cloud, is_hosted)| {
            json!({"name": name, "options": options, "autoUpdate": update, "agentCloudId": cloud, "isHosted": is_hosted})
        },
    );
    let result = select(vec!["failed", "succeeded", "canceled"]);
    let maintenance = vec(result, 0..4).prop_map(|results| {
        let job = |(age, result): (u64, &str)| {
            let queued = snapshots::now() - Duration::from_secs(age * 3_600);
            MaintenanceJob::read(&json!({"queueTime": timestamp(queued), "result": result}))
        };
        (1..).zip(results).map(job).collect::<Vec<_>>()
    });
    let contents = vec(agent(), 0..6).prop_flat_map(|mut agents| {
        for (id, agent) in (1..).zip(&mut agents) {
            agent["id"] = json!(id);
        }
        let known: Vec<Value> =
            agents.iter().map(|agent| json!({"id": agent["id"], "name": agent["name"]})).collect();
        (Just(agents), vec(request(known.clone(), 0.1), 0..6), of(vec(request(known, 0.9), 1..8)))
    });
    (head, contents, maintenance, of(elastic())).prop_map(
        |(head, (agents, mut requests, mut history), maintenance_jobs, elastic)| {
            for (id, request) in (101..).zip(requests.iter_mut().chain(history.iter_mut().flatten())) {
                request["requestId"] = json!(id);
            }
            let pool = Pool::read(&head);
            let read = |requests: &[Value]| requests.iter().map(JobRequest::read).collect::<Vec<_>>();
            PoolSnapshot {
                elastic: elastic.filter(|_| pool.is_scale_set()),
                agents: agents.iter().map(Agent::read).collect(),
                job_requests: read(&requests).into_iter().filter(|request| !request.is_finished()).collect(),
                history: read(&history.unwrap_or_default())
                    .into_iter()
                    .filter(JobRequest::is_finished)
                    .collect(),
                maintenance_jobs,
                pool,
            }
        },
    )
}

fn elastic() -> impl Strategy<Value = ElasticPool> {
    let states = vec!["online", "offline", "unhealthy", "new", "", "lost", "idle", "failedVMPendingDelete"];
    let node =
        (name(), select(states.clone()), select(states.clone())).prop_map(|(name, state, compute_state)| {
            ElasticNode { name, state: state.into(), compute_state: compute_state.into() }
        });
    (select(states), 0..4_u64, 0..4_u64, vec(node, 0..4)).prop_map(|(state, desired, attempts, nodes)| {
        let elastic = json!({"state": state, "desiredSize": desired, "sizingAttempts": attempts});
        ElasticPool { nodes, ..ElasticPool::read(&elastic) }
    })
}

/// An agent as Azure DevOps sends it, but for its id
fn agent() -> impl Strategy<Value = Value> {
    let status =
        select(vec![json!("online"), json!("online"), json!("offline"), json!("someNewStatus"), Value::Null]);
    let enabled = select(vec![json!(true), json!(true), json!(false), Value::Null]);
    let version = select(vec![
        json!(NEWEST),
        json!("4.1.0"),
        json!("3.0.0"),
        json!("99.999.9"),
        json!("dev"),
        Value::Null,
    ]);
    let capabilities = vec![
        ("java", json!("17")),
        ("gpu", Value::Null),
        ("region", json!("eu")),
        ("DEPLOY_TOKEN", json!("hunter2")),
        ("Agent.ComputerName", json!("vm-1")),
        ("Agent.HomeDirectory", json!("/agent")),
        ("Agent.OS", json!("Linux")),
    ];
    let capabilities = (subsequence(capabilities, 0..=7), of((name(), name())));
    let jobs = (weighted(0.3, request(Vec::new(), 0.1)), of(request(Vec::new(), 0.9)), weighted(0.3, time()));
    (name(), status, enabled, version, capabilities, (time(), weighted(0.7, time())), jobs).prop_map(
        |(name, status, enabled, version, (capabilities, more), (created, changed), (assigned, last, asked))| {
            let mut system: Map<String, Value> =
                capabilities.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
            system.extend(more.map(|(name, value)| (name, json!(value))));
            let update = asked.map(|time| json!({"requestTime": time, "targetVersion": {"major": 4}}));
            json!({"name": name, "status": status, "enabled": enabled, "version": version, "systemCapabilities": system,
                   "createdOn": created, "statusChangedOn": changed, "assignedRequest": assigned,
                   "lastCompletedRequest": last, "pendingUpdate": update})
        },
    )
}

/// A job request as Azure DevOps sends it, but for its id; of these agents some match, and one is reserved
fn request(known: Vec<Value>, finished: f64) -> impl Strategy<Value = Value> {
    let count = known.len();
    let mut reserved = known.clone();
    reserved.extend([json!({"id": 77, "name": "gone"}), json!({"id": 78, "name": "gone too"}), Value::Null]);
    let demand = prop_oneof![8 => select(DEMANDS).prop_map(str::to_owned), 1 => name()];
    let agents = (of(subsequence(known, 0..=count)), select(reserved), prop::bool::weighted(0.1));
    let names =
        (of(name()), of(name()), of(name()), select(vec![json!("Private"), json!("Public"), Value::Null]));
    let results =
        vec![json!("succeeded"), json!("failed"), json!("abandoned"), json!(3), json!("someNewResult")];
    let lease = prop_oneof![4 => Just(json!("2026-11-02T09:05:00Z")), 1 => time()];
    let times = (time(), weighted(0.3, time()), weighted(0.3, time()), time(), lease);
    (times, vec(demand, 0..3), agents, names, weighted(finished, select(results))).prop_map(
        |((queued, assigned, received, finished, locked), demands, agents, names, result)| {
            let (matched, reserved, matches_all) = agents;
            let (pipeline, run, job, tag) = names;
            let finished = result.as_ref().and(Some(finished));
            json!({"queueTime": queued, "assignTime": assigned, "receiveTime": received, "finishTime": finished,
                   "lockedUntil": locked, "result": result, "demands": demands, "matchedAgents": matched,
                   "matchesAllAgentsInPool": matches_all, "reservedAgent": reserved, "jobName": job,
                   "definition": {"name": pipeline}, "owner": {"name": run}, "data": {"ParallelismTag": tag}})
        },
    )
}

/// One or two of what most snapshots have none of
fn rarely<T: std::fmt::Debug>(item: impl Strategy<Value = T>) -> impl Strategy<Value = Vec<T>> {
    weighted(0.2, vec(item, 1..3)).prop_map(Option::unwrap_or_default)
}

/// A time as Azure DevOps writes it, or none
fn time() -> impl Strategy<Value = Value> {
    let moment = |age: i64| {
        let span = Duration::from_secs(age.unsigned_abs());
        let moment = if age < 0 { snapshots::now() + span } else { snapshots::now() - span };
        json!(timestamp(moment))
    };
    prop_oneof![
        6 => select(AGES).prop_map(moment),
        1 => select(vec![Value::Null, json!("0001-01-01T00:00:00"), json!("soon")]),
    ]
}
