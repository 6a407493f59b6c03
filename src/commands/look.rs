//! A look at pools, as `check`, `why`, `wait` and the HTTP door take one.

use super::Console;
use crate::devops::{Reason, Refusal, Scope, Snapshot};
use crate::explain::{Explanation, Failure};
use crate::health::{Policy, needs_history, needs_maintenance, not_visible};
use crate::inputs::{Inputs, UsageError};
use crate::report::Format;

/// What must be read for all rules that are on
///
/// # Errors
/// [`UsageError`] for a status page that isn't one.
pub fn scope(inputs: &Inputs, policy: &Policy) -> Result<Scope, UsageError> {
    let page = inputs.require("statusPage")?.endpoint()?;
    let geography = inputs.get("geography").map(|given| given.text().to_owned());
    let status_page = inputs.require("serviceStatus")?.boolean()?.then_some((page, geography));
    Ok(Scope {
        newest_package: true,
        parallel_jobs: true,
        history: needs_history(policy),
        maintenance: needs_maintenance(policy),
        status_page,
    })
}

/// Says what couldn't be read and can be done without.
pub fn note_left_out(snapshot: &Snapshot, console: &Console) {
    for what in &snapshot.left_out {
        console.note(&format!("not read, and so not judged: {what}"));
    }
}

/// Says what couldn't be read, pools among it, where no finding will.
pub fn note_what_is_missing(snapshot: &Snapshot, console: &Console) {
    note_left_out(snapshot, console);
    for unread in &snapshot.unread {
        console.note(&format!("the pool {} can't be read: {}", unread.pool.name, unread.reason.headline));
    }
    for selector in &snapshot.missing {
        console.note(&format!("there is no pool `{}`, or the identity may not see it", selector.text()));
    }
}

/// A pool that isn't there can't be worked on, nor one that can't be read.
///
/// # Errors
/// [`Failure::AzureDevOps`] for the first of them.
pub fn check_pools(snapshot: &Snapshot) -> Result<(), Failure> {
    if let Some(selector) = snapshot.missing.first() {
        let found = not_visible(selector, snapshot);
        let explanation = Explanation::new(found.message).advise(found.advice.unwrap_or_default());
        return Err(Failure::AzureDevOps(explanation));
    }
    match snapshot.unread.first() {
        Some(unread) => Err(Failure::AzureDevOps(unread.reason.clone())),
        None => Ok(()),
    }
}

/// The format of a command that has no report: for people, or for programs
///
/// # Errors
/// [`UsageError`] for a report's format.
pub fn plain_format(inputs: &Inputs) -> Result<Format, UsageError> {
    let given = inputs.require("format")?;
    match Format::named(given.text()) {
        Some(format @ (Format::Json | Format::Pipelines | Format::Text)) => Ok(format),
        _ => Err(given.wrong("is a format of reports only", "`text`, `json` or `pipelines`")),
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        match refusal.reason {
            Reason::RateLimited | Reason::Unexpected | Reason::Unreachable => {
                Self::Unavailable(refusal.explanation)
            }
            _ => Self::AzureDevOps(refusal.explanation),
        }
    }
}
