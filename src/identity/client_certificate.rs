//! An app's certificate.

use base64::prelude::{BASE64_STANDARD, Engine as _};

use super::app::{App, Proof};
use super::assertion::{self, Algorithm};
use super::key_material::KeyMaterial;
use super::{AccessToken, Credential, Exchange, Found};
use crate::explain::Explanation;
use crate::inputs::{Given, Inputs, UsageError};

struct ClientCertificate {
    app: App,
    material: KeyMaterial,
    algorithm: Algorithm,
    with_chain: bool,
    source: String,
}

/// The certificate that the inputs hold
pub fn find(inputs: &Inputs) -> Result<Found, UsageError> {
    let Some(given) = inputs.one_of(&["clientCertificate", "clientCertificateFile"])? else {
        return Ok(Found::Absent("a client certificate (`AZURE_CLIENT_CERTIFICATE_PATH`)"));
    };
    let source = given.source.clone();
    let bytes = if given.is_secret() { content(given)? } else { given.file()? };
    let password = inputs.get("clientCertificatePassword").map(Given::secret);
    let material = KeyMaterial::read(&bytes, password)
        .map_err(|error| UsageError::new(format!("`{source}`: {error}"), error.advice()))?;
    let algorithm = match inputs.get("assertionAlgorithm").map(Given::text) {
        Some("RS256") => Algorithm::Rs256,
        _ => Algorithm::Ps256,
    };
    let with_chain = inputs.get("sendCertificateChain").map(Given::boolean).transpose()?.unwrap_or_default();
    Ok(match App::from_inputs(inputs)? {
        Ok(app) => Found::Ready(Box::new(ClientCertificate { app, material, algorithm, with_chain, source })),
        Err(missing) => Found::Incomplete(format!("a certificate from `{source}`, but {missing}")),
    })
}

/// The certificate in a variable: PEM text, or a PFX file in base64
fn content(given: &Given) -> Result<Vec<u8>, UsageError> {
    let text = given.secret().expose();
    if text.contains("-----BEGIN ") {
        return Ok(text.as_bytes().to_vec());
    }
    let packed: String = text.split_ascii_whitespace().collect();
    BASE64_STANDARD.decode(packed).map_err(|_| {
        given.wrong(
            "is neither PEM text nor base64",
            "the PEM text, or the PFX file in base64 (`base64 -w0 FILE`)",
        )
    })
}

impl Credential for ClientCertificate {
    fn describe(&self) -> String {
        format!("client certificate of {} (from `{}`)", self.app.describe(), self.source)
    }

    fn exchange(&self, exchange: &Exchange<'_>) -> Result<AccessToken, Explanation> {
        let Self { app, material, algorithm, with_chain, .. } = self;
        let certificate = |explanation: Explanation| {
            explanation
                .fact("certificate's thumbprint", material.thumbprint())
                .fact_if("certificate's end", material.not_after().map(crate::moment::timestamp))
        };
        if material.not_after().is_some_and(|end| end <= exchange.now) {
            let headline = "the client certificate has expired";
            return Err(certificate(Explanation::new(headline))
                .advise("make a new certificate, upload it to the app, and use that"));
        }
        let audience = app.token_endpoint().to_string();
        let assertion =
            assertion::sign(material, *algorithm, *with_chain, &app.client_id, &audience, exchange.now)?;
        let token = app.exchange(exchange, &Proof::SignedAssertion(&assertion)).map_err(certificate)?;
        token.check(Some(&app.tenant), exchange.now)?;
        Ok(token)
    }
}
