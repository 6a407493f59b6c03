//! `cargo xtask package`: the Marketplace extension, with the component as a task of Azure Pipelines.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};

use crate::{
    component::{self, Component, digits},
    npm, progress,
    workspace::{Workspace, capture},
};

mod archive;
mod notice;

/// What the extension may weigh, in bytes.
const BUDGET: u64 = 5_000_000;
const NAME: &str = "pool-lifeguard";

/// The task's folder in the extension, as its manifest names it.
pub(crate) const TASK: &str = "PoolLifeguard";

/// What tfx would ask the machine for, which then is another file on the next one.
const CONTENT_TYPES: [(&str, &str); 2] = [("mjs", "text/javascript"), ("wasm", "application/wasm")];

/// The packed extension.
pub(crate) struct Package {
    pub(crate) path: PathBuf,
    pub(crate) size: u64,
}

impl Package {
    pub(crate) fn print(&self) {
        println!(
            "target/{}: {} bytes, {} % of its budget of {}",
            self.path.file_name().unwrap_or_default().to_string_lossy(),
            digits(self.size),
            self.size * 100 / BUDGET,
            digits(BUDGET),
        );
    }
}

/// Builds the component, and `target/pool-lifeguard-<version>.vsix` with it.
pub(crate) fn build(workspace: &Workspace) -> Result<Package> {
    build_with(workspace, &component::build(workspace)?)
}

/// The same with a component that is there.
pub(crate) fn build_with(workspace: &Workspace, component: &Component) -> Result<Package> {
    let version = version(workspace)?;
    fs::create_dir_all(workspace.target())?;
    // Two processes at once would mix up their files.
    let lock = File::create(workspace.target().join("extension.lock"))?;
    lock.lock().context("extension.lock")?;

    let folder = workspace.target().join("extension");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    let shim = workspace.root().join("shim");
    npm::install_beside(workspace, &shim, "what the shim is built from").context(NEEDED)?;
    let task = folder.join(TASK);
    progress::step("building the task", || {
        let mut node = workspace.command("node");
        capture(node.arg(shim.join("build.mjs")).arg(&task).arg(&component.path))
    })?;
    lay_out(workspace, &folder)?;
    write_manifest(&folder, &version)?;
    let packed = pack(workspace, &folder)?;

    let path = workspace.target().join(format!("{NAME}-{version}.vsix"));
    fs::write(&path, &packed)?;
    let size = packed.len() as u64;
    if size > BUDGET {
        bail!("the extension weighs {} bytes, over its budget of {}", digits(size), digits(BUDGET));
    }
    Ok(Package { path, size })
}

const NEEDED: &str = "the extension is built by packages of npm\n\
                      hint: install Node.js 20 or later, which comes with npm: https://nodejs.org\n\
                      cause";

/// The one version, of Cargo.toml, which the task must have too.
fn version(workspace: &Workspace) -> Result<String> {
    let version = env!("CARGO_PKG_VERSION");
    let task = read_json(&workspace.root().join("task.json"))?;
    let numbers = ["Major", "Minor", "Patch"].map(|part| task["version"][part].to_string());
    let task = numbers.join(".");
    ensure!(task == version, "task.json has version {task}, Cargo.toml {version}: make them equal");
    Ok(version.to_owned())
}

/// What is beside the built task.
fn lay_out(workspace: &Workspace, folder: &Path) -> Result<()> {
    let task = folder.join(TASK);
    for (from, to) in [
        ("task.json", task.join("task.json")),
        ("extension/task-icon.png", task.join("icon.png")),
        ("extension/icon.png", folder.join("icon.png")),
        ("extension/overview.md", folder.join("overview.md")),
        ("extension/vss-extension.json", folder.join("vss-extension.json")),
        ("LICENSE", folder.join("LICENSE.txt")),
        ("LICENSE", task.join("LICENSE.txt")),
    ] {
        fs::copy(workspace.root().join(from), to).with_context(|| from.to_owned())?;
    }
    let bundled = task.join("THIRD-PARTY-NOTICES.txt");
    let notice = notice::text(workspace, &fs::read_to_string(&bundled).context("the shim's notices")?)?;
    fs::remove_file(bundled)?;
    Ok(fs::write(task.join("NOTICE.txt"), notice)?)
}

/// The manifest with its version, and with each file of the task and what it is.
fn write_manifest(folder: &Path, version: &str) -> Result<()> {
    let path = folder.join("vss-extension.json");
    let mut manifest = read_json(&path)?;
    manifest["version"] = json!(version);
    let mut names = Vec::new();
    for entry in fs::read_dir(folder.join(TASK))? {
        let entry = entry?;
        ensure!(entry.file_type()?.is_file(), "the task has a folder: {}", entry.path().display());
        names.push(entry.file_name().into_string().map_err(|name| anyhow::anyhow!("{}", name.display()))?);
    }
    names.sort();
    let file = |name: String| {
        let mut file = json!({ "path": format!("{TASK}/{name}") });
        if let Some((_, kind)) = CONTENT_TYPES.iter().find(|(end, _)| name.ends_with(&format!(".{end}"))) {
            file["contentType"] = json!(kind);
        }
        file
    };
    manifest["files"] = names.into_iter().map(file).collect();
    Ok(fs::write(&path, serde_json::to_vec_pretty(&manifest)?)?)
}

/// The extension, packed by Microsoft's own tool.
fn pack(workspace: &Workspace, folder: &Path) -> Result<Vec<u8>> {
    let manifest = workspace.root().join("xtask/tfx");
    let tfx = npm::install(workspace, "tfx", &manifest, "tfx").context(NEEDED)?;
    let packed = workspace.target().join("extension.vsix");
    let mut node = workspace.command("node");
    node.arg(tfx.join("node_modules/tfx-cli/_build/tfx-cli.js"))
        .args(["extension", "create", "--no-prompt", "--no-color"])
        .args(["--manifest-globs", "vss-extension.json"])
        .arg("--root")
        .arg(folder)
        .arg("--output-path")
        .arg(&packed)
        // It keeps a cache there.
        .env("HOME", workspace.cache().join("tfx"))
        .env("USERPROFILE", workspace.cache().join("tfx"));
    let output = progress::step("packing the extension", || capture(&mut node))?;
    // It exits with 0 whatever is wrong with the task.
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    if said.to_lowercase().contains("warning") || !packed.exists() {
        bail!("tfx isn't content\n{said}");
    }
    let bytes = fs::read(&packed)?;
    fs::remove_file(packed)?;
    archive::normalized(&bytes)
}

fn read_json(path: &Path) -> Result<Value> {
    let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
    serde_json::from_str(&text).with_context(|| path.display().to_string())
}
