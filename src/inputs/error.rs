//! What a user is told about an input that can't be used.

use super::value::Given;
use super::{Input, input};
use crate::explain::{Explanation, Failure};

/// A wrong input: which one, what is wrong, what would be right
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct UsageError {
    what: String,
    right: String,
}

impl UsageError {
    /// `what` names the input and says what is wrong with it, `right` what would be right.
    pub fn new(what: impl Into<String>, right: impl Into<String>) -> Self {
        Self { what: what.into(), right: right.into() }
    }

    /// An input that must be given and wasn't
    pub fn missing(name: &'static str) -> Self {
        let ways = input(name).map_or_else(|| name.to_owned(), Input::ways);
        Self::new(format!("`{name}` isn't given"), format!("give it by {ways}"))
    }

    /// Two inputs of which only one may be given
    pub fn contradiction(one: &Given, other: &Given) -> Self {
        Self::new(
            format!("`{}` and `{}` contradict each other", one.source, other.source),
            "give one of them only",
        )
    }
}

impl From<UsageError> for Failure {
    fn from(error: UsageError) -> Self {
        Self::Usage(Explanation::new(error.what).advise(error.right))
    }
}
