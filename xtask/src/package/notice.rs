//! NOTICE.txt: what of others is in the extension, and under which licence.

use std::{
    collections::BTreeMap,
    fmt::Write,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use cargo_metadata::{DependencyKind, MetadataCommand, PackageId, TargetKind};
use serde_json::Value;
use spdx::{Expression, Licensee, ParseMode};

use crate::{component, toolchain::TARGET, workspace::Workspace};

/// The licence whose text is in LICENSE.txt: it is ours.
const OURS: &str = "Apache-2.0";

/// The parts of the component that no package manager knows of.
const TOOLCHAIN: [(&str, &str, &str); 2] = [
    ("the Rust standard library", "MIT OR Apache-2.0", "https://github.com/rust-lang/rust"),
    (
        "wasi-libc",
        "Apache-2.0 WITH LLVM-exception OR Apache-2.0 OR MIT",
        "https://github.com/WebAssembly/wasi-libc",
    ),
];

/// Something that somebody else has made.
struct Work {
    name: String,
    licence: String,
    home: String,
    /// Where its licence lies.
    folder: Option<PathBuf>,
}

pub(super) fn text(workspace: &Workspace, shim: &Path) -> Result<String> {
    let (crates, packages) = (crates(workspace)?, packages(shim)?);
    let mut text = "Works of others in Pool Lifeguard\n".to_owned();
    for (title, works) in
        [("Compiled into the component, *.core.wasm", &crates), ("Bundled into *.mjs", &packages)]
    {
        write!(text, "\n{title}:\n\n")?;
        for Work { name, licence, home, .. } in works {
            writeln!(text, "- {name}, {licence}{}{home}", if home.is_empty() { "" } else { ", " })?;
        }
    }
    text += "\nWhat may be used under the Apache License 2.0 is used under it; its text is in LICENSE.txt.\n";

    // One text for all that have the same.
    let mut texts: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for work in crates.iter().chain(&packages) {
        for licence in texts_of(work).with_context(|| format!("the licence of {}", work.name))? {
            texts.entry(licence).or_default().push(&work.name);
        }
    }
    let mut texts: Vec<_> = texts.into_iter().collect();
    texts.sort_by(|(_, names), (_, others)| names.cmp(others));
    for (licence, names) in texts {
        write!(text, "\n{}\n{}\n\n{licence}\n", "─".repeat(80), names.join(", "))?;
    }
    Ok(text)
}

/// The crates that the component is linked of.
fn crates(workspace: &Workspace) -> Result<Vec<Work>> {
    let mut options = vec!["--filter-platform".to_owned(), TARGET.to_owned()];
    options.extend(workspace.locked().iter().map(ToString::to_string));
    let metadata = MetadataCommand::new().current_dir(workspace.root()).other_options(options).exec()?;
    let resolve = metadata.resolve.as_ref().context("cargo tells no dependencies")?;
    let own = metadata.packages.iter().find(|package| package.name == component::PACKAGE);

    let mut found: Vec<&PackageId> = own.iter().map(|package| &package.id).collect();
    let mut next = 0;
    while let Some(&id) = found.get(next) {
        next += 1;
        // What runs in the compiler is none of what it writes.
        let is_macro = metadata[id].targets.iter().any(|target| target.kind.contains(&TargetKind::ProcMacro));
        if is_macro {
            continue;
        }
        let node = resolve.nodes.iter().find(|node| node.id == *id).context("cargo knows no such crate")?;
        for dependency in &node.deps {
            let linked = dependency.dep_kinds.iter().any(|kind| kind.kind == DependencyKind::Normal);
            if linked && !found.contains(&&dependency.pkg) {
                found.push(&dependency.pkg);
            }
        }
    }
    let mut works = Vec::new();
    for package in found.into_iter().map(|id| &metadata[id]) {
        let is_macro = package.targets.iter().any(|target| target.kind.contains(&TargetKind::ProcMacro));
        if package.source.is_none() || is_macro {
            continue;
        }
        works.push(Work {
            name: format!("{} {}", package.name, package.version),
            licence: package.license.clone().with_context(|| format!("{} names no licence", package.name))?,
            home: package.repository.clone().unwrap_or_default(),
            folder: package.manifest_path.parent().map(Into::into),
        });
    }
    works.sort_by(|one, other| one.name.cmp(&other.name));
    let toolchain = TOOLCHAIN.map(|(name, licence, home)| Work {
        name: name.to_owned(),
        licence: licence.to_owned(),
        home: home.to_owned(),
        folder: None,
    });
    works.extend(toolchain);
    Ok(works)
}

/// The packages of npm that the shim is built from.
fn packages(shim: &Path) -> Result<Vec<Work>> {
    let lock = fs::read_to_string(shim.join("package-lock.json")).context("shim/package-lock.json")?;
    let lock: Value = serde_json::from_str(&lock)?;
    let packages = lock["packages"].as_object().context("shim/package-lock.json has no `packages`")?;
    let mut works = Vec::new();
    for (path, package) in packages.iter().filter(|(path, _)| !path.is_empty()) {
        // Not what only the build needs, nor machine code, which can't be bundled.
        if package["dev"] == true || !package["os"].is_null() {
            continue;
        }
        let (_, name) = path.rsplit_once("node_modules/").context("a package lies elsewhere")?;
        let text = |field: &str| package[field].as_str().with_context(|| format!("{name} has no {field}"));
        works.push(Work {
            name: format!("{name} {}", text("version")?),
            licence: text("license")?.to_owned(),
            home: String::new(),
            folder: Some(shim.join(path)),
        });
    }
    works.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(works)
}

/// The texts that have to go along with it.
fn texts_of(work: &Work) -> Result<Vec<String>> {
    let expression = Expression::parse_mode(&work.licence, ParseMode::LAX)
        .map_err(|error| anyhow::anyhow!("{}: {}", work.licence, error.reason))?;
    let ours = Licensee::parse(OURS).map_err(|error| anyhow::anyhow!("{}", error.reason))?;
    let is_apache = expression.evaluate(|required| ours.satisfies(required));
    let Some(folder) = &work.folder else {
        return match is_apache {
            true => Ok(Vec::new()),
            false => bail!("its text isn't known"),
        };
    };
    let wanted: &[&str] = if is_apache { &["notice"] } else { &["licen", "copying", "notice", "thirdparty"] };
    let mut files: Vec<PathBuf> = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().to_lowercase();
        if wanted.iter().any(|start| name.starts_with(start)) && entry.file_type()?.is_file() {
            files.push(entry.path());
        }
    }
    files.sort();
    // Some ship none: then its name, in the list above, is all that their authors say.
    let read = |file: PathBuf| Ok(fs::read_to_string(file)?.replace("\r\n", "\n").trim().to_owned());
    files.into_iter().map(read).collect()
}
