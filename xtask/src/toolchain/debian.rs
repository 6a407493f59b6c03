//! Debian's rustc and its wasm32-wasip2 standard library, unpacked beside the system.
//!
//! For machines that reach a Debian mirror but not Rust's download server. Nothing is installed and
//! no root is needed: apt gets and verifies the packages in a private world of its own, and a
//! wrapper script runs that rustc through the C library that it came with, since it needs a newer
//! one than Debian 12 has.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{self, Command},
};

use anyhow::{Context, Result, bail};

use crate::{
    progress,
    workspace::{Workspace, capture, on_path, read},
};

/// The release whose rustc is the closest above ours: forky has 1.97, trixie before it 1.85.
const RELEASE: &str = "forky";
const PACKAGES: [&str; 2] = ["rustc", "libstd-rust-dev-wasm32"];
const KEYRING: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";

const WRAPPER: &str = r#"#!/bin/sh
# Debian's rustc, run through the loader and the C library that it came with.
root="${0%/*}/root"
lib="$root/usr/lib/x86_64-linux-gnu"
exec "$lib/ld-linux-x86-64.so.2" --library-path "$lib" "$root/usr/bin/rustc" --sysroot "$root/usr" "$@"
"#;

/// The wrapper script of an earlier `install`.
pub(super) fn installed(workspace: &Workspace) -> Option<PathBuf> {
    // The folder gets its name when all is in it, so there are no halves to look for.
    Some(folder(workspace).join("rustc")).filter(|rustc| rustc.is_file())
}

/// Downloads and unpacks into the cache; gives the wrapper script.
pub(super) fn install(workspace: &Workspace) -> Result<PathBuf> {
    if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        bail!("only done on x86-64 Linux");
    }
    for tool in ["apt-get", "dpkg"] {
        if !on_path(tool) {
            bail!("`{tool}` isn't on PATH");
        }
    }
    if !Path::new(KEYRING).is_file() {
        bail!("Debian's archive keys aren't here (package debian-archive-keyring)");
    }

    let folder = folder(workspace);
    let part = folder.with_extension(format!("part-{}", process::id()));
    let outcome = fill(&part, &mirror()?);
    if outcome.is_ok() && fs::rename(&part, &folder).is_err() && installed(workspace).is_none() {
        bail!("can't rename {} to {}", part.display(), folder.display());
    }
    // Left behind by a failure, or by another process that was quicker.
    let _ = fs::remove_dir_all(&part);
    outcome?;
    installed(workspace).context("the wrapper script has gone")
}

fn folder(workspace: &Workspace) -> PathBuf {
    workspace.cache().join("wasm-toolchain")
}

/// The mirror that this machine's apt is configured for.
fn mirror() -> Result<String> {
    let sources = read(Command::new("apt-get").args([
        "indextargets",
        "--format",
        "$(REPO_URI)",
        "Created-By: Packages",
        "Component: main",
    ]))?;
    sources
        .lines()
        .find(|uri| !uri.contains("security"))
        .map(str::to_owned)
        .context("apt has no Debian mirror configured")
}

/// Makes the folder from nothing: the private apt world, the archives, their contents, the wrapper.
fn fill(part: &Path, mirror: &str) -> Result<()> {
    let apt = part.join("apt");
    let archives = apt.join("cache/archives");
    for path in [apt.join("lists/partial"), archives.join("partial"), part.join("root")] {
        fs::create_dir_all(&path).with_context(|| path.display().to_string())?;
    }
    fs::write(apt.join("status"), "")?;
    fs::write(apt.join("sources.list"), format!("deb [signed-by={KEYRING}] {mirror} {RELEASE} main\n"))?;

    progress::step(&format!("asking Debian {RELEASE} what it has"), || capture(apt_get(&apt).arg("update")))?;
    progress::step("downloading its rustc with wasm32-wasip2, about 260 MB", || {
        capture(
            apt_get(&apt)
                .args(["--no-install-recommends", "--download-only", "-y", "install"])
                .args(PACKAGES),
        )
    })?;
    progress::step("unpacking it, about 1.1 GB", || {
        for entry in fs::read_dir(&archives)? {
            let archive = entry?.path();
            if archive.extension().is_some_and(|extension| extension == "deb") {
                capture(Command::new("dpkg").arg("-x").arg(archive).arg(part.join("root")))?;
            }
        }
        Ok(())
    })?;
    fs::remove_dir_all(&apt)?;

    let wrapper = part.join("rustc");
    fs::write(&wrapper, WRAPPER)?;
    capture(Command::new("chmod").arg("+x").arg(&wrapper))?;
    read(Command::new(&wrapper).arg("-vV")).context("Debian's rustc doesn't run here")?;
    Ok(())
}

/// apt-get with lists, status and cache of its own.
fn apt_get(apt: &Path) -> Command {
    let mut command = Command::new("apt-get");
    for (option, path) in [
        ("Dir::Etc::sourcelist", apt.join("sources.list")),
        ("Dir::State::lists", apt.join("lists")),
        ("Dir::State::status", apt.join("status")),
        ("Dir::Cache", apt.join("cache")),
    ] {
        command.arg("-o").arg(format!("{option}={}", path.display()));
    }
    for option in [
        "Dir::Etc::sourceparts=/dev/null",
        // The files are ours, not the system's: no change of user to write them.
        "APT::Sandbox::User=root",
        "Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false",
    ] {
        command.args(["-o", option]);
    }
    command
}
