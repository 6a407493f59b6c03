//! Azure DevOps: who is let in, what they see.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use lifeguard_emulator::scenario::Role;
use serde_json::json;

use crate::client::{Client, start};

const POOLS: &str = "/contoso/_apis/distributedtask/pools";
const SUPPRESS: (&str, &str) = ("X-TFS-FedAuthRedirect", "Suppress");

#[test]
fn refusals_take_many_forms() {
    let client = start(|scenario| {
        scenario.identity_mut("no-role").unwrap().token_audience =
            Some("https://management.azure.com".to_owned());
    });
    let tenant = client.org_tenant();
    let reply = client.get(POOLS, &[SUPPRESS]);
    assert_eq!((reply.status, reply.text.as_str()), (401, ""));
    assert_eq!(reply.header("x-vss-resourcetenant"), tenant);
    assert_eq!(
        reply.header("www-authenticate"),
        format!("Bearer authorization_uri=https://login.microsoftonline.com/{tenant}")
    );
    assert_eq!(client.get(POOLS, &[]).status, 302);
    let expired = client.bearer("short-lived");
    let wrong_audience = client.bearer("no-role");
    for bearer in [&expired, &wrong_audience, "Bearer nonsense", "Basic OndoYXQ="] {
        let authorization = ("Authorization", bearer as &str);
        assert_eq!(client.get(POOLS, &[authorization, SUPPRESS]).status, 401);
        let reply = client.get(POOLS, &[authorization]);
        assert_eq!(reply.status, 203);
        assert!(reply.text.contains("Azure DevOps Services | Sign In"));
    }
    let outsider = client.bearer("outsider");
    let reply = client.get(POOLS, &[("Authorization", &outsider), SUPPRESS]);
    assert_eq!(reply.status, 401);
    assert_eq!(
        reply.json()["message"],
        "TF400813: The user 'outsider' is not authorized to access this resource."
    );
    assert_eq!(client.get("/nowhere/_apis/distributedtask/pools", &[]).status, 404);
    let reply = client.get("/contoso/_apis/nonsense", &[("Authorization", &client.bearer("lifeguard"))]);
    assert_eq!(reply.status, 404);
    assert!(reply.text.starts_with("The controller for path '/contoso/_apis/nonsense'"));
}

#[test]
fn pats_and_tokens_as_passwords() {
    let client = start(|_| {});
    let token = client.bearer("lifeguard").replace("Bearer ", "");
    let pats: Vec<_> = client.scenario.pats.iter().map(|pat| pat.value.clone()).collect();
    let basic = |password: &str| format!("Basic {}", STANDARD.encode(format!("any:{password}")));
    for (password, status) in [(&pats[0], 200), (&pats[1], 200), (&token, 200), (&pats[2], 203)] {
        assert_eq!(client.get(POOLS, &[("Authorization", &basic(password))]).status, status);
    }
    let path = format!("{POOLS}/10/agents/101?api-version=7.1");
    for (password, status) in [(&pats[0], 200), (&pats[1], 401)] {
        let reply = client.send("PATCH", &path, &[("Authorization", &basic(password))], "{}");
        assert_eq!(reply.status, status);
    }
    // Azure DevOps Server knows PATs only.
    let pools = "/tfs/DefaultCollection/_apis/distributedtask/pools";
    assert_eq!(client.get(pools, &[("Authorization", &basic(&pats[0]))]).status, 200);
    assert_eq!(client.get(pools, &[("Authorization", &basic(&token))]).status, 401);
}

#[test]
fn pools_without_a_role_are_invisible() {
    let client = start(|scenario| {
        let identity = scenario.identity_mut("lifeguard").unwrap();
        identity.pool_roles.insert("11".to_owned(), Role::None);
    });
    let reader = client.bearer("lifeguard");
    let headers = [("Authorization", reader.as_str())];
    assert_eq!(client.get(POOLS, &headers).names("name"), ["Azure Pipelines", "linux-build", "gpu-build"]);
    assert_eq!(client.get(&format!("{POOLS}?poolName=Linux-Build"), &headers).names("id"), ["10"]);
    assert_eq!(client.get(&format!("{POOLS}?poolName=none"), &headers).json()["count"], 0);
    assert_eq!(client.get(&format!("{POOLS}?poolIds=10,12"), &headers).names("id"), ["10", "12"]);
    assert_eq!(client.get(&format!("{POOLS}?actionFilter=manage"), &headers).json()["count"], 0);
    let reply = client.get(&format!("{POOLS}/11"), &headers);
    assert_eq!(reply.status, 404);
    assert_eq!(reply.json()["typeKey"], "TaskAgentPoolNotFoundException");
    let bearer = client.bearer("no-role");
    let reply = client.get(POOLS, &[("Authorization", &bearer)]);
    assert_eq!(reply.json()["count"], 0);
}

