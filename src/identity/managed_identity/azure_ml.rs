//! Azure Machine Learning (API version 2017-09-01).

use super::answer::{Token, ask};
use super::selector::Selector;
use crate::explain::Explanation;
use crate::http::{Endpoint, Request, retry};
use crate::identity::Exchange;
use crate::secret::Secret;

/// The endpoint that the platform names in `MSI_ENDPOINT`
pub struct AzureMl {
    endpoint: Endpoint,
    secret: Secret,
    default_client_id: Option<String>,
}

impl AzureMl {
    /// `secret` is the value of `MSI_SECRET`, `default_client_id` that of `DEFAULT_IDENTITY_CLIENT_ID`.
    pub fn new(endpoint: Endpoint, secret: Secret, default_client_id: Option<String>) -> Self {
        Self { endpoint, secret, default_client_id }
    }

    /// Asks for a token.
    ///
    /// # Errors
    /// An [`Explanation`] of why there is none.
    pub fn token(
        &self,
        exchange: &Exchange<'_>,
        resource: &str,
        selector: Option<&Selector>,
    ) -> Result<Token, Explanation> {
        let mut request = Request::get(self.endpoint.clone())
            .query("api-version", "2017-09-01")
            .query("resource", resource)
            .header("secret", self.secret.clone());
        if let Some(client_id) = selector.map(Selector::id).or(self.default_client_id.as_deref()) {
            request = request.query("clientid", client_id);
        }
        ask(exchange, request, &retry::MANAGED_IDENTITY, selector)
    }
}
