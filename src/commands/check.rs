//! `check`: are these pools healthy?

use super::{Console, look, out_file, sign_in};
use crate::devops::{Client, Organization, Snapshot, selectors};
use crate::explain::Failure;
use crate::health::Policy;
use crate::identity::{Chain, Exchange};
use crate::inputs::Inputs;
use crate::report::{Format, Report, Target, targets};

/// Runs the command.
pub fn run(inputs: &Inputs, exchange: Exchange<'_>, console: &Console) -> Result<u8, Failure> {
    let organization = Organization::from_input(inputs.require("organization")?)?;
    let selectors = selectors(inputs)?;
    let policy = Policy::from_inputs(inputs)?;
    let scope = look::scope(inputs, &policy)?;
    let format = Format::named(inputs.require("format")?.text()).unwrap_or(Format::Text);
    let mut targets = targets(inputs)?;
    for target in &targets {
        out_file::check(inputs.require("report")?, &target.path)?;
    }
    if format == Format::Pipelines {
        targets.extend(attachments(inputs, &targets)?);
    }
    let chain = Chain::from_inputs(inputs)?;

    let acquired = sign_in(&chain, &exchange, console)?;
    let client = Client::new(exchange, &organization, &acquired.token);
    let snapshot = Snapshot::read(&client, &selectors, &scope)?;
    look::note_left_out(&snapshot, console);
    let report = Report::new(&organization, &acquired.credential, &snapshot, &policy, exchange.now);
    for target in &targets {
        let text = target.format.render(&report, &targets, crate::report::Style::new(false));
        let source = inputs.get("report").map_or(TEMPORARY_FOLDER, |given| given.source.as_str());
        out_file::write(source, &target.path, &text)?;
    }
    console.print(&format.render(&report, &targets, console.style));
    Ok(u8::from(!report.is_healthy()))
}

/// Where a task may put what the agent uploads; the shim opens this folder
const TEMPORARY_FOLDER: &str = "AGENT_TEMPDIRECTORY";

/// The summary on the run's page and the report for programs, which a task attaches unasked; those that were asked for
/// are attached instead
fn attachments(inputs: &Inputs, targets: &[Target]) -> Result<Vec<Target>, Failure> {
    let is_task = inputs.require("format")?.source.starts_with("INPUT_");
    let Some(folder) = inputs.environment.get(TEMPORARY_FOLDER).filter(|_| is_task) else {
        return Ok(Vec::new());
    };
    // The agent uploads files while later steps run already, which may be checks too.
    let mut bytes = [0; 8];
    let _ = getrandom::fill(&mut bytes);
    let name = format!("{folder}/pool-lifeguard-{:016x}", u64::from_be_bytes(bytes));
    let wanted = [(Format::Markdown, "md"), (Format::Json, "json")].into_iter();
    let missing = wanted.filter(|(format, _)| targets.iter().all(|target| target.format != *format));
    Ok(missing.map(|(format, extension)| Target { format, path: format!("{name}.{extension}") }).collect())
}
