//! What each format promises of its text, whatever the names in it are.

use std::collections::BTreeSet;

use pool_lifeguard::health::{PoolView, Waiting};
use pool_lifeguard::report::{Format, Report, Style, Target, why};
use serde_json::Value;

/// The commands that a report may give
const COMMANDS: &[&str] =
    &["task.logissue ", "task.setvariable ", "task.uploadsummary]", "task.addattachment ", "task.complete "];

/// Renders a report in every format, and why its jobs wait.
pub fn check_all<'a>(report: &'a Report<'a>) {
    let hostile = report.snapshot.pools.first().map_or("", |pool| pool.pool.name.as_str());
    let target = |format, path: String| Target { format, path };
    let targets = [
        target(Format::Markdown, "/work/a b.md".into()),
        target(Format::Json, "C:\\work\\report.json".into()),
        target(Format::Markdown, format!("out/{hostile}.md")),
    ];
    let render = |format: Format| format.render(report, &targets, Style::new(false));

    check_plain(&render(Format::Text));
    check_plain(&without_colours(&Format::Text.render(report, &targets, Style::new(true))));
    check_pipelines(&render(Format::Pipelines));
    check_plain(&render(Format::Markdown));
    let json = check_json(&render(Format::Json));
    assert_eq!(json["findings"].as_array().map(Vec::len), Some(report.findings.len()));
    check_junit(&render(Format::Junit));
    check_prometheus(&render(Format::Prometheus));

    let why = why_report(report);
    check_plain(&why::text(&why, Style::new(false)));
    check_plain(&without_colours(&why::text(&why, Style::new(true))));
    check_json(&why::json(&why));
}

fn why_report<'a>(report: &'a Report<'a>) -> why::WhyReport<'a> {
    let pools = report.pools.iter().map(|view: &PoolView<'_>| (view, view.waiting().to_vec()));
    let pools: Vec<(&PoolView<'_>, Vec<Waiting<'_>>)> = pools.collect();
    why::WhyReport {
        organization: report.organization,
        credential: report.credential,
        running: pools
            .iter()
            .flat_map(|(view, _)| &view.snapshot.job_requests)
            .find(|request| request.is_running()),
        pools,
        asked_for: None,
        taken_at: report.taken_at,
    }
}

/// No command, and no character that isn't seen
fn check_plain(text: &str) {
    let lower = text.to_ascii_lowercase();
    assert!(!lower.contains("##vso[") && !lower.contains("##["), "{text}");
    check_characters(text);
}

fn check_characters(text: &str) {
    let is_hidden = |character: char| {
        (character.is_control() && character != '\n')
            || matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    assert!(!text.contains(is_hidden), "{text:?}");
    assert!(text.ends_with('\n'), "{text:?}");
}

/// Takes out the colours that are ours; what else begins with an escape stays.
fn without_colours(text: &str) -> String {
    ["1", "32", "31;1", "33", "2", "0"]
        .iter()
        .fold(text.to_owned(), |text, code| text.replace(&format!("\u{1b}[{code}m"), ""))
}

fn check_pipelines(text: &str) {
    check_characters(text);
    for line in text.lines() {
        let lower = line.to_ascii_lowercase();
        assert!(!lower.contains("##["), "{line}");
        if let Some((before, command)) = line.split_once("##vso[") {
            assert!(before.is_empty() && COMMANDS.iter().any(|own| command.starts_with(own)), "{line}");
        }
        assert_eq!(lower.matches("##vso[").count(), line.matches("##vso[").count(), "{line}");
        assert!(lower.matches("##vso[").count() <= 1, "{line}");
    }
    assert!(
        text.lines().last().is_some_and(|last| last.starts_with("##vso[task.complete result=")),
        "{text}"
    );
}

fn check_json(text: &str) -> Value {
    check_plain(text);
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn check_junit(xml: &str) {
    check_plain(xml);
    let document = roxmltree::Document::parse(xml).unwrap_or_else(|error| panic!("{error}: {xml}"));
    let (mut tests, mut failures, mut names) = (0, 0, BTreeSet::new());
    for case in document.descendants().filter(|node| node.has_tag_name("testcase")) {
        tests += 1;
        failures += case.children().filter(|node| node.has_tag_name("failure")).count();
        let name = (case.attribute("classname"), case.attribute("name"));
        assert!(name.0.is_some() && name.1.is_some() && names.insert(name), "{name:?}: {xml}");
    }
    let root = document.root_element();
    assert_eq!(root.attribute("tests"), Some(tests.to_string().as_str()), "{xml}");
    assert_eq!(root.attribute("failures"), Some(failures.to_string().as_str()), "{xml}");
}

/// The text format 0.0.4: each metric once, with its help and its type before its series, each series once
fn check_prometheus(text: &str) {
    check_plain(text);
    let (mut metrics, mut series) = (BTreeSet::new(), BTreeSet::new());
    let mut metric = "";
    for line in text.lines() {
        if let Some(help) = line.strip_prefix("# HELP ") {
            metric = help.split(' ').next().unwrap_or_default();
            assert!(metrics.insert(metric) && help.len() > metric.len() + 1, "{line}");
        } else if let Some(kind) = line.strip_prefix("# TYPE ") {
            assert_eq!(kind.split_once(' '), Some((metric, "gauge")), "{line}");
        } else {
            let rest = line.strip_prefix(metric).unwrap_or_else(|| panic!("{line} isn't of {metric}"));
            let value = behind_labels(rest).unwrap_or_else(|| panic!("{line}: labels"));
            assert!(value.strip_prefix(' ').is_some_and(|value| value.parse::<f64>().is_ok()), "{line}");
            assert!(series.insert(line.strip_suffix(value)), "{line} is there twice");
        }
    }
}

/// What stands behind `{name="value",…}`; nothing where that isn't well formed
fn behind_labels(line: &str) -> Option<&str> {
    let Some(mut rest) = line.strip_prefix('{') else { return Some(line) };
    loop {
        let (name, value) = rest.split_once("=\"")?;
        let is_name = name.starts_with(|first: char| first.is_ascii_lowercase())
            && name.chars().all(|character| character.is_ascii_lowercase() || character == '_');
        rest = value.get(end_of_value(value)? + 1..).filter(|_| is_name)?;
        match rest.split_at_checked(1)? {
            (",", more) => rest = more,
            ("}", behind) => return Some(behind),
            _ => return None,
        }
    }
}

/// Where the quote is that ends a label's value, in which a backslash may only stand before `\`, `"` and `n`
fn end_of_value(value: &str) -> Option<usize> {
    let mut characters = value.char_indices();
    while let Some((index, character)) = characters.next() {
        match character {
            '"' => return Some(index),
            '\\' => _ = characters.next().filter(|(_, next)| ['\\', '"', 'n'].contains(next))?,
            _ => (),
        }
    }
    None
}
