//! `why`: the jobs that wait, each with its reason.

use crate::harness::{Case, golden};

#[test]
fn each_scenario_has_its_reasons() {
    for scenario in ["degraded", "keda", "elastic", "healthy", "ephemeral"] {
        golden!(format!("why-{scenario}"), Case::of(scenario).run("why --pool *"));
    }
    golden!("why-json", Case::of("degraded").run("why --pool * --format json"));
}

#[test]
fn jobs_are_asked_for_one_by_one() {
    golden!("why-request", Case::of("degraded").run("why --pool * --request 76030"));
    golden!("why-request-running", Case::of("keda").run("why --pool aca-jobs --request 79007"));
    golden!("why-request-unknown", Case::of("degraded").run("why --pool * --request 1"));
    golden!("why-pipeline", Case::of("degraded").run("why --pool * --pipeline nightly-*"));
    golden!("why-pipeline-without-jobs", Case::of("degraded").run("why --pool * --pipeline nothing"));
}

#[test]
fn jobs_that_wait_for_the_same_are_told_together() {
    let case = Case::of("healthy").scenario(|scenario| {
        let requests = scenario.answers.job_requests.get_mut(&22).expect("requests");
        let list = requests["value"].as_array_mut().expect("a list");
        let waiting = list.iter().find(|job| job["assignTime"].is_null()).expect("one waits").clone();
        for number in 1..=12 {
            let mut job = waiting.clone();
            job["requestId"] = (90_000 + number).into();
            job["queueTime"] = format!("2026-11-02T08:{:02}:00Z", 40 + number).into();
            list.push(job);
        }
    });
    golden!("why-many", case.run("why --pool windows-signing"));
}
