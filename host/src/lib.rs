//! wasmtime embedded, with what `wasmtime run -S http` lacks.
//!
//! - [`Network`]: a list of hosts that may be reached, private certificate authorities, a proxy.
//! - [`Run`]: a pinned wall clock and repeatable randomness, for output that a test can compare.
//! - [`Outcome`]: every request that the component sent, beside its exit code and output.
//! - [`Server`]: requests to the component, without a socket between.
//!
//! ```no_run
//! use lifeguard_host::{Component, Run};
//!
//! # fn main() -> anyhow::Result<()> {
//! let component = Component::load("target/lifeguard.wasm".as_ref())?;
//! let outcome = component.run(&Run {
//!     args: vec!["--help".to_owned()],
//!     ..Run::default()
//! })?;
//! assert_eq!(outcome.exit_code, 0);
//! # Ok(())
//! # }
//! ```

mod clock;
mod component;
mod network;
mod random;
mod run;
mod serve;
mod state;

pub use component::Component;
pub use network::{Network, SentRequest};
pub use run::{Folder, Outcome, Output, Run};
pub use serve::{Instances, Served, Server};
