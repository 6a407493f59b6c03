//! The formats of a report, and where each goes.

use super::{Report, Style, json, junit, markdown, pipelines, prometheus, text};
use crate::inputs::{Given, Inputs, UsageError, input, nearest};

/// A format of a report
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Format {
    /// For programs
    Json,
    /// Test results
    Junit,
    /// For a page
    Markdown,
    /// Logging commands of Azure Pipelines
    Pipelines,
    /// Metrics
    Prometheus,
    /// For people at a terminal
    Text,
}

/// A file that a report goes into
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Target {
    /// In which format
    pub format: Format,
    /// The file
    pub path: String,
}

impl Format {
    /// The format of this name
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "json" => Self::Json,
            "junit" => Self::Junit,
            "markdown" => Self::Markdown,
            "pipelines" => Self::Pipelines,
            "prometheus" => Self::Prometheus,
            "text" => Self::Text,
            _ => return None,
        })
    }

    /// The report in this format; `targets` are the files that other formats of it go into
    pub fn render(self, report: &Report<'_>, targets: &[Target], style: Style) -> String {
        match self {
            Self::Json => json::render(report),
            Self::Junit => junit::render(report),
            Self::Markdown => markdown::render(report),
            Self::Pipelines => pipelines::render(report, targets),
            Self::Prometheus => prometheus::render(report),
            Self::Text => text::render(report, style),
        }
    }
}

/// The files that the input `report` names
///
/// # Errors
/// [`UsageError`] for a format that there isn't, no file, or one file twice.
pub fn targets(inputs: &Inputs) -> Result<Vec<Target>, UsageError> {
    let Some(given) = inputs.get("report") else { return Ok(Vec::new()) };
    let mut targets: Vec<Target> = Vec::new();
    for text in given.list() {
        let target = target(given, &text)?;
        if targets.iter().any(|other| other.path == target.path) {
            let what = format!("`{}`: the file `{}` is named twice", given.source, target.path);
            return Err(UsageError::new(what, "give each report a file of its own"));
        }
        targets.push(target);
    }
    Ok(targets)
}

fn target(given: &Given, text: &str) -> Result<Target, UsageError> {
    let wrong = |problem: &str, right: &str| {
        UsageError::new(format!("`{}`: `{text}` {problem}", given.source), format!("give {right}"))
    };
    let example = "a format and a file, such as `junit=results.xml`";
    let (name, path) = text.split_once('=').ok_or_else(|| wrong("names no file", example))?;
    let (name, path) = (name.trim(), path.trim());
    let format = Format::named(name).ok_or_else(|| {
        let choices =
            input("format").map_or(&[][..], |input| input.choices).iter().map(|(choice, _)| *choice);
        let right = match nearest(name, choices.clone()) {
            Some(near) => format!("`{near}={path}`"),
            None => format!("one of the formats {}", choices.collect::<Vec<_>>().join(", ")),
        };
        wrong("has a format that there isn't", &right)
    })?;
    if path.is_empty() || path.ends_with('/') {
        return Err(wrong("names no file", example));
    }
    Ok(Target { format, path: path.to_owned() })
}
