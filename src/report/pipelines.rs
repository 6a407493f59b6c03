//! Logging commands of Azure Pipelines. What its agent unescapes: azure-pipelines-agent, `CommandStringConvertor`.

use std::fmt::Write as _;

use super::{Format, Report, Style, Target, clean, text};
use crate::health::{Finding, Severity, Tally};
use crate::secret::Secret;

/// How many findings of one rule an issue names before the rest is only counted
const NAMED: usize = 3;

/// The report: as for people, and then as commands. `targets` are files that are written already.
pub fn render(report: &Report<'_>, targets: &[Target]) -> String {
    let mut commands = text::render(report, Style::new(false));
    // One issue for all that a rule found in a pool: a run's page shows ten errors and ten warnings of a step.
    let is_same = |one: &Finding, next: &Finding| {
        let (one_subject, next_subject) = (&one.subject, &next.subject);
        one.rule == next.rule
            && one_subject.pool_id == next_subject.pool_id
            && one_subject.pool == next_subject.pool
    };
    for group in report.findings.chunk_by(is_same) {
        push_issue(&mut commands, group);
    }
    push_variables(&mut commands, report);
    for target in targets {
        push_attachment(&mut commands, target);
    }
    let (errors, warnings) = (report.count(Severity::Error), report.count(Severity::Warning));
    let result = match (report.is_healthy(), errors + warnings) {
        (false, _) => "Failed",
        (true, 0) => "Succeeded",
        (true, _) => "SucceededWithIssues",
    };
    let verdict = format!("{}: {}", report.verdict(), report.numbers());
    let _ = writeln!(commands, "##vso[task.complete result={result}]{}", data(&verdict));
    commands
}

/// `##vso[task.logissue]` for what one rule found in one pool; what is good to know is no issue
fn push_issue(commands: &mut String, group: &[Finding]) {
    let Some(first) = group.first().filter(|first| first.severity != Severity::Info) else { return };
    let mut message = match first.subject.pool.as_str() {
        "" => String::new(),
        pool => format!("pool {pool}: "),
    };
    for (index, finding) in group.iter().take(NAMED).enumerate() {
        if index > 0 {
            message.push_str("; ");
        }
        if let Some(agent) = &finding.subject.agent {
            let _ = write!(message, "{agent}: ");
        }
        message.push_str(&finding.message);
    }
    if group.len() > NAMED {
        let _ = write!(message, "; and {} more", group.len() - NAMED);
    }
    let _ = writeln!(
        commands,
        "##vso[task.logissue type={};code={}]{} [{}]",
        first.severity.name(),
        property(first.rule),
        data(&clean(&message)),
        first.rule
    );
}

/// `##vso[task.setvariable]` for the verdict and the sums over all pools, for steps, jobs and stages that follow
fn push_variables(commands: &mut String, report: &Report<'_>) {
    let sum =
        |number: fn(&Tally) -> usize| -> usize { report.pools.iter().map(|view| number(&view.tally)).sum() };
    let oldest = report.pools.iter().filter_map(|view| view.tally.oldest_wait_seconds).max();
    let _ = writeln!(commands, "##vso[task.setvariable variable=verdict;isoutput=true]{}", report.verdict());
    for (name, value) in [
        ("onlineAgents", sum(|tally| tally.available())),
        ("idleAgents", sum(|tally| tally.idle)),
        ("busyAgents", sum(|tally| tally.busy)),
        ("offlineAgents", sum(|tally| tally.offline)),
        ("queuedJobs", sum(|tally| tally.queued_jobs)),
        ("errors", report.count(Severity::Error)),
        ("warnings", report.count(Severity::Warning)),
    ] {
        push_variable(commands, name, value as u64);
    }
    push_variable(commands, "oldestWaitSeconds", oldest.unwrap_or_default());
}

fn push_variable(commands: &mut String, name: &str, value: u64) {
    let _ = writeln!(commands, "##vso[task.setvariable variable={name};isoutput=true]{value}");
}

