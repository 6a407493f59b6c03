//! Time in the emulator, and moving a scenario to the present.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::scenario::Scenario;

/// Which time it is in the emulator.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Clock {
    /// Time stands still at the scenario's `now`, and ids are functions of the requests: for
    /// golden tests.
    Fixed,
    /// The present moment. Timestamps in the raw answers are moved along at start, so that the
    /// scenario is always just now.
    #[default]
    Present,
}

impl Clock {
    /// Now, in a scenario whose own moment is `fixed`.
    pub(crate) fn now(self, fixed: Timestamp) -> Timestamp {
        match self {
            Self::Fixed => fixed,
            Self::Present => Timestamp::now(),
        }
    }

    /// Moves the scenario's timestamps to where this clock stands.
    pub(crate) fn adjust(self, scenario: &mut Scenario) {
        if self == Self::Fixed {
            return;
        }
        // Whole seconds, so that a timestamp keeps its fractional digits.
        let distance = SignedDuration::from_secs(Timestamp::now().as_second() - scenario.now.as_second());
        for answer in scenario.answers.all_mut() {
            shift(answer, distance);
        }
        let secrets = scenario
            .identities
            .iter_mut()
            .flat_map(|identity| &mut identity.secrets)
            .map(|secret| &mut secret.expires);
        let pats = scenario.pats.iter_mut().map(|pat| &mut pat.expires);
        for expires in secrets.chain(pats).flatten() {
            if let Ok(moved) = expires.checked_add(distance) {
                *expires = moved;
            }
        }
    }
}

/// As Entra writes a time in an error: `2026-11-02 09:00:00Z`.
pub(crate) fn entra_time(timestamp: Timestamp) -> String {
    timestamp.strftime("%Y-%m-%d %H:%M:%SZ").to_string()
}

fn shift(value: &mut Value, distance: SignedDuration) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| shift(item, distance)),
        Value::Object(members) => members.values_mut().for_each(|member| shift(member, distance)),
        Value::String(text) => {
            if let Some(moved) = shifted(text, distance) {
                *text = moved;
            }
        }
        _ => {}
    }
}

/// The timestamp moved, with its own fractional digits; `None` for any other text.
fn shifted(text: &str, distance: SignedDuration) -> Option<String> {
    let rest = text.strip_suffix('Z')?;
    let (seconds, fraction) = match rest.split_once('.') {
        Some((seconds, digits)) if digits.bytes().all(|b| b.is_ascii_digit()) => {
            (seconds, &rest[seconds.len()..])
        }
        Some(_) => return None,
        None => (rest, ""),
    };
    if seconds.len() != "2026-11-02T09:00:00".len() {
        return None;
    }
    let timestamp: Timestamp = format!("{seconds}Z").parse().ok()?;
    let moved = timestamp.checked_add(distance).ok()?;
    Some(format!("{}{fraction}Z", moved.strftime("%Y-%m-%dT%H:%M:%S")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractional_digits_stay() {
        let day = SignedDuration::from_hours(24);
        for (from, to) in [
            ("2026-11-02T09:00:00Z", "2026-11-03T09:00:00Z"),
            ("2026-12-31T23:59:59.1234567Z", "2027-01-01T23:59:59.1234567Z"),
        ] {
            assert_eq!(shifted(from, day).as_deref(), Some(to));
        }
        for other in ["4.266.2", "2026-11-02", "Z", "0001-01-01T00:00:00", "a.bZ"] {
            assert_eq!(shifted(other, day), None);
        }
    }
}
