//! Shrinks the component with wasm-opt of Binaryen, which finds a seventh that LLVM leaves.

use std::{
    fs::{self, File},
    path::Path,
};

use anyhow::{Context, Result};

use crate::{
    npm, progress,
    workspace::{Workspace, capture},
};

mod sections;

/// What rustc's wasm32-wasip2 has by default, not more: an engine that ran the component before
/// runs it afterwards. The component names none itself, as `strip` takes that section away.
const FEATURES: [&str; 9] = [
    "--mvp-features",
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-call-indirect-overlong",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// Nothing here assumes anything of the code. Not `--traps-never-happen`: a panic ends in a trap.
/// Not `--low-memory-unused`: the stack begins at address 0. A second `-Oz` saves 0.06 % in half
/// as much time again; `-O4` before it makes the component larger.
const PASSES: [&str; 6] = [
    "-Oz",
    // The numbers that a function repeats are kept in a local: saves 0.8 %.
    "--const-hoisting",
    // What is used most gets the short numbers, after all that changed the counts: saves 0.3 %.
    "--reorder-functions",
    "--reorder-globals",
    "--reorder-locals",
    "--strip-producers",
];

/// The component, smaller; from `folder/optimized/` where it was done before.
pub(crate) fn optimize(workspace: &Workspace, folder: &Path, component: &[u8]) -> Result<Vec<u8>> {
    let folder = folder.join("optimized");
    fs::create_dir_all(&folder)?;
    // Two processes at once would mix up their files, and one would do the other's work again.
    let lock = File::create(folder.join("lock"))?;
    lock.lock().context("optimized/lock")?;

    let manifest = workspace.root().join("xtask/binaryen");
    let packages = fs::read_to_string(manifest.join("package-lock.json")).context("package-lock.json")?;
    let (features, passes, code) =
        (FEATURES.join(" "), PASSES.join(" "), include_str!("optimize/sections.rs"));
    let recipe = format!("{features} {passes}\n{packages}{code}");
    let (before, after) = (folder.join("before.wasm"), folder.join("after.wasm"));
    // Written last: files without it were left by something that was interrupted.
    let complete = folder.join("recipe.txt");
    let is = |path: &Path, wanted: &[u8]| fs::read(path).is_ok_and(|present| present == wanted);
    if is(&complete, recipe.as_bytes()) && is(&before, component) {
        return fs::read(&after).with_context(|| after.display().to_string());
    }

    let binaryen = npm::install(workspace, "binaryen", &manifest, "wasm-opt").context(NEEDED)?;
    let _ = fs::remove_file(&complete);
    fs::write(&before, component)?;
    let optimized = progress::step("shrinking the component", || {
        sections::rebuild(component, |core| wasm_opt(workspace, &binaryen, &folder, core))
    })?;
    fs::write(&after, &optimized)?;
    fs::write(&complete, recipe)?;
    Ok(optimized)
}

/// Not to be had, it can't be left out: the component would be over its budget, and another one.
const NEEDED: &str = "the component is shrunk by wasm-opt, a package of npm\n\
                      hint: install Node.js 20 or later, which comes with npm: https://nodejs.org\n\
                      cause";

fn wasm_opt(workspace: &Workspace, binaryen: &Path, folder: &Path, core: &[u8]) -> Result<Vec<u8>> {
    let (input, output) = (folder.join("core.wasm"), folder.join("core-optimized.wasm"));
    fs::write(&input, core)?;
    // Not by its name in node_modules/.bin, which is another one on Windows.
    let mut node = workspace.command("node");
    node.arg(binaryen.join("node_modules/binaryen/bin/wasm-opt"));
    capture(node.args(FEATURES).args(PASSES).arg(&input).arg("--output").arg(&output)).context(NEEDED)?;
    let optimized = fs::read(&output).with_context(|| output.display().to_string())?;
    for path in [input, output] {
        fs::remove_file(path)?;
    }
    Ok(optimized)
}
