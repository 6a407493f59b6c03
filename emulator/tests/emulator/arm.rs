//! The resource manager's lists, as far as they go.

use lifeguard_emulator::AZURE_DEVOPS;

use crate::client::{Client, start};

fn list(client: &Client, token: &str) -> u16 {
    client.get("/arm/subscriptions?api-version=2022-12-01", &[("Authorization", token)]).status
}

fn of_build_vm(client: &Client, resource: &str) -> String {
    let path = format!("/metadata/identity/oauth2/token?api-version=2018-02-01&resource={resource}");
    let reply = client.get(&path, &[("Metadata", "true")]);
    format!("Bearer {}", reply.json()["access_token"].as_str().unwrap())
}

#[test]
fn empty_for_its_own_tokens_only() {
    let client = start(|_| {});
    let token = of_build_vm(&client, "https://management.azure.com/");
    let reply = client.get("/arm/tenants", &[("Authorization", &token)]);
    assert_eq!((reply.status, reply.text.as_str()), (200, r#"{"value":[]}"#));
    assert_eq!(list(&client, &token), 200);
    assert_eq!(list(&client, &of_build_vm(&client, AZURE_DEVOPS)), 401);
    assert_eq!(list(&client, &format!("{token}x")), 401);
    assert_eq!(client.get("/arm/tenants", &[]).status, 401);
    assert_eq!(client.get("/arm/providers", &[("Authorization", &token)]).status, 404);

    let client = start(|scenario| {
        let vm = scenario.identities.iter_mut().find(|identity| identity.name == "build-vm");
        vm.unwrap().token_lifetime = Some(-60);
    });
    assert_eq!(list(&client, &of_build_vm(&client, "https://management.azure.com")), 401, "expired");
}
