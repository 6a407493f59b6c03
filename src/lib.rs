//! Pool Lifeguard: Entra ID tokens for Azure DevOps without a PAT, and the health of agent pools.
//!
//! The way of the data, from left to right; nothing flows back:
//!
//! ```text
//!  argv, env ──► inputs ──► commands
//!                             │
//!               identity: Credential ──► AccessToken
//!                             │
//!               devops: Client ──► Snapshot               (plain data, one moment in time)
//!                             │
//!               health: assess(&Snapshot, &Policy, now) ──► Vec<Finding>    (pure)
//!                             │
//!               report: text | json | pipelines
//!                             │
//!                         exit code
//! ```
//!
//! I/O lives at both ends: [`http`] out, `main.rs` in. Time is an argument everywhere between.

pub mod commands;
pub mod devops;
pub mod door;
pub mod explain;
pub mod health;
pub mod http;
pub mod identity;
pub mod inputs;
pub mod moment;
pub mod paragraph;
pub mod pattern;
pub mod report;
pub mod secret;
