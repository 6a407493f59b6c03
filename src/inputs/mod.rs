//! Inputs: what a user may give, by flag, task input or variable, and what was given.

mod arguments;
mod connection;
mod ecosystem;
mod environment;
mod error;
mod help;
mod policy_file;
mod table;
mod value;

use std::collections::BTreeMap;

pub use arguments::{Arguments, check_command};
pub use ecosystem::variables;
pub use environment::Environment;
pub use error::UsageError;
pub use help::help;
pub use table::{Input, input, inputs};
pub(crate) use value::is_guid;
pub use value::{Given, nearest};

/// The values that a command runs with
///
/// A flag beats the task's `INPUT_*` variable, which beats the ecosystem's
/// variables, which beat the policy file, which beats the default in `task.json`.
#[derive(Debug)]
pub struct Inputs {
    given: BTreeMap<&'static str, Given>,
    /// The variables that are no inputs: identity endpoints and the like
    pub environment: Environment,
}

impl Inputs {
    /// Collects the values of all inputs.
    ///
    /// # Errors
    /// [`UsageError`] for a variable that is set but empty, or that holds a pipeline variable's unexpanded name, and
    /// for a policy file that can't be used.
    pub fn collect(arguments: &Arguments, environment: Environment) -> Result<Self, UsageError> {
        let mut given = BTreeMap::new();
        for input in inputs() {
            if let Some(value) = value_of(input, arguments, &environment)? {
                given.insert(input.name, value);
            }
        }
        if let Some(file) = given.get("policyFile").cloned() {
            for value in policy_file::read(&file)? {
                let name = value.name();
                // Whoever gives an input beside the file means that one.
                if given.get(name).is_none_or(Given::is_default) {
                    given.insert(name, value);
                }
            }
        }
        if let Some(format) = given.get_mut("format").filter(|format| format.text() == "auto") {
            // A task's inputs come by variables, those that nobody chose too.
            let chosen = if format.source.starts_with("INPUT_") { "pipelines" } else { "text" };
            *format = format.replaced_by(chosen);
        }
        for value in connection::read(&environment)? {
            match given.get(value.name()) {
                // An agent gives a task its defaults as if somebody had chosen them.
                Some(other) if !other.is_default() && !other.says_default() && !other.is_of_ecosystem() => {
                    return Err(UsageError::contradiction(other, &value));
                }
                _ => given.insert(value.name(), value),
            };
        }
        Ok(Self { given, environment })
    }

    /// What was given for an input, its default included
    pub fn get(&self, name: &str) -> Option<&Given> {
        debug_assert!(input(name).is_some(), "task.json has no input `{name}`");
        self.given.get(name)
    }

    /// What was given for an input that must be there
    ///
    /// # Errors
    /// [`UsageError`] that says how to give it.
    pub fn require(&self, name: &'static str) -> Result<&Given, UsageError> {
        self.get(name).ok_or_else(|| UsageError::missing(name))
    }

    /// The one that was given of several inputs that exclude each other
    ///
    /// # Errors
    /// [`UsageError`] where more than one was given.
    pub fn one_of(&self, names: &[&str]) -> Result<Option<&Given>, UsageError> {
        let mut found = names.iter().filter_map(|name| self.get(name));
        match (found.next(), found.next()) {
            (Some(one), Some(other)) => Err(UsageError::contradiction(one, other)),
            (one, _) => Ok(one),
        }
    }
}

fn value_of(
    input: &'static Input,
    arguments: &Arguments,
    environment: &Environment,
) -> Result<Option<Given>, UsageError> {
    if let Some(text) = arguments.flags.get(input.name) {
        return Given::new(input, input.flag(), text).map(Some);
    }
    // The agent sets every task input, those that were left blank to nothing.
    if let Some(text) = environment.get(&input.variable()) {
        return Given::new(input, input.variable(), text).map(Some);
    }
    for name in variables(input.name) {
        if let Some(text) = environment.even_if_empty(name) {
            return Given::new(input, (*name).to_owned(), text).map(Some);
        }
    }
    Ok((!input.default.is_empty()).then(|| Given::default_of(input)))
}
