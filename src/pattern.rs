//! Names with `*`, as users write them for many things at once.

/// Whether a name is, letter case aside, what a pattern says, in which `*` stands for any characters
pub fn matches(pattern: &str, name: &str) -> bool {
    fits(&pattern.to_lowercase(), &name.to_lowercase())
}

fn fits(pattern: &str, text: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(text) = text.strip_prefix(start) else { return false };
    text.char_indices().map(|(index, _)| index).chain([text.len()]).any(|index| fits(rest, &text[index..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_whole_names() {
        for (pattern, text, expected) in [
            ("*", "", true),
            ("*", "linux", true),
            ("linux-*", "linux-build", true),
            ("linux-*", "my-linux-build", false),
            ("*-build", "linux-build", true),
            ("*-build", "linux-build-2", false),
            ("l*x*d", "linux-build", true),
            ("ä*", "äöü", true),
            ("linux", "Linux", true),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }
}
