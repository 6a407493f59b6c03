//! `check`: pools, rules, formats.

use crate::harness::{Case, golden};

#[test]
fn the_demo_organization() {
    golden!("check-all", Case::new("client-secret").run("check --pool *"));
    golden!("check-all-json", Case::new("client-secret").run("check --pool * --format json"));
    golden!("check-healthy", Case::new("client-secret").run("check --pool linux-build"));
}

#[test]
fn pools_are_named_in_every_way() {
    golden!("check-by-id", Case::new("client-secret").run("check --pool 10"));
    golden!("check-several", Case::new("client-secret").run("check --pool LINUX-build,12 --pool gpu-*"));
    golden!("check-hosted", Case::new("client-secret").env("AZP_POOL", "Azure Pipelines").run("check"));
    golden!("check-not-visible", Case::new("client-secret").run("check --pool linux-biuld,nothing-like-it"));
    golden!("check-no-pool-matches", Case::new("client-secret").run("check --pool linux-build,x*"));
    golden!("check-no-role", Case::new("no-role").run("check --pool linux-build"));
}

#[test]
fn the_newest_package_may_be_unknown() {
    use lifeguard_emulator::Effect;
    let forbidden = Effect::Answer { status: 403, headers: [].into(), body: String::new() };
    let case = Case::new("client-secret").fault("*/packages/*", forbidden);
    golden!("check-no-packages", case.run("check --pool windows-build --max-wait 1h"));
}

#[test]
fn thresholds_decide() {
    let line = "check --pool linux-build,windows-build --min-online 15 --max-queued 2 --max-wait 1h --max-offline 20%";
    golden!("check-thresholds", Case::new("client-secret").run(&format!("{line} --offline-after 5d")));
    golden!(
        "check-fail-on-warning",
        Case::new("client-secret").run("check --pool windows-build --max-wait 1h --fail-on warning")
    );
    golden!("check-fail-on-never", Case::new("client-secret").run("check --pool gpu-build --fail-on never"));
}

#[test]
fn a_task_gives_its_inputs_by_variables() {
    let case = Case::new("client-secret")
        .env("INPUT_COMMAND", "check")
        .env("INPUT_POOL", "linux-build")
        .env("INPUT_MINONLINE", "25")
        .env("INPUT_MAXQUEUED", "");
    golden!("check-task-inputs", case.run(""));
}

#[test]
fn every_token_opens_azure_devops() {
    for environment in ["imds", "azure-pipelines", "pat", "server-pat", "github"] {
        let ran = Case::new(environment).run("check --pool linux-build --identity auto");
        assert_eq!(ran.outcome.exit_code, 0, "{environment}: {}", ran.stderr());
    }
    golden!("check-server-pat", Case::new("server-pat").run("check --pool linux-build"));
}

#[test]
fn requests_that_do_not_depend_on_each_other_are_in_flight_together() {
    use lifeguard_emulator::Effect;
    let late = |path: &str, case: Case| case.fault(path, Effect::Delay(400));
    let case = late("*/distributedtask/*", Case::new("client-secret"));
    let ran = case.run("check --pool *");
    assert_eq!(ran.outcome.exit_code, 1, "{}", ran.stderr());
    assert_eq!(ran.outcome.requests.len(), 17);
    // Sixteen late requests in two rounds
    assert!(ran.took.as_millis() < 2_000, "{:?}", ran.took);
}

#[test]
fn what_is_missing_or_odd_is_read() {
    let case = Case::new("client-secret").scenario(|scenario| {
        scenario.answers.pools = Some(serde_json::json!({"count": 77, "value": [
            {"id": 10, "name": "odd", "isHosted": null, "options": 6, "poolType": "somethingNew", "future": {"a": [1]}},
        ]}));
        let agents = serde_json::json!([
            {"id": 1, "name": "bare", "systemCapabilities": {"JAVA_HOME": null}},
            {"id": 2, "name": null, "status": "levitating", "enabled": null, "version": "unknown", "createdOn": "0001-01-01T00:00:00"},
            {"id": 3, "name": "fractions", "status": "Online", "version": "4.266.2", "statusChangedOn": "2026-11-01T00:00:00.1234567Z",
             "systemCapabilities": null, "assignedRequest": {"requestId": 5}},
        ]);
        scenario.answers.agents.insert(10, agents);
        scenario.answers.job_requests.insert(10, serde_json::json!([
            {"requestId": 5, "result": "aResultOfTheFuture", "queueTime": "2026-11-02T08:00:00Z"},
            {"requestId": 6, "queueTime": "2026-11-02T08:59:00Z", "definition": null, "demands": null},
        ]));
    });
    golden!("check-odd-answers", case.run("check --pool odd"));
}
