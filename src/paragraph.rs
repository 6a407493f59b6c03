//! Text in lines of 80 columns.

use std::fmt::Write as _;

use textwrap::{Options, WordSeparator, WordSplitter};

/// The columns that text is written for
pub const WIDTH: usize = 80;

/// A paragraph, broken into lines. What has no spaces, such as a URL, is left whole, so that it can be copied.
pub fn paragraph(text: &str, first: &str, others: &str) -> String {
    let options = Options::new(WIDTH)
        .initial_indent(first)
        .subsequent_indent(others)
        .break_words(false)
        .word_splitter(WordSplitter::NoHyphenation)
        .word_separator(WordSeparator::AsciiSpace);
    textwrap::wrap(text, options).into_iter().fold(String::new(), |mut lines, line| {
        let _ = writeln!(lines, "{line}");
        lines
    })
}
