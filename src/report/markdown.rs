//! A report for a page, such as a pipeline run's summary: Markdown as CommonMark and GitHub define it.

mod escape;
#[cfg(test)]
pub(super) mod fixture;
mod pool;

use std::fmt::Write as _;
use std::time::Duration;

use escape::{push_code, push_prose};
use pool::push_pool;

use super::{Report, counted};
use crate::health::{Finding, Severity};
use crate::moment::{span, timestamp};

/// How many rows a table has before the rest is only counted
const ROWS: usize = 100;

/// How many findings of one rule stand open on the page
const OPEN_FINDINGS: usize = 5;

/// The report
pub fn render(report: &Report<'_>) -> String {
    let mut page = String::from(if report.is_healthy() { "## ✅ Healthy" } else { "## ❌ Unhealthy" });
    page.push_str(": agent pools of ");
    push_code(&mut page, report.organization.name());
    let moment = timestamp(report.taken_at).replace('T', " ").replace('Z', " UTC");
    let _ = write!(page, "\n\n**{}** · {moment}", report.numbers());
    if let Some(file) = &report.policy.file {
        page.push_str(" · policy ");
        push_code(&mut page, file);
    }
    page.push_str("\n\n");
    for note in &report.snapshot.left_out {
        page.push_str("> ⚠️ Left out: ");
        push_prose(&mut page, note);
        page.push_str("\n\n");
    }
    let others: Vec<&Finding> = report.other_findings().collect();
    push_pools(&mut page, report, &others);
    push_findings(&mut page, report, &others);
    for view in report.pools.iter().filter(|view| !view.snapshot.pool.is_hosted) {
        push_pool(&mut page, view);
    }
    page
}

/// The table of all pools, those that weren't found or read among them
fn push_pools(page: &mut String, report: &Report<'_>, others: &[&Finding]) {
    page.push_str(
        "| Pool | Worst finding | Kind | Online | Busy | Idle | Offline | Disabled | Placeholders | Queued | Oldest \
         wait |\n|:--|:--|:--|--:|--:|--:|--:|--:|--:|--:|--:|\n",
    );
    for view in &report.pools {
        let tally = &view.tally;
        push_cell(page, &view.snapshot.pool.name);
        if view.snapshot.pool.is_hosted {
            page.push_str("run by Microsoft | hosted | | | | | | | | |\n");
            continue;
        }
        let _ = writeln!(
            page,
            "{} | {} | {} | {} | {} | {} | {} | {} | {} | {} |",
            worst(&report.findings_of(view)).map_or("✅ none", marked),
            view.kind.name(),
            tally.available(),
            tally.busy,
            tally.idle,
            tally.offline,
            tally.disabled,
            tally.placeholders,
            tally.queued_jobs,
            wait(tally.oldest_wait_seconds.map(Duration::from_secs)),
        );
    }
    for finding in others.iter().filter(|finding| !finding.subject.pool.is_empty()) {
        push_cell(page, &finding.subject.pool);
        let _ = writeln!(page, "{} | not seen | | | | | | | | |", marked(finding.severity));
    }
    page.push('\n');
}

/// All findings by pool, the worst pool first
fn push_findings(page: &mut String, report: &Report<'_>, others: &[&Finding]) {
    for severity in [Severity::Error, Severity::Warning, Severity::Info] {
        for about in others.chunk_by(|one, next| one.subject.pool == next.subject.pool) {
            let name = about.first().map_or("", |finding| finding.subject.pool.as_str());
            push_findings_about(page, if name.is_empty() { "Azure DevOps" } else { name }, about, severity);
        }
        for view in &report.pools {
            push_findings_about(page, &view.snapshot.pool.name, &report.findings_of(view), severity);
        }
    }
}

/// The findings about one subject, where the worst of them is this bad; the worst go first
fn push_findings_about(page: &mut String, name: &str, findings: &[&Finding], severity: Severity) {
    if worst(findings) != Some(severity) {
        return;
    }
    page.push_str("### ");
    page.push_str(mark(severity));
    page.push(' ');
    push_code(page, name);
    page.push_str("\n\n");
    for severity in [Severity::Error, Severity::Warning, Severity::Info] {
        let groups = findings.chunk_by(|one, next| one.rule == next.rule);
        for group in groups.filter(|group| worst(group) == Some(severity)) {
            push_group(page, group, severity);
        }
    }
    page.push('\n');
}

