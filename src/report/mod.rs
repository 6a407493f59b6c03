//! Reports: what a command found, for each kind of reader. No rules, and no I/O.

mod explanation;
pub mod json;
mod links;
pub mod pipelines;
mod plain;
mod style;
pub mod text;
pub mod token;

use std::time::SystemTime;

pub use explanation::explanation;
pub use links::{broken_link, sound_link};
pub use plain::clean;
pub use style::Style;

use crate::devops::{Organization, Snapshot};
use crate::health::{Finding, Policy, Tally};

/// What `check` found
pub struct Report<'a> {
    /// The organization
    pub organization: &'a Organization,
    /// The credential that it was looked at with
    pub credential: &'a str,
    /// What was seen
    pub snapshot: &'a Snapshot,
    /// What the rules made of it
    pub findings: &'a [Finding],
    /// What the rules went by
    pub policy: &'a Policy,
    /// When it was seen
    pub taken_at: SystemTime,
}

impl Report<'_> {
    /// Whether no finding is as bad as the policy's `failOn`
    pub fn is_healthy(&self) -> bool {
        let Some(least) = self.policy.fail_on else { return true };
        self.findings.iter().all(|finding| finding.severity < least)
    }

    /// Each pool, its numbers, and the findings about it
    fn pools(&self) -> impl Iterator<Item = (&crate::devops::Pool, Tally, Vec<&Finding>)> {
        self.snapshot.pools.iter().map(|snapshot| {
            let findings =
                self.findings.iter().filter(|finding| finding.subject.pool_id == Some(snapshot.pool.id));
            (&snapshot.pool, Tally::of(snapshot, self.taken_at), findings.collect())
        })
    }
}
