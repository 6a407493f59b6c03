//! `cargo xtask demo`: what the component does, without a cloud.

use std::{
    env,
    io::{Write, stdout},
};

use anyhow::{Context, Result, bail};

use crate::{
    emulator::{self, Emulator},
    host::{Folders, Host},
    workspace::Workspace,
};

/// What a user types, in this order.
const COMMANDS: [&[&str]; 3] = [&["token"], &["check", "--pool", "*"], &["why", "--pool", "*"]];

/// A finding: in this scenario the pools are ill on purpose.
const UNHEALTHY: i32 = 1;

/// What turns the demo into the real thing.
const NEXT: &str = "\
export AZP_URL=https://dev.azure.com/<your organization>
export AZURE_TENANT_ID=<…> AZURE_CLIENT_ID=<…> AZURE_CLIENT_SECRET=<…>
cargo xtask run -- check --pool '*'";

/// Runs the commands against the emulator, at the moment of its scenario.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let host = Host::build(workspace)?;
    let emulator = Emulator::start(workspace, &["--fixed-clock"])?;
    let mut options = vec!["--now".to_owned(), emulator::moment(workspace)?];
    for name in emulator.hosts() {
        options.extend(["--allow-host".to_owned(), name]);
    }

    println!("The component in wasmtime; it may reach the emulator, nothing else");
    for command in COMMANDS {
        let args: Vec<String> = command.iter().map(ToString::to_string).collect();
        let line: Vec<String> = command.iter().map(|arg| quoted(arg)).collect();
        println!("\n$ lifeguard {}", line.join(" "));
        stdout().flush()?;

        let mut command = host.command(&options, &Folders::needed(emulator.variables(), &args), &args);
        // Credentials of the real cloud have no business here.
        command.env_clear().envs(emulator.variables().iter().cloned());
        for kept in ["COLUMNS", "NO_COLOR", "TERM"] {
            command.envs(env::var_os(kept).map(|value| (kept, value)));
        }
        let status = command.status().context("can't start lifeguard-host")?;
        match status.code() {
            Some(0) => (),
            Some(UNHEALTHY) => println!("(exit code 1: unhealthy)"),
            _ => bail!("`lifeguard {}` ended with {status}", line.join(" ")),
        }
    }
    println!("\nThe same for your own organization:\n{NEXT}");
    Ok(())
}

/// As it is typed in a shell.
fn quoted(arg: &str) -> String {
    match arg.contains(['*', '?', ' ']) {
        true => format!("'{arg}'"),
        false => arg.to_owned(),
    }
}