/// The findings of one rule about one pool, an item of a list
fn push_group(page: &mut String, group: &[&Finding], severity: Severity) {
    let [first, ..] = group else { return };
    let _ = write!(page, "- {} **{}** ", mark(severity), severity.name());
    push_code(page, first.rule);
    page.push_str(": ");
    if let [only] = group {
        push_message(page, only);
        page.push('\n');
        push_advice(page, "  ", &first.advice);
        return;
    }
    let what = counted(group.len(), if first.subject.agent.is_some() { "agent" } else { "finding" });
    page.push_str(&what);
    page.push('\n');
    let is_folded = group.len() > OPEN_FINDINGS;
    if is_folded {
        let _ = write!(page, "\n  <details>\n  <summary>{what}</summary>\n\n");
    }
    let has_one_advice = group.iter().all(|finding| finding.advice == first.advice);
    for finding in group.iter().take(ROWS) {
        page.push_str("  - ");
        push_message(page, finding);
        page.push('\n');
        if !has_one_advice {
            push_advice(page, "    ", &finding.advice);
        }
    }
    push_rest(page, "  - ", group.len(), "");
    if is_folded {
        page.push_str("\n  </details>\n");
    }
    if has_one_advice {
        push_advice(page, "  ", &first.advice);
    }
}

fn push_message(page: &mut String, finding: &Finding) {
    if let Some(agent) = &finding.subject.agent {
        push_code(page, agent);
        page.push_str(": ");
    }
    push_prose(page, &finding.message);
}

/// Advice, a paragraph of its own in a finding's item
fn push_advice(page: &mut String, indent: &str, advice: &str) {
    let _ = write!(page, "\n{indent}**What to do:** ");
    push_prose(page, advice);
    page.push('\n');
}

/// The first cell of a row
fn push_cell(rows: &mut String, name: &str) {
    rows.push_str("| ");
    push_code(rows, name);
    rows.push_str(" | ");
}

/// How many more there are than were listed
fn push_rest(page: &mut String, before: &str, count: usize, behind: &str) {
    if count > ROWS {
        let _ = writeln!(page, "{before}and {} more{behind}", count - ROWS);
    }
}

fn wait(wait: Option<Duration>) -> String {
    wait.map_or_else(|| "–".to_owned(), span)
}

fn worst(findings: &[&Finding]) -> Option<Severity> {
    findings.iter().map(|finding| finding.severity).max()
}

/// A mark that differs by its form, not by colour alone
fn mark(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "ℹ️",
        Severity::Warning => "⚠️",
        Severity::Error => "❌",
    }
}

fn marked(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "ℹ️ info",
        Severity::Warning => "⚠️ warning",
        Severity::Error => "❌ error",
    }
}

#[cfg(test)]
mod tests {
    use super::fixture::{HOSTILE, hostile};
    use super::*;

    #[test]
    fn no_name_breaks_out() {
        hostile(|report| {
            let page = render(report);
            assert!(!page.to_lowercase().contains("##vso["), "{page}");
            assert!(!page.contains(['\u{1b}', '\u{202e}', '\r']), "{page}");
            // What is left beside code is ours: no link, no mention, no HTML but the folds.
            for line in page.lines() {
                let code = line.split('`').skip(1).step_by(2).count();
                assert_eq!(line.matches('`').count(), code * 2, "{line}");
                let plain: String = line.split('`').step_by(2).collect();
                let plain = plain.replace("&#96;", "").replace("&#124;", "").replace("&gt;", "");
                assert!(!plain.contains(['@', '!', '[', ']', '&', '\u{0}', '$', '~']), "{plain}");
                assert!(!plain.contains("//") && !plain.trim_start_matches('#').contains('#'), "{plain}");
                let tags = ["<details>", "</details>"];
                assert!(
                    !plain.contains('<') || tags.contains(&plain.trim()) || plain.contains("<summary>"),
                    "{plain}"
                );
            }
            assert!(!HOSTILE.is_empty() && page.contains("`<script>"), "{page}");
        });
    }

    #[test]
    fn tables_keep_their_columns() {
        hostile(|report| {
            let page = render(report);
            let lines: Vec<&str> = page.lines().collect();
            let mut rows = 0;
            for block in lines.chunk_by(|one, next| one.starts_with('|') && next.starts_with('|')) {
                let columns = |line: &str| line.matches('|').count();
                rows += block.len();
                assert!(block.iter().all(|line| columns(line) == columns(block[0])), "{block:#?}");
            }
            assert!(rows > 8, "{page}");
        });
    }
}
