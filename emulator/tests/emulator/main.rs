//! The emulator's checks, proven over HTTP.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod agents;
mod arm;
mod assertions;
mod client;
mod clock;
mod devops;
mod entra;
mod faults;
mod large;
mod managed;
mod oidc;
mod scenario;
mod scenarios;
mod status;
