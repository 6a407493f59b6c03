//! Azure DevOps' public status page: a host of its own, which asks nobody who they are.

use serde_json::{Value, json};

use crate::server::{Answer, Request};
use crate::state::State;

const SERVICES: [&str; 7] =
    ["Core services", "Boards", "Repos", "Pipelines", "Test Plans", "Artifacts", "Other services"];

/// Id and name.
const GEOGRAPHIES: [(&str, &str); 8] = [
    ("US", "United States"),
    ("CA", "Canada"),
    ("BR", "Brazil"),
    ("EU", "Europe"),
    ("UK", "United Kingdom"),
    ("APAC", "Asia Pacific"),
    ("AU", "Australia"),
    ("IN", "India"),
];

/// Answers what is for the status page: `GET status/_apis/status/health`.
pub(crate) fn route(state: &State, request: &Request) -> Option<Answer> {
    let segments: Vec<String> = request.segments.iter().map(|segment| segment.to_lowercase()).collect();
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    let ["status", rest @ ..] = segments.as_slice() else {
        return None;
    };
    if request.headers.contains_key("authorization") {
        // The real one wouldn't mind. A client that shows its token here has a leak, and whoever
        // runs it with the emulator should hear of it.
        let message = "The status page is public: a credential must not be sent to it.";
        return Some(Answer::json(400, &json!({"message": message})));
    }
    Some(match (request.method.as_str(), rest) {
        ("GET" | "HEAD", ["_apis", "status", "health"]) => Answer::json(200, &health(state, request)),
        _ => Answer::text(404, "Not found.".to_owned()),
    })
}

/// The page as the file has it, less what wasn't asked for. The summary stays as it is (that the
/// real one doesn't sum up the rest anew is UNVERIFIED).
fn health(state: &State, request: &Request) -> Value {
    let mut page = state.scenario.answers.status.clone().unwrap_or_else(|| all_healthy(state));
    let Some(services) = page.get_mut("services").and_then(Value::as_array_mut) else {
        return page;
    };
    services.retain(|service| named(request.query("services"), service));
    for service in services {
        if let Some(geographies) = service.get_mut("geographies").and_then(Value::as_array_mut) {
            geographies.retain(|geography| named(request.query("geographies"), geography));
        }
    }
    page
}

/// Whether a comma-separated list of ids, if there's one, has the item's.
fn named(csv: Option<&str>, item: &Value) -> bool {
    let id = item.get("id").and_then(Value::as_str).unwrap_or_default();
    csv.is_none_or(|csv| csv.split(',').any(|wanted| wanted.trim().eq_ignore_ascii_case(id)))
}

fn all_healthy(state: &State) -> Value {
    let geographies = GEOGRAPHIES.map(|(id, name)| json!({"id": id, "name": name, "health": "healthy"}));
    let services = SERVICES.map(|id| json!({"id": id, "geographies": geographies}));
    json!({
        "lastUpdated": state.now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        "status": {"health": "healthy", "message": "Everything is looking good"},
        "services": services,
    })
}
