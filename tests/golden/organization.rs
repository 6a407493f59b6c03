//! `check` of a whole organization: many pools, some of which can't be read, and a server that asks for patience.

use std::time::Duration;

use lifeguard_emulator::{Effect, Fault};

use crate::harness::{Case, golden};

const AGENTS: &str = "*/pools/32/agents*";

#[test]
fn each_scenario() {
    for scenario in ["healthy", "degraded", "elastic", "ephemeral", "keda"] {
        golden!(format!("check-{scenario}-pools"), Case::of(scenario).run("check --pool *"));
    }
}

#[test]
fn each_scenario_in_each_format() {
    for scenario in ["healthy", "degraded", "elastic", "ephemeral", "keda"] {
        for format in ["json", "markdown", "junit", "prometheus", "pipelines"] {
            let ran = Case::of(scenario).run(&format!("check --pool * --format {format}"));
            let expected = i32::from(!matches!(scenario, "healthy" | "ephemeral"));
            assert_eq!(ran.outcome.exit_code, expected, "{scenario}: {}", ran.stderr());
            golden!(format!("format-{scenario}-{format}"), ran.without_requests());
        }
    }
}

#[test]
fn several_reports_at_once() {
    let formats = ["json", "markdown", "junit", "prometheus", "pipelines", "text"];
    let reports: Vec<String> = formats.iter().map(|format| format!("{format}=/scratch/{format}")).collect();
    let line = format!("check --pool * --format pipelines --report {}", reports.join(" --report "));
    let ran = Case::of("keda").run(&line);
    for format in formats {
        let alone = Case::of("keda").run(&format!("check --pool * --format {format}"));
        let written = ran.written(format).expect("a report");
        // Only the logging commands that name the files differ, and the one that masks the token.
        let same = |text: &str| -> Vec<String> {
            let differs =
                |line: &&str| line.contains("/scratch/") || line.starts_with("##vso[task.setsecret]");
            let lines = text.lines().filter(|line| !differs(line));
            lines.map(|line| line.replace(&ran.authority, &alone.authority)).collect()
        };
        assert_eq!(same(&written), same(&alone.stdout()), "{format}");
    }
    assert_eq!(ran.files().len(), formats.len());
    golden!("reports", ran.without_requests());
}

#[test]
fn kedas_way_of_counting_is_told() {
    let line = "check --pool aca-jobs --keda-parent aca-placeholder";
    golden!("check-keda-parent", Case::of("keda").run(line));
    golden!("check-keda-demands", Case::of("keda").run("check --pool aca-jobs --keda-demands java"));
    golden!(
        "check-keda-no-parent",
        Case::of("keda").run("check --pool aca-missing --keda-parent aca-placeholder")
    );
}

#[test]
fn one_pool_that_cannot_be_read_does_not_hide_the_others() {
    let refusal = || Effect::Answer { status: 403, headers: [].into(), body: String::new() };
    golden!("check-unreadable-pool", Case::of("degraded").fault(AGENTS, refusal()).run("check --pool *"));
    let ran = Case::of("degraded").fault(AGENTS, refusal()).run("check --pool * --format json");
    assert_eq!(ran.outcome.exit_code, 1);
    let none = Case::of("degraded").fault("*/agents*", refusal());
    golden!("check-unreadable-pools", none.run("check --pool *"));
}

#[test]
fn what_can_be_done_without_is_left_out_with_a_note() {
    let refusal = |path: &str| {
        Fault::new(path, Effect::Answer { status: 403, headers: [].into(), body: String::new() })
    };
    let case = Case::of("elastic")
        .with_fault(refusal("*/resourceusage*"))
        .with_fault(refusal("*/maintenancejobs*"))
        .with_fault(refusal("*completedRequestCount=50"))
        .with_fault(refusal("*/elasticpools/*"));
    golden!("check-left-out", case.run("check --pool *"));
}

