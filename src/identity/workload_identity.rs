//! A file with a federated token, such as AKS puts into a pod.

use super::app::App;
use super::{AccessToken, Claims, Credential, Exchange, Found, oidc};
use crate::explain::Explanation;
use crate::inputs::{Given, Inputs, UsageError};

struct WorkloadIdentity {
    app: App,
    file: Given,
}

/// The token file that the inputs name
pub fn find(inputs: &Inputs) -> Result<Found, UsageError> {
    let Some(file) = inputs.get("federatedTokenFile") else {
        return Ok(Found::Absent("a federated token file (`AZURE_FEDERATED_TOKEN_FILE`)"));
    };
    // Read now for the sake of its error; the token is read again when it is used.
    file.file_secret()?;
    Ok(match App::from_inputs(inputs)? {
        Ok(app) => Found::Ready(Box::new(WorkloadIdentity { app, file: file.clone() })),
        Err(missing) => Found::Incomplete(format!("a federated token from `{}`, but {missing}", file.source)),
    })
}

impl Credential for WorkloadIdentity {
    fn describe(&self) -> String {
        format!("federated token file for {} (from `{}`)", self.app.describe(), self.file.source)
    }

    fn exchange(&self, exchange: &Exchange<'_>) -> Result<AccessToken, Explanation> {
        // The file rotates: what was read before may have expired.
        let path = self.file.text();
        let assertion = self.file.file_secret().map_err(|_| {
            Explanation::new(format!("the federated token file `{path}` can't be read any more"))
                .advise("see whether the pod's projected volume is still mounted")
        })?;
        if Claims::of(&assertion).is_none() {
            return Err(Explanation::new(format!("the federated token file `{path}` holds no JWT"))
                .advise("name the file with the projected service account token"));
        }
        oidc::exchange_assertion(&self.app, exchange, &assertion)
    }
}
