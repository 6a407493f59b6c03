//! An explanation, for people.

use std::fmt::Write as _;

use super::{Style, clean};
use crate::explain::Explanation;
use crate::paragraph::paragraph;

/// An explanation behind a word such as `error`: the headline, what is known, what to do
pub fn explanation(word: &str, explanation: &Explanation, style: Style) -> String {
    let mut text = paragraph(&format!("{word}: {}", clean(&explanation.headline)), "", "  ");
    if let Some(rest) = text.strip_prefix(word) {
        text = format!("{}{rest}", style.bad(word));
    }
    text.push_str(&details(explanation, "  ", style));
    text
}

/// What is known, and what to do, without the headline
pub fn details(explanation: &Explanation, indent: &str, style: Style) -> String {
    let mut text = String::new();
    let continued = format!("{indent}  ");
    for (label, known) in &explanation.facts {
        text.push_str(&paragraph(&format!("{label}: {}", clean(known)), indent, &continued));
    }
    for step in &explanation.advice {
        let line = paragraph(&format!("hint: {}", clean(step)), indent, &continued);
        let _ = write!(text, "{}", line.replacen("hint:", &style.bold("hint:"), 1));
    }
    text
}
