//! An app's client secret.

use super::app::{App, Proof};
use super::{AccessToken, Credential, Exchange, Found};
use crate::explain::Explanation;
use crate::inputs::{Inputs, UsageError};
use crate::secret::Secret;

struct ClientSecret {
    app: App,
    secret: Secret,
    source: String,
}

/// The client secret that the inputs hold
pub fn find(inputs: &Inputs) -> Result<Found, UsageError> {
    let Some(given) = inputs.one_of(&["clientSecret", "clientSecretFile"])? else {
        return Ok(Found::Absent("a client secret (`AZURE_CLIENT_SECRET`)"));
    };
    let source = given.source.clone();
    let secret = if given.is_secret() { given.secret().clone() } else { given.file_secret()? };
    Ok(match App::from_inputs(inputs)? {
        Ok(app) => Found::Ready(Box::new(ClientSecret { app, secret, source })),
        Err(missing) => Found::Incomplete(format!("a client secret from `{source}`, but {missing}")),
    })
}

impl Credential for ClientSecret {
    fn describe(&self) -> String {
        format!("client secret of {} (from `{}`)", self.app.describe(), self.source)
    }

    fn exchange(&self, exchange: &Exchange<'_>) -> Result<AccessToken, Explanation> {
        let token = self.app.exchange(exchange, &Proof::Secret(&self.secret))?;
        token.check(Some(&self.app.tenant), exchange.now)?;
        Ok(token)
    }
}
