//! `wait`: looks until the goal is reached, or the deadline is.

use lifeguard_emulator::{Effect, Fault};

use crate::harness::{Case, golden};

const AGENTS: &str = "*/pools/31/agents*";

#[test]
fn a_goal_that_is_reached_already() {
    golden!("wait-reached", Case::of("degraded").run("wait --pool linux-legacy --min-online 3"));
    golden!("wait-default", Case::of("degraded").run("wait --pool linux-legacy --format json"));
    golden!("wait-agent", Case::of("degraded").run("wait --pool * --agent legacy-01"));
}

#[test]
fn a_goal_that_is_reached_later() {
    let none = Effect::Answer {
        status: 200,
        headers: [("Content-Type".to_owned(), "application/json".to_owned())].into(),
        body: r#"{"count":0,"value":[]}"#.into(),
    };
    let case = Case::of("degraded").with_fault(Fault::new(AGENTS, none).times(2));
    golden!("wait-later", case.run("wait --pool linux-legacy --min-idle 2 --interval 1s"));
}

#[test]
fn what_passes_is_waited_out_and_what_does_not_is_not() {
    let busy = Effect::Answer { status: 500, headers: [].into(), body: String::new() };
    let case = Case::of("degraded").with_fault(Fault::new(AGENTS, busy).times(1));
    golden!("wait-unavailable", case.run("wait --pool linux-legacy --interval 1s"));
    let forbidden = Effect::Answer { status: 403, headers: [].into(), body: String::new() };
    let case = Case::of("degraded").fault(AGENTS, forbidden);
    golden!("wait-forbidden", case.run("wait --pool linux-legacy --interval 1s"));
    golden!("wait-not-visible", Case::of("degraded").run("wait --pool linux-legcy"));
}

#[test]
fn the_deadline_ends_it_with_what_was_missing() {
    let line = "wait --pool * --min-online 20 --max-queued 0 --agent legacy-99 --interval 1s --deadline 2s";
    golden!("wait-deadline", Case::of("degraded").run(line));
    golden!("wait-deadline-json", Case::of("degraded").run(&format!("{line} --format json")));
}

#[test]
fn a_token_that_ends_soon_is_renewed() {
    let case = Case::of("degraded").scenario(|scenario| {
        for identity in &mut scenario.identities {
            identity.token_lifetime = Some(200);
        }
    });
    let ran = case.run("wait --pool linux-legacy --agent legacy-99 --interval 1s --deadline 2s");
    assert_eq!(ran.outcome.exit_code, 1, "{}", ran.stderr());
    let tokens = ran.outcome.requests.iter().filter(|request| request.method == "POST").count();
    let looks = ran.stderr().matches("look ").count() + 1;
    assert_eq!((tokens, looks), (3, 3), "{}", ran.stderr());
}
