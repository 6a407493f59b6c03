//! The emulator as a program: prints the environment that leads clients to it, runs until killed.

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::{fs, thread};

use lexopt::prelude::{Long, Short, ValueExt};
use lifeguard_emulator::{Clock, Emulator, Options, Scenario};
use serde_json::{Map, Value};

const HELP: &str = "\
Plays Entra, the managed identity endpoints and Azure DevOps on loopback.

Usage: lifeguard-emulator --scenario DIR [OPTIONS]

      --scenario DIR      the scenario's folder
      --port N            the port of plain HTTP (default: any)
      --tls               HTTPS too; the exported URLs are https
      --ca-out FILE       where the CA's certificate is written (default: a temporary file)
      --fixed-clock       time stands still at the scenario's `now`
      --environment NAME  which environment is exported (default: the scenario's first)
      --environments      all of them too, as JSON in LIFEGUARD_ENVIRONMENTS
      --arc-tokens DIR    where Azure Arc's challenges are written (default: a temporary folder)
  -h, --help              print this
";

fn main() -> ExitCode {
    let arguments = match Arguments::parse() {
        Ok(Some(arguments)) => arguments,
        Ok(None) => {
            print!("{HELP}");
            return ExitCode::SUCCESS;
        }
        Err(e) => return failed(&format!("{e}\nhint: `--help` lists the flags")),
    };
    let emulator = match start(&arguments) {
        Ok(emulator) => emulator,
        Err(e) => return failed(&e),
    };
    let variables = match variables(&arguments, &emulator) {
        Ok(variables) => variables,
        Err(e) => return failed(&e),
    };
    if let Err(e) = print(&variables) {
        return failed(&format!("can't print: {e}"));
    }
    loop {
        thread::park();
    }
}

struct Arguments {
    scenario: PathBuf,
    options: Options,
    ca_out: Option<PathBuf>,
    environment: Option<String>,
    environments: bool,
}

impl Arguments {
    fn parse() -> Result<Option<Self>, lexopt::Error> {
        let mut scenario = None;
        let mut options = Options::default();
        let (mut ca_out, mut environment, mut environments) = (None, None, false);
        let mut parser = lexopt::Parser::from_env();
        while let Some(argument) = parser.next()? {
            match argument {
                Long("scenario") => scenario = Some(PathBuf::from(parser.value()?)),
                Long("port") => options.port = parser.value()?.parse()?,
                Long("tls") => options.tls = true,
                Long("ca-out") => ca_out = Some(PathBuf::from(parser.value()?)),
                Long("fixed-clock") => options.clock = Clock::Fixed,
                Long("environment") => environment = Some(parser.value()?.string()?),
                Long("environments") => environments = true,
                Long("arc-tokens") => options.arc_tokens = Some(PathBuf::from(parser.value()?)),
                Long("help") | Short('h') => return Ok(None),
                _ => return Err(argument.unexpected()),
            }
        }
        let scenario = scenario.ok_or("--scenario is missing")?;
        Ok(Some(Self { scenario, options, ca_out, environment, environments }))
    }
}

fn start(arguments: &Arguments) -> Result<Emulator, String> {
    let scenario = Scenario::load(&arguments.scenario).map_err(|e| e.to_string())?;
    Emulator::start(scenario, arguments.options.clone()).map_err(|e| e.to_string())
}

fn variables(arguments: &Arguments, emulator: &Emulator) -> Result<Vec<(String, OsString)>, String> {
    let names = emulator.environment_names();
    let name = match (&arguments.environment, names.first()) {
        (Some(name), _) => name,
        (None, Some(first)) => first,
        (None, None) => return Err("the scenario has no environments".to_owned()),
    };
    let environment = emulator
        .environment(name)
        .ok_or_else(|| format!("no environment is named `{name}`\nhint: there are {}", names.join(", ")))?;
    // Scenarios write {http} where clients take it; whoever asks for TLS wants TLS.
    let secured = |value: String| match emulator.https_url() {
        Some(https) => value.replace(&emulator.http_url(), &https),
        None => value,
    };
    let mut variables: Vec<(String, OsString)> =
        environment.into_iter().map(|(name, value)| (name, secured(value).into())).collect();
    if arguments.environments {
        let all: Map<String, Value> = names
            .iter()
            .filter_map(|name| Some((name.clone(), emulator.environment(name)?)))
            .map(|(name, variables)| {
                let variables = variables
                    .into_iter()
                    .map(|(name, value)| (name, Value::String(secured(value))))
                    .collect();
                (name, Value::Object(variables))
            })
            .collect();
        let json = Value::Object(all).to_string();
        variables.push(("LIFEGUARD_ENVIRONMENTS".to_owned(), json.into()));
    }
    if let Some(pem) = emulator.ca_pem() {
        let file = match &arguments.ca_out {
            Some(file) => file.clone(),
            None => std::env::temp_dir().join(format!("lifeguard-emulator-{}.pem", std::process::id())),
        };
        fs::write(&file, pem).map_err(|e| format!("{}: {e}", file.display()))?;
        for name in ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"] {
            variables.push((name.to_owned(), file.clone().into()));
        }
    }
    Ok(variables)
}

fn print(variables: &[(String, OsString)]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    for (name, value) in variables {
        let quoted = value.to_string_lossy().replace('\'', r"'\''");
        // A service connection's id makes a name that no shell takes.
        let comment = if name.contains('-') { "# " } else { "" };
        writeln!(out, "{comment}export {name}='{quoted}'")?;
    }
    writeln!(out, "# emulator is listening; stop it with Ctrl-C")?;
    out.flush()
}

fn failed(message: &str) -> ExitCode {
    eprintln!("error: {message}");
    ExitCode::from(2)
}
