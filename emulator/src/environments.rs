//! Environments: how a client finds an identity.

use std::path::Path;

use serde_json::{Map, Value};

/// What the placeholders of an environment stand for.
pub(crate) struct Placeholders<'a> {
    pub(crate) http: &'a str,
    pub(crate) https: &'a str,
    pub(crate) arc_tokens: &'a Path,
    pub(crate) folder: &'a Path,
    pub(crate) service_account_tokens: &'a Path,
}

impl Placeholders<'_> {
    /// The variables with their placeholders filled in.
    pub(crate) fn fill(&self, variables: &Map<String, Value>) -> Vec<(String, String)> {
        variables
            .iter()
            .filter_map(|(name, value)| Some((name.clone(), self.fill_text(value.as_str()?))))
            .collect()
    }

    fn fill_text(&self, text: &str) -> String {
        text.replace("{http}", self.http)
            .replace("{https}", self.https)
            .replace("{arcTokens}", &self.arc_tokens.to_string_lossy())
            .replace("{folder}", &self.folder.to_string_lossy())
            .replace("{serviceAccountTokens}", &self.service_account_tokens.to_string_lossy())
    }
}
