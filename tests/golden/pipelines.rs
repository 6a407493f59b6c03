//! As a task of Azure Pipelines: service connections as the task hands them over, secrets masked before anything else,
//! failures as issues.

use lifeguard_emulator::Effect;

use crate::harness::{Case, Ran, golden};

const CONNECTION: &str = "9b974d16-bf71-47c3-a8fa-fece6e88bb1c";

/// A step of the task: no arguments, inputs by variables
fn step(environment: &str, inputs: &[(&str, &str)]) -> Case {
    let case = Case::new(environment).env("INPUT_FORMAT", "auto").without("AZURE_CLIENT_SECRET");
    inputs.iter().fold(case, |case, (name, value)| case.env(&format!("INPUT_{name}"), value))
}

/// The same with a service connection
fn connected(inputs: &[(&str, &str)], connection: &[(&str, &str)]) -> Case {
    let mut case =
        step("azure-pipelines", inputs).env("CONNECTION_ID", CONNECTION).env("CONNECTION_TYPE", "azurerm");
    for name in [
        "AZURESUBSCRIPTION_SERVICE_CONNECTION_ID",
        "AZURESUBSCRIPTION_CLIENT_ID",
        "AZURESUBSCRIPTION_TENANT_ID",
    ] {
        case = case.without(name);
    }
    for (name, value) in [
        ("TENANTID", "7f3b1c52-9d0e-4c6a-8b4f-2a51c0d7e611"),
        ("SERVICEPRINCIPALID", "5a81c67f-e8ff-431e-a5c0-2f14ed6c75c3"),
    ] {
        case = case.env(&format!("CONNECTION_{name}"), value);
    }
    connection.iter().fold(case, |case, (name, value)| case.env(&format!("CONNECTION_{name}"), value))
}

const CHECK: &[(&str, &str)] =
    &[("COMMAND", "check"), ("POOL", "linux-build"), ("IDENTITY", "auto"), ("TIMEOUT", "60s")];

const SECRET: &str = "demo-secret-lifeguard~82e21a37496f";

/// Every token and assertion of the run is registered on a line of its own, before anything else is printed that isn't
/// such a line.
fn masks(ran: &Ran) -> usize {
    let stdout = ran.stdout();
    let masks = stdout.lines().take_while(|line| line.starts_with("##vso[task.setsecret]")).count();
    assert_eq!(stdout.matches("##vso[task.setsecret]").count(), masks, "{stdout}");
    masks
}

#[test]
fn each_kind_of_connection() {
    let federation = connected(CHECK, &[("SCHEME", "WorkloadIdentityFederation")]).run("");
    assert_eq!(masks(&federation), 2, "the assertion and the token");
    golden!("pipelines-federation", federation);
    let azure_devops =
        connected(CHECK, &[("TYPE", "azuredevops"), ("SCHEME", "WorkloadIdentityFederation")]).run("");
    assert_eq!(azure_devops.outcome.exit_code, 0, "{}", azure_devops.stdout());
    let secret =
        [("SCHEME", "ServicePrincipal"), ("AUTHENTICATIONTYPE", "spnKey"), ("SERVICEPRINCIPALKEY", SECRET)];
    let secret = connected(CHECK, &secret).run("");
    assert_eq!((secret.outcome.exit_code, masks(&secret)), (0, 1), "{}", secret.stdout());
    assert!(secret.stderr().contains("(from `azureSubscription`)"), "{}", secret.stderr());
}

#[test]
fn a_managed_identity_of_the_agents_machine() {
    let case = step("imds", CHECK).env("CONNECTION_ID", CONNECTION).env("CONNECTION_TYPE", "azurerm");
    let ran = case.env("CONNECTION_SCHEME", "ManagedServiceIdentity").run("");
    assert_eq!(ran.outcome.exit_code, 0, "{}", ran.stdout());
}

#[test]
fn connections_that_cannot_be_used() {
    golden!("pipelines-connection-kind", connected(CHECK, &[("SCHEME", "PublishProfile")]).run(""));
    let both = [CHECK, &[("CLIENTID", "11111111-2222-3333-4444-555555555555")]].concat();
    let case = connected(&both, &[("SCHEME", "WorkloadIdentityFederation")]);
    golden!("pipelines-connection-and-client-id", case.run(""));
    let case = connected(CHECK, &[("SCHEME", "WorkloadIdentityFederation")]);
    golden!("pipelines-no-job-token", case.without("SYSTEM_ACCESSTOKEN").run(""));
    let gone = Effect::Answer { status: 404, headers: [].into(), body: String::new() };
    let case = connected(CHECK, &[("SCHEME", "WorkloadIdentityFederation")]).fault("*oidctoken*", gone);
    golden!("pipelines-not-referenced", case.run(""));
}

#[test]
fn failures_are_issues() {
    golden!("pipelines-unknown-command", step("client-secret", &[("COMMAND", "chek")]).run(""));
    golden!(
        "pipelines-usage",
        step("client-secret", &[("COMMAND", "check"), ("POOL", "linux-build"), ("MINONLINE", "two")]).run("")
    );
    let doctor = Case::new("no-role").env("INPUT_FORMAT", "pipelines");
    golden!("pipelines-doctor", doctor.run("doctor --pool linux-build"));
    let wait = Case::of("degraded").env("INPUT_FORMAT", "pipelines");
    let ran = wait.run("wait --pool linux-release --min-online 9 --interval 1s --deadline 2s");
    assert!(ran.stdout().contains("##vso[task.setprogress value=0]look 1: "), "{}", ran.stdout());
    assert!(
        ran.stdout().contains("##vso[task.logissue type=error]not reached within 2 s"),
        "{}",
        ran.stdout()
    );
    assert!(ran.stdout().ends_with("##vso[task.complete result=Failed]\n"), "{}", ran.stdout());
}

#[test]
fn a_summary_and_a_report_are_attached() {
    let case = step("azure-pipelines", CHECK).env("AGENT_TEMPDIRECTORY", "/scratch");
    let ran = case.run("");
    let mut files = ran.files();
    files.sort();
    let [json, markdown] = &files[..] else { panic!("{files:?}") };
    assert!(
        ran.stdout().contains(&format!("##vso[task.uploadsummary]/scratch/{markdown}\n")),
        "{}",
        ran.stdout()
    );
    let attached =
        format!("##vso[task.addattachment type=pool-lifeguard.report;name=report.json;]/scratch/{json}\n");
    assert!(ran.stdout().contains(&attached), "{}", ran.stdout());
    assert!(ran.written(markdown).expect("a summary").starts_with("## ✅ Healthy"));
    let own = step("azure-pipelines", CHECK)
        .env("AGENT_TEMPDIRECTORY", "/scratch")
        .env("INPUT_REPORT", "json=/scratch/own.json");
    let ran = own.run("");
    assert!(ran.files().contains(&"own.json".to_owned()) && ran.files().len() == 2, "{:?}", ran.files());
}

#[test]
fn the_other_commands() {
    let ran = step("azure-pipelines", &[("COMMAND", "why"), ("POOL", "windows-build")]).run("");
    assert_eq!((ran.outcome.exit_code, masks(&ran)), (0, 2), "{}", ran.stdout());
    let ran = Case::new("client-secret").env("INPUT_FORMAT", "pipelines").run("doctor --pool linux-build");
    assert!(!ran.stdout().contains("task.complete"), "{}", ran.stdout());
}
