//! Colours, where a reader has them.

/// Colours text, or leaves it as it is
#[derive(Clone, Copy, Debug)]
pub struct Style {
    coloured: bool,
}

impl Style {
    /// With colours, or without
    pub fn new(coloured: bool) -> Self {
        Self { coloured }
    }

    /// For titles
    pub fn bold(self, text: &str) -> String {
        self.paint("1", text)
    }

    /// For what is good
    pub fn good(self, text: &str) -> String {
        self.paint("32", text)
    }

    /// For errors
    pub fn bad(self, text: &str) -> String {
        self.paint("31;1", text)
    }

    /// For warnings
    pub fn doubtful(self, text: &str) -> String {
        self.paint("33", text)
    }

    /// For what is beside the point
    pub fn faint(self, text: &str) -> String {
        self.paint("2", text)
    }

    fn paint(self, code: &str, text: &str) -> String {
        if self.coloured { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}
