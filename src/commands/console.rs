//! Where a command prints: data to stdout, the rest to stderr.

use std::io::{IsTerminal as _, Write as _, stderr, stdout};

use crate::explain::{Explanation, Failure};
use crate::inputs::Environment;
use crate::paragraph::paragraph;
use crate::report::{self, Style, pipelines};
use crate::secret::Secret;

/// The two streams, and whether they show colours
///
/// A reader that goes away in the middle (`lifeguard check | head`) is no error, so results of writing aren't
/// looked at.
pub struct Console {
    /// For what goes to stdout
    pub style: Style,
    error_style: Style,
    /// Whether an agent of Azure Pipelines reads along, and is told by logging commands
    pub is_for_pipelines: bool,
}

impl Console {
    /// Colours only at a terminal, and never with `NO_COLOR` (no-color.org).
    pub fn new(environment: &Environment) -> Self {
        let wanted = environment.get("NO_COLOR").is_none() && environment.get("TERM") != Some("dumb");
        Self {
            style: Style::new(wanted && stdout().is_terminal()),
            error_style: Style::new(wanted && stderr().is_terminal()),
            is_for_pipelines: false,
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

    /// Keeps a secret out of a pipeline's log, from this line on.
    pub fn mask(&self, secret: &Secret) {
        if self.is_for_pipelines {
            self.print(&pipelines::set_secret(secret));
        }
    }

    /// Says how far something has come that takes long.
    pub fn progress(&self, percent: u32, text: &str) {
        if self.is_for_pipelines {
            self.print(&pipelines::set_progress(percent, text));
        }
        self.note(text);
    }

    /// Prints why the command failed.
    pub fn fail(&self, failure: &Failure) {
        if self.is_for_pipelines {
            self.print(&pipelines::issue(&failure.explanation().headline));
            self.print(&report::details(failure.explanation(), "  ", self.style));
            self.print(pipelines::FAILED);
            return;
        }
        let text = report::explanation("error", failure.explanation(), self.error_style);
        let _ = stderr().lock().write_all(text.as_bytes());
    }

    /// Prints that what was looked at isn't as it should be, and what to do.
    pub fn fail_with(&self, headline: &str, advice: &str) {
        self.fail(&Failure::AzureDevOps(Explanation::new(headline).advise(advice)));
    }

    /// Tells an agent that the command came to a bad end, which is printed already.
    pub fn complain(&self, headline: &str) {
        if self.is_for_pipelines {
            self.print(&pipelines::issue(headline));
            self.print(pipelines::FAILED);
        }
    }
}
