//! A managed identity as the federated credential of an app, which may be in another tenant.

use super::app::App;
use super::managed_identity::ManagedIdentity;
use super::{AccessToken, Credential, Exchange, Found, oidc};
use crate::explain::Explanation;
use crate::inputs::{Inputs, UsageError};

struct ManagedIdentityFederation {
    app: App,
    managed_identity: ManagedIdentity,
}

/// Made for by an app together with a managed identity that is selected expressly. Without that selection
/// the client id of the inputs would be the managed identity's own.
pub fn find(inputs: &Inputs) -> Result<Found, UsageError> {
    let is_named = inputs.get("identity").is_some_and(|given| given.text() == "managed-identity-federation");
    let selector = super::managed_identity::selector(inputs)?;
    if selector.is_none() && !is_named {
        return Ok(Found::Absent("an app and a managed identity (`--managed-identity-client-id`)"));
    }
    let app = match App::from_inputs(inputs)? {
        Ok(app) => app,
        // A selection without an app is a plain managed identity.
        Err(_) if !is_named => {
            return Ok(Found::Absent("an app and a managed identity (`--managed-identity-client-id`)"));
        }
        Err(missing) => return Ok(Found::Incomplete(format!("a managed identity, but {missing}"))),
    };
    let managed_identity = ManagedIdentity::detect(inputs, selector)?;
    Ok(Found::Ready(Box::new(ManagedIdentityFederation { app, managed_identity })))
}

impl Credential for ManagedIdentityFederation {
    fn describe(&self) -> String {
        format!("{} as the federated credential of {}", self.managed_identity.describe(), self.app.describe())
    }

    fn exchange(&self, exchange: &Exchange<'_>) -> Result<AccessToken, Explanation> {
        let audience = &self.app.cloud.federated_audience;
        let (assertion, _) = self.managed_identity.token(exchange, audience)?;
        oidc::exchange_assertion(&self.app, exchange, &assertion)
    }
}
