//! A report for people, at a terminal of 80 columns.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use super::{Report, Style, clean};
use crate::health::{Finding, Severity, Tally};
use crate::moment::{span, timestamp};
use crate::paragraph::{WIDTH, paragraph};

/// How many agents of one rule are listed before the rest is only counted
const LISTED: usize = 5;

/// The report
pub fn render(report: &Report<'_>, style: Style) -> String {
    let title = format!("Agent pools of {}", clean(report.organization.name()));
    let mut text = format!("{}, {}\n", style.bold(&title), timestamp(report.taken_at));
    for (pool, tally, findings) in report.pools() {
        let name = clean(&pool.name);
        let _ = writeln!(text, "\n{} {} (pool {})", mark(&findings, style), style.bold(&name), pool.id);
        if pool.is_hosted {
            text.push_str("    run by Microsoft: nothing to judge\n");
            continue;
        }
        let _ = write!(text, "    {}\n    {}\n", agents(&tally), queue(&tally));
        text.push_str(&listed(&findings, style));
    }
    for finding in report.findings.iter().filter(|finding| finding.subject.pool_id.is_none()) {
        let _ = writeln!(text, "\n{} {}", mark(&[finding], style), style.bold(&clean(&finding.subject.pool)));
        text.push_str(&listed(&[finding], style));
    }
    let _ = writeln!(text, "\n{}", verdict(report, style));
    text
}

fn mark(findings: &[&Finding], style: Style) -> String {
    match findings.iter().map(|finding| finding.severity).max() {
        None | Some(Severity::Info) => style.good("✓"),
        Some(Severity::Warning) => style.doubtful("!"),
        Some(Severity::Error) => style.bad("✗"),
    }
}

fn agents(tally: &Tally) -> String {
    let states = [
        (tally.busy, "busy"),
        (tally.idle, "idle"),
        (tally.offline, "offline"),
        (tally.disabled, "disabled"),
    ];
    let states: Vec<String> = states
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, state)| format!("{count} {state}"))
        .collect();
    match tally.agents {
        0 => "no agents".into(),
        1 => format!("1 agent: {}", states.join(", ")),
        count => format!("{count} agents: {}", states.join(", ")),
    }
}

fn queue(tally: &Tally) -> String {
    let wait = tally.oldest_wait_seconds.map(|seconds| span(Duration::from_secs(seconds)));
    match (tally.queued_jobs, wait) {
        (0, _) => "no jobs waiting".into(),
        (1, Some(wait)) => format!("1 job waiting, for {wait}"),
        (1, None) => "1 job waiting".into(),
        (count, Some(wait)) => format!("{count} jobs waiting, the oldest for {wait}"),
        (count, None) => format!("{count} jobs waiting"),
    }
}

/// The findings about one pool; those of one rule about several agents stand together, with their advice once
fn listed(findings: &[&Finding], style: Style) -> String {
    let mut by_rule: BTreeMap<(usize, &str), Vec<&Finding>> = BTreeMap::new();
    for (place, finding) in findings.iter().enumerate() {
        let first = findings.iter().position(|other| other.rule == finding.rule).unwrap_or(place);
        by_rule.entry((first, finding.rule)).or_default().push(finding);
    }
    let mut text = String::new();
    for ((_, rule), group) in by_rule {
        let Some(first) = group.first() else { continue };
        let severity = match first.severity {
            Severity::Info => style.faint("info"),
            Severity::Warning => style.doubtful("warning"),
            Severity::Error => style.bad("error"),
        };
        match &first.subject.agent {
            None => {
                let line = paragraph(
                    &format!("{}: {}", first.severity.name(), clean(&first.message)),
                    "    ",
                    "      ",
                );
                let line = line.replacen(first.severity.name(), &severity, 1);
                let _ = write!(text, "{}", with_rule(&line, rule, style));
            }
            Some(_) => {
                let heading = match group.len() {
                    1 => "    warning: an agent\n".to_owned(),
                    count => format!("    warning: {count} agents\n"),
                };
                let heading = heading.replacen("warning", &severity, 1);
                let _ = write!(text, "{}", with_rule(&heading, rule, style));
                for finding in group.iter().take(LISTED) {
                    let agent = clean(finding.subject.agent.as_deref().unwrap_or_default());
                    text.push_str(&paragraph(
                        &format!("{agent}: {}", clean(&finding.message)),
                        "      ",
                        "        ",
                    ));
                }
                if group.len() > LISTED {
                    let _ =
                        writeln!(text, "      and {} more (`--format json` lists all)", group.len() - LISTED);
                }
            }
        }
        let hint = paragraph(&format!("hint: {}", clean(&first.advice)), "      ", "        ");
        text.push_str(&hint.replacen("hint:", &style.bold("hint:"), 1));
    }
    text
}

/// Puts a rule's id behind the last line where it fits, else on a line of its own.
fn with_rule(lines: &str, rule: &str, style: Style) -> String {
    let lines = lines.trim_end_matches('\n');
    let last = lines.rsplit('\n').next().unwrap_or(lines);
    let width = unicode_width::UnicodeWidthStr::width(without_colour(last).as_str());
    let rule = format!("[{rule}]");
    let separator = if width + 1 + rule.len() <= WIDTH { " " } else { "\n      " };
    format!("{lines}{separator}{}\n", style.faint(&rule))
}

fn without_colour(line: &str) -> String {
    let mut plain = String::new();
    let mut rest = line;
    while let Some((before, code)) = rest.split_once('\u{1b}') {
        plain.push_str(before);
        rest = code.split_once('m').map_or("", |(_, after)| after);
    }
    plain + rest
}

fn verdict(report: &Report<'_>, style: Style) -> String {
    let count = |severity| report.findings.iter().filter(|finding| finding.severity == severity).count();
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    let pools = report.snapshot.pools.len() + report.snapshot.missing.len();
    let plural = |count: usize, one: &str| match count {
        1 => format!("1 {one}"),
        count => format!("{count} {one}s"),
    };
    let numbers = format!(
        "{} judged, {}, {}",
        plural(pools, "pool"),
        plural(errors, "error"),
        plural(warnings, "warning")
    );
    if report.is_healthy() {
        format!("{}: {numbers}", style.good("healthy"))
    } else {
        format!("{}: {numbers}", style.bad("unhealthy"))
    }
}
