//! Agent pools, and how a user names them.

use serde::Deserialize;
use serde_json::Value;

use super::reading::or_default;
use crate::inputs::{Inputs, UsageError};

/// A pool of agents
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Pool {
    /// Its id in the organization
    pub id: u64,
    /// Its name
    #[serde(deserialize_with = "or_default")]
    pub name: String,
    /// Whether Microsoft runs its agents
    #[serde(deserialize_with = "or_default")]
    pub is_hosted: bool,
    /// `automation`, or `deployment` for deployment groups
    #[serde(deserialize_with = "or_default")]
    pub pool_type: String,
    /// Flags, as text or number
    options: Value,
}

impl Pool {
    /// Whether a scale set's size follows the queue, so that no agents may be right
    pub fn is_elastic(&self) -> bool {
        match &self.options {
            Value::String(flags) => {
                flags.split(',').any(|flag| flag.trim().eq_ignore_ascii_case("elasticPool"))
            }
            Value::Number(bits) => bits.as_u64().is_some_and(|bits| bits & 1 == 1),
            _ => false,
        }
    }

    /// Whether it is a deployment group's pool, which runs no pipeline jobs
    pub fn is_for_deployment(&self) -> bool {
        self.pool_type.eq_ignore_ascii_case("deployment")
    }
}

/// A project's queue, by which its pipelines use a pool
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Queue {
    /// The pool; a queue has the same name unless somebody chose another
    pub pool: Pool,
}

/// What an identity may do with a pool
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Access {
    /// View it: the role Reader, or more
    View,
    /// Register and remove agents: the role Administrator
    Manage,
}

/// How a user names pools
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum PoolSelector {
    /// By the id
    Id(u64),
    /// By the name, letter case aside
    Name(String),
    /// By a name with `*` for any characters
    Pattern(String),
}

impl PoolSelector {
    /// Whether it means this pool
    pub fn matches(&self, pool: &Pool) -> bool {
        match self {
            Self::Id(id) => pool.id == *id,
            Self::Name(name) => pool.name.to_lowercase() == name.to_lowercase(),
            Self::Pattern(pattern) => matches_pattern(&pattern.to_lowercase(), &pool.name.to_lowercase()),
        }
    }

    /// What the user wrote
    pub fn text(&self) -> String {
        match self {
            Self::Id(id) => id.to_string(),
            Self::Name(text) | Self::Pattern(text) => text.clone(),
        }
    }
}

/// The pools that the inputs name, separated by commas or lines
///
/// # Errors
/// [`UsageError`] where none is named.
pub fn selectors(inputs: &Inputs) -> Result<Vec<PoolSelector>, UsageError> {
    let given = inputs.require("pool")?;
    let mut selectors = Vec::new();
    for name in given.text().split([',', '\n']).map(str::trim).filter(|name| !name.is_empty()) {
        let selector = match name.parse() {
            Ok(id) => PoolSelector::Id(id),
            Err(_) if name.contains('*') => PoolSelector::Pattern(name.to_owned()),
            Err(_) => PoolSelector::Name(name.to_owned()),
        };
        if !selectors.contains(&selector) {
            selectors.push(selector);
        }
    }
    if selectors.is_empty() {
        return Err(given.wrong("names no pool", "a pool's name or id, or `*` for all pools"));
    }
    Ok(selectors)
}

/// Whether a text matches a pattern in which `*` stands for any characters
fn matches_pattern(pattern: &str, text: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(text) = text.strip_prefix(start) else { return false };
    text.char_indices()
        .map(|(index, _)| index)
        .chain([text.len()])
        .any(|index| matches_pattern(rest, &text[index..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_whole_names() {
        for (pattern, text, expected) in [
            ("*", "", true),
            ("*", "linux", true),
            ("linux-*", "linux-build", true),
            ("linux-*", "my-linux-build", false),
            ("*-build", "linux-build", true),
            ("*-build", "linux-build-2", false),
            ("l*x*d", "linux-build", true),
            ("ä*", "äöü", true),
            ("linux", "linux", true),
        ] {
            assert_eq!(matches_pattern(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn elastic_pools_are_known_by_their_flags() {
        let pool = |options: Value| Pool { options, ..Pool::default() };
        assert!(pool("elasticPool, singleUseAgents".into()).is_elastic());
        assert!(pool(3.into()).is_elastic());
        assert!(!pool("none".into()).is_elastic());
        assert!(!pool(Value::Null).is_elastic());
    }
}
