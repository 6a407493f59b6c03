//! The two clocks, and TLS.

use lifeguard_emulator::{Clock, Emulator, Options};
use serde_json::{Value, json};
use ureq::tls::{Certificate, RootCerts, TlsConfig};

use crate::client::{Client, demo, start};

#[test]
fn the_fixed_clock_makes_everything_repeatable() {
    let run = || {
        let client = start(|_| {});
        let bearer = client.bearer("lifeguard");
        let first = client.get("/contoso/_apis/connectionData", &[]);
        let second = client.get("/contoso/_apis/connectionData", &[]);
        let error = client.token_request("nowhere.example", &[("grant_type", "x")]);
        let ids = [&first, &second].map(|reply| reply.header("activityid").to_owned());
        assert_ne!(ids[0], ids[1]);
        assert_eq!(first.header("date"), "Mon, 02 Nov 2026 09:00:00 GMT");
        (bearer, ids, error.text)
    };
    assert_eq!(run(), run());
}

#[test]
fn the_present_clock_moves_the_scenario() {
    let options = Options::default();
    assert_eq!(options.clock, Clock::Present);
    let client = Client::of(Emulator::start(demo(), options).unwrap(), demo());
    let bearer = client.bearer("lifeguard");
    let reply = client
        .get("/contoso/_apis/distributedtask/pools/11/jobrequests/91310", &[("Authorization", &bearer)]);
    let queued: jiff::Timestamp = match &reply.json()["queueTime"] {
        Value::String(text) => text.parse().unwrap(),
        other => panic!("{other}"),
    };
    let minutes = (jiff::Timestamp::now() - queued).as_secs_f64() / 60.0;
    assert!((46.9..48.0).contains(&minutes), "{minutes}");
}

#[test]
fn every_raw_answer_moves() {
    let taken = "2026-11-02T08:13:00.12Z";
    let mut scenario = demo();
    let job = json!([{"jobId": 1, "finishTime": taken}]);
    scenario.answers.maintenance_jobs.insert(11, job);
    scenario.answers.status = Some(json!({"lastUpdated": taken}));
    let client = Client::of(Emulator::start(scenario.clone(), Options::default()).unwrap(), scenario);
    let bearer = client.bearer("lifeguard");
    let jobs = client
        .get("/contoso/_apis/distributedtask/pools/11/maintenancejobs", &[("Authorization", &bearer)])
        .json();
    let status = client.get("/status/_apis/status/health", &[]).json();
    for moved in [&jobs[0]["finishTime"], &status["lastUpdated"]] {
        let moved: jiff::Timestamp = moved.as_str().unwrap().parse().unwrap();
        let minutes = (jiff::Timestamp::now() - moved).as_secs_f64() / 60.0;
        assert!((46.9..48.0).contains(&minutes), "{minutes}");
    }
}

#[test]
fn tls_by_its_own_authority() {
    let options = Options { tls: true, ..Options::default() };
    let emulator = Emulator::start(demo(), options).unwrap();
    let authority = Certificate::from_pem(emulator.ca_pem().unwrap().as_bytes()).unwrap();
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .proxy(None)
        .tls_config(TlsConfig::builder().root_certs(RootCerts::new_with_certs(&[authority])).build())
        .build()
        .into();
    let url = emulator.https_url().unwrap();
    assert!(url.starts_with("https://localhost:"));
    for url in [url.clone(), url.replace("localhost", "127.0.0.1")] {
        let reply = agent.get(format!("{url}/contoso/_apis/connectionData")).call().unwrap();
        assert_eq!(reply.status(), 200);
    }
}

#[test]
fn environments_are_filled_in() {
    let client = start(|_| {});
    for name in client.emulator.environment_names() {
        let variables = client.emulator.environment(&name).unwrap();
        for (variable, value) in &variables {
            for placeholder in ["{http", "{arcTokens}", "{folder}", "{serviceAccountTokens}"] {
                assert!(!value.contains(placeholder), "{name}: {variable}={value}");
            }
        }
        assert_eq!(variables[0].0, "AZP_URL", "{name}");
    }
}
