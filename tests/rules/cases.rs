//! The cases: what a snapshot of data leads to, by rule, by kind of pool, by cause.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;

use pool_lifeguard::health::{Finding, PoolView, RULES, assess};
use serde_json::{Value, json};

use super::snapshots::{Case, folder};

/// How pools come by their agents, and which of these stand for others
const KINDS: &str = "kinds.json";

/// What jobs wait for
const WAITING: &str = "waiting.json";

#[test]
fn every_rule_finds_what_it_should_and_nothing_else() {
    let mut wrong = String::new();
    for rule in RULES {
        let cases = Case::load(&format!("{}.json", rule.id));
        let (firing, silent) = cases.iter().partition::<Vec<_>, _>(|case| !case.expect.is_empty());
        assert!(!firing.is_empty() && !silent.is_empty(), "{}: a case is missing", rule.id);
        for case in &cases {
            let views = PoolView::all(&case.snapshot, &case.policy, case.now);
            let findings = assess(&case.snapshot, &views, &case.policy);
            let found: Vec<&Finding> = findings.iter().filter(|finding| finding.rule == rule.id).collect();
            let actual = found.iter().zip(told_of(&case.expect)).map(|(found, told)| shown(found, &told));
            note(&mut wrong, rule.id, case, &actual.collect::<Vec<_>>());
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn every_file_is_of_a_rule() {
    let files = fs::read_dir(folder()).expect("the folder of cases");
    for file in files.map(|entry| entry.expect("an entry").file_name()) {
        let file = file.to_string_lossy();
        let is_known = RULES.iter().any(|rule| file == format!("{}.json", rule.id));
        assert!(is_known || [KINDS, WAITING].contains(&&*file), "{file}");
        let names: Vec<String> = Case::load(&file).into_iter().map(|case| case.name).collect();
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len(), "{file}: {names:#?}");
    }
}

#[test]
fn pools_are_of_the_kind_that_the_data_says() {
    let mut wrong = String::new();
    let mut kinds = BTreeSet::new();
    for case in Case::load(KINDS) {
        let views = PoolView::all(&case.snapshot, &case.policy, case.now);
        let actual = views.iter().map(|view| {
            let placeholders: Vec<&str> = view.placeholders().map(|agent| agent.name.as_str()).collect();
            json!({"kind": view.kind.name(), "placeholders": placeholders})
        });
        note(&mut wrong, KINDS, &case, &actual.collect::<Vec<_>>());
        kinds.extend(views.iter().map(|view| view.kind.name()));
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert_eq!(kinds.len(), 4, "{kinds:?}");
}

#[test]
fn jobs_wait_for_what_the_data_says() {
    let mut wrong = String::new();
    let mut causes = BTreeSet::new();
    for case in Case::load(WAITING) {
        let views = PoolView::all(&case.snapshot, &case.policy, case.now);
        let waiting = views.iter().flat_map(|view| view.waiting().iter().map(move |job| (view, job)));
        let told = told_of(&case.expect);
        let actual = waiting.zip(told).map(|((view, job), told)| {
            causes.insert(job.cause.name());
            let mut shown = json!({
                "request": job.request.request_id, "cause": job.cause.name(), "why": job.sentence(view),
            });
            for (name, value) in [
                ("advice", json!(job.advice(view))),
                ("for", json!(job.cause.for_what())),
                ("ahead", json!(job.ahead)),
            ] {
                if told.get(name).is_some() {
                    shown[name] = value;
                }
            }
            shown
        });
        note(&mut wrong, WAITING, &case, &actual.collect::<Vec<_>>());
    }
    assert!(wrong.is_empty(), "{wrong}");
    let schema: Value =
        serde_json::from_str(include_str!("../../docs/why.schema.json")).expect("the schema is JSON");
    let all = schema.pointer("/properties/pools/items/properties/jobs/items/properties/cause/enum");
    assert_eq!(all.and_then(Value::as_array).map(Vec::len), Some(causes.len()), "{causes:?}");
}

/// What is told of each expected thing, and of any further one nothing
fn told_of(expect: &[Value]) -> impl Iterator<Item = Value> {
    expect.iter().cloned().chain(std::iter::repeat(json!({})))
}

/// A finding as a case tells of it; how bad it is and what to do only where the case does
fn shown(finding: &Finding, told: &Value) -> Value {
    let about = &finding.subject;
    let subject = match (&about.agent, about.request_id) {
        (Some(agent), _) => json!(agent),
        (None, Some(request)) => json!(request),
        (None, None) => json!(about.pool),
    };
    let mut shown = json!({"subject": subject, "message": finding.message});
    for (name, value) in [
        ("advice", json!(finding.advice)),
        ("evidence", json!(finding.evidence)),
        ("severity", json!(finding.severity)),
    ] {
        if told.get(name).is_some() {
            shown[name] = value;
        }
    }
    shown
}

/// Writes down a case that came out otherwise.
fn note(wrong: &mut String, file: &str, case: &Case, actual: &[Value]) {
    if actual != case.expect {
        let lines = |values: &[Value]| {
            values.iter().fold(String::new(), |lines, value| format!("{lines}\n    {value}"))
        };
        let (expected, actual) = (lines(&case.expect), lines(actual));
        let _ = writeln!(wrong, "\n{file}: {}\n  expected:{expected}\n  found:{actual}", case.name);
    }
}
