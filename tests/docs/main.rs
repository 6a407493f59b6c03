//! What the documentation says is true of the program.

// A test that finds its ground missing has nothing better to do than to panic.
#![allow(clippy::expect_used)]

mod pipelines;
mod policy_schema;
mod rules_page;

use std::ffi::OsString;
use std::fs;
use std::path::Path;

use pool_lifeguard::health::Policy;
use pool_lifeguard::inputs::{Arguments, Environment, Inputs, inputs, variables};

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
    for path in
        ["README.md", "docs/identity.md", "docs/check.md", "docs/policy.md", "docs/why.md", "docs/chores.md"]
    {
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

/// Compares a file with what the code makes of it, or writes it where that is asked for.
fn made(path: &str, content: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&file, content).expect("the file can be written");
    }
    assert_eq!(read(path), content, "{path} isn't what the code makes: UPDATE_DOCS=1 cargo test --test docs");
}

#[test]
fn the_number_of_rules_is_right() {
    let readme = read("README.md");
    assert!(readme.contains(&format!("{} [rules](docs/rules.md)", pool_lifeguard::health::RULES.len())));
}

/// What the command prints is the golden tests' to hold; here it is as long as it must be to be the same.
#[test]
fn what_the_readme_shows_is_what_is_printed() {
    let readme = read("README.md");
    for (line, golden) in [
        ("$ lifeguard check --pool '*'\n", "tests/golden/snapshots/check-all.snap"),
        ("$ lifeguard why --pool linux-legacy\n", "tests/golden/snapshots/why-degraded.snap"),
    ] {
        let golden = read(golden);
        let (_, rest) = readme.split_once(line).expect("an example");
        let (example, _) = rest.split_once("```").expect("its end");
        for part in example.split("…\n") {
            assert!(golden.contains(part), "{part}");
        }
    }
}

#[test]
fn the_rules_page_is_what_the_rules_say() {
    made("docs/rules.md", &rules_page::page());
}

#[test]
fn the_policy_schema_is_what_the_inputs_say() {
    made("docs/policy.schema.json", &policy_schema::file());
}

#[test]
fn the_policy_example_is_valid_and_taken() {
    let page = read("docs/policy.md");
    let example =
        page.split_once("```json\n").and_then(|(_, rest)| rest.split_once("```")).expect("an example").0;
    let schema = serde_json::from_str(&policy_schema::file()).expect("JSON");
    let schema = jsonschema::validator_for(&schema).expect("a schema");
    let policy = serde_json::from_str(example).expect("JSON");
    let errors: Vec<String> = schema.iter_errors(&policy).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    let file = tempfile::NamedTempFile::new().expect("a file");
    fs::write(file.path(), example).expect("written");
    let flag = format!("--policy-file={}", file.path().display());
    let arguments = Arguments::parse(["check".into(), OsString::from(flag)]).expect("arguments");
    let inputs = Inputs::collect(&arguments, Environment::default()).expect("inputs");
    let policy = Policy::from_inputs(&inputs).expect("a policy");
    assert_eq!(policy.min_online, Some(2));
    assert_eq!(policy.severities.len(), 2);
}
