//! The second door: what `wasmtime serve` answers, through wasmtime's own HTTP host.

use std::time::Duration;

use lifeguard_emulator::Effect;
use lifeguard_host::Instances;

use crate::harness::{Case, golden};

fn keda() -> Case {
    Case::of("keda").env("INPUT_POOL", "aca-*")
}

#[test]
fn every_page() {
    let mut door = keda().serve(Instances::Fresh);
    for path in
        ["/healthz", "/metrics", "/queue/aca-jobs", "/queue/61", "/queue/aca%2Djobs", "/queue/nothing", "/"]
    {
        door.ask("GET", path);
    }
    for method in ["POST", "HEAD", "DELETE"] {
        door.ask(method, "/metrics");
    }
    golden!("door-pages", door);
}

#[test]
fn a_kept_instance_asks_azure_devops_no_more_than_it_must() {
    let mut door = keda().serve(Instances::Kept);
    assert_eq!(door.ask("GET", "/metrics"), 200);
    let first = door.sent();
    assert_eq!(door.ask("GET", "/metrics"), 200);
    assert_eq!(door.ask("GET", "/healthz"), 200);
    assert_eq!(door.sent(), first, "nothing is asked for again at once");
    door.pass(Duration::from_secs(11));
    assert_eq!(door.ask("GET", "/metrics"), 200);
    assert_eq!(door.sent(), first * 2 - 1, "the pools are read again, with the same token");
    // The token has less than five minutes left then.
    door.pass(Duration::from_secs(3290));
    assert_eq!(door.ask("GET", "/queue/aca-jobs"), 200);
    golden!("door-kept", door);
}

#[test]
fn pools_that_are_not_configured_are_not_told_of() {
    let mut door = keda().env("INPUT_POOL", "aca-jobs").serve(Instances::Fresh);
    assert_eq!(door.ask("GET", "/queue/aca-mismatch"), 404);
    assert_eq!(door.ask("GET", "/queue/ACA-JOBS"), 200);
    let mut door = Case::of("keda").serve(Instances::Fresh);
    assert_eq!(door.ask("GET", "/queue/aca-mismatch"), 200);
    assert_eq!(door.ask("GET", "/metrics"), 500, "no pool is configured");
}

#[test]
fn what_goes_wrong_is_said_in_the_log_only() {
    let mut door = keda().env("AZURE_CLIENT_SECRET", "wrong").serve(Instances::Kept);
    door.ask("GET", "/healthz");
    door.ask("GET", "/metrics");
    golden!("door-no-token", door);
    let refusal = Effect::Answer { status: 403, headers: [].into(), body: String::new() };
    let mut door = keda().fault("*/distributedtask/pools?*", refusal).serve(Instances::Fresh);
    door.ask("GET", "/metrics");
    door.ask("GET", "/queue/aca-jobs");
    golden!("door-refused", door);
    let mut door = keda().env("INPUT_MAXWAIT", "soon").serve(Instances::Fresh);
    door.ask("GET", "/metrics");
    golden!("door-misconfigured", door);
}

#[test]
fn an_answer_comes_in_time_also_where_azure_devops_gives_none() {
    let mut door = keda().env("INPUT_TIMEOUT", "1s").fault("*/agents*", Effect::Hang).serve(Instances::Fresh);
    let started = std::time::Instant::now();
    assert_eq!(door.ask("GET", "/metrics"), 503);
    assert!(started.elapsed() < Duration::from_secs(3), "{:?}", started.elapsed());
    assert_eq!(door.ask("GET", "/healthz"), 200, "the identity is well");
}
