//! Azure Pipelines.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

use super::bearer;
use crate::devops::{self, WrappedException};
use crate::entra::workload_issuer;
use crate::jwt::Signer;
use crate::scenario::{Pipelines, Scenario, ServiceConnection, SubjectStyle};
use crate::server::{Answer, Request};
use crate::state::State;
use crate::{AZURE_DEVOPS, EXCHANGE_AUDIENCE};

/// How long a token lives, in seconds.
const LIFETIME: i64 = 600;

/// `POST /{org}/{projectId}/_apis/distributedtask/hubs/{hub}/plans/{planId}/jobs/{jobId}/oidctoken`
pub(super) fn route(state: &State, request: &Request) -> Option<Answer> {
    let segments: Vec<&str> = request.segments.iter().map(String::as_str).collect();
    let [organization, project, "_apis", "distributedtask", "hubs", hub, "plans", plan, "jobs", job, last] =
        segments.as_slice()
    else {
        return None;
    };
    if !last.eq_ignore_ascii_case("oidctoken")
        || !organization.eq_ignore_ascii_case(&state.scenario.organization.name)
    {
        return None;
    }
    let pipelines = state.scenario.pipelines.as_ref()?;
    if request.method != "POST" {
        return Some(Answer::empty(405).with("Allow", "POST"));
    }
    if bearer(request) != Some(&pipelines.job_access_token) {
        return Some(devops::bad_token(state, request));
    }
    let job_fits = hub.eq_ignore_ascii_case(&pipelines.hub)
        && project.eq_ignore_ascii_case(&pipelines.project_id)
        && plan.eq_ignore_ascii_case(&pipelines.plan_id)
        && job.eq_ignore_ascii_case(&pipelines.job_id);
    if !job_fits {
        return Some(
            WrappedException::new(
                404,
                "Microsoft.TeamFoundation.DistributedTask.WebApi.TaskOrchestrationPlanNotFoundException, Microsoft.TeamFoundation.DistributedTask.WebApi",
                format!("No plan found for identifier {plan}."),
            )
            .answer(),
        );
    }
    Some(token(state, request, pipelines))
}

fn token(state: &State, request: &Request, pipelines: &Pipelines) -> Answer {
    let id = request.query("serviceConnectionId").unwrap_or_default();
    let Some(connection) =
        pipelines.service_connections.iter().find(|connection| connection.id.eq_ignore_ascii_case(id))
    else {
        // 403 and 404 were both seen; the wording is UNVERIFIED.
        return WrappedException::new(
            404,
            "Microsoft.VisualStudio.Services.ServiceEndpoints.WebApi.ServiceEndpointNotFoundException, Microsoft.VisualStudio.Services.ServiceEndpoints.WebApi",
            format!("No service connection found with identifier {id}, or the job is not authorized to use it."),
        )
        .answer();
    };
    let (issuer, subject) = issuer_and_subject(&state.scenario, pipelines, connection);
    let now = state.now().as_second();
    let lifetime = connection.token_lifetime.unwrap_or(LIFETIME);
    // Tokens of the newer style are Entra's own.
    let entra = state.scenario.tenants.iter().any(|tenant| workload_issuer(&tenant.id) == issuer);
    let signer = if entra { Signer::Entra } else { Signer::Pipelines };
    let issued = now.min(now + lifetime - 1);
    let token = state.sign(
        signer,
        &json!({
            "jti": request.id("jti"),
            "sub": subject,
            "aud": connection.audience.as_deref().unwrap_or(EXCHANGE_AUDIENCE),
            "iss": issuer,
            "nbf": issued,
            "exp": now + lifetime,
            "iat": issued,
        }),
    );
    Answer::json(200, &json!({"oidcToken": token}))
        .replacing("Content-Type", "application/json; charset=utf-8; api-version=7.1")
}

fn issuer_and_subject(
    scenario: &Scenario,
    pipelines: &Pipelines,
    connection: &ServiceConnection,
) -> (String, String) {
    let organization = &scenario.organization;
    let (issuer, subject) = match connection.style {
        SubjectStyle::Entra => (
            workload_issuer(&organization.tenant),
            format!(
                "/eid1/c/pub/t/{}/a/{}/sc/{}/{}",
                guid_base64(&organization.tenant),
                guid_base64(AZURE_DEVOPS),
                organization.id,
                connection.id
            ),
        ),
        SubjectStyle::Vstoken => (
            format!("https://vstoken.dev.azure.com/{}", organization.id),
            format!("sc://{}/{}/{}", organization.name, pipelines.project, connection.name),
        ),
    };
    (connection.issuer.clone().unwrap_or(issuer), connection.subject.clone().unwrap_or(subject))
}

/// A GUID's bytes as .NET lays them out: the first three groups little-endian.
fn guid_base64(guid: &str) -> String {
    let digits: Vec<u8> = guid.chars().filter_map(|c| c.to_digit(16)).map(|digit| digit as u8).collect();
    let mut bytes: Vec<u8> = digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect();
    if bytes.len() == 16 {
        bytes[..4].reverse();
        bytes[4..6].reverse();
        bytes[6..8].reverse();
    }
    URL_SAFE_NO_PAD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::guid_base64;

    #[test]
    fn guid_bytes_are_in_dotnet_order() {
        // What .NET's `Guid.ToByteArray` and Python's `UUID.bytes_le` give.
        assert_eq!(guid_base64(crate::AZURE_DEVOPS), "rISbSSETf0KqFyZ8ppdXmA");
    }
}
