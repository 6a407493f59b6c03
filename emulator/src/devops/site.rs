//! Where a request goes: the organization, or a collection of Azure DevOps Server.

use crate::server::Request;
use crate::state::State;

/// An organization or a collection, and the rest of the path.
pub(super) struct Site {
    /// Its URL as the client knows it.
    pub(super) url: String,
    /// Azure DevOps Server rather than Services.
    pub(super) on_premises: bool,
    /// The path within, in lower case: Azure DevOps doesn't care.
    pub(super) rest: Vec<String>,
}

impl Site {
    pub(super) fn of(state: &State, request: &Request) -> Option<Self> {
        let segments = &request.segments;
        let scenario = &state.scenario;
        let (length, on_premises) = match (segments.first(), segments.get(1)) {
            (Some(name), _) if name.eq_ignore_ascii_case(&scenario.organization.name) => (1, false),
            (Some(tfs), Some(collection)) if tfs.eq_ignore_ascii_case("tfs") => {
                let server = scenario.server.as_ref()?;
                if !collection.eq_ignore_ascii_case(&server.collection) {
                    return None;
                }
                (2, true)
            }
            _ => return None,
        };
        Some(Self {
            url: format!("{}/{}", request.base, segments[..length].join("/")),
            on_premises,
            rest: segments[length..].iter().map(|segment| segment.to_lowercase()).collect(),
        })
    }
}
