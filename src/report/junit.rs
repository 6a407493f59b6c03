//! A report as test results: a suite for each pool, in it a case for each rule and what it found. JUnit's XML as
//! Azure Pipelines, Jenkins and GitLab read it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{Report, clean};
use crate::health::{Finding, Look, RULES, Rule};
use crate::moment::timestamp;

/// The report
pub fn render(report: &Report<'_>) -> String {
    let mut results =
        Results { report, names: BTreeMap::new(), suites: String::new(), tests: 0, failures: 0 };
    let all: Vec<&Finding> = report.findings.iter().collect();
    results.push_suite(report.organization.name(), &all, true, &|rule| rule.concerns_all(report.snapshot));
    for view in report.pools.iter().filter(|view| !view.snapshot.pool.is_hosted) {
        results.push_suite(&view.snapshot.pool.name, &report.findings_of(view), false, &|rule| {
            rule.concerns(view)
        });
    }
    let Results { suites, tests, failures, .. } = results;
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"Pool Lifeguard\" tests=\"{tests}\" \
         failures=\"{failures}\" errors=\"0\" time=\"0\">\n{suites}</testsuites>\n"
    )
}

struct Results<'a, 'r> {
    report: &'a Report<'r>,
    /// The classes and names that there are, each pair with the number of cases that would have it
    names: BTreeMap<String, u64>,
    suites: String,
    tests: usize,
    failures: usize,
}

impl Results<'_, '_> {
    /// The suite of a pool, or of the organization as a whole
    fn push_suite(
        &mut self,
        name: &str,
        findings: &[&Finding],
        is_whole: bool,
        concerns: &dyn Fn(&Rule) -> bool,
    ) {
        let report = self.report;
        let (mut cases, mut tests, mut failures) = (String::new(), 0, 0);
        let rules = RULES.iter().filter(|rule| report.policy.severity(rule).is_some());
        for rule in rules.filter(|rule| matches!(rule.look, Look::Everything(_)) == is_whole) {
            let mut found = findings.iter().filter(|finding| finding.rule == rule.id).peekable();
            if found.peek().is_none() && !concerns(rule) {
                continue;
            }
            if found.peek().is_none() {
                self.push_case(&mut cases, name, rule.id);
                cases.push_str("/>\n");
                tests += 1;
            }
            for finding in found {
                self.push_case(&mut cases, name, &case(finding, is_whole));
                let is_failure = report.policy.fail_on.is_some_and(|least| finding.severity >= least);
                push_finding(&mut cases, finding, is_failure);
                tests += 1;
                failures += usize::from(is_failure);
            }
        }
        if tests == 0 {
            return;
        }
        self.suites.push_str("  <testsuite name=\"");
        push_escaped(&mut self.suites, name);
        let moment = timestamp(report.taken_at);
        let _ = writeln!(
            self.suites,
            "\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\" skipped=\"0\" time=\"0\" timestamp=\"{}\">",
            moment.trim_end_matches('Z')
        );
        self.suites.push_str(&cases);
        if is_whole && !report.snapshot.left_out.is_empty() {
            self.suites.push_str("    <system-out>");
            for note in &report.snapshot.left_out {
                self.suites.push_str("left out: ");
                push_escaped(&mut self.suites, note);
                self.suites.push('\n');
            }
            self.suites.push_str("</system-out>\n");
        }
        self.suites.push_str("  </testsuite>\n");
        self.tests += tests;
        self.failures += failures;
    }

    /// A case's opening tag but for its end
    fn push_case(&mut self, cases: &mut String, class: &str, name: &str) {
        // Two names that differ may look the same when they are made harmless.
        let (class, name) = (clean(class), clean(name));
        let mut unique = name.clone();
        let mut count: u64 = 1;
        while self.names.insert(format!("{class}\n{unique}"), count).is_some() {
            count += 1;
            unique = format!("{name} ({count})");
        }
        cases.push_str("    <testcase classname=\"");
        push_escaped(cases, &class);
        cases.push_str("\" name=\"");
        push_escaped(cases, &unique);
        cases.push_str("\" time=\"0\"");
    }
}

/// The name of a finding's case
fn case(finding: &Finding, is_whole: bool) -> String {
    let rule = finding.rule;
    match (&finding.subject.agent, finding.subject.request_id) {
        (Some(agent), _) => format!("{rule}: {agent}"),
        (None, Some(request)) => format!("{rule}: job request {request}"),
        _ if is_whole && !finding.subject.pool.is_empty() => format!("{rule}: {}", finding.subject.pool),
        _ => rule.to_owned(),
    }
}

/// What was found and what to do, and a case's end
fn push_finding(cases: &mut String, finding: &Finding, is_failure: bool) {
    cases.push_str(">\n      ");
    if is_failure {
        cases.push_str("<failure message=\"");
        push_escaped(cases, &finding.message);
        let _ = write!(cases, "\" type=\"{}\">", finding.rule);
    } else {
        cases.push_str("<system-out>");
    }
    let _ = write!(cases, "{}: ", finding.severity.name());
    push_escaped(cases, &finding.message);
    cases.push_str("\nhint: ");
    push_escaped(cases, &finding.advice);
    cases.push_str(if is_failure { "</failure>" } else { "</system-out>" });
    cases.push_str("\n    </testcase>\n");
}

/// Text from outside, for an attribute or between tags. XML has no way to write what isn't a character to it.
fn push_escaped(xml: &mut String, text: &str) {
    for character in clean(text).chars() {
        match character {
            '&' => xml.push_str("&amp;"),
            '<' => xml.push_str("&lt;"),
            '>' => xml.push_str("&gt;"),
            '"' => xml.push_str("&quot;"),
            '\u{fffe}' | '\u{ffff}' => xml.push('\u{fffd}'),
            _ => xml.push(character),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::markdown::fixture::hostile;
    use super::*;

    #[test]
    fn the_counts_are_right_and_no_case_is_there_twice() {
        hostile(|report| {
            let xml = render(report);
            let count = |what: &str| xml.matches(what).count();
            let (cases, failures) = (count("<testcase "), count("<failure "));
            let head =
                format!("<testsuites name=\"Pool Lifeguard\" tests=\"{cases}\" failures=\"{failures}\"");
            assert!(xml.contains(&head), "{xml}");
            assert!(failures > 0 && count("<system-out>") > 1 && count("<testsuite name=") == 3, "{xml}");
            assert_eq!(count("timestamp=\"2026-11-02T09:00:00\""), 3);
            let mut names: Vec<&str> = xml.lines().filter(|line| line.contains("<testcase ")).collect();
            let all = names.len();
            names.sort_unstable();
            names.dedup_by_key(|line| line.trim_end_matches(['/', '>']));
            assert_eq!(names.len(), all);
        });
    }

    #[test]
    fn no_name_breaks_out() {
        hostile(|report| {
            let xml = render(report);
            assert!(!xml.to_lowercase().contains("##vso[") && !xml.contains("<script"), "{xml}");
            assert!(!xml.contains("]]>") && !xml.contains(['\u{1b}', '\u{202e}', '\r']), "{xml}");
            // Each line is whole: an odd quote would be one that ends an attribute.
            assert!(xml.lines().all(|line| line.matches('"').count() % 2 == 0), "{xml}");
        });
        let mut text = String::new();
        push_escaped(&mut text, "\u{ffff}\u{0}<&>\"");
        assert_eq!(text, "\u{fffd}\\u{0}&lt;&amp;&gt;&quot;");
    }
}
