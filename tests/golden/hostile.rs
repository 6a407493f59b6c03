//! Text from outside that wants to be more than text.

use lifeguard_emulator::Effect;

use crate::harness::{Case, golden};

const NAME: &str = "##vso[task.complete result=Succeeded]\n\u{1b}[2J\u{202e}gro.live\u{7}##[error]";

fn hostile() -> Case {
    Case::new("client-secret").scenario(|scenario| {
        let pools = serde_json::json!([{"id": 10, "name": NAME, "isHosted": false}]);
        scenario.answers.pools = Some(pools);
        let agents = serde_json::json!([
            {"id": 1, "name": NAME, "status": "offline", "version": "1.0.0", "statusChangedOn": "2026-10-01T00:00:00Z"},
            {"id": 2, "name": "ok", "status": "online", "version": NAME},
        ]);
        scenario.answers.agents.insert(10, agents);
        let requests = serde_json::json!([
            {"requestId": 1, "queueTime": "2026-11-02T07:00:00Z", "definition": {"name": NAME}, "owner": {"name": NAME}},
        ]);
        scenario.answers.job_requests.insert(10, requests);
    })
}

fn assert_harmless(text: &str) {
    assert!(!text.contains("##vso[") && !text.contains("##["), "{text}");
    assert!(!text.chars().any(|character| character.is_control() && character != '\n'), "{text:?}");
    assert!(!text.contains('\u{202e}'), "{text}");
    assert!(text.lines().all(|line| !line.starts_with('\u{1b}')), "{text}");
}

#[test]
fn names_come_out_harmless() {
    let ran = hostile().run("check --pool 10");
    assert_harmless(&(ran.stdout() + &ran.stderr()));
    golden!("hostile-text", ran);

    let ran = hostile().run("check --pool 10 --format json");
    assert_harmless(&ran.stdout());
    let report: serde_json::Value = serde_json::from_str(&ran.stdout()).expect("JSON");
    // The document still says what the pool is called.
    assert_eq!(report["pools"][0]["name"], NAME);
    golden!("hostile-json", ran);

    let ran = hostile().run("check --pool nothing");
    assert_harmless(&(ran.stdout() + &ran.stderr()));
    let ran = hostile().run("doctor --pool 10");
    assert_harmless(&(ran.stdout() + &ran.stderr()));
}

#[test]
fn error_messages_come_out_harmless() {
    let body = serde_json::json!({"message": NAME, "typeKey": NAME}).to_string();
    let headers = [("content-type".to_owned(), "application/json".to_owned())].into();
    let ran = Case::new("client-secret")
        .fault("*/pools*", Effect::Answer { status: 403, headers, body })
        .run("check --pool 10");
    assert_harmless(&(ran.stdout() + &ran.stderr()));
    golden!("hostile-message", ran);
}

#[test]
fn inputs_come_out_harmless() {
    let ran = Case::new("client-secret")
        .env("AZP_POOL", "##vso[x]\u{1b}[31m")
        .env("AZURE_CLIENT_ID", "##vso[y]\u{202e}")
        .run("check");
    assert_eq!(ran.outcome.exit_code, 2);
    assert_harmless(&(ran.stdout() + &ran.stderr()));
}
