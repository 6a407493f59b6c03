//! A big organization: pools by the hundred, made up instead of written down.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use super::{Answers, Scenario};

/// Agents per pool.
const AGENTS: u64 = 3;

/// Every so many pools an agent is offline.
const OFFLINE: u64 = 10;

/// Every so many pools a job is queued.
const QUEUED: u64 = 25;

/// What the agents run: the newest package of the scenarios.
const VERSION: &str = "4.266.2";

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

impl Scenario {
    /// The scenario with `count` made-up pools in the place of its own, to play a big organization:
    /// static pools `pool-001` (id 1) and so on, each with three agents of the newest version, of
    /// which the last job succeeded.
    ///
    /// All agents are online but the third one of every tenth pool, offline for two hours. In every
    /// 25th pool the online agents are busy and one job has been queued for 20 seconds. The agents'
    /// ids are `pool * 10 + 1…3`. Everything is a function of `count`, of `now` and of the
    /// organization.
    ///
    /// What belonged to the old pools goes: agents, job requests, maintenance jobs, queues, elastic
    /// pools, roles on single pools. Packages, resource usage and status page stay, and so do the
    /// identities: whoever has a role on `*` sees all pools.
    #[must_use]
    pub fn with_pools(mut self, count: u64) -> Self {
        let pools: Vec<PoolOf<'_>> = (1..=count).map(|id| PoolOf { scenario: &self, id }).collect();
        let answers = Answers {
            pools: Some(envelope(pools.iter().map(PoolOf::pool).collect())),
            agents: pools.iter().map(|pool| (pool.id, envelope(pool.agents()))).collect(),
            job_requests: pools.iter().map(|pool| (pool.id, envelope(pool.job_requests()))).collect(),
            packages: self.answers.packages.clone(),
            resource_usage: self.answers.resource_usage.clone(),
            status: self.answers.status.clone(),
            security_roles: BTreeMap::from_iter(
                self.answers.security_roles.get_key_value(&0).map(|(global, roles)| (*global, roles.clone())),
            ),
            ..Answers::default()
        };
        self.answers = answers;
        self
    }
}

fn envelope(items: Vec<Value>) -> Value {
    json!({"count": items.len(), "value": items})
}

/// One of the pools, about to be made up.
struct PoolOf<'a> {
    scenario: &'a Scenario,
    id: u64,
}

