//! `check`: are these pools healthy?

use super::{Console, sign_in};
use crate::devops::{Client, Organization, Refusal, Snapshot, selectors};
use crate::explain::Failure;
use crate::health::{Policy, assess};
use crate::identity::{Chain, Exchange};
use crate::inputs::Inputs;
use crate::report::{Report, json, text};

/// Runs the command.
pub fn run(inputs: &Inputs, exchange: Exchange<'_>, console: &Console) -> Result<u8, Failure> {
    let organization = Organization::from_input(inputs.require("organization")?)?;
    let selectors = selectors(inputs)?;
    let policy = Policy::from_inputs(inputs)?;
    let format = inputs.require("format")?;
    if format.text() == "pipelines" {
        return Err(format.wrong("is a format of `token` only", "`text` or `json`").into());
    }
    let chain = Chain::from_inputs(inputs)?;

    let acquired = sign_in(&chain, &exchange, console)?;
    let client = Client::new(exchange, &organization, &acquired.token);
    let snapshot = Snapshot::read(&client, &selectors)?;
    if let Some(reason) = &snapshot.newest_package_unknown {
        console.note(&format!("agents aren't compared with the newest package: {reason}"));
    }
    let findings = assess(&snapshot, &policy, exchange.now);
    let report = Report {
        organization: &organization,
        credential: &acquired.credential,
        snapshot: &snapshot,
        findings: &findings,
        policy: &policy,
        taken_at: exchange.now,
    };
    console.print(&match format.text() {
        "json" => json::render(&report),
        _ => text::render(&report, console.style),
    });
    Ok(u8::from(!report.is_healthy()))
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::AzureDevOps(refusal.explanation)
    }
}
