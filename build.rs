//! Turns `task.json` into the table of inputs that flags, variables and `--help` are read from.

// A build script has nobody to tell but cargo, which shows its panic.
#![allow(clippy::expect_used)]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::{env, fs, path::Path};

use serde::Deserialize;

#[derive(Deserialize)]
struct Task {
    version: Version,
    inputs: Vec<Input>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Version {
    major: u32,
    minor: u32,
    patch: u32,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Input {
    name: String,
    #[serde(rename = "type")]
    kind: String,
    default_value: String,
    help_mark_down: String,
    #[serde(default)]
    group_name: String,
    #[serde(default)]
    visible_rule: String,
    #[serde(default)]
    options: serde_json::Map<String, serde_json::Value>,
}

fn main() {
    println!("cargo::rerun-if-changed=task.json");
    let manifest = fs::read_to_string("task.json").expect("task.json stands beside build.rs");
    let task: Task = serde_json::from_str(&manifest).expect("task.json is a task manifest");

    let Version { major, minor, patch } = task.version;
    let version = format!("{major}.{minor}.{patch}");
    let package = env::var("CARGO_PKG_VERSION").expect("cargo sets it");
    assert_eq!(version, package, "task.json has version {version}, Cargo.toml {package}: make them equal");

    let mut names = BTreeMap::new();
    let mut table = String::from("&[\n");
    // Which service connection it is matters to the shim alone, which hands over what it holds.
    for input in task.inputs.iter().filter(|input| !input.kind.starts_with("connectedService:")) {
        assert!(names.insert(input.name.to_lowercase(), ()).is_none(), "{} stands twice", input.name);
        let choices: Vec<(&String, &str)> =
            input.options.iter().map(|(choice, label)| (choice, label.as_str().unwrap_or(choice))).collect();
        writeln!(
            table,
            "    Input {{ name: {:?}, kind: {:?}, default: {:?}, help: {:?}, group: {:?}, commands: &{:?}, choices: &{:?} }},",
            input.name, input.kind, input.default_value, input.help_mark_down, input.group_name,
            commands(&input.visible_rule), choices,
        )
        .expect("a String takes all");
    }
    table.push_str("]\n");
    let out = env::var_os("OUT_DIR").expect("cargo sets it");
    fs::write(Path::new(&out).join("inputs.rs"), table).expect("OUT_DIR can be written");
}

/// The commands that a rule `command = check || command = doctor` names; none: all of them
fn commands(rule: &str) -> Vec<&str> {
    rule.split("||").filter_map(|term| term.trim().strip_prefix("command = ")).map(str::trim).collect()
}
