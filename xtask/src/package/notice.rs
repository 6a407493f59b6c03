//! NOTICE.txt: what of others is in the extension, and under which licence.

use std::{fmt::Write, fs, path::PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use cargo_metadata::{DependencyKind, MetadataCommand, Package, PackageId, TargetKind};
use spdx::{Expression, Licensee, ParseMode};

use crate::{component, toolchain::TARGET, workspace::Workspace};

/// The licence whose text is in LICENSE.txt: it is ours.
const OURS: &str = "Apache-2.0";

/// The parts of the component that cargo doesn't know of; both may be used under our licence.
const TOOLCHAIN: &str = "\
- the Rust standard library, MIT OR Apache-2.0, https://github.com/rust-lang/rust
- wasi-libc, Apache-2.0 WITH LLVM-exception OR Apache-2.0 OR MIT, https://github.com/WebAssembly/wasi-libc
";

/// As the shim's build draws it.
const LINE: &str = "--------------------------------------------------------------------------------";

/// `bundled`: the licences of the packages of npm in it, as the shim's build lists them.
pub(super) fn text(workspace: &Workspace, bundled: &str) -> Result<String> {
    let crates = crates(workspace)?;
    let mut text = "Works of others in Pool Lifeguard\n\nCompiled into *.core.wasm:\n\n".to_owned();
    for package in &crates {
        let home = package.repository.as_deref().unwrap_or_default();
        writeln!(text, "- {} {}, {}, {home}", package.name, package.version, licence(package)?)?;
    }
    text += TOOLCHAIN;
    text += "\nWhat may be used under the Apache License 2.0 is used under it; its text is in LICENSE.txt.\n";
    for package in &crates {
        for licence in texts(package).with_context(|| format!("the licence of {}", package.name))? {
            write!(text, "\n{LINE}\n\n{} {}\n\n{licence}\n", package.name, package.version)?;
        }
    }
    write!(text, "\n{LINE}\n\nBundled into *.mjs:\n\n{LINE}\n\n{}\n", bundled.trim())?;
    Ok(text)
}

/// The crates that the component is linked of, by name.
fn crates(workspace: &Workspace) -> Result<Vec<Package>> {
    let mut options = vec!["--filter-platform".to_owned(), TARGET.to_owned()];
    options.extend(workspace.locked().iter().map(ToString::to_string));
    let metadata = MetadataCommand::new().current_dir(workspace.root()).other_options(options).exec()?;
    let resolve = metadata.resolve.as_ref().context("cargo tells no dependencies")?;
    let own = metadata.packages.iter().find(|package| package.name == component::PACKAGE);
    let own = own.context("cargo doesn't know the component")?;

    let mut found: Vec<&PackageId> = vec![&own.id];
    let mut next = 0;
    while let Some(&id) = found.get(next) {
        next += 1;
        let node = resolve.nodes.iter().find(|node| node.id == *id).context("cargo knows no such crate")?;
        for dependency in &node.deps {
            let is_linked = dependency.dep_kinds.iter().any(|kind| kind.kind == DependencyKind::Normal);
            // A macro runs in the compiler, and isn't in what that writes.
            let targets = &metadata[&dependency.pkg].targets;
            let is_macro = targets.iter().any(|target| target.kind.contains(&TargetKind::ProcMacro));
            if is_linked && !is_macro && !found.contains(&&dependency.pkg) {
                found.push(&dependency.pkg);
            }
        }
    }
    let mut crates: Vec<Package> = found.into_iter().skip(1).map(|id| metadata[id].clone()).collect();
    crates.sort_by(|one, other| (&one.name, &one.version).cmp(&(&other.name, &other.version)));
    Ok(crates)
}

fn licence(package: &Package) -> Result<&str> {
    package.license.as_deref().with_context(|| format!("{} names no licence", package.name))
}

/// The texts that have to go along with it.
fn texts(package: &Package) -> Result<Vec<String>> {
    let licence = licence(package)?;
    let expression = Expression::parse_mode(licence, ParseMode::LAX)
        .map_err(|error| anyhow!("{licence}: {}", error.reason))?;
    let ours = Licensee::parse(OURS).map_err(|error| anyhow!("{OURS}: {}", error.reason))?;
    let is_ours = expression.evaluate(|required| ours.satisfies(required));
    let wanted: &[&str] = if is_ours { &["notice"] } else { &["copying", "licen", "notice"] };

    let folder = package.manifest_path.parent().context("a crate without a folder")?;
    let mut files: Vec<PathBuf> = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().to_lowercase();
        if wanted.iter().any(|start| name.starts_with(start)) && entry.file_type()?.is_file() {
            files.push(entry.path());
        }
    }
    if files.is_empty() && !is_ours {
        bail!("it is {licence}, and no file has its text");
    }
    files.sort();
    let read = |file: PathBuf| Ok(fs::read_to_string(file)?.replace("\r\n", "\n").trim().to_owned());
    files.into_iter().map(read).collect()
}
