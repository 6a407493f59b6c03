//! HTTP: one transport out, whom it may talk to, and when it tries again; one way in.

mod endpoint;
mod exchange;
pub mod incoming;
pub mod retry;
mod transport;
pub mod wasi;

pub use endpoint::{Endpoint, EndpointError};
pub use exchange::{Method, Request, Response};
pub use transport::{Transport, TransportError};
