//! What the component can reach is stated in `wit/world.wit`; the built one must agree.
//!
//! wit-parser reads both sides. The stated world is parsed but not resolved, so that WASI's own
//! WIT files needn't be vendored for the sake of their names.

use std::{collections::BTreeSet, fs, path::Path};

use anyhow::{Context, Result, anyhow, bail};
use wit_parser::{
    AstItem, PackageName, UnresolvedPackageGroup, WorldKey,
    decoding::{DecodedWasm, decode},
};

use crate::workspace::Workspace;

/// Fails where the component imports or exports what `wit/world.wit` doesn't state, or lacks an export.
pub(crate) fn check(workspace: &Workspace, component: &[u8]) -> Result<()> {
    let path = workspace.root().join("wit/world.wit");
    let stated = World::stated(&path)?;
    let built = World::built(component).context("the component can't be read back")?;
    if let Some(socket) = built.imports.iter().find(|name| name.starts_with("wasi:sockets/")) {
        bail!("the component imports {socket}: it may speak HTTP through its host only, never open sockets");
    }
    // The other way round is no harm: a world is what a component may reach.
    for unused in stated.imports.difference(&built.imports) {
        eprintln!("  note: {unused} is stated in wit/world.wit, but the component doesn't import it");
    }
    let complaints = stated.broken_by(&built);
    if !complaints.is_empty() {
        bail!(
            "the component and wit/world.wit differ:\n  {}\n\
             hint: an import is a capability; state it there only where it is wanted",
            complaints.join("\n  ")
        );
    }
    Ok(())
}

/// The names of a world's interfaces, such as `wasi:cli/exit@0.2`.
///
/// The version is the compatible track, not the patch release: each release of Rust's standard
/// library names another one (1.95 other than Debian's 1.97), and a host links any of a track.
#[derive(Debug, Default, PartialEq)]
struct World {
    imports: BTreeSet<String>,
    exports: BTreeSet<String>,
}

impl World {
    fn stated(path: &Path) -> Result<Self> {
        let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
        Self::parse(&text).with_context(|| path.display().to_string())
    }

    fn parse(text: &str) -> Result<Self> {
        let package = UnresolvedPackageGroup::parse("world.wit", text)
            .map_err(|(sources, error)| anyhow!("{}", error.render(&sources)))?
            .main;
        let (_, world) = package.worlds.iter().next().context("no world is stated")?;
        let names = |keys: Vec<&WorldKey>| {
            keys.into_iter()
                .map(|key| match key {
                    WorldKey::Interface(wanted) => package
                        .foreign_deps
                        .iter()
                        .flat_map(|(package, items)| items.iter().map(move |item| (package, item)))
                        .find(|(_, (_, (item, _)))| *item == AstItem::Interface(*wanted))
                        .map(|(package, (name, _))| interface(package, name))
                        .context("an interface of the project's own isn't foreseen here"),
                    WorldKey::Name(name) => Ok(name.clone()),
                })
                .collect::<Result<BTreeSet<String>>>()
        };
        Ok(Self {
            imports: names(world.imports.keys().collect())?,
            exports: names(world.exports.keys().collect())?,
        })
    }

    fn built(component: &[u8]) -> Result<Self> {
        let DecodedWasm::Component(resolve, world) = decode(component)? else {
            bail!("it is a WIT package, not a component");
        };
        let world = &resolve.worlds[world];
        let name = |key| resolve.name_canonicalized_world_key(key);
        Ok(Self {
            imports: world.imports.keys().map(name).collect(),
            exports: world.exports.keys().map(name).collect(),
        })
    }

    /// A line for each way in which the built component doesn't keep to this world.
    fn broken_by(&self, built: &Self) -> Vec<String> {
        let imports = built.imports.difference(&self.imports);
        let more = built.exports.difference(&self.exports);
        let fewer = self.exports.difference(&built.exports);
        imports
            .map(|name| format!("import {name} isn't stated"))
            .chain(more.map(|name| format!("export {name} isn't stated")))
            .chain(fewer.map(|name| format!("export {name} is stated, but missing")))
            .collect()
    }
}

fn interface(package: &PackageName, name: &str) -> String {
    let PackageName { namespace, name: package, version } = package;
    match version {
        Some(version) => {
            let track = PackageName::version_compat_track_string(version);
            format!("{namespace}:{package}/{name}@{track}")
        }
        None => format!("{namespace}:{package}/{name}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATED: &str = "
        package a:b;
        world w {
            import wasi:cli/exit@0.2.12;
            import wasi:io/poll@0.2.6;
            export wasi:cli/run@0.2.6;
        }";

    fn world(imports: &[&str], exports: &[&str]) -> World {
        let set = |names: &[&str]| names.iter().map(|name| name.to_string()).collect();
        World { imports: set(imports), exports: set(exports) }
    }

    #[test]
    fn names_keep_the_track_of_their_version() {
        assert_eq!(
            World::parse(STATED).unwrap(),
            world(&["wasi:cli/exit@0.2", "wasi:io/poll@0.2"], &["wasi:cli/run@0.2"])
        );
    }

    #[test]
    fn an_import_that_is_not_stated_is_named() {
        let built =
            world(&["wasi:cli/exit@0.2", "wasi:io/poll@0.2", "wasi:sockets/tcp@0.2"], &["wasi:cli/run@0.2"]);
        assert_eq!(
            World::parse(STATED).unwrap().broken_by(&built),
            ["import wasi:sockets/tcp@0.2 isn't stated"]
        );
    }

    #[test]
    fn an_export_that_is_missing_is_named() {
        let built = world(&["wasi:cli/exit@0.2", "wasi:io/poll@0.2"], &[]);
        assert_eq!(
            World::parse(STATED).unwrap().broken_by(&built),
            ["export wasi:cli/run@0.2 is stated, but missing"]
        );
    }
}
