//! The chores of the agents' life: `placeholder` and `remove`.

use crate::harness::{Case, golden};

/// Administrator everywhere, who may register and remove
fn chores(scenario: &str) -> Case {
    Case::of(scenario).scenario(|scenario| {
        let administrator = serde_json::from_value(serde_json::json!("Administrator")).expect("a role");
        for identity in &mut scenario.identities {
            identity.pool_roles = [("*".to_owned(), administrator)].into();
        }
    })
}

#[test]
fn a_placeholder_is_registered() {
    let line = "placeholder --pool aca-missing --agent-name aca-placeholder --capability java,Agent.OS=Linux";
    golden!("placeholder-registered", chores("keda").run(line));
    golden!("placeholder-json", chores("keda").run(&format!("{line} --format json")));
    let same = "placeholder --pool aca-jobs --agent-name ACA-placeholder --capability java,docker";
    golden!("placeholder-there-already", chores("keda").run(same));
    let more =
        "placeholder --pool aca-mismatch --agent-name aca-mismatch-placeholder --capability java,docker";
    golden!("placeholder-updated", chores("keda").run(more));
    let like =
        "placeholder --pool linux-legacy --agent-name legacy-placeholder --from legacy-12 --capability cuda";
    golden!("placeholder-like-another", chores("degraded").run(like));
}

#[test]
fn a_placeholder_takes_nobodys_place() {
    let line = "placeholder --pool linux-legacy --capability java --agent-name";
    golden!("placeholder-online", chores("degraded").run(&format!("{line} legacy-01 --force")));
    golden!("placeholder-was-connected", chores("degraded").run(&format!("{line} legacy-06")));
    golden!("placeholder-by-force", chores("degraded").run(&format!("{line} legacy-06 --force")));
    golden!("placeholder-no-role", Case::of("degraded").run(&format!("{line} new")));
    golden!("placeholder-from-nobody", chores("degraded").run(&format!("{line} new --from legacy-99")));
    golden!("placeholder-pools", chores("degraded").run("placeholder --pool a,b --agent-name x"));
}

#[test]
fn one_agent_is_removed_by_its_name() {
    let line = "remove --pool linux-legacy --timeout 8s --agent-name";
    golden!("remove-one", chores("degraded").run(&format!("{line} legacy-04")));
    golden!(
        "remove-own",
        chores("degraded").env("AZP_AGENT_NAME", "legacy-11").run("remove --pool linux-legacy")
    );
    golden!("remove-busy", chores("degraded").run(&format!("{line} legacy-01")));
    golden!("remove-nobody", chores("degraded").run(&format!("{line} legacy-99")));
    golden!("remove-no-role", Case::of("degraded").run(&format!("{line} legacy-04")));
    golden!("remove-placeholder", chores("keda").run("remove --pool aca-jobs --agent-name aca-placeholder"));
}

#[test]
fn agents_that_are_gone_are_removed_when_that_is_applied() {
    let line = "remove --pool * --offline-for 2d";
    golden!("remove-shown", chores("degraded").run(line));
    golden!("remove-applied", chores("degraded").run(&format!("{line} --apply")));
    golden!("remove-at-most", chores("degraded").run(&format!("{line} --most 1 --format json")));
    golden!("remove-by-name", chores("degraded").run(&format!("{line} --name web-*")));
    let back = lifeguard_emulator::Effect::Answer {
        status: 200,
        headers: [("Content-Type".to_owned(), "application/json".to_owned())].into(),
        body: r#"{"id":3106,"name":"legacy-06","status":"online","enabled":true}"#.into(),
    };
    let case = chores("degraded").fault("*/agents/3106*", back);
    golden!("remove-came-back", case.run(&format!("{line} --apply")));
    let refused = lifeguard_emulator::Effect::Answer { status: 403, headers: [].into(), body: String::new() };
    let fault = lifeguard_emulator::Fault {
        method: Some("DELETE".into()),
        ..lifeguard_emulator::Fault::new("*/agents/3104*", refused)
    };
    golden!(
        "remove-refused-in-the-middle",
        chores("degraded").with_fault(fault).run(&format!("{line} --apply"))
    );
    golden!("remove-usage", chores("degraded").run("remove --pool *"));
    golden!("remove-both", chores("degraded").run(&format!("{line} --agent-name legacy-04")));
}
