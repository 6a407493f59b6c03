//! The policy file: thresholds as JSON, by the names of their inputs.

use serde_json::Value;

use super::value::nearest;
use super::{Given, Input, UsageError, inputs};

/// The groups of inputs that a policy file may hold
const GROUPS: &[&str] = &["keda", "service", "thresholds"];

/// What a file gives, a value an input
///
/// # Errors
/// [`UsageError`] for a file that can't be read, or isn't as `docs/policy.schema.json` says.
pub fn read(file: &Given) -> Result<Vec<Given>, UsageError> {
    let path = file.text();
    let wrong = |problem: String, right: String| UsageError::new(format!("`{path}`: {problem}"), right);
    let bytes = file.file()?;
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes);
    let policy: Value = serde_json::from_slice(bytes).map_err(|error| {
        wrong(format!("isn't JSON: {error}"), "write an object such as `{\"minOnline\": 2}`".into())
    })?;
    let Value::Object(members) = policy else {
        return Err(wrong("isn't an object".into(), "write an object such as `{\"minOnline\": 2}`".into()));
    };
    let mut given = Vec::new();
    for (key, value) in members.iter().filter(|(key, _)| *key != "$schema") {
        let Some(input) = known().find(|input| input.name == key) else {
            let right = match nearest(key, known().map(|input| input.name)) {
                Some(near) => format!("did you mean `{near}`? docs/policy.schema.json lists all keys"),
                None => "docs/policy.schema.json lists all keys".into(),
            };
            return Err(wrong(format!("there is no key `{key}`"), right));
        };
        let text = text(value).ok_or_else(|| {
            let what = format!("`{key}` has a value of the wrong type");
            wrong(
                what,
                format!("give it as docs/policy.schema.json says: {}", input.help.trim_end_matches('.')),
            )
        })?;
        if text.is_empty() && !value.is_string() {
            continue;
        }
        given.push(Given::new(input, format!("{path}: {key}"), &text)?);
    }
    Ok(given)
}

/// The inputs that can stand in the file
fn known() -> impl Iterator<Item = &'static Input> {
    inputs().iter().filter(|input| GROUPS.contains(&input.group) && input.name != "policyFile")
}

/// A value as it would be given by a flag: lists by lines, an object of severities as `rule=severity`
fn text(value: &Value) -> Option<String> {
    match value {
        Value::Bool(value) => Some(value.to_string()),
        Value::Number(value) => Some(value.to_string()),
        Value::String(value) => Some(value.clone()),
        Value::Array(values) => {
            let texts: Option<Vec<&str>> = values.iter().map(Value::as_str).collect();
            texts.map(|texts| texts.join("\n"))
        }
        Value::Object(members) => {
            let settings: Option<Vec<String>> =
                members.iter().map(|(key, value)| Some(format!("{key}={}", value.as_str()?))).collect();
            settings.map(|settings| settings.join("\n"))
        }
        Value::Null => None,
    }
}
