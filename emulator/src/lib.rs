//! Entra's token endpoint, the managed identity endpoints, two OIDC issuers and Azure DevOps'
//! distributed-task REST API, on loopback, for tests and demos.
//!
//! - [`Scenario`]: who there is, raw answers, faults
//! - [`Emulator`]: plays one
//! - `server`: connections, TLS, faults; knows nothing of anyone's API
//! - `entra`, `managed`, `oidc`, `devops`: one folder an API, each a function from a request to an
//!   answer; `arm` and `status`, of which hardly anything is needed, are files
//! - `jwt`, `certificates`, `state`, `clock`, `ids`: what those share

mod arm;
mod certificates;
mod clock;
mod devops;
mod emulator;
mod entra;
mod environments;
mod ids;
mod jwt;
mod managed;
mod oidc;
mod route;
pub mod scenario;
mod server;
mod state;
mod status;

pub use clock::Clock;
pub use emulator::{Emulator, Options, StartError};
pub use scenario::{Effect, Fault, Scenario, ScenarioError};
pub use state::ReceivedRequest;

/// The application id of Azure DevOps, which is the audience of its tokens.
pub const AZURE_DEVOPS: &str = "499b84ac-1321-427f-aa17-267ca6975798";

/// The audience of an assertion that stands in for a client secret.
pub const EXCHANGE_AUDIENCE: &str = "api://AzureADTokenExchange";
