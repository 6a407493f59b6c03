//! Wrong usage: exit code 2, one message that names the input and a right value, and no request.

use crate::harness::{Case, golden};

fn wrong(name: &str, case: Case, line: &str) {
    let ran = case.run(line);
    assert_eq!(ran.outcome.exit_code, 2, "{name}: {}", ran.stderr());
    assert!(ran.outcome.requests.is_empty(), "{name} sends a request");
    golden!(format!("usage-{name}"), ran);
}

#[test]
fn the_command_line() {
    let case = || Case::new("client-secret");
    wrong("no-command", case(), "");
    wrong("unknown-command", case(), "chek");
    wrong("unknown-flag", case(), "check --pol linux-build");
    wrong("unknown-short-flag", case(), "check -p linux-build");
    wrong("secret-flag", case(), "token --client-secret hunter2");
    wrong("flag-of-another-command", case(), "token --pool linux-build");
    wrong("no-value", case(), "check --pool");
    wrong("twice", case(), "check --pool a --min-online 1 --min-online 2");
    wrong("one-too-many", case(), "check linux-build");
}

#[test]
fn values() {
    let case = || Case::new("client-secret");
    wrong("duration", case(), "check --pool a --offline-after soon");
    wrong("number", case(), "check --pool a --min-online two");
    wrong("percentage", case(), "check --pool a --max-offline 150");
    wrong("choice", case(), "check --pool a --format yml");
    wrong("identity-choice", case(), "token --identity client-secrets");
    wrong("client-id", case(), "token --client-id 5a81c67f");
    wrong("tenant-common", case(), "token --tenant-id common");
    wrong("organization", case(), "check --pool a --organization https://dev.azure.com");
    wrong("organization-http", case(), "check --pool a --organization http://dev.azure.com/contoso");
    wrong("organization-userinfo", case(), "check --pool a --organization https://x:y@dev.azure.com/contoso");
    wrong(
        "endpoint-userinfo",
        Case::new("app-service").env("IDENTITY_ENDPOINT", "http://x:hunter2@127.0.0.1/"),
        "token",
    );
    wrong("authority-http", case(), "token --authority-host http://login.example.com");
    wrong("no-pool", case(), "check");
    wrong("empty-pool", case(), "check --pool ,");
    wrong("no-organization", case().without("AZP_URL"), "check --pool a");
    wrong("format-of-another-command", case(), "token --format junit");
    wrong("format-of-why", case(), "why --pool a --format junit");
    wrong("format-of-wait", case(), "wait --pool a --format markdown");
    wrong("resource-id", case(), "token --managed-identity-resource-id /subscriptions/x");
    wrong("timeout", case(), "token --timeout 0s");
    wrong("timeout-short", case(), "token --timeout 50ms");
    wrong("deadline-short", case(), "wait --pool a --deadline 500ms");
    wrong("parallel", case(), "check --pool a --parallel 1000");
    wrong("max-failures", case(), "check --pool a --max-failures 0");
    wrong("min-version", case(), "check --pool a --min-version latest");
    wrong("severity-rule", case(), "check --pool a --severity agent-ofline=off");
    wrong("severity-value", case(), "check --pool a --severity agent-offline=fatal");
    wrong("severity-form", case(), "check --pool a --severity agent-offline");
    wrong("severity-twice", case(), "check --pool a --severity agent-offline=off,agent-offline=info");
    wrong("report-form", case(), "check --pool a --report results.xml");
    wrong("report-format", case(), "check --pool a --report jnuit=results.xml");
    wrong("report-twice", case(), "check --pool a --report json=/scratch/a,markdown=/scratch/a");
    wrong("report-folder", case(), "check --pool a --report json=/scratch");
    wrong("request", case(), "why --pool a --request seven");
    wrong("timeout-long", case(), "token --timeout 500y");
}

