//! The YAML in `docs/pipelines.md`: each step is one that the task takes.

use std::fs;
use std::path::Path;

use saphyr::{LoadableYamlNode as _, Yaml};
use serde_json::Value;

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The fenced blocks of YAML
fn blocks(page: &str) -> Vec<&str> {
    page.split("```yaml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect()
}

/// The inputs of every step of our task, as name and text
fn steps(yaml: &Yaml<'_>, found: &mut Vec<Vec<(String, String)>>) {
    if let Some(mapping) = yaml.as_mapping() {
        let member =
            |name: &str| mapping.iter().find(|(key, _)| key.as_str() == Some(name)).map(|(_, value)| value);
        if member("task").and_then(Yaml::as_str) == Some("PoolLifeguard@1") {
            let inputs = member("inputs").and_then(Yaml::as_mapping).expect("inputs");
            found.push(inputs.iter().map(|(key, value)| (text(key), text(value))).collect());
        }
        mapping.iter().for_each(|(_, value)| steps(value, found));
    }
    yaml.as_vec().into_iter().flatten().for_each(|item| steps(item, found));
}

fn text(yaml: &Yaml<'_>) -> String {
    match (yaml.as_str(), yaml.as_integer(), yaml.as_bool()) {
        (Some(text), ..) => text.to_owned(),
        (_, Some(number), _) => number.to_string(),
        (.., Some(is)) => is.to_string(),
        _ => panic!("{yaml:?} is neither a text nor a number"),
    }
}

#[test]
fn every_step_is_one_that_the_task_takes() {
    let task: Value = serde_json::from_str(&read("task.json")).expect("JSON");
    let inputs = task["inputs"].as_array().expect("a list");
    let groups = task["groups"].as_array().expect("a list");
    let pages = ["docs/pipelines.md", "extension/overview.md"].map(read);
    let mut found = Vec::new();
    for block in pages.iter().flat_map(|page| blocks(page)) {
        let documents = Yaml::load_from_str(block).unwrap_or_else(|error| panic!("{error}: {block}"));
        documents.iter().for_each(|document| steps(document, &mut found));
    }
    assert!(found.len() >= 11, "{} steps", found.len());
    for step in &found {
        let command = step.iter().find(|(name, _)| name == "command").map_or("check", |(_, value)| value);
        for (name, value) in step {
            let input = inputs.iter().find(|input| input["name"] == name.as_str());
            let input = input.unwrap_or_else(|| panic!("there is no input `{name}`"));
            let rule = input["visibleRule"].as_str().unwrap_or_default();
            let is_visible = |rule: &str| {
                rule.is_empty() || rule.split(" || ").any(|term| term == format!("command = {command}"))
            };
            assert!(is_visible(rule), "`{name}` isn't for `{command}`: {rule}");
            let group = groups.iter().find(|group| group["name"] == input["groupName"]);
            let rule = group.and_then(|group| group["visibleRule"].as_str()).unwrap_or_default();
            assert!(is_visible(rule), "the group of `{name}` isn't shown for `{command}`");
            if let Some(choices) = input["options"].as_object() {
                assert!(choices.contains_key(value), "`{name}` has no choice `{value}`");
            }
        }
    }
}

#[test]
fn output_variables_are_those_of_the_manifest() {
    let task: Value = serde_json::from_str(&read("task.json")).expect("JSON");
    let page = read("docs/pipelines.md");
    let allowed: Vec<&str> = task["restrictions"]["settableVariables"]["allowed"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(Value::as_str)
        .collect();
    for variable in task["outputVariables"].as_array().expect("a list") {
        let name = variable["name"].as_str().expect("a name");
        assert!(page.contains(&format!("`{name}`")), "{name}");
        assert!(allowed.contains(&name), "{name}");
    }
    // Both handlers run the same file: an agent runs the newer one's on the older Node where it isn't told otherwise.
    assert_eq!(task["execution"]["Node20_1"], task["execution"]["Node24"]);
}
