//! The project's own commands: `cargo xtask` lists them.

use std::{env, process::ExitCode};

use anyhow::Result;

mod component;
mod demo;
mod emulator;
mod host;
mod licences;
mod npm;
mod optimize;
mod package;
mod progress;
mod python;
mod run;
mod test;
mod toolchain;
mod workspace;
mod world;

use workspace::Workspace;

const USAGE: &str = "\
The project's own commands

Usage: cargo xtask <command>

  component         build target/lifeguard.wasm, check its world and its size
  package           build target/pool-lifeguard-<version>.vsix, the extension
  demo              the component against the emulator: a token, then all pools
  run -- <args>     the component with your variables and credential files
  emulator <args>   the emulator, for other clients; --help lists its flags
  test [<step>...]  all checks, or only the named ones:
                    rustfmt clippy component licences tests smoke formats
                    task clients
";

/// Wrong usage, as for the component itself.
const USAGE_ERROR: u8 = 2;

fn main() -> ExitCode {
    let mut args: Vec<String> = env::args().skip(1).collect();
    if args.is_empty() {
        eprint!("{USAGE}");
        return ExitCode::from(USAGE_ERROR);
    }
    let command = args.remove(0);
    match dispatch(&command, args) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(command: &str, args: Vec<String>) -> Result<ExitCode> {
    let workspace = Workspace::new();
    match command {
        "component" if args.is_empty() => {
            component::build(&workspace)?.print();
            Ok(ExitCode::SUCCESS)
        }
        "package" if args.is_empty() => {
            package::build(&workspace)?.print();
            Ok(ExitCode::SUCCESS)
        }
        "demo" if args.is_empty() => demo::run(&workspace).map(|()| ExitCode::SUCCESS),
        "emulator" => emulator::run(&workspace, &args),
        "run" => run::run(&workspace, args),
        "test" => match test::Step::named(&args) {
            Ok(steps) => test::run_all(&workspace, &steps).map(|()| ExitCode::SUCCESS),
            Err(unknown) => Ok(usage(&format!("there is no step `{unknown}`"))),
        },
        "-h" | "--help" | "help" => {
            print!("{USAGE}");
            Ok(ExitCode::SUCCESS)
        }
        "component" | "demo" | "package" => Ok(usage(&format!("`{command}` takes no arguments"))),
        unknown => Ok(usage(&format!("there is no command `{unknown}`"))),
    }
}

fn usage(complaint: &str) -> ExitCode {
    eprint!("error: {complaint}\n\n{USAGE}");
    ExitCode::from(USAGE_ERROR)
}
