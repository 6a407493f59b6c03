//! Commands: each wires inputs, identity, Azure DevOps, rules and reports together.

mod check;
mod console;
mod doctor;
pub mod look;
mod out_file;
mod package;
mod placeholder;
mod remove;
mod token;
mod wait;
mod why;

use std::ffi::OsString;
use std::time::{Duration, SystemTime};

pub use console::Console;

use crate::explain::Failure;
use crate::http::wasi::WasiTransport;
use crate::identity::{Acquired, Chain, Exchange, Kind};
use crate::inputs::{Arguments, Environment, Inputs, UsageError, check_command, help};
use crate::secret::Secret;

/// A command that takes longer isn't waited for by anybody, and clocks can't reckon with any duration.
const LONGEST_TIMEOUT: Duration = Duration::from_secs(24 * 60 * 60);

/// No request and its answer fit into less, over a real network.
const SHORTEST_TIMEOUT: Duration = Duration::from_secs(1);

/// More connections at once are refused rather than served sooner.
const MOST_PARALLEL: u32 = 256;

/// Runs the command that the arguments and the environment name, and returns the exit code.
pub fn run(
    arguments: impl IntoIterator<Item = OsString>,
    environment: Environment,
    now: SystemTime,
    mut console: Console,
) -> u8 {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    console.is_for_pipelines = is_for_pipelines(&arguments, &environment);
    match dispatch(arguments, environment, now, &console) {
        Ok(code) => code,
        Err(failure) => {
            console.fail(&failure);
            failure.code()
        }
    }
}

/// Whether the format is `pipelines`, as far as can be told before arguments are judged: a failure to read them is to
/// be told in it too
fn is_for_pipelines(arguments: &[OsString], environment: &Environment) -> bool {
    let flag = arguments.iter().enumerate().find_map(|(place, argument)| match argument.to_str()? {
        "--format" => arguments.get(place + 1)?.to_str(),
        argument => argument.strip_prefix("--format="),
    });
    match flag {
        Some(format) => format == "pipelines",
        None => matches!(environment.get("INPUT_FORMAT"), Some("auto" | "pipelines")),
    }
}

fn dispatch(
    arguments: impl IntoIterator<Item = OsString>,
    environment: Environment,
    now: SystemTime,
    console: &Console,
) -> Result<u8, Failure> {
    let arguments = Arguments::parse(arguments)?;
    if arguments.help {
        console.print(&help(arguments.command.as_deref()));
        return Ok(0);
    }
    if arguments.version {
        console.print(concat!("lifeguard ", env!("CARGO_PKG_VERSION"), "\n"));
        return Ok(0);
    }
    let command = match (&arguments.command, environment.get("INPUT_COMMAND")) {
        (Some(command), _) => command.clone(),
        (None, Some(command)) => {
            check_command(command)?;
            command.to_owned()
        }
        (None, None) => {
            console.print(&help(None));
            return Err(UsageError::new("no command is given", "give one of the commands above").into());
        }
    };
    let inputs = Inputs::collect(&arguments, environment)?;
    if command == "wait" {
        return wait::run(&inputs, now, console);
    }
    let timeout = timeout(&inputs, "timeout")?;
    let note = |text: &str| console.note(text);
    let transport = WasiTransport::new(timeout, parallel(&inputs)?, now, &note);
    let mask = |secret: &Secret| console.mask(secret);
    let exchange = Exchange { transport: &transport, now, mask: &mask };
    match command.as_str() {
        "doctor" => doctor::run(&inputs, exchange, console),
        "package" => package::run(&inputs, exchange, console),
        "placeholder" => placeholder::run(&inputs, exchange, console),
        "remove" => remove::run(&inputs, exchange, console),
        "token" => token::run(&inputs, exchange, console),
        "why" => why::run(&inputs, exchange, console),
        _ => check::run(&inputs, exchange, console),
    }
}

/// How long something may take
fn timeout(inputs: &Inputs, name: &'static str) -> Result<Duration, UsageError> {
    let given = inputs.require(name)?;
    match given.duration()? {
        long if long > LONGEST_TIMEOUT => {
            Err(given.wrong("is longer than a day", "a duration such as `60s`"))
        }
        short if short < SHORTEST_TIMEOUT => {
            Err(given.wrong("is shorter than a request may take", "at least `1s`"))
        }
        timeout => Ok(timeout),
    }
}

/// How many requests are in flight at most
///
/// # Errors
/// [`UsageError`] for a number that is none, or too large.
pub fn parallel(inputs: &Inputs) -> Result<usize, UsageError> {
    let given = inputs.require("parallel")?;
    match given.positive()? {
        many if many > MOST_PARALLEL => {
            Err(given.wrong("is more than a server bears", "a number from 1 to 256"))
        }
        parallel => Ok(parallel as usize),
    }
}

/// Gets the access token, and says with which credential and why.
fn sign_in(chain: &Chain, exchange: &Exchange<'_>, console: &Console) -> Result<Acquired, Failure> {
    let acquired = chain.acquire(exchange)?;
    for credential in &acquired.passed_over {
        console.note(&format!("passed over: {credential}"));
    }
    console.note(&format!("identity: {}", acquired.credential));
    if acquired.token.kind == Kind::Personal {
        console.note(
            "a personal access token belongs to one person, expires, and may do more than it should: with Azure \
             DevOps Services, a managed identity or a federated credential does the same (docs/identity.md)",
        );
    }
    Ok(acquired)
}
