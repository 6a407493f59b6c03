//! GitHub Actions' OIDC token, for a job with `permissions: id-token: write`.

use super::app::App;
use super::{AccessToken, Credential, Exchange, Found, oidc};
use crate::explain::Explanation;
use crate::http::{Endpoint, Request, Response};
use crate::inputs::{Inputs, UsageError};
use crate::secret::Secret;

struct GitHub {
    app: App,
    request_url: Endpoint,
    request_token: Secret,
}

/// The OIDC issuer of the GitHub job that this runs in
pub fn find(inputs: &Inputs) -> Result<Found, UsageError> {
    let request_url = oidc::endpoint_in(inputs, "ACTIONS_ID_TOKEN_REQUEST_URL")?;
    let request_token = inputs.environment.get("ACTIONS_ID_TOKEN_REQUEST_TOKEN");
    let (Some(request_url), Some(request_token)) = (request_url, request_token) else {
        return Ok(Found::Absent("a GitHub job with `permissions: id-token: write`"));
    };
    Ok(match App::from_inputs(inputs)? {
        Ok(app) => Found::Ready(Box::new(GitHub { app, request_url, request_token: request_token.into() })),
        Err(missing) => Found::Incomplete(format!("GitHub's OIDC issuer, but {missing}")),
    })
}

impl Credential for GitHub {
    fn describe(&self) -> String {
        format!("GitHub OIDC token for {} (from `ACTIONS_ID_TOKEN_REQUEST_URL`)", self.app.describe())
    }

    fn exchange(&self, exchange: &Exchange<'_>) -> Result<AccessToken, Explanation> {
        // GitHub's URL has a query already, and the audience joins it.
        let request = Request::get(self.request_url.clone())
            .query("audience", &self.app.cloud.federated_audience)
            .header("accept", "application/json")
            .header("authorization", format!("Bearer {}", self.request_token.expose()));
        let assertion = oidc::assertion(exchange, request, "value", refused)?;
        oidc::exchange_assertion(&self.app, exchange, &assertion)
    }
}

fn refused(response: &Response) -> Explanation {
    Explanation::new("GitHub gives no OIDC token")
        .fact("answer", response.status.to_string())
        .advise("give the job `permissions: id-token: write`; the request token ends with the job")
}