/// The summary on the run's page, or the report for the results tab
fn push_attachment(commands: &mut String, target: &Target) {
    let command = match target.format {
        Format::Json => "task.addattachment type=pool-lifeguard.report;name=report.json;",
        Format::Markdown => "task.uploadsummary",
        _ => return,
    };
    // The agent looks from a folder of its own, and fails the step where there is no such file.
    let path = target.path.as_str();
    let is_absolute =
        path.starts_with(['/', '\\']) || path.get(1..3).is_some_and(|drive| drive == ":\\" || drive == ":/");
    let _ = match is_absolute {
        true => writeln!(commands, "##vso[{command}]{}", data(path)),
        false => {
            writeln!(commands, "not attached to the run, since its path isn't absolute: {}", clean(path))
        }
    };
}

/// `##vso[task.complete]` of a step that failed, for a reason that an issue tells
pub const FAILED: &str = "##vso[task.complete result=Failed]\n";

/// `##vso[task.logissue]` for a command that failed
pub fn issue(headline: &str) -> String {
    format!("##vso[task.logissue type=error]{}\n", data(&clean(headline)))
}

/// `##vso[task.setprogress]`
pub fn set_progress(percent: u32, text: &str) -> String {
    format!("##vso[task.setprogress value={percent}]{}\n", data(&clean(text)))
}

/// `##vso[task.setsecret]`: from the next line on, the agent masks the value in its log.
pub fn set_secret(value: &Secret) -> String {
    format!("##vso[task.setsecret]{}\n", data(value.expose()))
}

/// `##vso[task.setvariable]` of a secret variable, for the steps that follow
pub fn set_secret_variable(name: &str, value: &Secret) -> String {
    format!("##vso[task.setvariable variable={};issecret=true]{}\n", property(name), data(value.expose()))
}

/// Escapes what stands behind a command. `%` goes first, since the agent takes it last.
fn data(text: &str) -> String {
    text.replace('%', "%AZP25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Escapes a command's property.
fn property(text: &str) -> String {
    data(text).replace(']', "%5D").replace(';', "%3B")
}

#[cfg(test)]
mod tests {
    use super::super::markdown::fixture::hostile;
    use super::*;

    #[test]
    fn names_and_values_stay_inside_their_command() {
        assert_eq!(
            set_secret_variable("a]b;c", &"x%\r\ny".into()),
            "##vso[task.setvariable variable=a%5Db%3Bc;issecret=true]x%AZP25%0D%0Ay\n"
        );
    }

    #[test]
    fn no_command_but_ours_is_given() {
        let target = |format, path: &str| Target { format, path: path.into() };
        let targets = [
            target(Format::Markdown, "/work/a b.md"),
            target(Format::Json, "C:\\work\\report.json"),
            target(Format::Markdown, "relative\n##vso[x].md"),
            target(Format::Junit, "/work/results.xml"),
        ];
        hostile(|report| {
            let text = render(report, &targets);
            assert!(!text.contains(['\u{1b}', '\u{202e}', '\r']), "{text}");
            let lower = text.to_lowercase();
            for line in lower.lines().filter(|line| line.contains("##vso[")) {
                assert!(line.starts_with("##vso[task.") && line.matches("##vso[").count() == 1, "{line}");
            }
            let lines: Vec<&str> = text.lines().collect();
            let issues: Vec<&&str> =
                lines.iter().filter(|line| line.starts_with("##vso[task.logissue")).collect();
            assert!(issues.iter().any(|line| line.contains("; and 6 more [agent-")), "{issues:#?}");
            assert!(issues.iter().all(|line| line.contains("%AZP250A")), "{issues:#?}");
            for expected in [
                "##vso[task.setvariable variable=verdict;isoutput=true]unhealthy",
                "##vso[task.setvariable variable=onlineAgents;isoutput=true]4",
                "##vso[task.setvariable variable=offlineAgents;isoutput=true]18",
                "##vso[task.setvariable variable=oldestWaitSeconds;isoutput=true]1800",
                "##vso[task.uploadsummary]/work/a b.md",
                "##vso[task.addattachment type=pool-lifeguard.report;name=report.json;]C:\\work\\report.json",
                "not attached to the run, since its path isn't absolute: relative\\n##_vso[x].md",
            ] {
                assert!(lines.contains(&expected), "{expected}\n{text}");
            }
            assert!(!text.contains("results.xml"), "{text}");
            assert!(lines.last().is_some_and(|last| last.starts_with("##vso[task.complete result=Failed]")));
        });
    }
}
