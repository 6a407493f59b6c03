//! Every way in which no token can be had: exit code 3, and what to do.

use lifeguard_emulator::{Effect, Fault};

use crate::harness::{Case, golden};

/// Entra ID's answers to wrong credentials
#[test]
fn entra_refuses() {
    for environment in [
        "client-certificate-unregistered",
        "disabled-app",
        "expired-secret",
        "secret-id",
        "short-lived",
        "unknown-tenant",
        "wrong-tenant",
    ] {
        let ran = Case::new(environment).run("token --timeout 5s");
        assert_eq!(ran.outcome.exit_code, 3, "{environment}: {}", ran.stdout());
        golden!(format!("token-error-{environment}"), ran);
    }
}

#[test]
fn a_federated_credential_does_not_match() {
    let federation = |change: fn(&mut String, &mut String, &mut String)| {
        Case::new("github").scenario(|scenario| {
            let identity = scenario.identity_mut("lifeguard").expect("an identity of the scenario");
            for federation in &mut identity.federations {
                change(&mut federation.issuer, &mut federation.subject, &mut federation.audience);
            }
        })
    };
    let line = "token --identity github";
    golden!("token-error-700211-issuer", federation(|issuer, _, _| issuer.push_str("/other")).run(line));
    golden!("token-error-700212-audience", federation(|_, _, audience| audience.push_str("China")).run(line));
    golden!("token-error-700213-subject", federation(|_, subject, _| subject.push_str("-2")).run(line));
    golden!(
        "token-error-7002138-case",
        federation(|_, subject, _| *subject = subject.to_uppercase()).run(line)
    );
    let none = Case::new("github").scenario(|scenario| {
        scenario.identity_mut("lifeguard").expect("an identity of the scenario").federations.clear();
    });
    golden!("token-error-70025-none", none.run(line));
}

#[test]
fn an_unknown_code_passes_through_whole() {
    let body = r#"{"error":"invalid_client","error_description":"AADSTS4242424: Something new ##vso[task.complete result=Failed]\u202e happened.\r\nTrace ID: t-1\r\nCorrelation ID: c-1\r\nTimestamp: 2026-11-02 09:00:00Z","error_codes":[4242424],"timestamp":"2026-11-02 09:00:00Z","trace_id":"t-1","correlation_id":"c-1"}"#;
    let effect = Effect::Answer { status: 401, headers: json(), body: body.into() };
    golden!(
        "token-error-unknown-code",
        Case::new("client-secret").fault("*/oauth2/v2.0/token", effect).run("token --identity client-secret")
    );
}

#[test]
fn a_certificate_that_has_ended_is_not_sent() {
    let case = Case::new("client-certificate").scenario(|scenario| {
        scenario.now = "2120-06-01T00:00:00Z".parse().expect("a timestamp");
    });
    let ran = case.run("token --identity client-certificate");
    assert!(ran.outcome.requests.is_empty());
    golden!("token-error-certificate-expired", ran);
}

