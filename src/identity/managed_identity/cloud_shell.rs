//! Azure Cloud Shell, whose identity is the signed-in user's.

use super::answer::{Token, ask};
use crate::explain::Explanation;
use crate::http::{Endpoint, Request, retry};
use crate::identity::Exchange;

/// The endpoint that the shell names in `MSI_ENDPOINT`
pub struct CloudShell {
    endpoint: Endpoint,
}

impl CloudShell {
    /// The shell's endpoint
    pub fn new(endpoint: Endpoint) -> Self {
        Self { endpoint }
    }

    /// Asks for a token.
    ///
    /// # Errors
    /// An [`Explanation`] of why there is none.
    pub fn token(&self, exchange: &Exchange<'_>, resource: &str) -> Result<Token, Explanation> {
        let request =
            Request::post(self.endpoint.clone()).header("metadata", "true").form(&[("resource", resource)]);
        ask(exchange, request, &retry::MANAGED_IDENTITY, None)
    }
}
