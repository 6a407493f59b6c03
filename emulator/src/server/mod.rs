//! Connections: plain, TLS, and the ways in which they go wrong. Knows nothing of anyone's API.

mod accept;
mod body;
mod connection;
mod message;
mod serve;
mod tls;

pub(crate) use accept::{Listeners, run};
pub(crate) use message::{Answer, Request};
pub(crate) use tls::{Authority, TlsError};
