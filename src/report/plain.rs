//! Text from outside, made harmless for a terminal and a pipeline's log.

use std::fmt::Write as _;

/// Makes text from outside harmless: one line, no control characters, nothing that turns the reading direction,
/// no logging command of Azure Pipelines (its agent finds `##vso[` anywhere in a line).
pub fn clean(text: &str) -> String {
    let mut harmless = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' => harmless.push_str("\\n"),
            '\r' => harmless.push_str("\\r"),
            '\t' => harmless.push(' '),
            _ if character.is_control() || is_invisible(character) => {
                let _ = write!(harmless, "\\u{{{:x}}}", u32::from(character));
            }
            _ => harmless.push(character),
        }
    }
    // As Microsoft's task library does with other programs' output
    without_commands(&harmless)
}

fn without_commands(text: &str) -> String {
    if !text.contains("##") {
        return text.to_owned();
    }
    let lower = text.to_ascii_lowercase();
    let mut harmless = String::with_capacity(text.len() + 1);
    let mut rest = 0;
    for (index, _) in lower.match_indices('#') {
        if lower[index..].starts_with("##vso[") || lower[index..].starts_with("##[") {
            harmless.push_str(&text[rest..index]);
            harmless.push_str("##_");
            rest = index + 2;
        }
    }
    harmless.push_str(&text[rest..]);
    harmless
}

/// Marks that turn or hide what stands beside them, or that a comparison may pass over, line separators, and the byte
/// order mark
pub(super) fn is_invisible(character: char) -> bool {
    matches!(character,
        '\u{00ad}' | '\u{034f}' | '\u{061c}' | '\u{180b}'..='\u{180f}' | '\u{3164}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
        | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_do_harm_is_shown_instead() {
        for (text, expected) in [
            ("plain Ünïcödé ✓", "plain Ünïcödé ✓"),
            ("a\r\nb\tc", "a\\r\\nb c"),
            ("\u{1b}[31mred", "\\u{1b}[31mred"),
            ("abc\u{202e}cba", "abc\\u{202e}cba"),
            ("x##vso[task.complete]y", "x##_vso[task.complete]y"),
            ("##VSO[a]##[error]", "##_VSO[a]##_[error]"),
            ("###vso[a]", "###_vso[a]"),
            ("# ## title ##", "# ## title ##"),
            ("##\u{200b}vso[a]", "##\\u{200b}vso[a]"),
        ] {
            assert_eq!(clean(text), expected);
        }
    }
}