#[test]
fn answers_pass_through_as_they_are() {
    let client = start(|scenario| {
        scenario.answers.pools = Some(json!({"count": 77, "value": [
            {"id": 10, "unheardOf": [1], "name": "linux-build"},
            {"name": "without an id"},
            null,
        ], "more": true}));
        scenario.answers.agents.insert(10, json!([{"id": 1, "name": "bare"}]));
    });
    let bearer = client.bearer("lifeguard");
    let headers = [("Authorization", bearer.as_str())];
    let reply = client.get(&format!("{POOLS}/10/agents"), &headers);
    assert_eq!(reply.text, r#"[{"id":1,"name":"bare"}]"#);
    // Items without an id can't have a role: dropping them is what changes the count.
    assert_eq!(
        client.get(POOLS, &headers).json(),
        json!({"count": 1, "value": [{"id": 10, "unheardOf": [1], "name": "linux-build"}], "more": true})
    );
}

#[test]
fn job_requests() {
    let client = start(|scenario| {
        let many: Vec<_> = (0..250).map(|id| json!({"requestId": id, "matchedAgents": []})).collect();
        scenario.answers.job_requests.insert(12, json!({"count": 2, "value": many}));
    });
    let bearer = client.bearer("lifeguard");
    let headers = [("Authorization", bearer.as_str())];
    let get = |query: &str| client.get(&format!("{POOLS}/{query}"), &headers);
    assert_eq!(get("11/jobrequests").names("requestId").len(), 8);
    assert_eq!(get("11/jobrequests?completedRequestCount=0").names("requestId").len(), 6);
    assert_eq!(get("11/jobrequests?completedRequestCount=1").names("requestId").len(), 7);
    assert_eq!(get("11/jobrequests?agentId=203").names("result"), ["abandoned"]);
    let unfiltered = get("12/jobrequests");
    assert_eq!(unfiltered.json()["count"], 2, "a count that lies");
    let page = get("12/jobrequests?$top=250&completedRequestCount=0");
    assert_eq!(page.names("requestId").len(), 200);
    assert!(!page.text.contains("matchedAgents"));
    let token = page.header("x-ms-continuationtoken");
    let rest = get(&format!("12/jobrequests?$top=250&continuationToken={token}"));
    assert_eq!(rest.names("requestId").len(), 50);
    assert_eq!(get("11/jobrequests/91310").json()["requestId"], 91310);
    assert_eq!(get("11/jobrequests/1").status, 404);
}

#[test]
fn the_newest_finished_job_requests() {
    let client = start(|scenario| {
        let agent = |id: u64| json!({"id": id, "name": "a"});
        scenario.answers.job_requests.insert(12, json!([
            {"requestId": 1, "result": "succeeded", "finishTime": "2026-11-02T07:00:00Z", "reservedAgent": agent(1)},
            {"requestId": 2, "matchedAgents": [agent(1)]},
            {"requestId": 3, "result": "failed", "finishTime": "2026-11-02T08:00:00.1234567Z", "reservedAgent": agent(2)},
            {"requestId": 4, "result": "canceled", "reservedAgent": agent(2)},
            {"requestId": 5, "receiveTime": "2026-11-02T08:10:00Z", "reservedAgent": agent(1), "matchedAgents": [agent(1)]},
            {"requestId": 6, "result": "failed", "finishTime": "2026-11-02T08:00:00Z", "reservedAgent": agent(3)},
        ]));
    });
    let bearer = client.bearer("lifeguard");
    let get =
        |query: &str| client.get(&format!("{POOLS}/12/jobrequests?{query}"), &[("Authorization", &bearer)]);
    for (query, ids) in [
        ("completedRequestCount=0", &["2", "5"] as &[&str]),
        ("completedRequestCount=1", &["2", "3", "5"]),
        ("completedRequestCount=2", &["2", "3", "5", "6"]),
        ("completedRequestCount=9", &["1", "2", "3", "4", "5", "6"]),
        ("completedRequestCount=0&agentIds=1,3", &["5"]),
        ("completedRequestCount=1&agentIds=1,3", &["5", "6"]),
        ("completedRequestCount=1&agentId=1", &["1", "5"]),
    ] {
        assert_eq!(get(query).names("requestId"), ids, "{query}");
    }
    assert_eq!(get("completedRequestCount=1").text.matches("matchedAgents").count(), 2);
}

#[test]
fn maintenance_jobs() {
    let client = start(|scenario| {
        scenario.answers.maintenance_jobs.insert(
            11,
            json!({"count": 2, "value": [
                {"jobId": 2, "definitionId": 1, "status": "completed", "result": "failed"},
                {"jobId": 1, "definitionId": 4, "status": "completed", "result": "succeeded"},
            ]}),
        );
        let identity = scenario.identity_mut("lifeguard").unwrap();
        identity.pool_roles.insert("12".to_owned(), Role::None);
    });
    let bearer = client.bearer("lifeguard");
    let get = |path: &str| client.get(&format!("{POOLS}/{path}"), &[("Authorization", &bearer), SUPPRESS]);
    assert_eq!(get("11/maintenancejobs").names("result"), ["failed", "succeeded"]);
    assert_eq!(get("11/maintenancejobs?definitionId=4&api-version=7.1-preview.1").names("jobId"), ["1"]);
    assert_eq!(get("10/maintenancejobs").json(), json!({"count": 0, "value": []}));
    assert_eq!(get("12/maintenancejobs").json()["typeKey"], "TaskAgentPoolNotFoundException");
    assert_eq!(client.get(&format!("{POOLS}/11/maintenancejobs"), &[SUPPRESS]).status, 401);
}

#[test]
fn packages() {
    let client = start(|_| {});
    let bearer = client.bearer("lifeguard");
    let get = |path: &str| {
        client.get(&format!("/contoso/_apis/distributedtask/packages/{path}"), &[("Authorization", &bearer)])
    };
    for path in ["agent?platform=linux-x64&top=1", "agent/linux-x64?$top=1"] {
        assert_eq!(get(path).names("filename"), ["vsts-agent-linux-x64-4.266.2.tar.gz"]);
    }
    assert_eq!(get("agent/win-x64/4.261.0").json()["version"]["minor"], 261);
    assert_eq!(get("agent/win-x64/9.9.9").status, 404);
}

#[test]
fn the_rest_of_the_surface() {
    let client = start(|scenario| {
        scenario.answers.elastic_pools = Some(json!([{"poolId": 12, "state": "unhealthy"}]));
        scenario
            .answers
            .elastic_pool_nodes
            .insert(12, json!([{"id": 1, "state": "idle"}, {"id": 2, "state": "lost"}]));
    });
    let bearer = client.bearer("lifeguard");
    let get = |path: &str| client.get(&format!("/contoso{path}"), &[("Authorization", &bearer)]);
    let usage = "/_apis/distributedtask/resourceusage?parallelismTag=Private&poolIsHosted=";
    assert_eq!(get(&format!("{usage}false")).json()["resourceLimit"]["totalCount"], 25);
    assert_eq!(get(&format!("{usage}true")).json()["resourceLimit"]["totalCount"], 1);
    assert!(get("/_apis/distributedtask/resourceusage").json()["resourceLimit"].is_null());
    let roles = "/_apis/securityroles/scopes/distributedtask.agentpoolrole/roleassignments/resources/10";
    assert_eq!(
        get(&format!("{roles}?api-version=7.1")).json()["typeKey"],
        "VssInvalidPreviewVersionException"
    );
    assert!(get(&format!("{roles}?api-version=7.1-preview.1")).text.contains("Pool Lifeguard"));
    let elastic = "/_apis/distributedtask/elasticpools";
    assert_eq!(get(&format!("{elastic}/12/nodes?$state=Lost")).names("id"), ["2"]);
    assert_eq!(get(&format!("{elastic}/12/logs")).json()["count"], 0);
    assert_eq!(get(&format!("{elastic}/10")).json()["typeKey"], "ElasticPoolDoesNotExistException");
    let queues = "/Payments/_apis/distributedtask/queues";
    assert_eq!(get(&format!("{queues}?poolIds=11,12")).names("id"), ["21", "22"]);
    assert_eq!(
        get("/unknown/_apis/distributedtask/queues").json()["typeKey"],
        "ProjectDoesNotExistWithNameException"
    );
    assert_eq!(get("/_apis/distributedtask/pools/10/permissions/8").text, "false");
    let locations = client.send("OPTIONS", "/contoso/_apis/distributedtask", &[], "");
    assert!(locations.names("resourceName").contains(&"jobrequests".to_owned()));
    assert_eq!(client.get("/contoso/_apis/ResourceAreas", &[]).json()["count"], 2);
    assert_eq!(
        get("/_apis/distributedtask/pools?api-version=7.0").header("content-type"),
        "application/json; charset=utf-8; api-version=7.0"
    );
    anonymous_connection_data(&client);
}

fn anonymous_connection_data(client: &Client) {
    let reply = client.get("/contoso/_apis/connectionData", &[SUPPRESS]);
    assert_eq!(reply.status, 200);
    assert_eq!(reply.json()["authenticatedUser"]["id"], "aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa");
}
