//! Raw lists: envelopes or bare arrays, passed through as they are.

use serde_json::{Value, json};

/// The items of a list.
pub(super) fn items(list: Option<&Value>) -> &[Value] {
    let items = match list {
        Some(Value::Array(items)) => Some(items),
        Some(envelope) => envelope.get("value").and_then(Value::as_array),
        None => None,
    };
    items.map_or(&[], Vec::as_slice)
}

/// The list with its items kept, changed or dropped. Its `count`, right or wrong, stays unless an
/// item was dropped.
pub(super) fn select(list: Option<&Value>, keep: impl FnMut(&Value) -> Option<Value>) -> Value {
    let Some(list) = list else {
        return json!({"count": 0, "value": []});
    };
    let before = items(Some(list));
    let after: Vec<Value> = before.iter().filter_map(keep).collect();
    if list.is_array() {
        return Value::Array(after);
    }
    let mut envelope = list.clone();
    if after.len() != before.len() {
        envelope["count"] = json!(after.len());
    }
    if envelope["value"].is_array() {
        envelope["value"] = Value::Array(after);
    }
    envelope
}

/// The items, to change them; the envelope is made when there's none.
pub(super) fn items_mut(list: &mut Value) -> Option<&mut Vec<Value>> {
    match list {
        Value::Array(items) => Some(items),
        envelope => envelope.get_mut("value")?.as_array_mut(),
    }
}

/// Brings `count` in line after a change.
pub(super) fn recount(list: &mut Value) {
    let length = items(Some(list)).len();
    if let Some(count) = list.get_mut("count") {
        *count = json!(length);
    }
}

/// An item's number of that name.
pub(super) fn number(item: &Value, name: &str) -> Option<u64> {
    item.get(name)?.as_u64()
}

/// Whether an item's text of that name is this one, letter case aside.
pub(super) fn is(item: &Value, name: &str, text: &str) -> bool {
    item.get(name).and_then(Value::as_str).is_some_and(|value| value.eq_ignore_ascii_case(text))
}

/// Whether a comma-separated list of numbers, if there's one, has this one.
pub(super) fn listed(csv: Option<&str>, wanted: Option<u64>) -> bool {
    csv.is_none_or(|csv| csv.split(',').any(|id| wanted.is_some() && id.trim().parse().ok() == wanted))
}
