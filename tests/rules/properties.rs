//! What holds for any pools at all.

use std::collections::BTreeSet;

use pool_lifeguard::devops::{Organization, Snapshot};
use pool_lifeguard::health::{Finding, MinVersion, Policy, PoolView, RULES, Severity, assess};
use pool_lifeguard::report::Report;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{RngSeed, TestRunner};
use serde_json::json;

use super::formats;
use super::generated::{add_newcomer, policy, reordered, snapshot};
use super::snapshots::{inputs, now};

/// What is said of a pool without an agent that could take a job
const WITHOUT: &[&str] = &["pool-disabled", "pool-empty", "pool-offline"];

/// What is said of one with too few of them
const WITH_FEW: &[&str] = &["pool-below-min-online", "pool-offline-ratio"];

/// So many cases, the same ones in each run
fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        rng_seed: RngSeed::Fixed(20_261_102),
        failure_persistence: None,
        ..<_>::default()
    }
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn the_order_of_things_does_not_matter((one, other) in reordered(), policy in policy()) {
        let (one, other) = (told(&find(&one, &policy)), told(&find(&other, &policy)));
        prop_assert_eq!(&one - &other, &other - &one);
    }

    #[test]
    fn an_idle_agent_that_lacks_nothing_makes_nothing_worse(
        before in snapshot(), policy in policy(), place in any::<prop::sample::Index>(),
    ) {
        let mut after = before.clone();
        let place = place.index(after.pools.len());
        add_newcomer(&mut after.pools[place]);
        let id = Some(after.pools[place].pool.id);
        let (before, after) = (find(&before, &policy), find(&after, &policy));
        let is_known = |finding: &Finding| {
            before.iter().any(|known| known.rule == finding.rule && known.subject == finding.subject)
        };
        // What is said of a pool without any agent stands for what is said of one with too few.
        let had_none = before.iter().any(|finding| finding.subject.pool_id == id && WITHOUT.contains(&finding.rule));
        for finding in after.iter().filter(|finding| finding.severity > Severity::Info && !is_known(finding)) {
            let is_instead = had_none && WITH_FEW.contains(&finding.rule);
            prop_assert!(is_instead || is_owed_to(finding, &policy), "{finding:#?}");
        }
        let errors = |findings: &[Finding]| {
            findings.iter().filter(|finding| finding.severity == Severity::Error).count()
        };
        prop_assert!(errors(&after) <= errors(&before), "{before:#?}\n{after:#?}");
    }

    #[test]
    fn findings_say_what_the_rules_page_says(snapshot in snapshot(), policy in policy()) {
        for finding in find(&snapshot, &policy) {
            let rule = RULES.iter().find(|rule| rule.id == finding.rule).expect("a rule");
            let documented = |key: &String| rule.evidence.iter().any(|(name, _)| name == key);
            prop_assert!(finding.evidence.keys().all(documented), "{finding:?}");
            prop_assert!(!finding.message.is_empty() && !finding.advice.is_empty(), "{finding:?}");
        }
    }
}

proptest! {
    #![proptest_config(cases(128))]

    #[test]
    fn every_format_holds_any_names(snapshot in snapshot(), policy in policy()) {
        let inputs = inputs(&json!({}));
        let organization = Organization::from_input(inputs.require("organization").expect("given"));
        let organization = organization.expect("an organization");
        formats::check_all(&Report::new(&organization, "a test's", &snapshot, &policy, now()));
    }
}

#[test]
fn generated_pools_are_of_all_sorts() {
    let mut runner = TestRunner::deterministic();
    let (mut fired, mut healthy) = (BTreeSet::new(), 0);
    for _ in 0..512 {
        let tree = (snapshot(), policy()).new_tree(&mut runner).expect("a strategy that rejects nothing");
        let (snapshot, policy) = tree.current();
        let findings = find(&snapshot, &policy);
        healthy += usize::from(findings.iter().all(|finding| finding.severity < Severity::Error));
        fired.extend(findings.iter().map(|finding| finding.rule));
    }
    let silent: Vec<&str> = RULES.iter().map(|rule| rule.id).filter(|id| !fired.contains(id)).collect();
    assert!(silent.is_empty() && healthy > 20, "{silent:?} never fired, {healthy} of 512 are healthy");
}

fn find(snapshot: &Snapshot, policy: &Policy) -> Vec<Finding> {
    let views = PoolView::all(snapshot, policy, now());
    assess(snapshot, &views, policy)
}

/// Findings as text, in no order
fn told(findings: &[Finding]) -> BTreeSet<String> {
    findings.iter().map(|finding| format!("{finding:?}")).collect()
}

/// What a new agent may bring to light without being at fault: that parallel jobs are what is short now, and that
/// others are older than most
fn is_owed_to(finding: &Finding, policy: &Policy) -> bool {
    finding.rule == "queue-parallel-jobs"
        || (finding.rule == "agent-outdated" && policy.min_version == MinVersion::Majority)
}
