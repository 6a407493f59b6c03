//! OIDC endpoints, and their tokens at Entra.

use crate::assertions::exchange;
use crate::client::start;

#[test]
fn azure_pipelines_in_both_styles() {
    let client = start(|_| {});
    let pipelines = client.scenario.pipelines.clone().unwrap();
    let path = format!(
        "/contoso/{}/_apis/distributedtask/hubs/build/plans/{}/jobs/{}/oidctoken?api-version=7.1",
        pipelines.project_id, pipelines.plan_id, pipelines.job_id
    );
    let bearer = format!("Bearer {}", pipelines.job_access_token);
    let headers = [("Authorization", bearer.as_str())];
    for connection in &pipelines.service_connections {
        let path = format!("{path}&serviceConnectionId={}", connection.id);
        let reply = client.send("POST", &path, &headers, "");
        let json = reply.json();
        let reply = exchange(&client, "lifeguard", json["oidcToken"].as_str().unwrap());
        assert_eq!(reply.status, 200, "{} {}", connection.name, reply.text);
    }
    let unknown = format!("{path}&serviceConnectionId=00000000-0000-0000-0000-000000000000");
    assert_eq!(client.send("POST", &unknown, &headers, "").status, 404);
    let suppress = ("X-TFS-FedAuthRedirect", "Suppress");
    assert_eq!(client.send("POST", &path, &[suppress], "").status, 401);
    assert_eq!(client.send("POST", &path, &[], "").status, 203);
}

#[test]
fn github() {
    let client = start(|_| {});
    let token = client.scenario.git_hub.clone().unwrap().request_token;
    let path = "/github/oidc/token?api-version=2.0&audience=api%3A%2F%2FAzureADTokenExchange";
    let bearer = format!("Bearer {token}");
    let reply = client.get(path, &[("Authorization", &bearer)]);
    let json = reply.json();
    let reply = exchange(&client, "lifeguard", json["value"].as_str().unwrap());
    assert_eq!(reply.status, 200, "{}", reply.text);
    assert_eq!(client.get(path, &[("Authorization", "Bearer wrong")]).status, 401);
}
