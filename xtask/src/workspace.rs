//! Where things are, and how the tools are called.

use std::{
    env,
    ffi::OsStr,
    path::{Path, PathBuf},
    process::{Command, ExitCode, Output},
};

use anyhow::{Context, Result, bail};
use cargo_metadata::Message;

use crate::progress;

/// The repository, as every command sees it.
pub(crate) struct Workspace {
    root: PathBuf,
}

impl Workspace {
    pub(crate) fn new() -> Self {
        let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
        Self { root: xtask.parent().unwrap_or(xtask).to_path_buf() }
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// `target/` of the repository: what is built for others to find is here, also where
    /// `CARGO_TARGET_DIR` sends cargo's own files elsewhere.
    pub(crate) fn target(&self) -> PathBuf {
        self.root.join("target")
    }

    /// What is downloaded once. Outside of `target/`, so that `cargo clean` keeps it.
    pub(crate) fn cache(&self) -> PathBuf {
        env::var_os("LIFEGUARD_CACHE")
            .filter(|folder| !folder.is_empty())
            .map_or_else(|| self.root.join(".cache"), PathBuf::from)
    }

    /// The cargo that runs this very command.
    pub(crate) fn cargo(&self) -> Command {
        let mut command = self.command(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        // What cargo tells an xtask about itself would make build scripts of the inner cargo stale.
        for (name, _) in env::vars_os() {
            if name.to_string_lossy().starts_with("CARGO_PKG_") {
                command.env_remove(name);
            }
        }
        command.env_remove("CARGO_MANIFEST_DIR");
        command.env_remove("CARGO_MANIFEST_PATH");
        command
    }

    /// Builds a program of the workspace; gives its path.
    ///
    /// Of the whole workspace, not of its package alone: dependencies get the features that all of
    /// it asks for, as in `cargo test --workspace`, so that wasmtime is compiled once and not twice.
    pub(crate) fn program(&self, program: &str, name: &str) -> Result<PathBuf> {
        let mut cargo = self.cargo();
        cargo
            .args(["build", "--workspace", "--bin", program])
            .args(["--message-format", "json-render-diagnostics"])
            .args(self.locked());
        let messages = progress::build(name, &mut cargo)?;
        Message::parse_stream(messages.as_slice())
            .filter_map(Result::ok)
            .find_map(|message| match message {
                Message::CompilerArtifact(artifact) => artifact.executable,
                _ => None,
            })
            .map(PathBuf::from)
            .with_context(|| format!("cargo built no program {program}"))
    }

    /// A command that runs in the repository.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.root);
        command
    }

    /// `--locked` on a build server: there a stale Cargo.lock is an error, on a desk it is work under way.
    pub(crate) fn locked(&self) -> &'static [&'static str] {
        if is_ci() { &["--locked"] } else { &[] }
    }
}

/// Whether a build server runs this (`CI=true`): nothing may be skipped or written back there.
pub(crate) fn is_ci() -> bool {
    env::var("CI").is_ok_and(|value| value == "true" || value == "1")
}

/// Runs to the end, its output where ours goes.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("can't start {}", line(command)))?;
    if !status.success() {
        bail!("{} failed: {status}", line(command));
    }
    Ok(())
}

/// Runs to the end, its output where ours goes; its exit code is for ours.
pub(crate) fn run_through(command: &mut Command) -> Result<ExitCode> {
    let status = command.status().with_context(|| format!("can't start {}", line(command)))?;
    // Ended by a signal, it has no code.
    Ok(status.code().map_or(ExitCode::FAILURE, |code| ExitCode::from(code as u8)))
}

/// Runs to the end and gives its stdout; on failure, what it printed is the error.
pub(crate) fn read(command: &mut Command) -> Result<String> {
    let output = capture(command)?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Runs to the end without a word; on failure, what it printed is the error.
pub(crate) fn capture(command: &mut Command) -> Result<Output> {
    let output = command.output().with_context(|| format!("can't start {}", line(command)))?;
    if !output.status.success() {
        bail!(
            "{} failed: {}\n{}{}",
            line(command),
            output.status,
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr),
        );
    }
    Ok(output)
}

/// Whether PATH has a program of this name.
pub(crate) fn on_path(program: &str) -> bool {
    env::var_os("PATH")
        .is_some_and(|path| env::split_paths(&path).any(|folder| folder.join(program).is_file()))
}

/// The command as a person would type it.
fn line(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let name = program.file_name().unwrap_or(program.as_os_str());
    let mut line = format!("`{}", name.to_string_lossy());
    for argument in command.get_args() {
        line.push(' ');
        line.push_str(&argument.to_string_lossy());
    }
    line + "`"
}
