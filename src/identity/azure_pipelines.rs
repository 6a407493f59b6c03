//! A service connection of Azure Pipelines with workload identity federation.

use serde_json::Value;

use super::app::App;
use super::{AccessToken, Credential, Exchange, Found, oidc};
use crate::explain::Explanation;
use crate::http::{Endpoint, Request, Response};
use crate::inputs::{Environment, Inputs, UsageError};
use crate::secret::Secret;

struct AzurePipelines {
    app: App,
    service_connection_id: String,
    request_uri: Endpoint,
    job_token: Secret,
    source: String,
}

/// The service connection that the inputs name
pub fn find(inputs: &Inputs) -> Result<Found, UsageError> {
    let Some(given) = inputs.get("serviceConnectionId") else {
        return Ok(Found::Absent("a service connection (`--service-connection-id`)"));
    };
    let source = given.source.clone();
    let service_connection_id = given.guid()?;
    let incomplete =
        |missing| Ok(Found::Incomplete(format!("a service connection from `{source}`, but {missing}")));
    let Some(request_uri) = request_uri(inputs)? else {
        return incomplete(
            "no OIDC request URI (`SYSTEM_OIDCREQUESTURI`): this isn't a job of Azure Pipelines",
        );
    };
    let Some(job_token) = job_token(&inputs.environment) else {
        return incomplete(
            "no access token of the job: map it in the step, `env: SYSTEM_ACCESSTOKEN: $(System.AccessToken)`",
        );
    };
    match App::from_inputs(inputs)? {
        Ok(app) => Ok(Found::Ready(Box::new(AzurePipelines {
            app,
            service_connection_id,
            request_uri,
            job_token,
            source,
        }))),
        Err(missing) => incomplete(missing),
    }
}

impl Credential for AzurePipelines {
    fn describe(&self) -> String {
        let Self { app, service_connection_id, source, .. } = self;
        format!("service connection {service_connection_id} for {} (from `{source}`)", app.describe())
    }

    fn exchange(&self, exchange: &Exchange<'_>) -> Result<AccessToken, Explanation> {
        let request = Request::post(self.request_uri.clone())
            .query("api-version", "7.1")
            .query("serviceConnectionId", &self.service_connection_id)
            .header("accept", "application/json")
            .header("authorization", format!("Bearer {}", self.job_token.expose()))
            .header("content-type", "application/json")
            .header("x-tfs-fedauthredirect", "Suppress");
        let assertion = oidc::assertion(exchange, request, "oidcToken", |response| self.refused(response))?;
        oidc::exchange_assertion(&self.app, exchange, &assertion)
    }
}

impl AzurePipelines {
    fn refused(&self, response: &Response) -> Explanation {
        let explanation = match response.status {
            203 | 302 | 401 => Explanation::new("Azure Pipelines doesn't accept the job's access token").advise(
                "use the token of the job that is running now: `SYSTEM_ACCESSTOKEN: $(System.AccessToken)`; it ends \
                 with the job",
            ),
            403 | 404 => Explanation::new("Azure Pipelines gives no OIDC token for the service connection").advise(
                "check the service connection's id, that it uses workload identity federation, that the pipeline \
                 is allowed to use it, and that a task of this job names it as an input (only then is the job \
                 authorized for it)",
            ),
            status => Explanation::new(format!("Azure Pipelines gives no OIDC token (status {status})"))
                .advise("try again; if it stays, give the ids above to Microsoft's support"),
        };
        explanation
            .fact(
                "answer",
                format!("{} for service connection {}", response.status, self.service_connection_id),
            )
            .fact_if("x-vss-e2eid", response.header("x-vss-e2eid"))
            .fact_if("x-msedge-ref", response.header("x-msedge-ref"))
    }
}

/// Where the job asks for its OIDC token: as the server says, or built from what the agent sets in every job
fn request_uri(inputs: &Inputs) -> Result<Option<Endpoint>, UsageError> {
    if let Some(endpoint) = oidc::endpoint_in(inputs, "SYSTEM_OIDCREQUESTURI")? {
        return Ok(Some(endpoint));
    }
    let variable = |name| inputs.environment.get(name);
    let collection = match oidc::endpoint_in(inputs, "SYSTEM_COLLECTIONURI")? {
        Some(collection) => Some(collection),
        None => oidc::endpoint_in(inputs, "SYSTEM_TEAMFOUNDATIONCOLLECTIONURI")?,
    };
    let (Some(collection), Some(project), Some(plan), Some(job)) =
        (collection, variable("SYSTEM_TEAMPROJECTID"), variable("SYSTEM_PLANID"), variable("SYSTEM_JOBID"))
    else {
        return Ok(None);
    };
    let hub = match variable("SYSTEM_HOSTTYPE") {
        Some("release" | "deployment") => "release",
        Some("gates") => "gates",
        _ => "build",
    };
    let path = format!(
        "{}/{project}/_apis/distributedtask/hubs/{hub}/plans/{plan}/jobs/{job}/oidctoken",
        collection.path()
    );
    Ok(Some(collection.with_path(&path)))
}

/// The job's access token: mapped by the user, or as the agent gives it to a task
fn job_token(environment: &Environment) -> Option<Secret> {
    let variables = ["SYSTEM_ACCESSTOKEN", "ENDPOINT_AUTH_PARAMETER_SYSTEMVSSCONNECTION_ACCESSTOKEN"];
    let plain =
        variables.iter().find_map(|name| environment.get(name)).filter(|token| !token.starts_with("$("));
    plain.map(Secret::from).or_else(|| {
        let endpoint: Value =
            serde_json::from_str(environment.get("ENDPOINT_AUTH_SYSTEMVSSCONNECTION")?).ok()?;
        endpoint["parameters"]["AccessToken"].as_str().map(Secret::from)
    })
}
