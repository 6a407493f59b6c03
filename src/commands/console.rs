//! Where a command prints: data to stdout, the rest to stderr.

use std::io::{IsTerminal as _, Write as _, stderr, stdout};

use crate::explain::Failure;
use crate::inputs::Environment;
use crate::paragraph::paragraph;
use crate::report::{self, Style};

/// The two streams, and whether they show colours
///
/// A reader that goes away in the middle (`lifeguard check | head`) is no error, so results of writing aren't
/// looked at.
pub struct Console {
    /// For what goes to stdout
    pub style: Style,
    error_style: Style,
}

impl Console {
    /// Colours only at a terminal, and never with `NO_COLOR` (no-color.org).
    pub fn new(environment: &Environment) -> Self {
        let wanted = environment.get("NO_COLOR").is_none() && environment.get("TERM") != Some("dumb");
        Self {
            style: Style::new(wanted && stdout().is_terminal()),
            error_style: Style::new(wanted && stderr().is_terminal()),
        }
    }

    /// Prints a command's result.
    pub fn print(&self, text: &str) {
        let mut stdout = stdout().lock();
        let _ = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
    }

    /// Prints something by the way.
    pub fn note(&self, text: &str) {
        let text = paragraph(&format!("note: {}", report::clean(text)), "", "  ");
        let text = text.replacen("note:", &self.error_style.faint("note:"), 1);
        let _ = stderr().lock().write_all(text.as_bytes());
    }

    /// Prints why the command failed.
    pub fn fail(&self, failure: &Failure) {
        let text = report::explanation("error", failure.explanation(), self.error_style);
        let _ = stderr().lock().write_all(text.as_bytes());
    }
}
