//! The raw answers of Azure DevOps, as the files hold them.

use std::collections::BTreeMap;

use serde_json::Value;

/// Raw answers: whole envelopes `{"count":…,"value":[…]}` or bare arrays. Absent: an empty list.
#[derive(Clone, Debug, Default)]
pub struct Answers {
    /// `pools.json`
    pub pools: Option<Value>,
    /// `queues.json`
    pub queues: Option<Value>,
    /// `packages.json`
    pub packages: Option<Value>,
    /// `resourceusage.json`: an object, or a list of `{"parallelismTag", "poolIsHosted", "answer"}`.
    pub resource_usage: Option<Value>,
    /// `status.json`, the public status page; an object. Absent: everything is healthy.
    pub status: Option<Value>,
    /// `elasticpools.json`
    pub elastic_pools: Option<Value>,
    /// `agents/{poolId}.json`
    pub agents: BTreeMap<u64, Value>,
    /// `jobrequests/{poolId}.json`
    pub job_requests: BTreeMap<u64, Value>,
    /// `maintenancejobs/{poolId}.json`
    pub maintenance_jobs: BTreeMap<u64, Value>,
    /// `elasticpoolnodes/{poolId}.json`
    pub elastic_pool_nodes: BTreeMap<u64, Value>,
    /// `elasticpoollogs/{poolId}.json`
    pub elastic_pool_logs: BTreeMap<u64, Value>,
    /// `securityroles/{poolId}.json`; 0 is `globalagentpoolrole`.
    pub security_roles: BTreeMap<u64, Value>,
}

impl Answers {
    /// Every answer, to walk over.
    pub(crate) fn all_mut(&mut self) -> impl Iterator<Item = &mut Value> {
        let single = [
            &mut self.pools,
            &mut self.queues,
            &mut self.packages,
            &mut self.resource_usage,
            &mut self.status,
            &mut self.elastic_pools,
        ];
        let by_pool = [
            &mut self.agents,
            &mut self.job_requests,
            &mut self.maintenance_jobs,
            &mut self.elastic_pool_nodes,
            &mut self.elastic_pool_logs,
            &mut self.security_roles,
        ];
        single.into_iter().flatten().chain(by_pool.into_iter().flat_map(BTreeMap::values_mut))
    }
}
