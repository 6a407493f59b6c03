//! The links that `doctor` walks along, a line each.

use super::explanation::details;
use super::{Style, clean};
use crate::explain::Explanation;
use crate::paragraph::paragraph;

/// The width of the longest link's name
const LINK: usize = 22;

/// A link that holds
pub fn sound_link(link: &str, text: &str, style: Style) -> String {
    line("✓", &style.good("✓"), link, text)
}

/// The link that is broken, and how to mend it
pub fn broken_link(link: &str, explanation: &Explanation, style: Style) -> String {
    line("✗", &style.bad("✗"), link, &explanation.headline) + &details(explanation, "    ", style)
}

fn line(mark: &str, coloured: &str, link: &str, text: &str) -> String {
    let text = paragraph(&format!("{mark} {link:<LINK$} {}", clean(text)), "", &" ".repeat(LINK + 3));
    text.replacen(mark, coloured, 1)
}
