//! The instance metadata service of virtual machines, scale sets and AKS nodes.

use std::time::Duration;

use super::answer::{Token, ask};
use super::selector::Selector;
use crate::explain::Explanation;
use crate::http::{Endpoint, Request, retry};
use crate::identity::Exchange;

/// The service answers from the machine's own network card within milliseconds, or isn't there.
const PROBE_DEADLINE: Duration = Duration::from_secs(1);

/// The service at 169.254.169.254
pub struct Imds {
    endpoint: Endpoint,
}

impl Imds {
    /// `base` is the service's URL without its path.
    pub fn new(base: Endpoint) -> Self {
        Self { endpoint: base.with_path(&format!("{}/metadata/identity/oauth2/token", base.path())) }
    }

    /// Asks for a token, where the service is there at all.
    ///
    /// # Errors
    /// An [`Explanation`] of why there is none.
    pub fn token(
        &self,
        exchange: &Exchange<'_>,
        resource: &str,
        selector: Option<&Selector>,
    ) -> Result<Token, Explanation> {
        self.probe(exchange)?;
        let mut request = Request::get(self.endpoint.clone())
            .query("api-version", "2018-02-01")
            .query("resource", resource)
            .header("metadata", "true");
        if let Some(selector) = selector {
            request = request.query(selector.metadata_parameter(), selector.id());
        }
        ask(exchange, request, &retry::IMDS, selector)
    }

    /// A request without the `Metadata` header is refused at once by the service (400), and by nobody where there is
    /// none: a laptop isn't kept waiting. Who answers with a redirect or asks for a sign-in is a proxy.
    fn probe(&self, exchange: &Exchange<'_>) -> Result<(), Explanation> {
        let request = Request::get(self.endpoint.clone()).within(PROBE_DEADLINE);
        let answer = match exchange.transport.send(&request) {
            Ok(response) if !matches!(response.status, 300..=399 | 401 | 403 | 407) => return Ok(()),
            Ok(response) => format!("{}: {}", response.status, response.excerpt()),
            Err(error) => error.to_string(),
        };
        Err(Explanation::new("this machine has no managed identity")
            .fact("asked", self.endpoint.to_string())
            .fact("answer", answer)
            .advise(
                "on a machine of Azure, assign an identity to it, and let it reach 169.254.169.254 without a proxy; \
                 elsewhere give another credential: `--help` lists them",
            ))
    }
}
