//! Text from outside for Markdown. Whatever could mean something there becomes code, in which nothing does: not to
//! CommonMark, not to those who look for links, mentions (`@team`) and numbers (`#12`) in the finished page. That a
//! backslash or an entity stands before such a mark helps against the former only.

use crate::report::clean;

/// What needs no care within a word of prose, letters and digits aside
const PLAIN: &str = "'\"(),;-/%?";

/// What may stand around a word
const AROUND: &[char] = &['(', ')', '"', '\'', ',', ';', ':', '.', '?'];

/// Text as code. A backtick would end it, and `|` ends a table's cell even there: both are left outside of it.
pub fn push_code(page: &mut String, text: &str) {
    let text = clean(text);
    if text.trim().is_empty() {
        page.push('–');
        return;
    }
    if page.ends_with('`') {
        // Two of them side by side would be another mark.
        page.push(' ');
    }
    for piece in text.split_inclusive(['`', '|']) {
        let code = piece.trim_end_matches(['`', '|']);
        if !code.is_empty() {
            page.push('`');
            page.push_str(code);
            page.push('`');
        }
        if piece.ends_with('`') {
            page.push_str("&#96;");
        } else if piece.ends_with('|') {
            page.push_str("&#124;");
        }
    }
}

/// A sentence, in which what stands between backticks is code, as is any word with a mark that could mean something
pub fn push_prose(page: &mut String, text: &str) {
    let text = clean(text);
    let backticks = text.matches('`').count();
    for (index, part) in text.split('`').enumerate() {
        let is_behind_backtick = index % 2 == 1;
        if is_behind_backtick && index < backticks {
            push_code(page, part);
            continue;
        }
        if is_behind_backtick {
            page.push_str("&#96;");
        }
        for (index, word) in part.split(' ').enumerate() {
            if index > 0 {
                page.push(' ');
            }
            push_word(page, word);
        }
    }
}

fn push_word(page: &mut String, word: &str) {
    let behind = word.trim_start_matches(AROUND);
    let core = behind.trim_end_matches(AROUND);
    page.push_str(&word[..word.len() - behind.len()]);
    let is_plain = |character: char| {
        !character.is_ascii() || character.is_ascii_alphanumeric() || PLAIN.contains(character)
    };
    match core {
        ">" => page.push_str("&gt;"),
        _ if core.chars().all(is_plain) && !core.contains("//") => page.push_str(core),
        _ => push_code(page, core),
    }
    page.push_str(&behind[core.len()..]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_holds_anything() {
        for (text, expected) in [
            ("build-1", "`build-1`"),
            ("", "–"),
            (" \n", "` \\n`"),
            ("a|b``c", "`a`&#124;`b`&#96;&#96;`c`"),
            ("\\|", "`\\`&#124;"),
            ("@team #1 <b>*_[x](y)", "`@team #1 <b>*_[x](y)`"),
            ("##vso[x]", "`##_vso[x]`"),
        ] {
            let mut page = String::new();
            push_code(&mut page, text);
            assert_eq!(page, expected);
        }
    }

    #[test]
    fn prose_is_left_alone_and_marks_become_code() {
        for (text, expected) in [
            ("all 3 agents (of 4) are offline: why?", "all 3 agents (of 4) are offline: why?"),
            ("Organization settings > Agent pools", "Organization settings &gt; Agent pools"),
            ("no agent has `gpu`, nor `a|b`", "no agent has `gpu`, nor `a`&#124;`b`"),
            ("see https://example.com/x.", "see `https://example.com/x`."),
            ("ask @team about #12, !34", "ask `@team` about `#12`, `!34`"),
            ("version 4.266.2 is old", "version `4.266.2` is old"),
            ("one ` left @x", "one &#96; left `@x`"),
            ("a#`b`", "`a#` `b`"),
            ("**bold** a_b <i>", "`**bold**` `a_b` `<i>`"),
            (":tada: //host (www.example.com)", ":tada: `//host` (`www.example.com`)"),
        ] {
            let mut page = String::new();
            push_prose(&mut page, text);
            assert_eq!(page, expected);
        }
    }
}
