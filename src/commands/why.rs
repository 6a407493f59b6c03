//! `why`: what does each queued job wait for?

use super::{Console, look, sign_in};
use crate::devops::{Client, JobRequest, Organization, Scope, Snapshot, selectors};
use crate::explain::Failure;
use crate::health::{Policy, PoolView, Waiting};
use crate::identity::{Chain, Exchange};
use crate::inputs::{Inputs, UsageError};
use crate::pattern::matches;
use crate::report::{Format, why};

/// Runs the command.
pub fn run(inputs: &Inputs, exchange: Exchange<'_>, console: &Console) -> Result<u8, Failure> {
    let organization = Organization::from_input(inputs.require("organization")?)?;
    let selectors = selectors(inputs)?;
    let policy = Policy::from_inputs(inputs)?;
    let format = inputs.require("format")?;
    let render = match Format::named(format.text()) {
        Some(Format::Json) => |report: &why::WhyReport<'_>, _| why::json(report),
        Some(Format::Pipelines | Format::Text) => {
            |report: &why::WhyReport<'_>, style| why::text(report, style)
        }
        _ => return Err(format.wrong("isn't a format of `why`", "`text`, `json` or `pipelines`").into()),
    };
    let filter = Filter::from_inputs(inputs)?;
    let chain = Chain::from_inputs(inputs)?;

    let acquired = sign_in(&chain, &exchange, console)?;
    let client = Client::new(exchange, &organization, &acquired.token);
    // Whether agents come and go shows in the jobs that have ended.
    let scope = Scope { history: true, parallel_jobs: true, ..Scope::default() };
    let snapshot = Snapshot::read(&client, &selectors, &scope)?;
    look::note_what_is_missing(&snapshot, console);
    let views = PoolView::all(&snapshot, &policy, exchange.now);
    let pools = views
        .iter()
        .map(|view| {
            let waiting = view.waiting().iter().filter(|waiting| filter.takes(waiting.request));
            (view, waiting.cloned().collect::<Vec<Waiting<'_>>>())
        })
        .collect();
    let mut report = why::WhyReport {
        organization: &organization,
        credential: &acquired.credential,
        pools,
        asked_for: filter.text(),
        running: None,
        taken_at: exchange.now,
    };
    if let Some(id) = filter.request {
        report.running = filter.running(&views);
        if report.running.is_none() && report.pools.iter().all(|(_, waiting)| waiting.is_empty()) {
            return Err(not_there(inputs, id, &views));
        }
    }
    console.print(&render(&report, console.style));
    Ok(0)
}

/// Which jobs are told of
struct Filter {
    request: Option<u64>,
    pipeline: Option<String>,
}

impl Filter {
    fn from_inputs(inputs: &Inputs) -> Result<Self, UsageError> {
        if let Some(both) = inputs.one_of(&["request", "pipeline"])? {
            let text = both.text().to_owned();
            return match both.name() {
                "request" => {
                    let id = text
                        .parse()
                        .map_err(|_| both.wrong("isn't a job request's id", "a number such as `4512`"))?;
                    Ok(Self { request: Some(id), pipeline: None })
                }
                _ => Ok(Self { request: None, pipeline: Some(text) }),
            };
        }
        Ok(Self { request: None, pipeline: None })
    }

    fn takes(&self, request: &JobRequest) -> bool {
        self.request.is_none_or(|id| request.request_id == id)
            && self
                .pipeline
                .as_ref()
                .is_none_or(|pattern| request.pipeline().is_some_and(|name| matches(pattern, name)))
    }

    fn text(&self) -> Option<String> {
        self.pipeline.as_ref().map(|pattern| format!("pipeline `{pattern}`"))
    }

    /// The request that was asked for, where an agent works on it
    fn running<'a>(&self, views: &'a [PoolView<'a>]) -> Option<&'a JobRequest> {
        let all = views.iter().flat_map(|view| &view.snapshot.job_requests);
        all.into_iter().find(|request| request.is_running() && self.takes(request))
    }
}

/// A request that is in none of the pools
fn not_there(inputs: &Inputs, id: u64, views: &[PoolView<'_>]) -> Failure {
    let mut waiting: Vec<String> = views
        .iter()
        .flat_map(|view| view.waiting())
        .take(10)
        .map(|waiting| waiting.request.request_id.to_string())
        .collect();
    if waiting.is_empty() {
        waiting.push("none".to_owned());
    }
    let source = inputs.get("request").map(|given| given.source.clone()).unwrap_or_default();
    UsageError::new(
        format!("`{source}`: no job request {id} waits or runs in these pools; it may have ended"),
        format!("look in the right pool; waiting are: {}", waiting.join(", ")),
    )
    .into()
}
