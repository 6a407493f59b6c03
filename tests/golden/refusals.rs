//! Every way in which Azure DevOps refuses: exit code 4, and what to do.

use std::collections::BTreeMap;

use lifeguard_emulator::{Effect, Fault};

use crate::harness::{Case, golden};

const POOLS: &str = "*/_apis/distributedtask/pools*";
const AGENTS: &str = "*/_apis/distributedtask/pools/*/agents*";

fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> Effect {
    let headers: BTreeMap<String, String> =
        headers.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
    Effect::Answer { status, headers, body: body.into() }
}

fn refused(name: &str, path: &str, effect: Effect) {
    let ran = Case::new("client-secret").fault(path, effect).run("check --pool linux-build --timeout 3s");
    assert_eq!(ran.outcome.exit_code, 4, "{name}: {}", ran.stdout());
    golden!(format!("refusal-{name}"), ran);
}

#[test]
fn each_form_has_its_explanation() {
    let html = ("content-type", "text/html; charset=utf-8");
    let json = ("content-type", "application/json; charset=utf-8; api-version=7.1");
    let sign_in = "<html><head><title>Azure DevOps Services | Sign In</title></head></html>";
    refused("203-sign-in-page", POOLS, answer(203, &[html], sign_in));
    refused("200-sign-in-page", POOLS, answer(200, &[html], sign_in));
    refused(
        "302-sign-in",
        POOLS,
        answer(
            302,
            &[html, ("location", "https://spsprodweu4.vssps.visualstudio.com/_signin?realm=dev.azure.com")],
            "<html><head><title>Object moved</title></head></html>",
        ),
    );
    refused(
        "401-empty",
        POOLS,
        answer(
            401,
            &[
                (
                    "www-authenticate",
                    "Bearer authorization_uri=https://login.microsoftonline.com/7f3b1c52-9d0e-4c6a-8b4f-2a51c0d7e611",
                ),
                ("x-vss-e2eid", "e2e-1"),
                ("activityid", "activity-1"),
            ],
            "",
        ),
    );
    refused(
        "401-other-tenant",
        POOLS,
        answer(401, &[("x-vss-resourcetenant", "c2a90e4d-5b7f-4f18-a3d6-91e8b7045fc3")], ""),
    );
    refused(
        "401-not-connected",
        POOLS,
        answer(401, &[("x-vss-resourcetenant", "00000000-0000-0000-0000-000000000000")], ""),
    );
    refused(
        "401-tf400813",
        POOLS,
        answer(
            401,
            &[json],
            r#"{"$id":"1","innerException":null,"message":"TF400813: The user '' is not authorized to access this resource.","typeName":"Microsoft.TeamFoundation.Framework.Server.UnauthorizedRequestException, Microsoft.TeamFoundation.Framework.Server","typeKey":"UnauthorizedRequestException","errorCode":0,"eventId":3000}"#,
        ),
    );
    refused(
        "403-manage-permissions",
        AGENTS,
        answer(
            403,
            &[json, ("x-vss-e2eid", "e2e-2")],
            r#"{"$id":"1","message":"Access denied. pool-lifeguard needs Manage permissions for pool linux-build to perform the action. For more information, contact the Azure DevOps Server administrator.","typeKey":"AccessDeniedException","errorCode":0,"eventId":3000}"#,
        ),
    );
    refused(
        "404-json",
        AGENTS,
        answer(
            404,
            &[json],
            r#"{"$id":"1","message":"No agent pool found with identifier 10.","typeKey":"TaskAgentPoolNotFoundException","errorCode":0,"eventId":3000}"#,
        ),
    );
    refused(
        "404-page",
        POOLS,
        answer(404, &[html], "<html><head><title>Azure DevOps Services | 404</title></head></html>"),
    );
    refused(
        "404-route",
        POOLS,
        answer(
            404,
            &[("content-type", "text/plain")],
            "The controller for path '/contoso/_apis/distributedtask/pools' was not found or does not implement IController.",
        ),
    );
    refused(
        "429",
        POOLS,
        answer(
            429,
            &[json, ("retry-after", "300"), ("x-ratelimit-resource", "Concurrency")],
            r#"{"message":"TF400733: The request has been canceled: Request was blocked due to exceeding usage of resource Concurrency in namespace x.","typeKey":"RequestBlockedException"}"#,
        ),
    );
    refused(
        "503-stopped",
        POOLS,
        answer(
            503,
            &[
                json,
                (
                    "x-tfs-serviceerror",
                    "TF24668%3A+The+following+team+project+collection+is+stopped%3A+contoso.",
                ),
            ],
            "\u{feff}{\"$id\":\"1\",\"message\":\"TF24668: The following team project collection is stopped: contoso. Start the collection and then try again. Administrator Reason: This Azure DevOps organization has been deactivated due to inactivity.\",\"typeKey\":\"HostShutdownException\"}",
        ),
    );
    refused("500", POOLS, answer(500, &[("content-type", "text/plain")], "boom"));
    refused("200-broken-json", POOLS, answer(200, &[json], "{\"count\":1,\"value\":[{\"id\""));
    refused("200-wrong-shape", POOLS, answer(200, &[json], "{\"value\":42}"));
}

#[test]
fn the_emulator_s_own_refusals() {
    golden!("refusal-not-a-member", Case::new("outsider").run("check --pool linux-build"));
    golden!(
        "refusal-wrong-pat",
        Case::new("pat").env("AZP_TOKEN", &"a1b2".repeat(13)).run("check --pool linux-build")
    );
    golden!(
        "refusal-no-organization",
        Case::new("client-secret").run("check --organization {http}/nosuch --pool linux-build")
    );
    golden!(
        "refusal-other-tenant",
        Case::new("cross-tenant-refused")
            .run("check --pool linux-build --identity managed-identity-federation")
    );
}

#[test]
fn a_gateway_s_failure_is_tried_again() {
    let fault =
        Fault::new(AGENTS, answer(502, &[("content-type", "text/html")], "<html>Bad gateway")).times(1);
    golden!("refusal-502-once", Case::new("client-secret").with_fault(fault).run("check --pool linux-build"));
}

#[test]
fn a_redirect_is_not_followed() {
    let elsewhere = answer(302, &[("location", "http://127.0.0.1:9/stolen")], "");
    let ran = Case::new("client-secret").fault(POOLS, elsewhere).run("check --pool linux-build");
    assert_eq!(ran.outcome.exit_code, 4);
    assert!(ran.outcome.requests.iter().all(|request| !request.authority.ends_with(":9")));
}
