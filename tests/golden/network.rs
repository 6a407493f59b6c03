//! A network that misbehaves: each ends in a clear error, inside the deadline.

use std::time::Duration;

use lifeguard_emulator::{Effect, Fault};

use crate::harness::{Case, golden};

const TOKEN: &str = "*/oauth2/v2.0/token";
const AGENTS: &str = "*/_apis/distributedtask/pools/*/agents*";

#[test]
fn entra_breaks_off_or_never_ends() {
    breaks_off_or_never_ends("token", TOKEN, 3, "token --identity client-secret --timeout 3s");
}

#[test]
fn azure_devops_breaks_off_or_never_ends() {
    breaks_off_or_never_ends("agents", AGENTS, 4, "check --pool linux-build --timeout 3s");
}

fn breaks_off_or_never_ends(path_name: &str, path: &str, code: i32, line: &str) {
    let cases = [
        ("hang", Effect::Hang),
        ("reset", Effect::Reset),
        ("drip", Effect::Drip(150)),
        ("cut", Effect::Cut(20)),
        ("endless", Effect::Endless),
    ];
    for (name, effect) in cases {
        let ran = Case::new("client-secret").fault(path, effect).run(line);
        assert_eq!(ran.outcome.exit_code, code, "{path_name} {name}: {}", ran.stderr());
        assert!(ran.took < Duration::from_millis(4_500), "{path_name} {name} took {:?}", ran.took);
        assert!(ran.stderr().contains("can't be reached: "), "{}", ran.stderr());
        golden!(format!("network-{path_name}-{name}"), ran);
    }
}

#[test]
fn a_reset_is_tried_again() {
    let case = Case::new("client-secret").with_fault(Fault::new(TOKEN, Effect::Reset).times(1));
    golden!("network-reset-once", case.run("token"));
    let case = Case::new("client-secret").with_fault(Fault::new(AGENTS, Effect::Cut(20)).times(1));
    golden!("network-cut-once", case.run("check --pool linux-build"));
}

#[test]
fn an_endless_body_is_cut_off_at_its_limit() {
    let case = Case::new("client-secret").fault(TOKEN, Effect::Endless);
    golden!("network-endless", case.run("token --identity client-secret --timeout 30s"));
}

#[test]
fn nobody_is_there() {
    let line = "token --identity client-secret --authority-host http://127.0.0.1:9";
    let ran = Case::new("client-secret").run(line);
    // The harness allows the emulator alone.
    golden!("network-denied", ran);
    let ran = Case::new("client-secret").denied().run("token --identity client-secret");
    assert_eq!(ran.outcome.exit_code, 3);
}

#[test]
fn a_laptop_is_not_kept_waiting_by_the_metadata_service() {
    let ran = Case::new("imds").fault("/metadata/*", Effect::Hang).run("token");
    assert_eq!(ran.outcome.exit_code, 3);
    assert!(ran.took < Duration::from_millis(1_900), "{:?}", ran.took);
    golden!("network-imds-hangs", ran);
}

#[test]
fn a_proxy_is_not_taken_for_the_metadata_service() {
    let effect = Effect::Answer { status: 403, headers: [].into(), body: "denied by the proxy".into() };
    golden!("network-imds-proxy", Case::new("imds").fault("/metadata/*", effect).run("token"));
}
