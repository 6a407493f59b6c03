//! `cargo xtask run`: the component as a command of this machine.

use std::{env, process::ExitCode};

use anyhow::Result;

use crate::{
    host::{Folders, Host},
    workspace::{Workspace, run_through},
};

/// Runs it with our variables, in the folder that we are called in; its exit code is ours.
pub(crate) fn run(workspace: &Workspace, mut args: Vec<String>) -> Result<ExitCode> {
    if args.first().is_some_and(|first| first == "--") {
        args.remove(0);
    }
    let host = Host::build(workspace)?;
    let variables: Vec<(String, String)> = env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect();
    run_through(&mut host.command(&[], &Folders::needed(&variables, &args), &args))
}
