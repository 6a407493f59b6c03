//! What a person is told when something doesn't work: the shape that all errors share.

/// What happened, what is known about it, and what to do
///
/// The texts may come from outside and hold anything; `report` makes them
/// harmless when it prints them.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Explanation {
    /// One sentence, without a full stop
    pub headline: String,
    /// What is known: a label and a text each
    pub facts: Vec<(&'static str, String)>,
    /// What to do, one step each
    pub advice: Vec<String>,
}

impl Explanation {
    /// An explanation with nothing but a headline yet
    pub fn new(headline: impl Into<String>) -> Self {
        Self { headline: headline.into(), ..Self::default() }
    }

    /// Adds something that is known.
    #[must_use]
    pub fn fact(mut self, label: &'static str, text: impl Into<String>) -> Self {
        self.facts.push((label, text.into()));
        self
    }

    /// Adds something that is known, where there is something.
    #[must_use]
    pub fn fact_if(self, label: &'static str, text: Option<impl Into<String>>) -> Self {
        match text {
            Some(text) => self.fact(label, text),
            None => self,
        }
    }

    /// Adds a step that mends it.
    #[must_use]
    pub fn advise(mut self, step: impl Into<String>) -> Self {
        self.advice.push(step.into());
        self
    }
}

/// Why a command could not do its work, by the exit code that says so
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Failure {
    /// Exit code 2: wrong usage or configuration; no request was sent.
    Usage(Explanation),
    /// Exit code 3: no token could be had.
    NoToken(Explanation),
    /// Exit code 4: Azure DevOps refused.
    AzureDevOps(Explanation),
    /// Exit code 4: Azure DevOps couldn't be reached, or had no time; it may later.
    Unavailable(Explanation),
}

impl Failure {
    /// The exit code
    pub fn code(&self) -> u8 {
        match self {
            Self::Usage(_) => 2,
            Self::NoToken(_) => 3,
            Self::AzureDevOps(_) | Self::Unavailable(_) => 4,
        }
    }

    /// What the user is told
    pub fn explanation(&self) -> &Explanation {
        let (Self::Usage(explanation)
        | Self::NoToken(explanation)
        | Self::AzureDevOps(explanation)
        | Self::Unavailable(explanation)) = self;
        explanation
    }
}
