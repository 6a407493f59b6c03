//! A pool's agents and its queue, each a table.

use std::fmt::Write as _;

use super::escape::{push_code, push_prose};
use super::{ROWS, push_cell, push_rest, wait};
use crate::devops::{Agent, JobRequest};
use crate::health::{PoolView, State};
use crate::moment::span;
use crate::report::counted;

/// How many agents or jobs stand open on the page
const OPEN: usize = 10;

/// A pool's agents and its queue
pub fn push_pool(page: &mut String, view: &PoolView<'_>) {
    let waiting = view.waiting();
    let agents = &view.snapshot.agents;
    if agents.is_empty() && waiting.is_empty() {
        return;
    }
    page.push_str("### Pool ");
    push_code(page, &view.snapshot.pool.name);
    page.push_str("\n\n");
    if !agents.is_empty() {
        let mut rows = String::from("| Agent | State | Version | Details |\n|:--|:--|:--|:--|\n");
        // What is wrong goes first, so that it isn't among those that are only counted.
        let states = [State::Offline, State::Disabled, State::Busy, State::Idle, State::Placeholder];
        let in_order =
            states.iter().flat_map(|state| agents.iter().filter(|agent| view.state(agent) == *state));
        for agent in in_order.take(ROWS) {
            push_agent(&mut rows, view, agent);
        }
        push_rest(&mut rows, "| ", agents.len(), " | | | |");
        push_table(page, &counted(agents.len(), "agent"), agents.len(), &rows);
    }
    if !waiting.is_empty() {
        let mut rows = String::from("| Pipeline | Run | Wait | Because |\n|:--|:--|:--|:--|\n");
        for job in waiting.iter().take(ROWS) {
            push_cell(&mut rows, job.request.pipeline().unwrap_or("–"));
            match job.request.run() {
                Some(run) => push_code(&mut rows, run),
                None => _ = write!(rows, "request {}", job.request.request_id),
            }
            let _ = write!(rows, " | {} | ", wait(job.wait));
            push_prose(&mut rows, &job.sentence(view));
            rows.push_str(" |\n");
        }
        push_rest(&mut rows, "| ", waiting.len(), " | | | |");
        let title = counted(waiting.len(), "waiting job");
        push_table(page, &title, waiting.len(), &rows);
    }
}

fn push_agent(rows: &mut String, view: &PoolView<'_>, agent: &Agent) {
    push_cell(rows, &agent.name);
    rows.push_str(view.state(agent).name());
    rows.push_str(" | ");
    push_code(rows, &agent.version);
    rows.push_str(" | ");
    let ago = |moment| span(view.since(moment));
    match (&agent.assigned_request, agent.status_changed_on, &agent.last_completed_request) {
        (Some(request), ..) => {
            push_job(rows, request);
            if let Some(start) = request.receive_time.or(request.assign_time) {
                let _ = write!(rows, ", for {}", ago(start));
            }
        }
        (None, Some(changed), _) if !agent.is_online() => _ = write!(rows, "for {}", ago(changed)),
        (None, ..) if agent.never_connected() => rows.push_str("never connected"),
        (None, _, Some(last)) => {
            if let Some(end) = last.finish_time {
                let _ = write!(rows, "last job {} ago", ago(end));
            }
        }
        (None, _, None) => (),
    }
    rows.push_str(" |\n");
}

/// A job as a pipeline and its run
fn push_job(page: &mut String, request: &JobRequest) {
    match request.pipeline() {
        Some(pipeline) => push_code(page, pipeline),
        None => _ = write!(page, "job request {}", request.request_id),
    }
    if let Some(run) = request.run() {
        page.push_str(" run ");
        push_code(page, run);
    }
}

/// A table under its title, folded where it is long
fn push_table(page: &mut String, title: &str, count: usize, rows: &str) {
    let _ = match count > OPEN {
        true => write!(page, "<details>\n<summary>{title}</summary>\n\n{rows}\n</details>\n\n"),
        false => write!(page, "{title}:\n\n{rows}\n"),
    };
}
