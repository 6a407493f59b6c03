//! Why jobs wait: what `why` found, for people and for programs.

mod json;
mod text;

use std::time::SystemTime;

pub use json::render as json;
pub use text::render as text;

use crate::devops::{JobRequest, Organization};
use crate::health::{PoolView, Waiting};

/// What `why` found
pub struct WhyReport<'a> {
    /// The organization
    pub organization: &'a Organization,
    /// The credential that it was looked at with
    pub credential: &'a str,
    /// The pools that were seen, each with the jobs that wait and were asked for
    pub pools: Vec<(&'a PoolView<'a>, Vec<Waiting<'a>>)>,
    /// What was asked for, where it wasn't all: `job request 7`, `pipeline web-*`
    pub asked_for: Option<String>,
    /// The one job request that was asked for, where it doesn't wait any more
    pub running: Option<&'a JobRequest>,
    /// When it was seen
    pub taken_at: SystemTime,
}

impl WhyReport<'_> {
    /// How many jobs it tells of
    fn jobs(&self) -> usize {
        self.pools.iter().map(|(_, waiting)| waiting.len()).sum()
    }
}
