//! Programs from PyPI, in a virtual environment of their own.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Result, bail};

use crate::{
    progress,
    workspace::{Workspace, capture, on_path},
};

/// The file that is written last: an environment without it was interrupted.
const COMPLETE: &str = "complete.txt";

/// Makes the environment `.cache/<name>` with these packages, once; gives the folder of its programs.
pub(crate) fn environment(workspace: &Workspace, name: &str, packages: &[&str]) -> Result<PathBuf> {
    let folder = workspace.cache().join(name);
    let programs = folder.join(if cfg!(windows) { "Scripts" } else { "bin" });
    let wanted = packages.join("\n");
    if fs::read_to_string(folder.join(COMPLETE)).is_ok_and(|present| present == wanted) {
        return Ok(programs);
    }
    let python = if cfg!(windows) { "python.exe" } else { "python3" };
    if !on_path(python) {
        bail!("`{python}` isn't on PATH");
    }
    // It can't be made elsewhere and renamed: its scripts hold the path.
    remove(&folder)?;
    progress::step(&format!("installing {}", packages.join(" ")), || {
        capture(workspace.command(python).args(["-m", "venv"]).arg(&folder))?;
        let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
        capture(workspace.command(programs.join(python)).args(pip).args(packages))
    })?;
    fs::write(folder.join(COMPLETE), wanted)?;
    Ok(programs)
}

fn remove(folder: &Path) -> Result<()> {
    match folder.exists() {
        true => Ok(fs::remove_dir_all(folder)?),
        false => Ok(()),
    }
}
