//! Agents: read with filters, changed by administrators.

use crate::client::{Client, Reply, start};

const AGENTS: &str = "/contoso/_apis/distributedtask/pools/10/agents";

#[test]
fn members_come_when_asked_for() {
    let client = start(|_| {});
    let bearer = client.bearer("lifeguard");
    let get = |query: &str| client.get(&format!("{AGENTS}{query}"), &[("Authorization", &bearer)]);
    let plain = get("");
    for member in ["Capabilities", "assignedRequest", "lastCompletedRequest"] {
        assert!(!plain.text.contains(member), "{member}");
    }
    assert!(get("?includeCapabilities=true").text.contains("systemCapabilities"));
    assert!(get("?includeAssignedRequest=true").text.contains("assignedRequest"));
    assert!(get("?includeLastCompletedRequest=true").text.contains("lastCompletedRequest"));
    assert_eq!(get("?agentName=LINUX-07").names("name"), ["linux-07"]);
    assert_eq!(get("?demands=docker,Agent.OS%20-equals%20Linux").names("name").len(), 20);
    assert_eq!(get("?demands=team").names("name").len(), 10);
    assert_eq!(get("?demands=Agent.Version%20-gtVersion%205.0.0").names("name").len(), 0);
    assert_eq!(get("/107").json()["name"], "linux-07");
    assert_eq!(get("/999").json()["typeKey"], "TaskAgentNotFoundException");
    assert_eq!(get("/107?isCheckPermissions=true").text, "false");
}

#[test]
fn changes_are_for_administrators() {
    let client = start(|_| {});
    for identity in ["lifeguard", "project-admin"] {
        let reply = change(&client, identity, "PATCH", "/101?api-version=7.1", "{}");
        assert_eq!(reply.status, 403, "{}", reply.text);
        let message = reply.json()["message"].as_str().unwrap().to_owned();
        assert!(message.contains("needs Manage permissions for pool linux-build"), "{message}");
    }
    let reply = change(&client, "administrator", "PATCH", "/101", "{}");
    assert_eq!(reply.json()["typeKey"], "VssVersionNotSpecifiedException");
}

#[test]
fn a_placeholder_lives_and_dies() {
    let client = start(|_| {});
    let body = r#"{"name":"template","version":"99.999.9","osDescription":"x","enabled":true,"status":"online",
        "provisioningState":"Provisioned","systemCapabilities":{"docker":""}}"#;
    let admin = |method: &str, path: &str, body: &str| {
        change(&client, "administrator", method, &format!("{path}?api-version=7.1"), body)
    };
    let created = admin("POST", "", body);
    assert_eq!(created.status, 200, "{}", created.text);
    assert_eq!(created.json()["id"], 121);
    assert_eq!(created.json()["status"], "offline");
    assert_eq!(created.json()["createdOn"], "2026-11-02T09:00:00.000Z");
    let again = admin("POST", "", body);
    assert_eq!((again.status, &again.json()["typeKey"]), (409, &"TaskAgentExistsException".into()));

    let patched = admin("PATCH", "/121", r#"{"id":121,"enabled":false,"systemCapabilities":{}}"#);
    assert_eq!(patched.json()["enabled"], false);
    let capable = admin("PUT", "/121/usercapabilities", r#"{"gpu":"1"}"#);
    assert_eq!(capable.json()["systemCapabilities"]["docker"], "");
    assert_eq!(capable.json()["userCapabilities"]["gpu"], "1");
    let replaced = admin("PUT", "/121", r#"{"name":"template","version":"99.0.0"}"#);
    assert_eq!(replaced.json()["id"], 121);
    assert!(replaced.json()["systemCapabilities"].is_null());

    let bearer = client.bearer("lifeguard");
    let listed = client.get(AGENTS, &[("Authorization", &bearer)]);
    assert_eq!((listed.json()["count"].as_u64(), listed.names("id").len()), (Some(21), 21));
    assert_eq!(admin("DELETE", "/121", "").status, 204);
    assert_eq!(admin("DELETE", "/121", "").status, 404);
    assert_eq!(client.get(AGENTS, &[("Authorization", &bearer)]).json()["count"], 20);
}

#[track_caller]
fn change(client: &Client, identity: &str, method: &str, path: &str, body: &str) -> Reply {
    let bearer = client.bearer(identity);
    let headers = [("Authorization", bearer.as_str()), ("Content-Type", "application/json")];
    client.send(method, &format!("{AGENTS}{path}"), &headers, body)
}