#[test]
fn contradictions() {
    let case = || Case::new("client-secret");
    wrong("secret-twice", case().file("secret", b"x"), "token --client-secret-file /scratch/secret");
    wrong("pipelines-and-file", case(), "token --format pipelines --out-file /scratch/token");
    wrong("stale-before-offline", case(), "check --pool a --offline-after 2d --stale-after 1d");
    wrong(
        "keda-demands-twice",
        case(),
        "check --pool a --keda-require-all-demands --keda-require-all-demands-and-ignore-others",
    );
    wrong("request-and-pipeline", case(), "why --pool a --request 1 --pipeline web");
    wrong("interval-over-deadline", case(), "wait --pool a --interval 5m --deadline 1m");
    let id = "11111111-2222-3333-4444-555555555555";
    wrong(
        "two-selectors",
        case(),
        &format!("token --managed-identity-client-id {id} --managed-identity-object-id {id}"),
    );
    wrong(
        "cloud-shell-selector",
        Case::new("cloud-shell"),
        &format!("token --managed-identity-client-id {id}"),
    );
}

#[test]
fn variables() {
    wrong("empty-variable", Case::new("client-secret").env("AZURE_CLIENT_SECRET", ""), "token");
    wrong(
        "unexpanded-variable",
        Case::new("client-secret").env("AZURE_CLIENT_SECRET", "$(clientSecret)"),
        "token",
    );
    wrong(
        "identity-endpoint",
        Case::new("app-service").env("IDENTITY_ENDPOINT", "http://10.0.0.4/msi"),
        "token",
    );
    wrong("named-identity-absent", Case::new("client-secret"), "token --identity github");
    wrong(
        "named-identity-incomplete",
        Case::new("client-secret").without("AZURE_TENANT_ID"),
        "token --identity client-secret",
    );
}

#[test]
fn files() {
    let case = || Case::new("client-secret").without("AZURE_CLIENT_SECRET");
    wrong("file-not-there", case(), "token --client-secret-file /scratch/none");
    wrong("file-empty", case().file("empty", b" \n"), "token --client-secret-file /scratch/empty");
    wrong("file-folder", case(), "token --client-secret-file /scratch");
    wrong(
        "file-large",
        case().file("large", &vec![b'x'; (1 << 20) + 1]),
        "token --client-secret-file /scratch/large",
    );
    wrong("file-binary", case().file("binary", b"\xff\xfe"), "token --client-secret-file /scratch/binary");
    wrong("out-file-folder", Case::new("client-secret"), "token --out-file /scratch/");
    wrong(
        "certificate-nonsense",
        case().file("c", b"nonsense"),
        "token --client-certificate-file /scratch/c",
    );
    wrong(
        "certificate-no-key",
        case(),
        "token --client-certificate-file /scenario/certificates/lifeguard-public.pem",
    );
    wrong(
        "certificate-no-password",
        case(),
        "token --client-certificate-file /scenario/certificates/lifeguard.pfx",
    );
    wrong(
        "certificate-wrong-password",
        case().env("AZURE_CLIENT_CERTIFICATE_PASSWORD", "wrong"),
        "token --client-certificate-file /scenario/certificates/lifeguard-encrypted.pem",
    );
    wrong("token-with-bearer", case().env("AZP_TOKEN", "Bearer x.y.z"), "token --identity token");
}

#[test]
fn help() {
    golden!("help", Case::new("client-secret").run("--help"));
    golden!("help-token", Case::new("client-secret").run("token --help"));
    golden!("help-check", Case::new("client-secret").run("check --help"));
    golden!("version", Case::new("client-secret").run("--version"));
}

#[test]
fn policy_files() {
    let policy = |text: &str| Case::new("client-secret").file("policy.json", text.as_bytes());
    let line = "check --pool a --policy-file /scratch/policy.json";
    wrong("policy-json", policy("{minOnline: 2}"), line);
    wrong("policy-list", policy("[]"), line);
    wrong("policy-key", policy(r#"{"minOnlin": 2}"#), line);
    wrong("policy-other-input", policy(r#"{"clientSecret": "x"}"#), line);
    wrong("policy-type", policy(r#"{"ignoreAgent": [1]}"#), line);
    wrong("policy-value", policy(r#"{"offlineAfter": "soon"}"#), line);
    wrong("policy-rule", policy(r#"{"severity": {"agent-ofline": "off"}}"#), line);
    wrong("policy-missing", Case::new("client-secret"), "check --pool a --policy-file /scratch/none.json");
}
