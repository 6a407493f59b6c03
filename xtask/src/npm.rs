//! Packages from npm, installed once from a lock file.

use std::{
    fs,
    path::{Path, PathBuf},
    process,
};

use anyhow::{Context, Result, bail};

use crate::{
    progress,
    workspace::{Workspace, capture, on_path},
};

/// Marks a folder as installed to the end, and says from which lock file.
const COMPLETE: &str = "complete.txt";

/// Installs what the `package-lock.json` in `manifest` locks to `.cache/<name>`, once; gives that folder.
///
/// The lock files name no registry: each machine takes the one that its npm is configured for.
pub(crate) fn install(workspace: &Workspace, name: &str, manifest: &Path, what: &str) -> Result<PathBuf> {
    let folder = workspace.cache().join(name);
    let wanted = fs::read(manifest.join("package-lock.json")).context("package-lock.json")?;
    if is_installed(&folder, &wanted) {
        return Ok(folder);
    }
    // Filled elsewhere: another process may be at it too, or be using what is there.
    let part = folder.with_extension(format!("part-{}", process::id()));
    let outcome = progress::step(&format!("installing {what}"), || fill(workspace, manifest, &part));
    if outcome.is_ok() && !is_installed(&folder, &wanted) {
        let _ = fs::remove_dir_all(&folder);
        let _ = fs::rename(&part, &folder);
    }
    // Left behind by a failure, or by another process that was quicker.
    let _ = fs::remove_dir_all(&part);
    outcome?;
    match is_installed(&folder, &wanted) {
        true => Ok(folder),
        false => bail!("can't put {what} into {}", folder.display()),
    }
}

/// Installs what the folder's own `package-lock.json` locks beside it, once: for modules, which find their packages
/// from where they lie.
pub(crate) fn install_beside(workspace: &Workspace, folder: &Path, what: &str) -> Result<()> {
    let installed = folder.join("node_modules");
    let wanted = fs::read(folder.join("package-lock.json")).context("package-lock.json")?;
    if is_installed(&installed, &wanted) {
        return Ok(());
    }
    progress::step(&format!("installing {what}"), || ci(workspace, folder))?;
    Ok(fs::write(installed.join(COMPLETE), wanted)?)
}

fn is_installed(folder: &Path, wanted: &[u8]) -> bool {
    fs::read(folder.join(COMPLETE)).is_ok_and(|present| present == wanted)
}

fn fill(workspace: &Workspace, manifest: &Path, part: &Path) -> Result<()> {
    fs::create_dir_all(part)?;
    for file in ["package.json", "package-lock.json"] {
        fs::copy(manifest.join(file), part.join(file)).context(file)?;
    }
    ci(workspace, part)?;
    fs::copy(part.join("package-lock.json"), part.join(COMPLETE))?;
    Ok(())
}

/// Fills `node_modules` of a folder with what its lock file says.
fn ci(workspace: &Workspace, folder: &Path) -> Result<()> {
    // On Windows it is a script, which is only found by its whole name.
    let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
    if !on_path(npm) {
        bail!("`{npm}` isn't on PATH");
    }
    // A package that wanted to run a script of its own would have to be looked at first.
    let flags = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel", "error", "--prefix"];
    capture(workspace.command(npm).args(flags).arg(folder))?;
    Ok(())
}
