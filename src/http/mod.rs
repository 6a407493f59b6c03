//! Outgoing HTTP: one transport, whom it may talk to, and when it tries again.

mod endpoint;
mod exchange;
pub mod retry;
mod transport;
pub mod wasi;

pub use endpoint::{Endpoint, EndpointError};
pub use exchange::{Method, Request, Response};
pub use transport::{Transport, TransportError};
