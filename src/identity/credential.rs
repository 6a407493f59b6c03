//! What all credentials have in common.

use std::time::SystemTime;

use super::AccessToken;
use crate::explain::Explanation;
use crate::http::Transport;
use crate::secret::Secret;

/// Something that can be exchanged for an access token
pub trait Credential {
    /// What and whose it is, and where it was found, in one line
    fn describe(&self) -> String;

    /// Gets an access token for Azure DevOps.
    ///
    /// # Errors
    /// An [`Explanation`] of what was tried, what came back, and what to do.
    fn exchange(&self, exchange: &Exchange<'_>) -> Result<AccessToken, Explanation>;
}

/// What an exchange works with
#[derive(Clone, Copy)]
pub struct Exchange<'a> {
    /// Sends its requests
    pub transport: &'a dyn Transport,
    /// The time at which the command began
    pub now: SystemTime,
    /// Hears of each secret that was come by, before it is used: a pipeline's log masks it from then on
    pub mask: &'a dyn Fn(&Secret),
}

/// What the inputs hold for one credential
pub enum Found {
    /// All that it needs
    Ready(Box<dyn Credential>),
    /// A part of it: what is there, and what is missing
    Incomplete(String),
    /// Nothing: what would be needed
    Absent(&'static str),
}
