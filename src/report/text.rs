//! A report for people, at a terminal of 80 columns.

use std::cmp::Reverse;
use std::fmt::Write as _;
use std::time::Duration;

use super::{Report, Style, clean, counted};
use crate::health::{Finding, Kind, PoolView, Severity, Subject, Tally};
use crate::moment::{span, timestamp};
use crate::paragraph::{WIDTH, paragraph};

/// Of more pools than this, those with findings are told of
const MANY: usize = 20;

/// How many agents of one rule are listed before the rest is only counted
const LISTED: usize = 5;

/// The report
pub fn render(report: &Report<'_>, style: Style) -> String {
    let title = format!("Agent pools of {}", clean(report.organization.name()));
    let mut text = format!("{}, {}\n", style.bold(&title), timestamp(report.taken_at));
    let is_short = report.pools.len() <= MANY;
    let mut unsaid = 0;
    for view in &report.pools {
        let pool = &view.snapshot.pool;
        let findings = report.findings_of(view);
        if findings.is_empty() && !is_short {
            unsaid += 1;
            continue;
        }
        let name = clean(&pool.name);
        let _ = writeln!(text, "\n{} {} ({})", mark(&findings, style), style.bold(&name), what(view));
        if pool.is_hosted {
            text.push_str("    run by Microsoft: nothing to judge\n");
            continue;
        }
        let _ = write!(text, "    {}\n    {}\n", agents(view), queue(&view.tally));
        text.push_str(&listed(&findings, style));
    }
    if unsaid > 0 {
        let _ = writeln!(
            text,
            "\n{} {} of which there is nothing to say",
            style.good("✓"),
            counted(unsaid, "pool")
        );
    }
    for finding in report.other_findings() {
        let name = match finding.subject.pool.as_str() {
            "" => "Azure DevOps",
            pool => pool,
        };
        let _ = writeln!(text, "\n{} {}", mark(&[finding], style), style.bold(&clean(name)));
        text.push_str(&listed(&[finding], style));
    }
    let _ = writeln!(text, "\n{}", verdict(report, style));
    text
}

/// What a pool is, beside its name; that it is static goes without saying
fn what(view: &PoolView<'_>) -> String {
    let id = view.snapshot.pool.id;
    match view.kind {
        Kind::Elastic => format!("pool {id}, an elastic pool"),
        Kind::Ephemeral => format!("pool {id}, an agent for each job"),
        Kind::Hosted | Kind::Static => format!("pool {id}"),
    }
}

fn mark(findings: &[&Finding], style: Style) -> String {
    match findings.iter().map(|finding| finding.severity).max() {
        None | Some(Severity::Info) => style.good("✓"),
        Some(Severity::Warning) => style.doubtful("!"),
        Some(Severity::Error) => style.bad("✗"),
    }
}

fn agents(view: &PoolView<'_>) -> String {
    let tally = &view.tally;
    let states = [
        (tally.busy, "busy"),
        (tally.idle, "idle"),
        (tally.offline, "offline"),
        (tally.disabled, "disabled"),
        (tally.placeholders, if tally.placeholders == 1 { "placeholder" } else { "placeholders" }),
    ];
    let states: Vec<String> = states
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, state)| format!("{count} {state}"))
        .collect();
    let agents = match tally.agents {
        0 => "no agents".into(),
        count => format!("{}: {}", counted(count, "agent"), states.join(", ")),
    };
    match view.ignored() {
        0 => agents,
        ignored => format!("{agents}; {ignored} ignored"),
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

/// The findings about one pool, the worst first; those of one rule about several agents or jobs stand together,
/// with their advice once
fn listed(findings: &[&Finding], style: Style) -> String {
    let mut groups: Vec<Vec<&Finding>> = Vec::new();
    for finding in findings {
        match groups.iter_mut().find(|group| group[0].rule == finding.rule) {
            Some(group) => group.push(finding),
            None => groups.push(vec![finding]),
        }
    }
    groups.sort_by_key(|group| Reverse(group[0].severity));
    let mut text = String::new();
    for group in groups {
        let first = group[0];
        let (severity, coloured) = match first.severity {
            Severity::Info => ("info", style.faint("info")),
            Severity::Warning => ("warning", style.doubtful("warning")),
            Severity::Error => ("error", style.bad("error")),
        };
        let (heading, is_list) = match (group.len(), &first.subject) {
            (1, Subject { agent: Some(agent), .. }) => (format!("agent {agent}: {}", first.message), false),
            (1, _) => (first.message.clone(), false),
            (count, Subject { agent: Some(_), .. }) => (counted(count, "agent"), true),
            (count, _) => (counted(count, "job"), true),
        };
        let line = paragraph(&format!("{severity}: {}", clean(&heading)), "    ", "      ");
        text.push_str(&with_rule(&line.replacen(severity, &coloured, 1), first.rule, style));
        if is_list {
            for finding in group.iter().take(LISTED) {
                let line = match &finding.subject.agent {
                    Some(agent) => format!("{agent}: {}", finding.message),
                    None => finding.message.clone(),
                };
                text.push_str(&paragraph(&clean(&line), "      ", "        "));
            }
            if group.len() > LISTED {
                let _ = writeln!(text, "      and {} more (`--format json` lists all)", group.len() - LISTED);
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
    let word = match report.is_healthy() {
        true => style.good("healthy"),
        false => style.bad("unhealthy"),
    };
    let by = match &report.policy.file {
        Some(file) => format!(", by {}", clean(file)),
        None => String::new(),
    };
    format!("{word}: {}{by}", report.numbers())
}
