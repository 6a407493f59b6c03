//! App Service, Functions and Container Apps (API version 2019-08-01).

use super::answer::{Token, ask};
use super::selector::Selector;
use crate::explain::Explanation;
use crate::http::{Endpoint, Request, retry};
use crate::identity::Exchange;
use crate::secret::Secret;

/// The endpoint that the platform names in `IDENTITY_ENDPOINT`
pub struct AppService {
    endpoint: Endpoint,
    header: Secret,
}

impl AppService {
    /// `header` is the value of `IDENTITY_HEADER`, which keeps other processes out.
    pub fn new(endpoint: Endpoint, header: Secret) -> Self {
        Self { endpoint, header }
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
            .query("api-version", "2019-08-01")
            .query("resource", resource)
            .header("x-identity-header", self.header.clone());
        if let Some(selector) = selector {
            let name = match selector {
                Selector::Client(_) => "client_id",
                Selector::Object(_) => "principal_id",
                Selector::Resource(_) => "mi_res_id",
            };
            request = request.query(name, selector.id());
        }
        ask(exchange, request, &retry::MANAGED_IDENTITY, selector)
    }
}
