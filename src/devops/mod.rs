//! Azure DevOps: the REST API of agent pools, and the ways in which it refuses.

mod agents;
mod batch;
mod client;
mod connection;
mod demands;
mod elastic;
mod job_requests;
mod maintenance;
mod organization;
mod packages;
mod parallel_jobs;
mod pools;
mod reading;
mod refusal;
mod security_roles;
mod service_status;
mod snapshot;

pub use agents::{Agent, PendingUpdate};
pub use batch::Batch;
pub use client::{Client, tenancy};
pub use connection::{Caller, Tenancy};
pub use demands::Demand;
pub use elastic::{ElasticNode, ElasticPool};
pub use job_requests::{AgentReference, JobRequest};
pub use maintenance::MaintenanceJob;
pub use organization::Organization;
pub use packages::{Package, Version};
pub use parallel_jobs::ParallelJobs;
pub use pools::{Access, Pool, PoolSelector, selectors};
pub use refusal::{Reason, Refusal, wrong_tenancy};
pub use security_roles::RoleAssignment;
pub use service_status::Incident;
pub use snapshot::{PoolSnapshot, Scope, Snapshot, Unread};
