//! Azure DevOps' public status page.

use serde_json::json;

use crate::client::start;

const HEALTH: &str = "/status/_apis/status/health?api-version=7.1-preview.1";

#[test]
fn everything_is_healthy_unless_the_scenario_says_otherwise() {
    let client = start(|_| {});
    let page = client.get(HEALTH, &[]).json();
    assert_eq!(page["lastUpdated"], "2026-11-02T09:00:00Z");
    assert_eq!(page["status"]["health"], "healthy");
    let services = page["services"].as_array().unwrap();
    assert_eq!(services.len(), 7);
    for service in services {
        let geographies = service["geographies"].as_array().unwrap();
        assert_eq!(geographies.len(), 8);
        assert!(geographies.iter().all(|geography| geography["health"] == "healthy"));
    }
    assert_eq!(client.get("/status/_apis/status/nonsense", &[]).status, 404);
    assert_eq!(client.send("POST", HEALTH, &[], "{}").status, 404);
}

#[test]
fn services_and_geographies_are_filtered() {
    let client = start(|scenario| {
        scenario.answers.status = Some(json!({
            "lastUpdated": "2026-11-02T08:59:10Z",
            "status": {"health": "degraded", "message": "Pipelines in Europe"},
            "services": [
                {"id": "Test Plans", "geographies": [{"id": "EU", "name": "Europe", "health": "healthy"}]},
                {"id": "Pipelines", "geographies": [
                    {"id": "US", "name": "United States", "health": "healthy"},
                    {"id": "EU", "name": "Europe", "health": "degraded"},
                ]},
            ],
            "more": true,
        }));
    });
    let get = |filters: &str| client.get(&format!("{HEALTH}{filters}"), &[]).json();
    assert_eq!(
        get("&services=pipelines&geographies=EU"),
        json!({
            "lastUpdated": "2026-11-02T08:59:10Z",
            "status": {"health": "degraded", "message": "Pipelines in Europe"},
            "services": [
                {"id": "Pipelines", "geographies": [{"id": "EU", "name": "Europe", "health": "degraded"}]},
            ],
            "more": true,
        })
    );
    assert_eq!(get("&services=Test%20Plans,Pipelines")["services"].as_array().unwrap().len(), 2);
    assert_eq!(get("&geographies=US")["services"][0]["geographies"], json!([]));
}

#[test]
fn a_credential_is_refused() {
    let client = start(|_| {});
    for authorization in [client.bearer("lifeguard").as_str(), "Basic OndoYXQ=", ""] {
        let reply = client.get(HEALTH, &[("Authorization", authorization)]);
        assert_eq!(reply.status, 400, "{}", reply.text);
        assert!(reply.json()["message"].as_str().unwrap().contains("credential"), "{}", reply.text);
    }
}
