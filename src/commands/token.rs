//! `token`: an access token for Azure DevOps, for something else to use.

use super::{Console, out_file, sign_in};
use crate::explain::Failure;
use crate::identity::{Chain, Exchange};
use crate::inputs::{Inputs, UsageError};
use crate::report::{pipelines, token};

/// Runs the command.
pub fn run(inputs: &Inputs, exchange: Exchange<'_>, console: &Console) -> Result<u8, Failure> {
    let format = inputs.require("format")?;
    if !matches!(format.text(), "json" | "pipelines" | "text") {
        return Err(format.wrong("isn't a format of a token", "`text`, `json` or `pipelines`").into());
    }
    let out_file = inputs.get("outFile");
    let variable = inputs.require("variable")?;
    if let Some(given) = out_file {
        out_file::check(given, given.text())?;
        if format.text() == "pipelines" {
            return Err(UsageError::contradiction(format, given).into());
        }
    }
    if variable.text().contains(|character: char| character.is_control() || character.is_whitespace()) {
        return Err(variable.wrong("is no variable's name", "a name without white space").into());
    }
    // task.json lists what the task may set; the agent would drop another name with a mere warning.
    if variable.source.starts_with("INPUT_") && !variable.text().starts_with("AZURE_DEVOPS_") {
        let right = "a name such as `AZURE_DEVOPS_TOKEN`";
        return Err(variable.wrong("isn't a variable that the task may set", right).into());
    }
    let chain = Chain::from_inputs(inputs)?;

    let acquired = sign_in(&chain, &exchange, console)?;
    let access_token = &acquired.token;
    let for_people = || token::text(access_token, &acquired.credential, exchange.now, console.style);
    match (format.text(), out_file) {
        ("json", None) => console.print(&token::json(access_token)),
        ("json", Some(given)) => {
            out_file::write(&given.source, given.text(), &token::json(access_token))?;
            console.print(&for_people());
        }
        ("pipelines", _) => {
            // Its value has been masked since it was come by.
            console.print(&pipelines::set_secret_variable(variable.text(), &access_token.secret));
        }
        (_, given) => {
            if let Some(given) = given {
                out_file::write(&given.source, given.text(), access_token.secret.expose())?;
            }
            console.print(&for_people());
        }
    }
    Ok(0)
}