/// Every code that is known, in one snapshot: what each is said to mean, and what to do
#[test]
fn every_code_is_explained() {
    let codes = [
        50001, 50013, 50049, 50196, 53003, 70011, 70021, 70025, 70052, 90002, 90038, 90055, 500_011, 500_133,
        530_035, 700_016, 700_024, 700_027, 700_030, 700_211, 700_212, 700_213, 700_223, 700_229, 700_238,
        900_023, 900_144, 900_382, 1_002_012, 7_000_112, 7_000_215, 7_000_218, 7_000_222, 7_002_138,
        9_002_313,
    ];
    let mut all = String::new();
    for code in codes {
        let body = format!(
            r#"{{"error":"invalid_client","error_description":"AADSTS{code}: Text.","error_codes":[{code}],"correlation_id":"c-{code}"}}"#
        );
        let effect = Effect::Answer { status: 400, headers: json(), body };
        let ran = Case::new("client-secret")
            .fault("*/oauth2/v2.0/token", effect)
            .run("token --identity client-secret");
        assert_eq!(ran.outcome.exit_code, 3, "{code}");
        assert!(ran.stderr().contains(&format!("correlation id: c-{code}")), "{}", ran.stderr());
        assert!(!ran.stderr().contains("look the code up"), "{code} isn't explained");
        let mut is_told = false;
        for line in ran.stderr().lines() {
            is_told = match line.strip_prefix("  ") {
                // A line without a label goes on with the one before.
                Some(rest) if !rest.starts_with(' ') && format!("{rest} ").contains(": ") => {
                    rest.starts_with("means:") || rest.starts_with("hint:")
                }
                Some(_) => is_told,
                None => true,
            };
            if is_told {
                all.push_str(line);
                all.push('\n');
            }
        }
    }
    insta::with_settings!({prepend_module_to_snapshot => false, omit_expression => true, snapshot_path => "snapshots"}, {
        insta::assert_snapshot!("token-error-every-code", all);
    });
}

#[test]
fn conditional_access_blocks() {
    let body = r#"{"error":"interaction_required","error_description":"AADSTS53003: Access has been blocked by Conditional Access policies. The access policy does not allow token issuance. Trace ID: t Correlation ID: c Timestamp: 2026-11-02 09:00:00Z","error_codes":[53003],"correlation_id":"c","claims":"{}"}"#;
    let effect = Effect::Answer { status: 400, headers: json(), body: body.into() };
    golden!(
        "token-error-53003",
        Case::new("client-secret").fault("*/oauth2/v2.0/token", effect).run("token --identity client-secret")
    );
}

#[test]
fn an_answer_that_is_no_json_is_told() {
    let headers = [("content-type".to_owned(), "text/html".to_owned())].into();
    let effect = Effect::Answer { status: 200, headers, body: "<html><title>Hotel Wi-Fi</title>".into() };
    golden!(
        "token-error-captive-portal",
        Case::new("client-secret").fault("*/oauth2/v2.0/token", effect).run("token --identity client-secret")
    );
}

#[test]
fn a_token_for_another_resource_is_refused_before_it_is_used() {
    let case = Case::new("client-secret").scenario(|scenario| {
        let identity = scenario.identity_mut("lifeguard").expect("an identity of the scenario");
        identity.token_audience = Some("https://management.azure.com".into());
    });
    golden!("token-error-wrong-audience", case.run("check --pool linux-build --identity client-secret"));
    let case = Case::new("client-secret").scenario(|scenario| {
        let identity = scenario.identity_mut("lifeguard").expect("an identity of the scenario");
        identity.token_tenant = Some("c2a90e4d-5b7f-4f18-a3d6-91e8b7045fc3".into());
    });
    golden!("token-error-other-tenant", case.run("token --identity client-secret"));
}

#[test]
fn passing_failures_are_tried_again() {
    let unavailable = |status, headers| Effect::Answer { status, headers, body: "busy".into() };
    let soon = [("retry-after".to_owned(), "1".to_owned())].into();
    let case = Case::new("client-secret")
        .with_fault(Fault::new("*/oauth2/v2.0/token", unavailable(429, soon)).times(1));
    golden!("token-retry-429", case.run("token"));
    let case = Case::new("client-secret")
        .with_fault(Fault::new("*/oauth2/v2.0/token", unavailable(503, [].into())).times(1));
    golden!("token-retry-503", case.run("token"));
    let late = [("retry-after".to_owned(), "3600".to_owned())].into();
    let case =
        Case::new("client-secret").with_fault(Fault::new("*/oauth2/v2.0/token", unavailable(429, late)));
    golden!("token-retry-beyond-deadline", case.run("token --identity client-secret"));
    // The first request to the metadata service is the probe.
    let case = Case::new("imds")
        .with_fault(Fault::new("/metadata/*", unavailable(404, [].into())).after(1).times(1));
    golden!("token-retry-imds-404", case.run("token"));
}

