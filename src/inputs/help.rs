//! `--help`, from the same table as the flags.

use std::fmt::Write as _;

use super::{Input, ecosystem, input, inputs};
use crate::paragraph::paragraph;

/// Before what is said of an input
const INDENT: &str = "      ";

/// The help of one command, or of all
pub fn help(command: Option<&str>) -> String {
    let mut text = String::new();
    match command {
        None => overview(&mut text),
        Some(command) => of_command(&mut text, command),
    }
    text
}

fn overview(text: &mut String) {
    text.push_str(concat!(
        "Pool Lifeguard ",
        env!("CARGO_PKG_VERSION"),
        "\n",
        "Gets an Entra ID token for Azure DevOps without a PAT, looks at agent pools\n",
        "with it, and says what is wrong and how to mend it.\n\n",
        "Usage: lifeguard <command> [--flag value]...\n\nCommands:\n",
    ));
    for (name, label) in input("command").map_or(&[][..], |input| input.choices) {
        let _ = writeln!(text, "  {name:<8}{}", without_name(name, label));
    }
    text.push_str(
        "\n`lifeguard <command> --help` lists a command's flags and variables.\n\n\
         Exit codes: 0 healthy, 1 unhealthy, 2 wrong usage or configuration,\n\
         3 no token could be had, 4 Azure DevOps refused or couldn't be reached\n",
    );
}

fn of_command(text: &mut String, command: &str) {
    let label = input("command")
        .and_then(|input| input.choices.iter().find(|(name, _)| *name == command))
        .map_or("", |(name, label)| without_name(name, label));
    let _ = writeln!(text, "lifeguard {command}: {label}\n\nUsage: lifeguard {command} [--flag value]...");
    for (group, title) in [
        ("", "What"),
        ("thresholds", "Policy"),
        ("keda", "KEDA"),
        ("service", "Service status"),
        ("identity", "Identity"),
        ("output", "Output"),
    ] {
        let members: Vec<&Input> = inputs()
            .iter()
            .filter(|input| input.group == group && input.name != "command" && input.is_for(command))
            .collect();
        if members.is_empty() {
            continue;
        }
        let _ = writeln!(text, "\n{title}:");
        for input in members {
            of_input(text, input);
        }
    }
    text.push_str(
        "\nEach flag is also the task input of the same name, by its variable: --min-online\n\
         is INPUT_MINONLINE. A flag beats INPUT_*, which beats the variables named above.\n",
    );
}

fn of_input(text: &mut String, input: &Input) {
    let variables = ecosystem::variables(input.name);
    if input.is_secret() {
        let _ = writeln!(text, "  (no flag: a secret)");
    } else {
        let _ = writeln!(text, "  {}", input.flag());
    }
    let mut help = input.help.trim_end_matches('.').to_owned();
    if !input.default.is_empty() {
        let _ = write!(help, " (default: {})", input.default);
    }
    text.push_str(&paragraph(&help, INDENT, INDENT));
    for (choice, label) in input.choices {
        if *choice != *label {
            text.push_str(&paragraph(
                &format!("- {choice}: {}", without_name(choice, label)),
                INDENT,
                "        ",
            ));
        }
    }
    let variables = match (input.is_secret(), variables) {
        (true, []) => input.variable(),
        (_, variables) => variables.join(", "),
    };
    if !variables.is_empty() {
        text.push_str(&paragraph(&format!("variables: {variables}"), INDENT, INDENT));
    }
}

fn without_name<'a>(name: &str, label: &'a str) -> &'a str {
    label.strip_prefix(name).and_then(|rest| rest.strip_prefix(": ")).unwrap_or(label)
}