impl PoolOf<'_> {
    fn pool(&self) -> Value {
        json!({
            "createdOn": self.ago(400 * DAY),
            "autoProvision": false,
            "autoUpdate": true,
            "autoSize": null,
            "targetSize": null,
            "agentCloudId": null,
            "id": self.id,
            "scope": self.scenario.organization.id,
            "name": format!("pool-{:03}", self.id),
            "isHosted": false,
            "poolType": "automation",
            "size": AGENTS,
            "isLegacy": false,
            "options": "none",
        })
    }

    fn agents(&self) -> Vec<Value> {
        (1..=AGENTS).map(|number| self.agent(number)).collect()
    }

    /// The agent as the list has it when everything is asked for.
    fn agent(&self, number: u64) -> Value {
        let name = self.agent_name(number);
        let mut agent = self.reference(number);
        let status_changed = if self.online(number) { 5 * DAY } else { 2 * HOUR };
        agent.extend([
            ("maxParallelism".to_owned(), json!(1)),
            ("createdOn".to_owned(), json!(self.ago(100 * DAY))),
            ("authorization".to_owned(), json!({"clientId": guid(self.id, number)})),
            ("statusChangedOn".to_owned(), json!(self.ago(status_changed))),
            (
                "systemCapabilities".to_owned(),
                json!({
                    "Agent.Name": name,
                    "Agent.Version": VERSION,
                    "Agent.ComputerName": format!("vm-{name}"),
                    "Agent.HomeDirectory": "/opt/agent",
                    "Agent.OS": "Linux",
                    "Agent.OSArchitecture": "X64",
                    "InteractiveSession": "False",
                    "docker": "/usr/bin/docker",
                    "git": "/usr/bin/git",
                }),
            ),
            ("userCapabilities".to_owned(), json!({})),
            ("lastCompletedRequest".to_owned(), self.finished(number)),
        ]);
        if self.busy(number) {
            agent.insert("assignedRequest".to_owned(), self.running(number));
        }
        Value::Object(agent)
    }

    /// The agent as other objects refer to it.
    fn reference(&self, number: u64) -> Map<String, Value> {
        let (pool, id) = (self.id, self.id * 10 + number);
        let organization = format!("https://dev.azure.com/{}", self.scenario.organization.name);
        let reference = json!({
            "_links": {
                "self": {"href": format!("{organization}/_apis/distributedtask/pools/{pool}/agents/{id}")},
                "web": {
                    "href": format!("{organization}/_settings/agentpools?view=jobs&poolId={pool}&agentId={id}"),
                },
            },
            "id": id,
            "name": self.agent_name(number),
            "version": VERSION,
            "osDescription": "Linux 6.8.0-1044-azure #50~22.04.1-Ubuntu SMP",
            "enabled": true,
            "status": if self.online(number) { "online" } else { "offline" },
            "provisioningState": "Provisioned",
            "accessPoint": "CodexAccessMapping",
        });
        match reference {
            Value::Object(members) => members,
            _ => Map::new(),
        }
    }

    fn job_requests(&self) -> Vec<Value> {
        let queued = self.has_queue().then(|| self.queued());
        let running = (1..=AGENTS).filter(|number| self.busy(*number)).map(|number| self.running(number));
        let finished = (1..=AGENTS).map(|number| self.finished(number));
        queued.into_iter().chain(running).chain(finished).collect()
    }

    fn queued(&self) -> Value {
        let matched: Vec<_> = (1..=AGENTS).map(|number| self.reference(number)).collect();
        self.request(9, 20, json!({"matchedAgents": matched}))
    }

    fn running(&self, number: u64) -> Value {
        let more = json!({
            "assignTime": self.ago(4 * MINUTE - 2),
            "receiveTime": self.ago(4 * MINUTE - 4),
            "lockedUntil": self.ago(-9 * MINUTE),
            "reservedAgent": self.reference(number),
        });
        self.request(4 + number, 4 * MINUTE, more)
    }

    fn finished(&self, number: u64) -> Value {
        let queued = i64::try_from(number).unwrap_or_default() * 3 * HOUR;
        let more = json!({
            "assignTime": self.ago(queued - 2),
            "receiveTime": self.ago(queued - 4),
            "lockedUntil": self.ago(queued - 16 * MINUTE),
            "finishTime": self.ago(queued - 6 * MINUTE),
            "result": "succeeded",
            "reservedAgent": self.reference(number),
        });
        self.request(number, queued, more)
    }

    /// What all job requests have, and more.
    fn request(&self, number: u64, queued: i64, more: Value) -> Value {
        let mut request = json!({
            "requestId": self.id * 10 + number,
            "queueTime": self.ago(queued),
            "serviceOwner": "00025394-6065-48ca-87d9-7f5672854ef7",
            "hostId": self.scenario.organization.id,
            "planType": "Build",
            "planId": guid(self.id, 10 + number),
            "jobId": guid(self.id, 20 + number),
            "jobName": "Build",
            "demands": ["Agent.Version -gtVersion 3.218.0"],
            "definition": {"id": self.id, "name": format!("service-{:03}", self.id)},
            "owner": {"id": 50_000 + self.id * 10 + number, "name": format!("20261102.{number}")},
            "data": {"ParallelismTag": "Private", "IsScheduledKey": "False"},
            "poolId": self.id,
            "priority": 0,
        });
        if let (Some(members), Value::Object(more)) = (request.as_object_mut(), more) {
            members.extend(more);
        }
        request
    }

    fn agent_name(&self, number: u64) -> String {
        format!("pool-{:03}-{number:02}", self.id)
    }

    fn online(&self, number: u64) -> bool {
        number < AGENTS || !self.id.is_multiple_of(OFFLINE)
    }

    fn has_queue(&self) -> bool {
        self.id.is_multiple_of(QUEUED)
    }

    fn busy(&self, number: u64) -> bool {
        self.has_queue() && self.online(number)
    }

    /// That many seconds before now, as Azure DevOps writes it.
    fn ago(&self, seconds: i64) -> String {
        let now = self.scenario.now;
        let then: Timestamp = now.checked_sub(SignedDuration::from_secs(seconds)).unwrap_or(now);
        then.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
    }
}

/// An id that only has to be another one each time.
fn guid(pool: u64, number: u64) -> String {
    format!("{pool:08x}-0000-4000-8000-{number:012x}")
}
