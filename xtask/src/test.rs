//! `cargo xtask test`: all that must hold before a change is taken.

use std::time::Instant;

use anyhow::{Context, Result, bail};

use crate::{
    component, licences,
    progress::seconds,
    workspace::{Workspace, is_ci, run},
};

mod clients;
mod formats;
mod smoke;
mod task;

/// A check, in the order in which they run: the quick and the telling ones first.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Step {
    Rustfmt,
    Clippy,
    Component,
    Licences,
    Tests,
    Smoke,
    Formats,
    Task,
    Clients,
}

/// How a step ended, if not in an error.
pub(crate) enum Done {
    Passed,
    /// What this machine lacks for it.
    Skipped(String),
}

impl Step {
    const ALL: [Self; 9] = [
        Self::Rustfmt,
        Self::Clippy,
        Self::Component,
        Self::Licences,
        Self::Tests,
        Self::Smoke,
        Self::Formats,
        Self::Task,
        Self::Clients,
    ];

    /// The steps of these names, or all for none; an unknown name comes back.
    pub(crate) fn named(names: &[String]) -> Result<Vec<Self>, String> {
        if names.is_empty() {
            return Ok(Self::ALL.to_vec());
        }
        let step = |name: &String| Self::ALL.into_iter().find(|step| step.name() == name);
        names.iter().map(|name| step(name).ok_or_else(|| name.clone())).collect()
    }

    fn name(self) -> &'static str {
        match self {
            Self::Rustfmt => "rustfmt",
            Self::Clippy => "clippy",
            Self::Component => "component",
            Self::Licences => "licences",
            Self::Tests => "tests",
            Self::Smoke => "smoke",
            Self::Formats => "formats",
            Self::Task => "task",
            Self::Clients => "clients",
        }
    }

    fn run(self, workspace: &Workspace) -> Result<Done> {
        match self {
            Self::Rustfmt => run(workspace.cargo().args(["fmt", "--all", "--", "--check"]))?,
            Self::Clippy => run(workspace
                .cargo()
                .args(["clippy", "--quiet", "--workspace", "--all-targets"])
                .args(workspace.locked())
                .args(["--", "-D", "warnings"]))?,
            Self::Component => component::build(workspace)?.print(),
            Self::Licences => return licences::check(workspace),
            Self::Tests => tests(workspace)?,
            Self::Smoke => return smoke::run(workspace),
            Self::Formats => return formats::run_all(workspace),
            Self::Task => return task::run_all(workspace),
            Self::Clients => return clients::run_all(workspace),
        }
        Ok(Done::Passed)
    }
}

/// Runs the steps until one fails.
pub(crate) fn run_all(workspace: &Workspace, steps: &[Step]) -> Result<()> {
    let start = Instant::now();
    let mut skipped = 0;
    for step in steps {
        let name = step.name();
        eprintln!("── {name}");
        let step_start = Instant::now();
        let done = step.run(workspace).with_context(|| format!("step `{name}`"))?;
        match done {
            Done::Passed => eprintln!("   {name}: {}", seconds(step_start.elapsed())),
            Done::Skipped(reason) if is_ci() => bail!("step `{name}` can't be skipped: {reason}"),
            Done::Skipped(reason) => {
                skipped += 1;
                eprintln!("SKIPPED: {name}: {reason}");
            }
        }
    }
    let passed = steps.len() - skipped;
    println!("steps: {passed} passed, {skipped} skipped, in {}", seconds(start.elapsed()));
    Ok(())
}

/// The golden tests among them read the component that is there, so it is built first.
fn tests(workspace: &Workspace) -> Result<()> {
    component::build(workspace)?;
    let mut cargo = workspace.cargo();
    cargo.args(["test", "--workspace"]).args(workspace.locked());
    if is_ci() {
        // A snapshot that differs is a failure, not a file to look at.
        cargo.env("INSTA_UPDATE", "no");
    }
    run(&mut cargo)
}
