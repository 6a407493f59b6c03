//! Finds or gets a compiler that has the standard library for wasm32-wasip2.

use std::{
    env,
    ffi::OsString,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, anyhow};

use crate::{
    progress,
    workspace::{self, Workspace, on_path},
};

mod debian;

/// What the component is built for.
pub(crate) const TARGET: &str = "wasm32-wasip2";

/// The compiler for the component.
#[derive(Debug)]
pub(crate) enum Toolchain {
    /// Debian's rustc behind a wrapper script, with the linkers of the toolchain that runs us.
    Debian { rustc: PathBuf, linkers: PathBuf },
    /// The toolchain that runs us has the target.
    Own,
}

impl Toolchain {
    /// The target is there → rustup gets it → Debian's packages have it → an error that says what to do.
    pub(crate) fn find(workspace: &Workspace) -> Result<Self> {
        if has_target()? {
            return Ok(Self::Own);
        }
        if let Some(rustc) = debian::installed(workspace) {
            return Self::debian(rustc);
        }
        let rustup = match on_path("rustup") {
            true => progress::step(&format!("rustup target add {TARGET}"), || {
                workspace::capture(workspace.command("rustup").args(["target", "add", TARGET]))
            })
            .map(|_| ()),
            false => Err(anyhow!("rustup isn't on PATH")),
        };
        let rustup = match rustup {
            Ok(()) if has_target()? => return Ok(Self::Own),
            Ok(()) => anyhow!("rustup added the target to another toolchain than the one in use"),
            Err(error) => error,
        };
        eprintln!("  rustup can't get it here: taking Debian's packages, without installing them");
        debian::install(workspace).and_then(Self::debian).map_err(|debian| neither(&rustup, &debian))
    }

    fn debian(rustc: PathBuf) -> Result<Self> {
        let linkers = own_sysroot()?
            .join("lib/rustlib")
            .join(format!("{}-unknown-linux-gnu", env::consts::ARCH))
            .join("bin");
        if !linkers.join("wasm-component-ld").is_file() && !on_path("wasm-component-ld") {
            return Err(anyhow!(
                "the linker `wasm-component-ld` is neither part of the Rust toolchain in use nor on PATH\n\
                 hint: it comes with rustup's toolchains, or: cargo install wasm-component-ld"
            ));
        }
        Ok(Self::Debian { rustc, linkers })
    }

    /// Has cargo build with this toolchain.
    pub(crate) fn apply(&self, cargo: &mut Command) -> Result<()> {
        let Self::Debian { rustc, linkers } = self else {
            return Ok(());
        };
        let mut path = vec![linkers.clone(), linkers.join("gcc-ld")];
        path.extend(env::split_paths(&env::var_os("PATH").unwrap_or_default()));
        let path: OsString = env::join_paths(path).context("PATH")?;
        // A wrapper of another compiler (sccache, clippy) has nothing to say about this one.
        cargo
            .env("RUSTC", rustc)
            .env("PATH", path)
            .env_remove("RUSTC_WRAPPER")
            .env_remove("RUSTC_WORKSPACE_WRAPPER");
        Ok(())
    }
}

/// Whether the rustc that cargo would take has the target's standard library.
fn has_target() -> Result<bool> {
    let folder = workspace::read(rustc().args(["--print", "target-libdir", "--target", TARGET]))?;
    Ok(Path::new(folder.trim()).is_dir())
}

fn own_sysroot() -> Result<PathBuf> {
    Ok(workspace::read(rustc().args(["--print", "sysroot"]))?.trim().into())
}

fn rustc() -> Command {
    Command::new(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()))
}

fn neither(rustup: &anyhow::Error, debian: &anyhow::Error) -> anyhow::Error {
    anyhow!(
        "no Rust standard library for {TARGET}\n\
         tried rustup: {rustup:#}\n\
         tried Debian's packages: {debian:#}\n\
         hint: where Rust's download server can be reached: rustup target add {TARGET}\n\
         hint: elsewhere install a rustc that has the target, for example on Debian 14:\n\
         \x20     apt-get install cargo rustc libstd-rust-dev-wasm32"
    )
}
