//! Why jobs wait, for people, at a terminal of 80 columns.

use std::fmt::Write as _;

use unicode_width::UnicodeWidthStr as _;

use super::WhyReport;
use crate::devops::{Agent, Demand, JobRequest};
use crate::health::{Cause, PoolView, State, Waiting};
use crate::moment::{span, timestamp};
use crate::paragraph::paragraph;
use crate::report::{Style, clean, counted};

/// How many jobs that wait for the same are listed, and how many agents, before the rest is only counted
const LISTED: usize = 8;

/// The report
pub fn render(report: &WhyReport<'_>, style: Style) -> String {
    let title = format!("Jobs that wait in pools of {}", clean(report.organization.name()));
    let mut text = format!("{}, {}\n", style.bold(&title), timestamp(report.taken_at));
    for (view, waiting) in report.pools.iter().filter(|(_, waiting)| !waiting.is_empty()) {
        let pool = &view.snapshot.pool;
        let jobs =
            format!("{} waiting, {} running", counted(waiting.len(), "job"), view.tally.in_flight_jobs);
        let _ = writeln!(text, "\n{} (pool {}): {jobs}", style.bold(&clean(&pool.name)), pool.id);
        for group in groups(waiting) {
            text.push('\n');
            push_group(&mut text, view, &group, style);
        }
    }
    let _ = writeln!(text, "\n{}", conclusion(report, style));
    text
}

/// Jobs that demand the same and wait for the same, so that it is said once; the longest wait goes first
fn groups<'w, 'a>(waiting: &'w [Waiting<'a>]) -> Vec<Vec<&'w Waiting<'a>>> {
    let mut groups: Vec<Vec<&Waiting<'a>>> = Vec::new();
    for one in waiting {
        let is_same = |group: &&mut Vec<&Waiting<'a>>| {
            group.first().is_some_and(|first| {
                first.cause == one.cause
                    && first.request.demands == one.request.demands
                    && first.candidates.len() == one.candidates.len()
                    // A job that was queued a moment ago is told otherwise than one that should have begun.
                    && !matches!(one.cause, Cause::Assigned { .. } | Cause::Idle { .. })
            })
        };
        match groups.iter_mut().find(is_same) {
            Some(group) => group.push(one),
            None => groups.push(vec![one]),
        }
    }
    groups
}

fn push_group(text: &mut String, view: &PoolView<'_>, group: &[&Waiting<'_>], style: Style) {
    let Some(first) = group.first() else { return };
    for waiting in group.iter().take(LISTED) {
        let wait = waiting.wait.map_or_else(|| "?".to_owned(), span);
        let line = format!("{wait:<10} {} {}", waiting.request.request_id, job_name(waiting.request));
        text.push_str(&paragraph(&clean(&line), "  ", "             "));
    }
    if group.len() > LISTED {
        let _ = writeln!(text, "  and {} more that wait for the same", group.len() - LISTED);
    }
    let why = paragraph(&format!("why: {}", clean(&first.sentence(view))), "    ", "      ");
    text.push_str(&why.replacen("why:", &style.bold("why:"), 1));
    let needs = paragraph(&format!("needs: {}", clean(&needs(first.request))), "    ", "      ");
    text.push_str(&needs);
    push_agents(text, view, &first.candidates, style);
    let hint = paragraph(&format!("hint: {}", first.advice(view)), "    ", "      ");
    text.push_str(&hint.replacen("hint:", &style.bold("hint:"), 1));
}

/// What a job demands; the version of the agent, which Azure DevOps adds for the tasks' sake, in words
fn needs(request: &JobRequest) -> String {
    let (added, own): (Vec<_>, Vec<_>) = request
        .demands
        .iter()
        .map(|text| (text, Demand::parse(text)))
        .partition(|(_, demand)| demand.is_added());
    let least = added
        .iter()
        .filter_map(|(_, demand)| demand.least())
        .map(|least| format!("an agent {least} or newer"));
    let needs: Vec<String> = own.iter().map(|(text, _)| (*text).clone()).chain(least).collect();
    if needs.is_empty() { "any agent".to_owned() } else { needs.join(", ") }
}

