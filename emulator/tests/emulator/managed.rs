//! The managed identity endpoints.

use std::fs;

use lifeguard_emulator::scenario::ExpiryFormat;
use lifeguard_emulator::{AZURE_DEVOPS, Clock, Emulator, Options};
use tempfile::TempDir;

use crate::client::{Client, demo, start};

const DAY: i64 = 86_400;
const NOW: i64 = 1_793_610_000;

#[test]
fn app_service() {
    let client = start(|_| {});
    let header = client.scenario.managed_identities.app_service.clone().unwrap().identity_header;
    let path = format!("/appservice/msi/token?api-version=2019-08-01&resource={AZURE_DEVOPS}");
    let reply = client.get(&path, &[("X-IDENTITY-HEADER", &header)]);
    assert_eq!(reply.json()["expires_on"], (NOW + DAY).to_string());
    assert_eq!(reply.json()["client_id"], client.client_id("build-vm"));
    for selector in [
        format!("client_id={}", client.client_id("user-mi")),
        format!("principal_id={}", client.scenario.identity("user-mi").unwrap().object_id),
    ] {
        let reply = client.get(&format!("{path}&{selector}"), &[("X-IDENTITY-HEADER", &header)]);
        assert_eq!(reply.json()["client_id"], client.client_id("user-mi"), "{selector}");
    }
    let reply = client.get(&format!("{path}&client_id=nobody"), &[("X-IDENTITY-HEADER", &header)]);
    assert_eq!(reply.status, 400);
    assert_eq!(
        reply.json()["Message"],
        "No Managed Identity found for specified ClientId/ResourceId/PrincipalId."
    );
    assert_eq!(client.get(&path, &[]).status, 401);
}

#[test]
fn imds() {
    let client = start(|scenario| {
        let imds = scenario.managed_identities.imds.as_mut().unwrap();
        imds.system_assigned = None;
        imds.expires_on = ExpiryFormat::Rfc3339;
    });
    let path = format!("/metadata/identity/oauth2/token?api-version=2018-02-01&resource={AZURE_DEVOPS}");
    let metadata = ("Metadata", "true");
    assert_eq!(client.get(&path, &[]).status, 400);
    assert_eq!(client.get(&path, &[metadata, ("X-Forwarded-For", "1.2.3.4")]).status, 400);
    let reply = client.get(&path, &[metadata]);
    assert!(reply.text.contains("Multiple user assigned identities"), "{}", reply.text);
    let id = client.client_id("user-mi");
    let reply = client.get(&format!("{path}&client_id={id}"), &[metadata]);
    assert_eq!(reply.json()["expires_on"], "2026-11-03T09:00:00Z");
    assert_eq!(reply.json()["expires_in"], "86400");
}

#[test]
fn arc_wants_the_file_once() {
    let folder = TempDir::new().unwrap();
    let options =
        Options { clock: Clock::Fixed, arc_tokens: Some(folder.path().to_owned()), ..Options::default() };
    let client = Client::of(Emulator::start(demo(), options).unwrap(), demo());
    let path = format!("/arc/metadata/identity/oauth2/token?api-version=2020-06-01&resource={AZURE_DEVOPS}");
    let metadata = ("Metadata", "true");
    let reply = client.get(&path, &[metadata]);
    assert_eq!(reply.status, 401);
    let name =
        reply.header("www-authenticate").strip_prefix("Basic realm=/var/opt/azcmagent/tokens/").unwrap();
    let key = fs::read_to_string(folder.path().join(name)).unwrap();
    assert!(client.emulator.issued().contains(&key));
    let basic = format!("Basic {key}");
    let answered = [metadata, ("Authorization", basic.as_str())];
    assert_eq!(client.get(&path, &answered).status, 200);
    assert_eq!(client.get(&path, &answered).status, 401);
}

#[test]
fn legacy_arc_ignores_which_identity_is_asked_for() {
    let client = start(|scenario| {
        let arc = scenario.managed_identities.arc.as_mut().unwrap();
        arc.legacy = true;
        arc.realm = Some("/tmp/elsewhere.key".to_owned());
        arc.key_size = Some(5000);
    });
    let path = format!(
        "/arc/metadata/identity/oauth2/token?api-version=2020-06-01&resource={AZURE_DEVOPS}&client_id={}",
        client.client_id("user-mi")
    );
    let reply = client.get(&path, &[("Metadata", "true")]);
    assert_eq!(reply.header("www-authenticate"), "Basic realm=/tmp/elsewhere.key");
    let key = client.emulator.issued().pop().unwrap();
    assert_eq!(key.len(), 5000);
    let basic = format!("Basic {key}");
    let reply = client.get(&path, &[("Metadata", "true"), ("Authorization", &basic)]);
    assert_eq!(reply.json()["client_id"], client.client_id("build-vm"));
}

#[test]
fn azure_ml_and_cloud_shell() {
    let client = start(|scenario| {
        scenario.managed_identities.azure_ml.as_mut().unwrap().expires_on = ExpiryFormat::Date;
    });
    let secret = client.scenario.managed_identities.azure_ml.clone().unwrap().msi_secret;
    let path = format!("/azureml/msi/token?api-version=2017-09-01&resource={AZURE_DEVOPS}");
    let reply = client.get(&path, &[("secret", &secret)]);
    assert_eq!(reply.json()["expires_on"], "11/03/2026 09:00:00 +00:00");
    assert_eq!(client.get(&path, &[("secret", "wrong")]).status, 401);

    let body = format!("resource={AZURE_DEVOPS}");
    let reply = client.send("POST", "/cloudshell/oauth2/token", &[("Metadata", "true")], &body);
    let bearer = format!("Bearer {}", reply.json()["access_token"].as_str().unwrap());
    let reply = client.get("/contoso/_apis/connectionData", &[("Authorization", &bearer)]);
    assert_eq!(reply.json()["authenticatedUser"]["providerDisplayName"], "Ada Ferrer");
}
