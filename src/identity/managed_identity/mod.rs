//! Managed identities: which platform this runs on, and how its endpoint is asked.

mod answer;
mod app_service;
mod arc;
mod azure_ml;
mod cloud_shell;
mod imds;
mod platform;
mod selector;

use std::time::SystemTime;

pub use platform::Platform;
pub use selector::{Selector, selector};

use super::{AccessToken, Credential, Exchange, Found, RESOURCE};
use crate::explain::Explanation;
use crate::inputs::{Inputs, UsageError};
use crate::secret::Secret;

/// A managed identity of the platform that this runs on
pub struct ManagedIdentity {
    platform: Platform,
    selector: Option<Selector>,
}

/// The managed identity of this machine, if the machine has one: the last resort of `auto`
pub fn find(inputs: &Inputs) -> Result<Found, UsageError> {
    // Without an express selection a client id means the user-assigned identity, as in the Azure SDKs.
    let selector = match selector(inputs)? {
        Some(selector) => Some(selector),
        None => inputs.get("clientId").map(|given| given.guid()).transpose()?.map(Selector::Client),
    };
    Ok(Found::Ready(Box::new(ManagedIdentity::detect(inputs, selector)?)))
}

impl ManagedIdentity {
    /// The identity on the platform that the environment shows
    ///
    /// # Errors
    /// [`UsageError`] for an endpoint variable that can't be used, or a selector that the platform doesn't know.
    pub fn detect(inputs: &Inputs, selector: Option<Selector>) -> Result<Self, UsageError> {
        let platform = Platform::detect(inputs)?;
        platform.check_selector(selector.as_ref())?;
        Ok(Self { platform, selector })
    }

    /// A token for any resource, and when it ends
    ///
    /// # Errors
    /// An [`Explanation`] of what the platform's endpoint answered.
    pub fn token(
        &self,
        exchange: &Exchange<'_>,
        resource: &str,
    ) -> Result<(Secret, Option<SystemTime>), Explanation> {
        let selector = self.selector.as_ref();
        match &self.platform {
            Platform::AppService(endpoint) => endpoint.token(exchange, resource, selector),
            Platform::Arc(endpoint) => endpoint.token(exchange, resource, selector),
            Platform::AzureMl(endpoint) => endpoint.token(exchange, resource, selector),
            Platform::CloudShell(endpoint) => endpoint.token(exchange, resource),
            Platform::Imds(endpoint) => endpoint.token(exchange, resource, selector),
            Platform::ServiceFabric => Err(platform::service_fabric()),
        }
    }
}

impl Credential for ManagedIdentity {
    fn describe(&self) -> String {
        let who = match &self.selector {
            None => "system-assigned managed identity".into(),
            Some(selector) => format!("managed identity with {selector}"),
        };
        format!("{who} of {} (from {})", self.platform.name(), self.platform.source())
    }

    fn exchange(&self, exchange: &Exchange<'_>) -> Result<AccessToken, Explanation> {
        let (token, expires_on) = self.token(exchange, RESOURCE)?;
        let token = AccessToken::from_entra(token, expires_on);
        token.check(None, exchange.now)?;
        Ok(token)
    }
}
