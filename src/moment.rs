//! Instants and spans of time, as they are read and written.

use std::time::{Duration, SystemTime};

/// An instant in UTC with whole seconds: `2026-11-02T09:00:00Z`
pub fn timestamp(instant: SystemTime) -> String {
    humantime::format_rfc3339_seconds(instant).to_string()
}

/// Reads a timestamp of Azure DevOps: RFC 3339 in UTC with 0 to 7 fractional digits. An instant before 1970 is
/// .NET's way to say none.
pub fn read_timestamp(text: &str) -> Option<SystemTime> {
    humantime::parse_rfc3339_weak(text.trim()).ok()
}

/// A span in its two largest units: `47 min`, `3 h 10 min`, `5 d 2 h`
pub fn span(span: Duration) -> String {
    let seconds = span.as_secs();
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    let two = |large: u64, large_unit: &str, small: u64, small_unit: &str| match small {
        0 => format!("{large} {large_unit}"),
        _ => format!("{large} {large_unit} {small} {small_unit}"),
    };
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, _) => format!("{minutes} min"),
        (0, _, _) => two(hours, "h", minutes % 60, "min"),
        _ => two(days, "d", hours % 24, "h"),
    }
}

/// The same, but never shorter than it was: `2 s` for 1.99 s
pub fn span_rounded_up(time: Duration) -> String {
    span(Duration::from_secs(time.as_secs() + u64::from(time.subsec_nanos() > 0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps_are_read_with_any_fraction() {
        let whole = read_timestamp("2022-09-28T11:20:22Z").expect("a timestamp");
        for text in [
            "2022-09-28T11:20:22.4Z",
            "2022-09-28T11:20:22.4633333Z",
            "2022-09-28T11:20:22",
            " 2022-09-28 11:20:22 ",
        ] {
            let instant = read_timestamp(text).expect("a timestamp");
            assert!(instant.duration_since(whole).expect("not before").as_secs() == 0, "{text}");
        }
        for text in ["0001-01-01T00:00:00", "0001-01-01T00:00:00Z", "", "yesterday", "2022-13-01T00:00:00Z"] {
            assert_eq!(read_timestamp(text), None, "{text}");
        }
    }

    #[test]
    fn spans_have_two_units_at_most() {
        for (seconds, text) in [
            (0, "0 s"),
            (59, "59 s"),
            (60, "1 min"),
            (2_859, "47 min"),
            (3_600, "1 h"),
            (11_400, "3 h 10 min"),
            (86_400, "1 d"),
            (439_200, "5 d 2 h"),
        ] {
            assert_eq!(span(Duration::from_secs(seconds)), text);
        }
    }
}
