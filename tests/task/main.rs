//! `task.json` as Azure DevOps and its agents read it: `task.schema.json`, and what no schema can say.

// Helpers of tests are no tests to clippy.
#![allow(clippy::expect_used)]

use std::{collections::BTreeSet, fs, path::Path};

use serde_json::{Value, json};

fn read(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    serde_json::from_str(&fs::read_to_string(path).expect("a file")).expect("JSON")
}

fn manifest() -> Value {
    read("task.json")
}

fn complaints(manifest: &Value) -> Vec<String> {
    let schema = read("tests/task/task.schema.json");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    validator.iter_errors(manifest).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

fn list<'a>(value: &'a Value, name: &str) -> &'a Vec<Value> {
    value[name].as_array().unwrap_or_else(|| panic!("task.json has no list `{name}`"))
}

fn names(items: &[Value]) -> Vec<&str> {
    items.iter().map(|item| item["name"].as_str().expect("a name")).collect()
}

#[test]
fn it_fits_the_schema() {
    assert_eq!(complaints(&manifest()), [""; 0]);
}

#[test]
fn the_schema_finds_what_is_wrong() {
    let wrong = [
        ("/id", json!("7f1c2c0e")),
        ("/name", json!("Pool Lifeguard")),
        ("/friendlyName", json!("x".repeat(41))),
        ("/category", json!("Monitoring")),
        ("/version/Major", json!("1")),
        ("/minimumAgentVersion", json!("v2")),
        ("/inputs/0/name", json!("0th")),
        ("/inputs/0/type", json!("number")),
        ("/inputs/0/defaultValue", json!(7)),
        ("/outputVariables/0/name", json!("a.b")),
        ("/restrictions/commands/mode", json!("none")),
        ("/execution", json!({ "Node20": { "target": "main.mjs" } })),
        ("/execution/Node24", json!({})),
    ];
    for (place, value) in wrong {
        let mut manifest = manifest();
        *manifest.pointer_mut(place).expect(place) = value;
        assert_ne!(complaints(&manifest), [""; 0], "{place}");
    }
    for place in ["", "/groups/0", "/inputs/0", "/outputVariables/0", "/restrictions", "/version"] {
        let mut manifest = manifest();
        manifest.pointer_mut(place).expect(place)["helpMarkdown"] = json!("");
        assert_ne!(complaints(&manifest), [""; 0], "{place}");
    }
}

#[test]
fn names_are_there_once() {
    let manifest = manifest();
    for part in ["groups", "inputs", "outputVariables"] {
        let names: Vec<String> =
            names(list(&manifest, part)).iter().map(|name| name.to_lowercase()).collect();
        let distinct: BTreeSet<&String> = names.iter().collect();
        assert_eq!(distinct.len(), names.len(), "{part}: {names:?}");
    }
}

/// `command = check || command = why`: each names an input, and one of its choices.
#[test]
fn rules_and_groups_name_what_there_is() {
    let manifest = manifest();
    let (inputs, groups) = (list(&manifest, "inputs"), list(&manifest, "groups"));
    let input = |name: &str| inputs.iter().find(|input| input["name"] == name);
    for item in inputs.iter().chain(groups) {
        let name = &item["name"];
        if let Some(group) = item["groupName"].as_str() {
            assert!(names(groups).contains(&group), "{name}: there is no group {group}");
        }
        for term in item["visibleRule"].as_str().into_iter().flat_map(|rule| rule.split("||")) {
            let (other, choice) = term.split_once('=').expect("a comparison");
            let options =
                &input(other.trim()).unwrap_or_else(|| panic!("{name}: no input {other}"))["options"];
            // The HTTP door has inputs of its own, which are never seen here.
            let is_choice = options.get(choice.trim()).is_some() || choice.trim() == "serve";
            assert!(is_choice, "{name}: {choice} can't be chosen");
        }
    }
    let format = manifest["instanceNameFormat"].as_str().expect("a text");
    for part in format.split("$(").skip(1) {
        let name = part.split(')').next().expect("a name");
        assert!(input(name).is_some(), "{format}: there is no input {name}");
    }
}

#[test]
fn a_list_of_choices_has_its_default() {
    for input in list(&manifest(), "inputs") {
        let options = input["options"].as_object();
        assert_eq!(input["type"] == "pickList", options.is_some(), "{}", input["name"]);
        if let Some(options) = options {
            let default = input["defaultValue"].as_str().expect("a default");
            assert!(options.contains_key(default), "{}: {default}", input["name"]);
        }
    }
}

/// A variable that isn't listed is dropped by the agent, with no more than a warning.
#[test]
fn each_output_variable_may_be_set() {
    let manifest = manifest();
    let allowed = list(&manifest["restrictions"]["settableVariables"], "allowed");
    for name in names(list(&manifest, "outputVariables")) {
        assert!(allowed.iter().any(|allowed| allowed == name), "{name} may not be set");
    }
}

/// Unless it is told otherwise, an agent runs the block of Node 24 on Node 20.
#[test]
fn both_handlers_run_the_same() {
    let execution = &manifest()["execution"];
    let handlers: Vec<&String> = execution.as_object().expect("an object").keys().collect();
    assert_eq!(handlers, ["Node20_1", "Node24"]);
    assert_eq!(execution["Node20_1"], execution["Node24"]);
}
