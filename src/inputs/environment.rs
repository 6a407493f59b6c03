//! The environment, as it was when the program began.

use std::collections::BTreeMap;

use crate::secret::Secret;

/// Variables by name; their values are secret until read
#[derive(Debug, Default)]
pub struct Environment(BTreeMap<String, Secret>);

impl Environment {
    /// The value of a variable; one that is set to nothing counts as not set, as the Azure SDKs have it.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.even_if_empty(name).filter(|value| !value.is_empty())
    }

    /// The value of a variable, an empty one too
    pub fn even_if_empty(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(Secret::expose)
    }
}

impl FromIterator<(String, String)> for Environment {
    fn from_iter<T: IntoIterator<Item = (String, String)>>(variables: T) -> Self {
        Self(variables.into_iter().map(|(name, value)| (name, value.into())).collect())
    }
}
