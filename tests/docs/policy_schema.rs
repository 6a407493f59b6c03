//! `docs/policy.schema.json`, from the inputs and the rules.

use pool_lifeguard::health::RULES;
use pool_lifeguard::inputs::{Input, inputs};
use serde_json::{Map, Value, json};

/// The whole file
pub fn file() -> String {
    let mut properties = Map::new();
    properties.insert("$schema".into(), json!({ "type": "string" }));
    let groups = ["thresholds", "keda", "service"];
    for input in inputs().iter().filter(|input| groups.contains(&input.group) && input.name != "policyFile") {
        let mut property = shape(input);
        property["description"] = json!(input.help);
        if !input.default.is_empty() {
            property["default"] = match input.kind {
                "int" | "boolean" => serde_json::from_str(input.default).unwrap_or(json!(input.default)),
                _ => json!(input.default),
            };
        }
        properties.insert(input.name.into(), property);
    }
    let schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Pool Lifeguard policy",
        "description": "What counts as healthy: the file that `policyFile` names. Keys are the names of inputs.",
        "type": "object",
        "additionalProperties": false,
        "properties": properties,
    });
    format!("{schema:#}\n")
}

fn shape(input: &Input) -> Value {
    let duration = "^[0-9]+ ?[a-z]+( ?[0-9]+ ?[a-z]+)*$";
    match (input.kind, input.name) {
        ("boolean", _) => json!({ "type": "boolean" }),
        ("int", "maxOffline") => json!({ "type": "integer", "minimum": 0, "maximum": 100 }),
        ("int", "maxFailures") => json!({ "type": "integer", "minimum": 1 }),
        ("int", _) => json!({ "type": "integer", "minimum": 0 }),
        (_, "severity") => {
            let ids: Vec<&str> = RULES.iter().map(|rule| rule.id).collect();
            json!({
                "type": "object",
                "propertyNames": { "enum": ids },
                "additionalProperties": { "enum": ["off", "info", "warning", "error"] },
            })
        }
        ("multiLine", _) => json!({ "type": "array", "items": { "type": "string", "minLength": 1 } }),
        ("pickList", _) => {
            let choices: Vec<&str> = input.choices.iter().map(|(choice, _)| *choice).collect();
            json!({ "enum": choices })
        }
        ("string", _) if input.help.contains("a duration") => {
            json!({ "type": "string", "pattern": duration })
        }
        _ => json!({ "type": "string", "minLength": 1 }),
    }
}
