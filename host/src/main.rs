//! Runs a component by hand, with the rules of [`lifeguard_host`].

use std::{
    env,
    ffi::OsString,
    fs,
    io::{Write, stderr},
    path::PathBuf,
    process::ExitCode,
    time::SystemTime,
};

use anyhow::{Context, Result, bail};
use jiff::Timestamp;
use lexopt::{Arg, Parser, ValueExt};
use lifeguard_host::{Component, Folder, Network, Output, Run};

const USAGE: &str = "\
Runs a WASI 0.2 command with rules for its network and its clock

Usage: lifeguard-host [options] COMPONENT [--] [arguments of the component]

  --allow-host HOST        let it reach this host (HOST:PORT for one port only); without
                           this option it may reach any
  --ca-file FILE           trust these certificate authorities (PEM) too
  --dir HOST[::GUEST][:ro] let it open files in this folder
  --env NAME[=VALUE]       give it this variable; without a value, ours
  --inherit-env            give it all of our variables
  --now TIME               let its wall clock stand still at this time (RFC 3339)
  --print-requests         list the requests that it sent on stderr at the end

HTTPS_PROXY, HTTP_PROXY and NO_PROXY, also in lower case, are followed.
The exit code is the component's; 134 where it trapped, 125 for an error of ours.
";

/// An exit code that the component doesn't use itself, as `docker run` has it.
const OUR_OWN_ERROR: u8 = 125;

fn main() -> ExitCode {
    match run() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("lifeguard-host: {error:#}");
            ExitCode::from(OUR_OWN_ERROR)
        }
    }
}

fn run() -> Result<ExitCode> {
    let Some(invocation) = Invocation::parse(Parser::from_env())? else {
        print!("{USAGE}");
        return Ok(ExitCode::SUCCESS);
    };
    let outcome = Component::load(&invocation.component)?.run(&invocation.run)?;
    if invocation.print_requests {
        for request in outcome.requests {
            let answer = match request.answer {
                Ok(status) => status.to_string(),
                Err(cause) => cause,
            };
            writeln!(
                stderr(),
                "{} {}://{}{} → {answer}",
                request.method,
                request.scheme,
                request.authority,
                request.path_and_query
            )?;
        }
    }
    // WASI's exit codes have eight bits.
    Ok(ExitCode::from(outcome.exit_code as u8))
}

/// The command line, read.
struct Invocation {
    component: PathBuf,
    print_requests: bool,
    run: Run,
}

impl Invocation {
    /// `None` where help is asked for.
    fn parse(mut parser: Parser) -> Result<Option<Self>> {
        let mut run = Run {
            network: Network {
                https_proxy: variable("HTTPS_PROXY"),
                http_proxy: variable("HTTP_PROXY"),
                no_proxy: variable("NO_PROXY"),
                ..Network::default()
            },
            output: Output::Inherited,
            ..Run::default()
        };
        let mut component = None;
        let mut print_requests = false;
        while let Some(argument) = parser.next()? {
            match argument {
                Arg::Long("allow-host") => {
                    let host = parser.value()?.string()?;
                    run.network.allow_hosts.get_or_insert_default().push(host);
                }
                Arg::Long("ca-file") => {
                    let path = parser.value()?;
                    let pem = fs::read(&path).with_context(|| path.display().to_string())?;
                    run.network.extra_ca_pem.get_or_insert_default().extend(pem);
                }
                Arg::Long("dir") => run.folders.push(folder(&parser.value()?.string()?)),
                Arg::Long("env") => run.env.extend(pair(parser.value()?.string()?)),
                Arg::Long("inherit-env") => run.env.extend(inherited()),
                Arg::Long("now") => {
                    let now: Timestamp = parser.value()?.parse().context("--now")?;
                    run.wall_clock = Some(SystemTime::try_from(now).context("--now")?);
                }
                Arg::Long("print-requests") => print_requests = true,
                Arg::Short('h') | Arg::Long("help") => return Ok(None),
                Arg::Value(path) => {
                    component = Some(PathBuf::from(path));
                    break;
                }
                other => return Err(other.unexpected().into()),
            }
        }
        let Some(component) = component else {
            bail!("no component is named; --help lists the options");
        };
        run.args = component_arguments(parser.raw_args()?.collect())?;
        Ok(Some(Self { component, print_requests, run }))
    }
}

/// All that follows the component is its own; one `--` may stand between.
fn component_arguments(mut arguments: Vec<OsString>) -> Result<Vec<String>> {
    if arguments.first().is_some_and(|first| first == "--") {
        arguments.remove(0);
    }
    arguments
        .into_iter()
        .map(|argument| match argument.into_string() {
            Ok(argument) => Ok(argument),
            Err(argument) => bail!("WASI's arguments are UTF-8: {}", argument.display()),
        })
        .collect()
}

/// `HOST[::GUEST][:ro]`
fn folder(text: &str) -> Folder {
    let (paths, writable) = match text.strip_suffix(":ro") {
        Some(paths) => (paths, false),
        None => (text, true),
    };
    let (host, guest) = paths.split_once("::").unwrap_or((paths, paths));
    Folder { host: PathBuf::from(host), guest: guest.to_owned(), writable }
}

/// `NAME=VALUE`, or `NAME` for the value that we have, if any.
fn pair(text: String) -> Option<(String, String)> {
    match text.split_once('=') {
        Some((name, value)) => Some((name.to_owned(), value.to_owned())),
        None => env::var(&text).ok().map(|value| (text, value)),
    }
}

/// Variables that aren't UTF-8 can't be told to the guest.
fn inherited() -> impl Iterator<Item = (String, String)> {
    env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

/// The variable in upper or lower case, as curl and its like take both.
fn variable(name: &str) -> Option<String> {
    [name.to_owned(), name.to_ascii_lowercase()]
        .iter()
        .find_map(|name| env::var(name).ok())
        .filter(|value| !value.is_empty())
}
