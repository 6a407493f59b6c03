//! Licences and sources of all dependencies, by the rules of deny.toml.
//!
//! cargo-deny is the tool for it, and where it is on PATH it is what runs. It isn't everywhere, so
//! here is as much of it as keeps a licence or a source from slipping in. Advisories are checked
//! only by cargo-deny, and only where it can get its database: that is a git repository of its own,
//! which a machine behind a registry mirror doesn't reach, and an old copy would be false comfort.

use std::fs;

use anyhow::{Context, Result, bail};
use cargo_metadata::{Metadata, MetadataCommand, Package};
use spdx::{Expression, Licensee, ParseMode};
use toml::{Table, Value};

use crate::{
    test::Done,
    workspace::{Workspace, capture, on_path, run},
};

/// Every dependency, also of build scripts, tests and other platforms.
pub(crate) fn check(workspace: &Workspace) -> Result<Done> {
    if on_path("cargo-deny") {
        with_cargo_deny(workspace)?;
        return Ok(Done::Passed);
    }
    let rules = Rules::read(workspace)?;
    let metadata = metadata(workspace)?;
    let complaints: Vec<String> = metadata
        .packages
        .iter()
        .filter_map(|package| Some(format!("{}: {}", package.name, rules.broken_by(package)?)))
        .collect();
    if !complaints.is_empty() {
        bail!("deny.toml doesn't allow\n  {}", complaints.join("\n  "));
    }
    println!(
        "{} packages: licences and sources are allowed; advisories need cargo-deny",
        metadata.packages.len()
    );
    Ok(Done::Passed)
}

fn with_cargo_deny(workspace: &Workspace) -> Result<()> {
    let mut checks = vec!["bans", "licenses", "sources"];
    match capture(workspace.cargo().args(["deny", "fetch", "db"])) {
        Ok(_) => checks.push("advisories"),
        Err(_) => println!("advisories aren't checked: their database can't be had here"),
    }
    run(workspace.cargo().args(["deny", "check"]).args(checks))
}

fn metadata(workspace: &Workspace) -> Result<Metadata> {
    let locked = workspace.locked().iter().map(ToString::to_string);
    let metadata = MetadataCommand::new()
        .current_dir(workspace.root())
        .other_options(locked.collect::<Vec<_>>())
        .exec()?;
    Ok(metadata)
}

/// What we read of deny.toml.
struct Rules {
    allowed: Vec<Licensee>,
    /// Licences that single packages may have besides.
    exceptions: Vec<(String, Licensee)>,
}

impl Rules {
    fn read(workspace: &Workspace) -> Result<Self> {
        let text = fs::read_to_string(workspace.root().join("deny.toml")).context("deny.toml")?;
        let config: Table = text.parse().context("deny.toml")?;
        let licences = config.get("licenses").context("deny.toml has no [licenses]")?;
        let mut exceptions = Vec::new();
        for exception in licences.get("exceptions").and_then(Value::as_array).into_iter().flatten() {
            let name = exception.get("crate").and_then(Value::as_str);
            let name = name.context("an exception in deny.toml names no crate")?;
            for licence in licensees(exception)? {
                exceptions.push((name.to_owned(), licence));
            }
        }
        Ok(Self { allowed: licensees(licences)?, exceptions })
    }

    /// What is wrong with a package, if anything.
    fn broken_by(&self, package: &Package) -> Option<String> {
        // No source: a part of this workspace.
        if let Some(source) = &package.source
            && !source.is_crates_io()
        {
            return Some(format!("it comes from {source}"));
        }
        let Some(licence) = &package.license else {
            return Some("it names no licence".to_owned());
        };
        // Lax: `MIT/Apache-2.0` was the way to write it once.
        let Ok(expression) = Expression::parse_mode(licence, ParseMode::LAX) else {
            return Some(format!("its licence can't be read: {licence}"));
        };
        let own = self.exceptions.iter().filter(|(name, _)| package.name == *name);
        let own: Vec<&Licensee> = own.map(|(_, licence)| licence).collect();
        let fits = expression.evaluate(|required| {
            let mut allowed = self.allowed.iter().chain(own.iter().copied());
            allowed.any(|licence| licence.satisfies(required))
        });
        (!fits).then(|| format!("its licence is {licence}"))
    }
}

fn licensees(table: &Value) -> Result<Vec<Licensee>> {
    let allow = table.get("allow").and_then(Value::as_array);
    allow
        .context("deny.toml lacks a list `allow`")?
        .iter()
        .map(|licence| {
            let licence = licence.as_str().context("a licence in deny.toml isn't a text")?;
            Licensee::parse(licence).with_context(|| licence.to_owned())
        })
        .collect()
}
