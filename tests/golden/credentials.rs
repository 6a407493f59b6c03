//! Every credential, from the environment to the token: what is sent, and what is told.

use crate::harness::{Case, golden};

/// Environments of the demo scenario in which `auto` finds the credential
#[test]
fn auto_finds_each_credential() {
    for environment in [
        "app-service",
        "app-service-user-assigned",
        "arc",
        "azure-ml",
        "azure-pipelines",
        "azure-pipelines-vstoken",
        "client-certificate",
        "client-certificate-chain",
        "client-certificate-encrypted",
        "client-certificate-legacy-pfx",
        "client-certificate-pfx",
        "client-certificate-pkcs1",
        "client-secret",
        "cloud-shell",
        "github",
        "imds",
        "imds-user-assigned",
        "pat",
        "workload-identity",
    ] {
        let ran = Case::new(environment).run("token");
        assert_eq!(ran.outcome.exit_code, 0, "{environment}: {}", ran.stderr());
        golden!(format!("credential-{environment}"), ran);
    }
}

#[test]
fn a_certificate_may_sign_with_rs256() {
    golden!(
        "credential-client-certificate-rs256",
        Case::new("client-certificate").run("token --assertion-algorithm RS256")
    );
}

#[test]
fn a_certificate_may_come_by_a_variable() {
    let folder = crate::harness::demo_folder().join("certificates");
    let pem = std::fs::read_to_string(folder.join("lifeguard.pem")).expect("a file of the scenario");
    let case = || Case::new("client-certificate").without("AZURE_CLIENT_CERTIFICATE_PATH");
    golden!(
        "credential-client-certificate-variable-pem",
        case().env("INPUT_CLIENTCERTIFICATE", &pem).run("token")
    );

    use base64::prelude::{BASE64_STANDARD, Engine as _};
    let pfx = std::fs::read(folder.join("lifeguard.pfx")).expect("a file of the scenario");
    let case = case().env("ARM_CLIENT_CERTIFICATE", &BASE64_STANDARD.encode(pfx));
    let case = case.env("ARM_CLIENT_CERTIFICATE_PASSWORD", "demo-certificate-password-5b1e");
    golden!("credential-client-certificate-variable-pfx", case.run("token"));
}

#[test]
fn a_secret_may_come_by_a_file() {
    let case = Case::new("client-secret").without("AZURE_CLIENT_SECRET");
    let case = case.file("secret", b"demo-secret-lifeguard~82e21a37496f\n");
    golden!("credential-client-secret-file", case.run("token --client-secret-file /scratch/secret"));
}

#[test]
fn a_user_assigned_identity_is_selected_in_three_ways() {
    let resource = "/subscriptions/0d2f7b86-3f0e-4c35-8f5c-5ad7be1b0a11/resourceGroups/agents/providers/\
                    Microsoft.ManagedIdentity/userAssignedIdentities/user-mi";
    for platform in ["app-service", "imds"] {
        for (name, arguments) in [
            ("client-id", "--managed-identity-client-id a5c7acc9-d09e-4e29-ae3e-dd62dd095390".to_owned()),
            ("object-id", format!("--managed-identity-object-id {}", object_id())),
            (
                "resource-id",
                format!("--managed-identity-resource-id {}", resource_id().unwrap_or(resource.into())),
            ),
        ] {
            let ran = Case::new(platform).run(&format!("token --identity managed-identity {arguments}"));
            assert_eq!(ran.outcome.exit_code, 0, "{platform} {name}: {}", ran.stderr());
            golden!(format!("credential-{platform}-by-{name}"), ran);
        }
    }
}

fn object_id() -> String {
    Case::new("imds").scenario.identity("user-mi").expect("an identity of the scenario").object_id.clone()
}

fn resource_id() -> Option<String> {
    let text = std::fs::read_to_string(crate::harness::demo_folder().join("scenario.json")).ok()?;
    let scenario: serde_json::Value = serde_json::from_str(&text).ok()?;
    Some(scenario["managedIdentities"]["imds"]["userAssigned"][0]["resourceId"].as_str()?.to_owned())
}

#[test]
fn a_managed_identity_can_be_the_federated_credential_of_an_app() {
    golden!(
        "credential-managed-identity-federation",
        Case::new("managed-identity-federation").run("token --identity managed-identity-federation")
    );
    let mi = Case::new("imds").scenario.identity("fabrikam-vm").expect("an identity").client_id.clone();
    let line = format!("token --managed-identity-client-id {}", mi.expect("a client id"));
    golden!("credential-managed-identity-federation-cross-tenant", Case::new("cross-tenant").run(&line));
}

#[test]
fn the_job_token_is_found_where_a_task_gets_it() {
    let case = Case::new("azure-pipelines-task")
        .env("AZURE_TENANT_ID", "7f3b1c52-9d0e-4c6a-8b4f-2a51c0d7e611")
        .env("AZURE_CLIENT_ID", "5a81c67f-e8ff-431e-a5c0-2f14ed6c75c3");
    let line = "token --service-connection-id 9b974d16-bf71-47c3-a8fa-fece6e88bb1c";
    golden!("credential-azure-pipelines-task", case.run(line));
}

#[test]
fn a_ready_made_access_token_is_told_from_a_pat() {
    let issued = Case::new("client-secret").prints_token().run("token --format json");
    let issued: serde_json::Value = serde_json::from_str(&issued.stdout()).expect("JSON");
    let token = issued["accessToken"].as_str().expect("a token");
    let case = || Case::new("pat").without("AZP_TOKEN");
    golden!(
        "credential-ready-made-file",
        case().file("token", token.as_bytes()).run("token --token-file /scratch/token")
    );
    golden!("credential-ready-made-check", case().env("AZP_TOKEN", token).run("check --pool linux-build"));
}

#[test]
fn azure_arc_knows_user_assigned_identities_too() {
    let line =
        "token --identity managed-identity --managed-identity-client-id a5c7acc9-d09e-4e29-ae3e-dd62dd095390";
    golden!("credential-arc-user-assigned", Case::new("arc").run(line));
}

#[test]
fn azure_ml_may_write_the_end_as_a_date() {
    use lifeguard_emulator::scenario::ExpiryFormat;
    for format in [ExpiryFormat::Date, ExpiryFormat::DateAmPm, ExpiryFormat::Rfc3339, ExpiryFormat::Number] {
        let case = Case::new("azure-ml").scenario(|scenario| {
            scenario.managed_identities.azure_ml.as_mut().expect("Azure ML").expires_on = format;
        });
        let stdout = case.run("token").stdout();
        assert!(stdout.contains("valid until  2026-11-03T09:00:00Z"), "{stdout}");
    }
}
