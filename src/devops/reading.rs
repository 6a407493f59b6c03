//! Tolerant reading of Azure DevOps' JSON: any field may be missing, null, or of a kind that isn't known yet.
//!
//! A list's items are read one at a time, so that a large answer is never held as a tree; and by one function each
//! from a plain JSON value, since derived parsers for the same weigh more than all rules together.

use std::time::SystemTime;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use crate::http::Response;
use crate::moment::read_timestamp;

/// Reads a list, bare or in its envelope `{"count":…,"value":[…]}`, whose `count` isn't trusted.
///
/// # Errors
/// [`serde_json::Error`] where it is neither, or an item is no object.
pub fn list<T>(response: &Response, read: fn(&Value) -> T) -> Result<Vec<T>, serde_json::Error> {
    let mut items = Vec::new();
    let mut take = |item: Value| items.push(read(&item));
    let mut parser = serde_json::Deserializer::from_slice(response.bytes());
    Items(&mut take).deserialize(&mut parser)?;
    parser.end()?;
    Ok(items)
}

/// Takes the items of a list one after the other.
struct Items<'a>(&'a mut dyn FnMut(Value));

impl<'de> DeserializeSeed<'de> for Items<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Items<'_> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while let Some(item) = items.next_element::<Value>()? {
            if !item.is_object() {
                return Err(A::Error::custom("an item of the list is no object"));
            }
            (self.0)(item);
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let mut is_list = false;
        while let Some(name) = members.next_key::<String>()? {
            if name == "value" {
                members.next_value_seed(Items(self.0))?;
                is_list = true;
            } else {
                members.next_value::<IgnoredAny>()?;
            }
        }
        if is_list { Ok(()) } else { Err(A::Error::missing_field("value")) }
    }
}

/// A text, empty where there is none
pub fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_default().to_owned()
}

/// A number, 0 where there is none
pub fn number(value: &Value, name: &str) -> u64 {
    value[name].as_u64().unwrap_or_default()
}

/// A timestamp, where there is one that can be read
pub fn timestamp(value: &Value, name: &str) -> Option<SystemTime> {
    value[name].as_str().and_then(read_timestamp)
}

/// What stands below a name, where it is an object
pub fn object<T>(value: &Value, name: &str, read: fn(&Value) -> T) -> Option<T> {
    Some(&value[name]).filter(|value| value.is_object()).map(read)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(body: &str) -> Result<Vec<u64>, String> {
        let response = Response { status: 200, headers: Vec::new(), body: body.into() };
        list(&response, |item| number(item, "id")).map_err(|error| error.to_string())
    }

    #[test]
    fn lists_are_bare_or_in_an_envelope() {
        for body in [
            r#"[{"id":1},{"id":2}]"#,
            r#"{"count":7,"value":[{"id":1},{"id":2,"more":{"value":[3]}}],"next":null}"#,
            "\u{feff}{\"value\":[{\"id\":1},{\"id\":2}]}",
        ] {
            assert_eq!(ids(body), Ok(vec![1, 2]), "{body}");
        }
        assert_eq!(ids("[]"), Ok(vec![]));
        assert_eq!(ids(r#"[{"id":"7"},{"id":null},{}]"#), Ok(vec![0, 0, 0]));
    }

    #[test]
    fn what_is_no_list_is_an_error() {
        for body in [r#"{"count":0}"#, "7", r#"{"value":7}"#, "[1]", r#"[{"id":1}"#, "[] x", ""] {
            assert!(ids(body).is_err(), "{body}");
        }
    }
}
