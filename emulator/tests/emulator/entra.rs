//! The token endpoint: tenants, clients, scopes, secrets.

use crate::client::{assert_aadsts, scope, start};

#[test]
fn a_secret_gets_a_token() {
    let client = start(|_| {});
    let reply = client.by_secret("lifeguard");
    assert_eq!(reply.status, 200, "{}", reply.text);
    assert_eq!(reply.json()["expires_in"], 3599);
    assert_eq!(reply.json()["token_type"], "Bearer");
    assert_eq!(client.emulator.issued().len(), 2, "this and the cluster's");
}

#[test]
fn secrets_are_checked() {
    let client = start(|_| {});
    let tenant = client.org_tenant();
    let id = client.client_id("lifeguard");
    let known = client.scenario.identity("lifeguard").unwrap().secrets[0].clone();
    for wrong in ["wrong", &known.id] {
        let reply = client.token_request(
            &tenant,
            &[
                ("client_id", &id),
                ("client_secret", wrong),
                ("grant_type", "client_credentials"),
                ("scope", &scope()),
            ],
        );
        assert_aadsts(&reply, 401, "invalid_client", 7_000_215);
    }
    let reply = client.token_request(
        &tenant,
        &[("client_id", &id), ("grant_type", "client_credentials"), ("scope", &scope())],
    );
    assert_aadsts(&reply, 401, "invalid_client", 7_000_218);
    let reply = client.by_secret("expired-secret");
    assert_aadsts(&reply, 401, "invalid_client", 7_000_222);
    let reply = client.by_secret("disabled-app");
    assert_aadsts(&reply, 401, "unauthorized_client", 7_000_112);
}

#[test]
fn tenant_client_and_scope_are_checked() {
    let client = start(|_| {});
    let tenant = client.org_tenant();
    let other = client.scenario.tenants[1].id.clone();
    let id = client.client_id("lifeguard");
    let secret = client.scenario.identity("lifeguard").unwrap().secrets[0].value.clone();
    let devops = scope();
    for (tenant, scope, status, error, code) in [
        ("no_tenant", devops.as_str(), 400, "invalid_request", 900_023),
        ("common", &devops, 400, "invalid_request", 50059),
        ("nowhere.example", &devops, 400, "invalid_tenant", 90002),
        (&other, &devops, 400, "unauthorized_client", 700_016),
        (&tenant, "499b84ac-1321-427f-aa17-267ca6975798", 400, "invalid_scope", 1_002_012),
        (&tenant, "https%3A%2F%2Fx%2F.default", 400, "invalid_scope", 1_002_012),
        (&tenant, "a/.default b/.default", 400, "invalid_scope", 70011),
        (&tenant, "https://unknown.example/.default", 400, "invalid_resource", 500_011),
    ] {
        let reply = client.token_request(
            tenant,
            &[
                ("client_id", &id),
                ("client_secret", &secret),
                ("grant_type", "client_credentials"),
                ("scope", scope),
            ],
        );
        assert_aadsts(&reply, status, error, code);
    }
}

#[test]
fn metadata_is_under_the_address_that_was_used() {
    let client = start(|_| {});
    let tenant = client.org_tenant();
    let reply = client.get(&format!("/{tenant}/v2.0/.well-known/openid-configuration"), &[]);
    let json = reply.json();
    assert_eq!(json["token_endpoint"], client.url(&format!("/{tenant}/oauth2/v2.0/token")));
    let keys = client.get(&format!("/{tenant}/discovery/v2.0/keys"), &[]);
    assert_eq!(keys.json()["keys"][0]["kty"], "RSA");
}
