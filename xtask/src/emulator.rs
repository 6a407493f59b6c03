//! The emulator as a process of its own.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Child, ChildStdout, Command, ExitCode, Stdio},
};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::workspace::{Workspace, run_through};

const PACKAGE: &str = "lifeguard-emulator";
const STEP: &str = "compiling the emulator";

/// What the demo and the checks are about.
pub(crate) const DEMO: &str = "emulator/scenarios/demo";

/// Runs it with these arguments until it is stopped.
pub(crate) fn run(workspace: &Workspace, args: &[String]) -> Result<ExitCode> {
    let program = workspace.program(PACKAGE, STEP)?;
    run_through(Command::new(program).args(args))
}

/// An emulator that runs as long as this value lives.
pub(crate) struct Emulator {
    child: Child,
    // Kept open: the emulator would be told of a broken pipe on its next word.
    _stdout: BufReader<ChildStdout>,
    variables: Vec<(String, String)>,
}

impl Emulator {
    pub(crate) fn build(workspace: &Workspace) -> Result<PathBuf> {
        workspace.program(PACKAGE, STEP)
    }

    /// Starts it on the demo's scenario; returns when it listens.
    pub(crate) fn start(workspace: &Workspace, flags: &[&str]) -> Result<Self> {
        let program = Self::build(workspace)?;
        let mut child = workspace
            .command(program)
            .args(["--scenario", DEMO])
            .args(flags)
            .stdout(Stdio::piped())
            .spawn()
            .context("can't start the emulator")?;
        let stdout = child.stdout.take().context("the emulator's stdout")?;
        // From here on it is stopped on every way out.
        let mut emulator = Self { child, _stdout: BufReader::new(stdout), variables: Vec::new() };
        let mut line = String::new();
        while emulator._stdout.read_line(&mut line)? > 0 {
            if line.starts_with("# emulator is listening") {
                return Ok(emulator);
            }
            emulator.variables.extend(export(line.trim_end()));
            line.clear();
        }
        bail!("the emulator ended before it listened")
    }

    /// What leads a client to it.
    pub(crate) fn variables(&self) -> &[(String, String)] {
        &self.variables
    }

    /// Each `host:port` that it answers at.
    pub(crate) fn hosts(&self) -> Vec<String> {
        let mut hosts: Vec<String> = self
            .variables
            .iter()
            .filter_map(|(_, value)| value.split_once("://"))
            .filter(|(scheme, _)| matches!(*scheme, "http" | "https"))
            .filter_map(|(_, rest)| rest.split(['/', '?']).next())
            .map(str::to_owned)
            .collect();
        hosts.sort();
        hosts.dedup();
        hosts
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The moment of the demo's scenario.
pub(crate) fn moment(workspace: &Workspace) -> Result<String> {
    let path = workspace.root().join(DEMO).join("scenario.json");
    let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    let scenario: Value = serde_json::from_str(text.trim_start_matches('\u{feff}'))?;
    let now = scenario.get("now").and_then(Value::as_str);
    Ok(now.context("the scenario has no `now`")?.to_owned())
}

/// `export NAME='value'`, its quotes written `'\''`
fn export(line: &str) -> Option<(String, String)> {
    let (name, value) = line.strip_prefix("export ")?.split_once('=')?;
    let value = value.strip_prefix('\'')?.strip_suffix('\'')?;
    Some((name.to_owned(), value.replace("'\\''", "'")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exports_are_read_as_a_shell_would() {
        let pair = |name: &str, value: &str| Some((name.to_owned(), value.to_owned()));
        assert_eq!(export("export A='b=c'"), pair("A", "b=c"));
        assert_eq!(export(r"export A='it'\''s'"), pair("A", "it's"));
        assert_eq!(export("# a comment"), None);
    }
}
