//! Agent pools, and how a user names them.

use serde_json::Value;

use super::reading::{number, text};
use crate::inputs::{Inputs, UsageError};
use crate::pattern::matches;

/// A pool of agents
#[derive(Clone, Debug, Default)]
pub struct Pool {
    /// Its id in the organization
    pub id: u64,
    /// Its name
    pub name: String,
    /// Whether Microsoft runs its agents
    pub is_hosted: bool,
    /// `automation`, or `deployment` for deployment groups
    pub pool_type: String,
    /// Whether its agents may update themselves; nothing where nothing is said
    pub auto_update: Option<bool>,
    /// The cloud that makes its agents, where one does
    agent_cloud_id: Option<u64>,
    /// Flags, as text or number
    pub options: Value,
}

impl Pool {
    /// Reads what Azure DevOps says of it.
    pub fn read(value: &Value) -> Self {
        Self {
            id: number(value, "id"),
            name: text(value, "name"),
            is_hosted: value["isHosted"] == true,
            pool_type: text(value, "poolType"),
            auto_update: value["autoUpdate"].as_bool(),
            agent_cloud_id: value["agentCloudId"].as_u64(),
            options: value["options"].clone(),
        }
    }

    /// Whether it is a scale set that Azure DevOps sizes, so that it has an elastic pool
    pub fn is_scale_set(&self) -> bool {
        self.has_option("elasticPool", 1)
    }

    /// Whether its size follows the queue, so that no agents may be right
    pub fn is_elastic(&self) -> bool {
        self.is_scale_set() || self.agent_cloud_id.is_some()
    }

    /// Whether each of its agents takes one job and goes
    pub fn has_single_use_agents(&self) -> bool {
        self.has_option("singleUseAgents", 2)
    }

    fn has_option(&self, name: &str, bit: u64) -> bool {
        match &self.options {
            Value::String(flags) => flags.split(',').any(|flag| flag.trim().eq_ignore_ascii_case(name)),
            Value::Number(bits) => bits.as_u64().is_some_and(|bits| bits & bit == bit),
            _ => false,
        }
    }

    /// Whether it is a deployment group's pool, which runs no pipeline jobs
    pub fn is_for_deployment(&self) -> bool {
        self.pool_type.eq_ignore_ascii_case("deployment")
    }
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
    /// One pool, by its name or its id
    pub fn from_text(text: &str) -> Self {
        text.parse().map_or_else(|_| Self::Name(text.to_owned()), Self::Id)
    }

    /// Whether it means this pool
    pub fn matches(&self, pool: &Pool) -> bool {
        match self {
            Self::Id(id) => pool.id == *id,
            Self::Name(name) => pool.name.to_lowercase() == name.to_lowercase(),
            Self::Pattern(pattern) => matches(pattern, &pool.name),
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
        let selector = match PoolSelector::from_text(name) {
            PoolSelector::Name(name) if name.contains('*') => PoolSelector::Pattern(name),
            selector => selector,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elastic_pools_are_known_by_their_flags() {
        let pool = |options: Value| Pool { options, ..Pool::default() };
        assert!(pool("elasticPool, singleUseAgents".into()).is_elastic());
        assert!(pool(3.into()).is_elastic());
        assert!(pool("elasticPool, singleUseAgents".into()).has_single_use_agents());
        assert!(!pool(1.into()).has_single_use_agents());
        assert!(!pool("none".into()).is_elastic());
        assert!(!pool(Value::Null).is_elastic());
    }
}