#[test]
fn a_managed_identity_endpoint_refuses() {
    let absent = "--managed-identity-client-id 11111111-2222-3333-4444-555555555555";
    for platform in ["app-service", "imds", "arc", "azure-ml"] {
        let ran =
            Case::new(platform).run(&format!("token --identity managed-identity --timeout 4s {absent}"));
        assert_eq!(ran.outcome.exit_code, 3, "{platform}");
        golden!(format!("token-error-{platform}-not-assigned"), ran);
    }
    golden!(
        "token-error-app-service-header",
        Case::new("app-service").env("IDENTITY_HEADER", "stale").run("token --identity managed-identity")
    );
    golden!(
        "token-error-service-fabric",
        Case::new("app-service")
            .env("IDENTITY_SERVER_THUMBPRINT", "AB")
            .run("token --identity managed-identity")
    );
}

#[test]
fn an_old_arc_agent_gives_another_identity() {
    let case = Case::new("arc").scenario(|scenario| {
        scenario.managed_identities.arc.as_mut().expect("Azure Arc").legacy = true;
    });
    let line =
        "token --identity managed-identity --managed-identity-client-id a5c7acc9-d09e-4e29-ae3e-dd62dd095390";
    golden!("token-error-arc-legacy", case.run(line));
}

#[test]
fn an_arc_challenge_that_leads_elsewhere_is_not_followed() {
    let challenge = |change: fn(&mut lifeguard_emulator::scenario::Arc)| {
        Case::new("arc")
            .scenario(|scenario| change(scenario.managed_identities.arc.as_mut().expect("Azure Arc")))
    };
    let line = "token --identity managed-identity";
    golden!("token-error-arc-realm", challenge(|arc| arc.realm = Some("/etc/shadow.key".into())).run(line));
    golden!(
        "token-error-arc-realm-dots",
        challenge(|arc| arc.realm = Some("/var/opt/azcmagent/tokens/../../x.key".into())).run(line)
    );
    golden!(
        "token-error-arc-realm-ending",
        challenge(|arc| arc.realm = Some("/var/opt/azcmagent/tokens/x.txt".into())).run(line)
    );
    golden!("token-error-arc-size", challenge(|arc| arc.key_size = Some(5000)).run(line));
}

#[test]
fn an_oidc_issuer_refuses() {
    let case = Case::new("azure-pipelines").env("SYSTEM_ACCESSTOKEN", "stale");
    golden!("token-error-pipelines-job-token", case.run("token --identity azure-pipelines"));
    let line =
        "token --identity azure-pipelines --service-connection-id 11111111-2222-3333-4444-555555555555";
    golden!("token-error-pipelines-connection", Case::new("azure-pipelines").run(line));
    let case = Case::new("github").env("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "stale");
    golden!("token-error-github-token", case.run("token --identity github"));
    let case = Case::new("workload-identity")
        .file("token", b"no jwt")
        .env("AZURE_FEDERATED_TOKEN_FILE", "/scratch/token");
    golden!("token-error-federated-file-no-jwt", case.run("token --identity workload-identity"));
}

#[test]
fn nothing_works() {
    let case = Case::new("expired-secret").env("AZURE_POD_IDENTITY_AUTHORITY_HOST", "http://127.0.0.1:9");
    golden!("token-error-nothing-works", case.run("token"));
    let case = Case::new("imds").env("AZURE_POD_IDENTITY_AUTHORITY_HOST", "http://127.0.0.1:9");
    golden!("token-error-laptop", case.run("token"));
    let case = Case::new("imds").env("AZURE_CLIENT_SECRET", "not a secret of the scenario");
    golden!("token-passed-over", case.run("token"));
}

fn json() -> std::collections::BTreeMap<String, String> {
    [("content-type".to_owned(), "application/json".to_owned())].into()
}