/// A table of the agents that could take a job: name, state, and what it does
fn push_agents(text: &mut String, view: &PoolView<'_>, candidates: &[&Agent], style: Style) {
    if candidates.is_empty() {
        text.push_str("    agents that could take it: none\n");
        return;
    }
    let mut agents = candidates.to_vec();
    // Those that might take it soonest first
    agents.sort_by_key(|agent| match view.state(agent) {
        State::Idle => 0,
        State::Busy => 1,
        State::Disabled => 2,
        State::Offline => 3,
        State::Placeholder => 4,
    });
    text.push_str("    agents that could take it:\n");
    let names: Vec<String> = agents.iter().take(LISTED).map(|agent| clean(&agent.name)).collect();
    let width = names.iter().map(|name| name.width()).max().unwrap_or_default().min(30);
    for (agent, name) in agents.iter().zip(&names) {
        let state = view.state(agent);
        let padding = " ".repeat(width.saturating_sub(name.width()));
        let line = format!("{name}{padding}  {:<11} {}", state.name(), clean(&doing(view, agent, state)));
        let indent = " ".repeat(8 + width + 14);
        let line = paragraph(line.trim_end(), "      ", &indent);
        let coloured = match state {
            State::Idle => style.good(state.name()),
            State::Busy | State::Placeholder => state.name().to_owned(),
            State::Disabled | State::Offline => style.doubtful(state.name()),
        };
        let at = format!("  {}", state.name());
        text.push_str(&line.replacen(&at, &format!("  {coloured}"), 1));
    }
    if agents.len() > LISTED {
        let _ = writeln!(text, "      and {} more", agents.len() - LISTED);
    }
}

/// What an agent does now, behind its state
fn doing(view: &PoolView<'_>, agent: &Agent, state: State) -> String {
    let since = |moment| format!("for {}", span(view.since(moment)));
    match (state, &agent.assigned_request) {
        (State::Placeholder, _) => "stands for agents that are started for jobs".to_owned(),
        (State::Idle, _) => String::new(),
        (_, Some(request)) => {
            let begun = request.receive_time.or(request.assign_time).map(since).unwrap_or_default();
            let name = job_name(request);
            if begun.is_empty() { name } else { format!("{name}, {begun}") }
        }
        (State::Offline, None) => match agent.status_changed_on {
            Some(moment) => since(moment),
            None if agent.never_connected() => "never connected".to_owned(),
            None => String::new(),
        },
        (_, None) => String::new(),
    }
}

/// `web-ci 20261102.4 (Build)`
fn job_name(request: &JobRequest) -> String {
    let mut name = request.pipeline().unwrap_or("a job without a pipeline").to_owned();
    if let Some(run) = request.run() {
        let _ = write!(name, " {run}");
    }
    if !request.job_name.is_empty() {
        let _ = write!(name, " ({})", request.job_name);
    }
    name
}

fn conclusion(report: &WhyReport<'_>, style: Style) -> String {
    let jobs = report.jobs();
    if let (0, Some(request)) = (jobs, report.running) {
        let agent = request.reserved_agent.as_ref().map_or("an agent", |agent| agent.name.as_str());
        let since =
            request.receive_time.map(|time| format!(" since {}", timestamp(time))).unwrap_or_default();
        return clean(&format!(
            "job request {} doesn't wait: `{agent}` works on it{since}",
            request.request_id
        ));
    }
    if jobs == 0 {
        let all: usize = report.pools.iter().map(|(view, _)| view.tally.queued_jobs).sum();
        return match &report.asked_for {
            Some(what) => format!("nothing of {} waits; {} of others do", clean(what), counted(all, "job")),
            None => style.good("no job waits"),
        };
    }
    let mut causes: Vec<(&str, usize)> = Vec::new();
    for waiting in report.pools.iter().flat_map(|(_, waiting)| waiting) {
        let name = waiting.cause.for_what();
        match causes.iter_mut().find(|(other, _)| *other == name) {
            Some((_, count)) => *count += 1,
            None => causes.push((name, 1)),
        }
    }
    let causes: Vec<String> = causes.into_iter().map(|(name, count)| format!("{count} for {name}")).collect();
    let verb = if jobs == 1 { "waits" } else { "wait" };
    paragraph(&format!("{} {verb}: {}", counted(jobs, "job"), causes.join(", ")), "", "  ")
        .trim_end()
        .to_owned()
}
