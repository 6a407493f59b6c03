//! Azure DevOps' public status page.

use serde_json::Value;

use super::reading::text;
use crate::http::{Endpoint, Request};

/// A service in a geography that isn't healthy
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Incident {
    /// Such as `Pipelines`
    pub service: String,
    /// Such as `Europe`
    pub geography: String,
    /// The geography's id, such as `EU`
    pub geography_id: String,
    /// `advisory`, `degraded` or `unhealthy`
    pub health: String,
    /// What the page says of the whole
    pub message: String,
}

/// The question for the health of Pipelines, which agents are part of. The page is public: no token goes there.
pub fn status_request(page: &Endpoint, geography: Option<&str>) -> Request {
    let request = Request::get(page.with_path(&format!("{}/_apis/status/health", page.path())))
        .header("accept", "application/json")
        .query("api-version", "7.1-preview.1")
        .query("services", "Pipelines");
    match geography {
        Some(geography) => request.query("geographies", geography),
        None => request,
    }
}

/// All that isn't healthy on the page
pub fn incidents(status: &Value) -> Vec<Incident> {
    let list = |value: &Value, name: &str| value[name].as_array().cloned().unwrap_or_default();
    let mut incidents = Vec::new();
    for service in list(status, "services") {
        for geography in list(&service, "geographies") {
            let health = text(&geography, "health");
            if health.is_empty() || health.eq_ignore_ascii_case("healthy") {
                continue;
            }
            let id = text(&geography, "id");
            let name = Some(text(&geography, "name")).filter(|name| !name.is_empty());
            incidents.push(Incident {
                service: text(&service, "id"),
                geography: name.unwrap_or_else(|| id.clone()),
                geography_id: id,
                health,
                message: text(&status["status"], "message"),
            });
        }
    }
    incidents
}
