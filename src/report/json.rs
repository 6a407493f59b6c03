//! A report for programs, as `docs/report.schema.json` describes it.

use std::fmt::Write as _;

use serde::Serialize;

use super::Report;
use super::plain::is_invisible;
use crate::devops::Pool;
use crate::health::{Finding, Policy, Tally};
use crate::moment::timestamp;

/// Raised when a reader of the format before it could be misled
const SCHEMA_VERSION: u32 = 1;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    schema_version: u32,
    tool_version: &'static str,
    taken_at: String,
    organization: String,
    credential: &'a str,
    verdict: &'static str,
    policy: &'a Policy,
    pools: Vec<PoolDocument<'a>>,
    findings: &'a [Finding],
    left_out: &'a [String],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PoolDocument<'a> {
    id: u64,
    name: &'a str,
    kind: &'static str,
    is_hosted: bool,
    ignored_agents: usize,
    #[serde(flatten)]
    tally: Tally,
}

/// The report
pub fn render(report: &Report<'_>) -> String {
    let pools = report.pools.iter().map(|view| {
        let Pool { id, name, is_hosted, .. } = &view.snapshot.pool;
        PoolDocument {
            id: *id,
            name,
            kind: view.kind.name(),
            is_hosted: *is_hosted,
            ignored_agents: view.ignored(),
            tally: view.tally,
        }
    });
    document(&Document {
        schema_version: SCHEMA_VERSION,
        tool_version: env!("CARGO_PKG_VERSION"),
        taken_at: timestamp(report.taken_at),
        organization: report.organization.to_string(),
        credential: report.credential,
        verdict: report.verdict(),
        policy: report.policy,
        pools: pools.collect(),
        findings: &report.findings,
        left_out: &report.snapshot.left_out,
    })
}

/// JSON text that means the same and is harmless in a pipeline's log and at a terminal: `#` of a logging command
/// and marks that turn the reading direction are written as escapes
pub fn document(value: &impl Serialize) -> String {
    // These values have no maps with keys that aren't text, which is all that could fail.
    let plain = serde_json::to_string_pretty(value).unwrap_or_default();
    let mut text = String::with_capacity(plain.len() + 1);
    for character in plain.replace("##", "\\u0023\\u0023").chars() {
        if is_invisible(character) || (character.is_control() && character != '\n') {
            let mut units = [0; 2];
            for unit in character.encode_utf16(&mut units) {
                let _ = write!(text, "\\u{unit:04x}");
            }
        } else {
            text.push(character);
        }
    }
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_means_the_same_and_is_harmless() {
        let value = serde_json::json!({"name": "##vso[a]\n\u{1b}[31m\u{202e}\u{e0041}\\##x\u{7f}"});
        let text = document(&value);
        assert!(!text.contains("##") && !text.contains('\u{202e}') && !text.contains('\u{7f}'), "{text}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).expect("JSON"), value);
    }
}
