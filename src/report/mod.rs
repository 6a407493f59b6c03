//! Reports: what a command found, for each kind of reader. No rules, and no I/O.

mod explanation;
mod format;
pub mod json;
mod junit;
mod links;
mod markdown;
pub mod pipelines;
mod plain;
mod prometheus;
mod style;
mod text;
pub mod token;
pub mod why;

use std::time::SystemTime;

pub use explanation::{details, explanation};
pub use format::{Format, Target, targets};
pub use links::{broken_link, sound_link};
pub use plain::clean;
pub use style::Style;

use crate::devops::{Organization, Snapshot};
use crate::health::{Finding, Policy, PoolView, Severity, assess};

/// What `check` found
pub struct Report<'a> {
    /// The organization
    pub organization: &'a Organization,
    /// The credential that it was looked at with
    pub credential: &'a str,
    /// What was seen
    pub snapshot: &'a Snapshot,
    /// The pools that were seen, hosted ones among them
    pub pools: Vec<PoolView<'a>>,
    /// What the rules made of it
    pub findings: Vec<Finding>,
    /// What the rules went by
    pub policy: &'a Policy,
    /// When it was seen
    pub taken_at: SystemTime,
}

impl<'a> Report<'a> {
    /// Judges what was seen.
    pub fn new(
        organization: &'a Organization,
        credential: &'a str,
        snapshot: &'a Snapshot,
        policy: &'a Policy,
        taken_at: SystemTime,
    ) -> Self {
        let pools = PoolView::all(snapshot, policy, taken_at);
        let findings = assess(snapshot, &pools, policy);
        Self { organization, credential, snapshot, pools, findings, policy, taken_at }
    }

    /// Whether no finding is as bad as the policy's `failOn`
    pub fn is_healthy(&self) -> bool {
        let Some(least) = self.policy.fail_on else { return true };
        self.findings.iter().all(|finding| finding.severity < least)
    }

    /// `healthy` or `unhealthy`
    pub fn verdict(&self) -> &'static str {
        if self.is_healthy() { "healthy" } else { "unhealthy" }
    }

    /// How many findings are as bad as this
    pub fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|finding| finding.severity == severity).count()
    }

    /// The findings about one pool, its agents and its jobs
    pub fn findings_of(&self, view: &PoolView<'_>) -> Vec<&Finding> {
        let id = Some(view.snapshot.pool.id);
        self.findings.iter().filter(|finding| finding.subject.pool_id == id).collect()
    }

    /// The findings about no pool that was seen: those that weren't found or read, and the service
    pub fn other_findings(&self) -> impl Iterator<Item = &Finding> {
        let seen = |id| self.pools.iter().any(|view| view.snapshot.pool.id == id);
        self.findings.iter().filter(move |finding| !finding.subject.pool_id.is_some_and(seen))
    }

    /// The verdict in numbers: `3 pools judged, 1 error, 2 warnings`
    pub fn numbers(&self) -> String {
        let pools = self.pools.len() + self.snapshot.missing.len() + self.snapshot.unread.len();
        format!(
            "{} judged, {}, {}",
            counted(pools, "pool"),
            counted(self.count(Severity::Error), "error"),
            counted(self.count(Severity::Warning), "warning")
        )
    }
}

/// `1 pool`, `2 pools`
fn counted(count: usize, one: &str) -> String {
    match count {
        1 => format!("1 {one}"),
        count => format!("{count} {one}s"),
    }
}
