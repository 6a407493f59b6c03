//! Azure DevOps: the REST API of agent pools, and the ways in which it refuses.

mod agents;
mod client;
mod connection;
mod job_requests;
mod organization;
mod packages;
mod pools;
mod reading;
mod refusal;
mod security_roles;
mod snapshot;

pub use agents::Agent;
pub use client::{Client, tenancy};
pub use connection::{Caller, Tenancy};
pub use job_requests::JobRequest;
pub use organization::Organization;
pub use packages::Version;
pub use pools::{Access, Pool, PoolSelector, selectors};
pub use refusal::{Reason, Refusal, wrong_tenancy};
pub use security_roles::RoleAssignment;
pub use snapshot::{PoolSnapshot, Snapshot};
