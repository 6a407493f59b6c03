//! What the documentation says is true of the program.

// A test that finds its ground missing has nothing better to do than to panic.
#![allow(clippy::expect_used)]

use std::ffi::OsString;
use std::fs;
use std::path::Path;

use pool_lifeguard::health::RULES;
use pool_lifeguard::inputs::{Arguments, inputs, variables};

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The lines of fenced blocks, each without what stands before the command
fn commands(text: &str) -> Vec<String> {
    let mut fenced = false;
    let mut commands = Vec::new();
    for line in text.lines() {
        if line.starts_with("```") {
            fenced = !fenced;
        } else if fenced {
            let rest =
                ["lifeguard ", "cargo xtask run -- ", "target/lifeguard.wasm "].iter().find_map(|start| {
                    line.split_once(start).filter(|(before, _)| !before.contains("--scenario"))
                });
            commands.extend(rest.map(|(_, rest)| rest.to_owned()));
        }
    }
    commands
}

#[test]
fn examples_are_commands_that_there_are() {
    let mut count = 0;
    for path in ["README.md", "docs/identity.md", "docs/check.md"] {
        for line in commands(&read(path)) {
            let words = line.split(' ').map(|word| OsString::from(word.trim_matches('\'')));
            let arguments =
                Arguments::parse(words).unwrap_or_else(|error| panic!("{path}: {line}: {error:?}"));
            assert!(arguments.command.is_some(), "{path}: {line}");
            count += 1;
        }
    }
    assert!(count > 15, "{count} examples");
}

#[test]
fn variables_in_examples_are_read() {
    let known: Vec<&str> = inputs().iter().flat_map(|input| variables(input.name)).copied().collect();
    for path in ["README.md", "docs/identity.md"] {
        for line in read(path).lines() {
            for assignment in line.strip_prefix("export ").into_iter().flat_map(|rest| rest.split(' ')) {
                let name = assignment.split('=').next().unwrap_or_default();
                assert!(known.contains(&name), "{path}: {name}");
            }
        }
    }
}

#[test]
fn each_identity_has_its_section() {
    let text = read("docs/identity.md");
    let identity = inputs().iter().find(|input| input.name == "identity").expect("an input");
    for (place, (name, _)) in identity.choices.iter().filter(|(name, _)| *name != "auto").enumerate() {
        assert!(text.contains(&format!("\n## {name}\n")), "no section on {name}");
        assert!(text.contains(&format!("| {} | `{name}` |", place + 1)), "{name} isn't number {}", place + 1);
    }
}

#[test]
fn each_rule_is_listed() {
    let text = read("docs/check.md");
    for rule in RULES {
        let row = format!("| `{}` | {} |", rule.id, rule.severity.name());
        assert!(text.contains(&row), "{row}");
    }
    let rows = text.lines().filter(|line| line.starts_with("| `")).count();
    // One rule is about pools that aren't there, and so about no pool.
    assert_eq!(rows, RULES.len() + 1);
}
