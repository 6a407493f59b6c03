//! Tolerant reading of Azure DevOps' JSON.

use std::time::SystemTime;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::http::Response;
use crate::moment::read_timestamp;

#[derive(Deserialize)]
struct Envelope<T> {
    value: Vec<T>,
}

/// Reads a list, bare or in its envelope `{"count":…,"value":[…]}`, whose `count` isn't trusted.
///
/// # Errors
/// [`serde_json::Error`] where it is neither.
pub fn list<T: DeserializeOwned>(response: &Response) -> Result<Vec<T>, serde_json::Error> {
    // An untagged enum would say the same at the cost of a second parser in the component.
    if response.text_start() == Some(b'[') {
        return response.json();
    }
    Ok(response.json::<Envelope<T>>()?.value)
}

/// A timestamp, where there is one that can be read
pub fn timestamp<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<SystemTime>, D::Error> {
    let value = Option::<Value>::deserialize(deserializer)?;
    Ok(value.as_ref().and_then(Value::as_str).and_then(read_timestamp))
}

/// A value, or its type's default where there is `null`
pub fn or_default<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    Ok(Option::<T>::deserialize(deserializer)?.unwrap_or_default())
}

/// Something with a name, of which only that is of interest
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Named {
    /// The name
    #[serde(deserialize_with = "or_default")]
    pub name: String,
}
