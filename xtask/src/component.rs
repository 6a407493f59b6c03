//! Builds the component: one file, whatever toolchain the machine has.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process,
};

use anyhow::{Context, Result, bail};

use crate::{
    optimize::optimize,
    progress,
    toolchain::{TARGET, Toolchain},
    workspace::Workspace,
    world,
};

/// What the component may weigh, in bytes.
const BUDGET: u64 = 1_000_000;
pub(crate) const PACKAGE: &str = "pool-lifeguard";

/// The built component.
pub(crate) struct Component {
    pub(crate) path: PathBuf,
    size: u64,
}

impl Component {
    pub(crate) fn print(&self) {
        println!(
            "target/lifeguard.wasm: {} bytes, {} % of its budget of {}",
            digits(self.size),
            self.size * 100 / BUDGET,
            digits(BUDGET),
        );
    }
}

/// Builds `target/lifeguard.wasm` and checks its world and weight.
pub(crate) fn build(workspace: &Workspace) -> Result<Component> {
    let toolchain = Toolchain::find(workspace)?;

    // A folder of its own: the host's rustc and this one would rebuild each other's work.
    let folder = workspace.target().join("wasm");
    let mut cargo = workspace.cargo();
    cargo
        .args(["build", "--release", "--package", PACKAGE, "--bin", PACKAGE])
        .args(["--target", TARGET])
        .args(workspace.locked())
        .env("CARGO_TARGET_DIR", &folder)
        .env("CARGO_ENCODED_RUSTFLAGS", flags().join("\x1f"));
    toolchain.apply(&mut cargo)?;
    progress::build("compiling the component", &mut cargo)?;

    let built = folder.join(TARGET).join("release").join(PACKAGE).with_extension("wasm");
    let bytes = fs::read(&built).with_context(|| built.display().to_string())?;
    let bytes = optimize(workspace, &folder, &bytes)?;
    // Published before it is judged: who brings an import or the weight down wants to look at it.
    let path = workspace.target().join("lifeguard.wasm");
    publish(&path, &bytes)?;
    world::check(workspace, &bytes)?;
    let size = bytes.len() as u64;
    if size > BUDGET {
        bail!("the component weighs {} bytes, over its budget of {}", digits(size), digits(BUDGET));
    }
    Ok(Component { path, size })
}

/// The compiler's own flags of this environment, and no path of this machine: panics name the file that they are in,
/// and the component shall be the same wherever it is built.
fn flags() -> Vec<String> {
    let mut flags: Vec<String> = match (env::var("CARGO_ENCODED_RUSTFLAGS"), env::var("RUSTFLAGS")) {
        (Ok(encoded), _) => encoded.split('\x1f').map(str::to_owned).collect(),
        (_, Ok(flags)) => flags.split_whitespace().map(str::to_owned).collect(),
        _ => Vec::new(),
    };
    let home = env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(env::home_dir()?.join(".cargo")));
    // One folder for each registry, or mirror of one.
    let registries = home.and_then(|home| fs::read_dir(home.join("registry/src")).ok());
    let folders = registries.into_iter().flatten().flatten().map(|entry| entry.path());
    let mut folders: Vec<String> = folders.map(|folder| folder.display().to_string()).collect();
    folders.sort();
    flags.extend(folders.iter().map(|folder| format!("--remap-path-prefix={folder}=crates")));
    flags.retain(|flag| !flag.is_empty());
    flags
}

/// Puts the file there in one move, and only where it changed: a test may be reading it.
fn publish(component: &Path, bytes: &[u8]) -> Result<()> {
    if fs::read(component).is_ok_and(|present| present == bytes) {
        return Ok(());
    }
    let part = component.with_extension(format!("part-{}", process::id()));
    fs::write(&part, bytes)
        .and_then(|()| fs::rename(&part, component))
        .with_context(|| component.display().to_string())
}

/// `1,000,000`
pub(crate) fn digits(number: u64) -> String {
    let plain = number.to_string();
    let mut grouped = String::new();
    for (index, digit) in plain.chars().enumerate() {
        if index > 0 && (plain.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}