#[test]
fn an_incident_of_the_service_is_told() {
    let status = serde_json::json!({
        "lastUpdated": "2026-11-02T08:55:00Z",
        "status": {"health": "degraded", "message": "Pipelines: jobs start late in Europe"},
        "services": [{"id": "Pipelines", "geographies": [
            {"id": "US", "name": "United States", "health": "healthy"},
            {"id": "EU", "name": "Europe", "health": "degraded"},
        ]}],
    });
    let case = || Case::of("healthy").scenario(|scenario| scenario.answers.status = Some(status.clone()));
    let line = "check --pool linux-docker --service-status --status-page {http}/status";
    golden!("check-incident", case().run(line));
    let elsewhere = case().run(&format!("{line} --geography US"));
    assert!(!elsewhere.stdout().contains("service-incident"), "{}", elsewhere.stdout());
    let unreachable = case().fault("/status/*", Effect::Reset).run(line);
    assert_eq!(unreachable.outcome.exit_code, 0, "{}", unreachable.stderr());
    assert!(unreachable.stderr().contains("Azure DevOps' status page"), "{}", unreachable.stderr());
}

#[test]
fn an_answer_may_ask_for_patience() {
    let busy = |seconds: &str| {
        let headers = [("Content-Type", "application/json"), ("Retry-After", seconds)];
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let effect = Effect::Answer { status: 200, headers, body: r#"{"count":0,"value":[]}"#.into() };
        Case::of("healthy").with_fault(Fault::new("*/packages/*", effect).times(1))
    };
    let ran = busy("2").run("check --pool linux-docker");
    assert!(ran.took >= Duration::from_secs(2), "{:?}", ran.took);
    golden!("check-patience", ran);
    let ran = busy("3600").run("check --pool linux-docker");
    assert!(ran.took < Duration::from_secs(5), "{:?}", ran.took);
    golden!("check-too-much-patience", ran);
}

#[test]
fn a_policy_comes_from_a_file() {
    let policy = br#"{
        "minOnline": 6, "maxJobTime": "10h", "failOn": "warning", "ignoreAgent": ["legacy-1*"],
        "severity": {"queue-wait": "off", "agent-job-lost": "info", "agent-outdated": "error"}
    }"#;
    let line = "check --pool linux-legacy --policy-file /scratch/policy.json --min-online 5";
    golden!("check-policy", Case::of("degraded").file("policy.json", policy).run(line));
    let json = Case::of("degraded").file("policy.json", policy).run(&format!("{line} --format json"));
    let report: serde_json::Value = serde_json::from_str(&json.stdout()).expect("JSON");
    assert_eq!(report["policy"]["source"], "/scratch/policy.json");
    assert_eq!(report["policy"]["minOnline"], 5, "a flag beats the file");
    assert_eq!(report["policy"]["severities"]["queue-wait"], "off");
}

#[test]
fn three_hundred_pools_take_no_longer_than_their_slowest_answers() {
    let case = Case::of("healthy").scenario(|scenario| *scenario = scenario.clone().with_pools(300));
    let ran = case.fault("*", Effect::Delay(50)).run("check --pool *");
    assert_eq!(ran.outcome.exit_code, 0, "{}", ran.stderr());
    assert!(ran.outcome.requests.len() > 1_200, "{}", ran.outcome.requests.len());
    println!("300 pools, {} requests, 50 ms late each: {:?}", ran.outcome.requests.len(), ran.took);
    assert!(ran.took < Duration::from_secs(3), "{:?}", ran.took);
    golden!("check-300-pools", ran);
    for format in ["json", "markdown", "junit", "prometheus", "pipelines"] {
        let case = Case::of("healthy").scenario(|scenario| *scenario = scenario.clone().with_pools(300));
        let ran = case.run(&format!("check --pool * --format {format}"));
        assert_eq!(ran.outcome.exit_code, 0, "{format}: {}", ran.stderr());
        assert!(ran.stdout().contains("pool-300"), "{format}");
    }
}
