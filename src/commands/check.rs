//! `check`: are these pools healthy?

use super::{Console, look, out_file, sign_in};
use crate::devops::{Client, Organization, selectors};
use crate::explain::Failure;
use crate::health::Policy;
use crate::identity::{Chain, Exchange};
use crate::inputs::Inputs;
use crate::report::{Format, Report, targets};

/// Runs the command.
pub fn run(inputs: &Inputs, exchange: Exchange<'_>, console: &Console) -> Result<u8, Failure> {
    let organization = Organization::from_input(inputs.require("organization")?)?;
    let selectors = selectors(inputs)?;
    let policy = Policy::from_inputs(inputs)?;
    let scope = look::scope(inputs, &policy)?;
    let format = Format::named(inputs.require("format")?.text()).unwrap_or(Format::Text);
    let targets = targets(inputs)?;
    for target in &targets {
        out_file::check(inputs.require("report")?, &target.path)?;
    }
    let chain = Chain::from_inputs(inputs)?;

    let acquired = sign_in(&chain, &exchange, console)?;
    let client = Client::new(exchange, &organization, &acquired.token);
    let snapshot = look::at(&client, &selectors, &scope, &policy)?;
    look::note_left_out(&snapshot, console);
    let report = Report::new(&organization, &acquired.credential, &snapshot, &policy, exchange.now);
    for target in &targets {
        let text = target.format.render(&report, &targets, crate::report::Style::new(false));
        out_file::write(inputs.require("report")?, &target.path, &text)?;
    }
    console.print(&format.render(&report, &targets, console.style));
    Ok(u8::from(!report.is_healthy()))
}
