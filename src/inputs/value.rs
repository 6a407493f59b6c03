//! A value that was given, and what it can be read as.

use std::fs;
use std::time::Duration;

use super::{Input, UsageError};
use crate::http::{Endpoint, EndpointError};
use crate::secret::Secret;

/// A GUID's shape, for errors
const GUID_EXAMPLE: &str = "a GUID, such as `00000000-1111-2222-3333-444444444444`";

/// The most bytes of a file that an input names: the largest certificate chain or policy fits many times over
const FILE_LIMIT: u64 = 1 << 20;

/// The source of what nobody gave
const DEFAULT: &str = "default";

/// What was given for an input, and where
#[derive(Clone, Debug)]
pub struct Given {
    input: &'static Input,
    /// The flag or the variable that it came by; `default` where it is the default
    pub source: String,
    text: Secret,
}

impl Given {
    pub(super) fn new(input: &'static Input, source: String, text: &str) -> Result<Self, UsageError> {
        let text = if input.is_secret() { text } else { text.trim() };
        if text.is_empty() {
            let right = format!("give it a value, or unset it; {}", example(input));
            return Err(UsageError::new(format!("`{source}` is set but empty"), right));
        }
        if let Some(name) = unexpanded(text) {
            return Err(UsageError::new(
                format!("`{source}` is `$({name})`: the pipeline has no variable `{name}`"),
                "define the variable; secrets aren't given to pull requests from forks, nor those of a \
                 variable group that the pipeline isn't allowed to use",
            ));
        }
        let given = Self { input, source, text: text.into() };
        if !input.choices.is_empty() {
            given.check_choice()?;
        }
        Ok(given)
    }

    pub(super) fn default_of(input: &'static Input) -> Self {
        Self { input, source: DEFAULT.into(), text: input.default.into() }
    }

    /// The name of its input
    pub fn name(&self) -> &'static str {
        self.input.name
    }

    /// Whether the input holds a secret itself, and no file's name
    pub fn is_secret(&self) -> bool {
        self.input.is_secret()
    }

    /// The same with another text
    pub(super) fn replaced_by(&self, text: &str) -> Self {
        Self { text: text.into(), ..self.clone() }
    }

    /// Whether nobody gave it
    pub fn is_default(&self) -> bool {
        self.source == DEFAULT
    }

    /// Whether it is the default all the same, as an agent gives it to a task
    pub(super) fn says_default(&self) -> bool {
        self.text.expose() == self.input.default
    }

    /// Whether it came by a variable of the ecosystem, which is there for others too
    pub(super) fn is_of_ecosystem(&self) -> bool {
        super::variables(self.input.name).contains(&self.source.as_str())
    }

    /// The texts of an input that takes several, separated by commas or lines
    pub fn list(&self) -> Vec<String> {
        self.text()
            .split([',', '\n'])
            .map(str::trim)
            .filter(|text| !text.is_empty())
            .map(str::to_owned)
            .collect()
    }

    /// The text of an input that is no secret
    pub fn text(&self) -> &str {
        debug_assert!(!self.input.is_secret(), "`{}` is a secret", self.input.name);
        self.text.expose()
    }

    /// The text of an input that is a secret
    pub fn secret(&self) -> &Secret {
        &self.text
    }

    /// A whole number
    ///
    /// # Errors
    /// [`UsageError`] where it is none.
    pub fn number(&self) -> Result<u32, UsageError> {
        self.text()
            .parse()
            .map_err(|_| self.wrong("isn't a whole number", "a number of 0 or more, such as `2`"))
    }

    /// A whole number of 1 or more
    ///
    /// # Errors
    /// [`UsageError`] where it is none.
    pub fn positive(&self) -> Result<u32, UsageError> {
        self.number()
            .ok()
            .filter(|number| *number > 0)
            .ok_or_else(|| self.wrong("isn't a whole number of 1 or more", "a number such as `5`"))
    }

    /// A number from 0 to 100
    ///
    /// # Errors
    /// [`UsageError`] where it is none.
    pub fn percentage(&self) -> Result<u32, UsageError> {
        let number = self.text().strip_suffix('%').unwrap_or(self.text()).trim_end().parse().ok();
        number
            .filter(|percent| *percent <= 100)
            .ok_or_else(|| self.wrong("isn't a percentage", "a whole number from 0 to 100, such as `50`"))
    }

    /// `true` or `false`
    ///
    /// # Errors
    /// [`UsageError`] where it is neither.
    pub fn boolean(&self) -> Result<bool, UsageError> {
        match self.text().to_ascii_lowercase().as_str() {
            "true" | "1" | "yes" => Ok(true),
            "false" | "0" | "no" => Ok(false),
            _ => Err(self.wrong("is neither true nor false", "`true` or `false`")),
        }
    }

    /// A duration with its units
    ///
    /// # Errors
    /// [`UsageError`] where it is none, or zero.
    pub fn duration(&self) -> Result<Duration, UsageError> {
        let right = "a number with a unit, such as `90s`, `30m`, `1h 30m` or `7d`";
        let duration =
            humantime::parse_duration(self.text()).map_err(|_| self.wrong("isn't a duration", right))?;
        if duration.is_zero() {
            return Err(self.wrong("is no time at all", right));
        }
        Ok(duration)
    }

    /// A GUID, in lower case
    ///
    /// # Errors
    /// [`UsageError`] where it is none.
    pub fn guid(&self) -> Result<String, UsageError> {
        if !is_guid(self.text()) {
            return Err(self.wrong("isn't a GUID", GUID_EXAMPLE));
        }
        Ok(self.text().to_ascii_lowercase())
    }

    /// A tenant: a GUID or a domain
    ///
    /// # Errors
    /// [`UsageError`] where it is neither, or stands for many tenants.
    pub fn tenant(&self) -> Result<String, UsageError> {
        let text = self.text().to_ascii_lowercase();
        let right = format!("{GUID_EXAMPLE}, or a domain, such as `contoso.onmicrosoft.com`");
        if matches!(text.as_str(), "common" | "organizations" | "consumers") {
            return Err(self.wrong("stands for many tenants, and an app gets its token from one", &right));
        }
        let is_domain = text.contains('.')
            && !text.starts_with('.')
            && !text.ends_with('.')
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'));
        if !is_guid(&text) && !is_domain {
            return Err(self.wrong("is neither a GUID nor a domain", &right));
        }
        Ok(text)
    }

    /// A URL that the egress policy allows
    ///
    /// # Errors
    /// [`UsageError`] where it is none.
    pub fn endpoint(&self) -> Result<Endpoint, UsageError> {
        Endpoint::parse(self.text())
            .map_err(|error| self.wrong_url(error, "a URL such as `https://login.microsoftonline.com`"))
    }

    /// An error about a URL that can't be used; one that has a password in it isn't shown
    pub fn wrong_url(&self, error: EndpointError, right: &str) -> UsageError {
        if error == EndpointError::UserInfo {
            return UsageError::new(format!("`{}`: {error}", self.source), format!("give {right}"));
        }
        self.wrong(&format!("can't be used: {error}"), right)
    }

    /// The content of the file that it names
    ///
    /// # Errors
    /// [`UsageError`] where the file can't be read, is empty or too large.
    pub fn file(&self) -> Result<Vec<u8>, UsageError> {
        let path = self.text();
        let wrong = |problem: String, right: &str| {
            UsageError::new(format!("`{}`: the file `{path}` {problem}", self.source), right)
        };
        let size = fs::metadata(path).map_err(|error| {
            wrong(
                format!("can't be read: {}", reason(&error)),
                "check the path; a sandboxed run sees only the folders it is given (`--dir`)",
            )
        })?;
        if size.len() > FILE_LIMIT {
            let problem = format!("has {} bytes, more than {FILE_LIMIT}", size.len());
            return Err(wrong(problem, "name the right file"));
        }
        let bytes = fs::read(path).map_err(|error| {
            wrong(
                format!("can't be read: {}", reason(&error)),
                "check its permissions, and that it is a file",
            )
        })?;
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return Err(wrong("is empty".into(), "write into it what it is for, or name another file"));
        }
        Ok(bytes)
    }

    /// The secret in the file that it names, without the white space around it
    ///
    /// # Errors
    /// As [`Given::file`], and where the file isn't text.
    pub fn file_secret(&self) -> Result<Secret, UsageError> {
        let text = String::from_utf8(self.file()?).map_err(|_| {
            let what = format!("`{}`: the file `{}` isn't text", self.source, self.text());
            UsageError::new(what, "name a text file that holds the credential alone")
        })?;
        Ok(text.trim().into())
    }

    /// An error about this value
    pub fn wrong(&self, problem: &str, right: &str) -> UsageError {
        let value = if self.input.is_secret() { "its value" } else { &format!("`{}`", self.text.expose()) };
        UsageError::new(format!("`{}`: {value} {problem}", self.source), format!("give {right}"))
    }

    fn check_choice(&self) -> Result<(), UsageError> {
        let choices = self.input.choices.iter().map(|(choice, _)| *choice);
        if choices.clone().any(|choice| choice == self.text()) {
            return Ok(());
        }
        let all: Vec<String> = choices.clone().map(|choice| format!("`{choice}`")).collect();
        let right = match nearest(self.text(), choices) {
            Some(near) => format!("`{near}` (all: {})", all.join(", ")),
            None => format!("one of {}", all.join(", ")),
        };
        Err(self.wrong("isn't one of the choices", &right))
    }
}

/// The candidate that was most likely meant, if one is near enough
pub fn nearest<'a>(text: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let text = text.to_ascii_lowercase();
    candidates
        .map(|candidate| (strsim::jaro_winkler(&text, &candidate.to_ascii_lowercase()), candidate))
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|one, other| one.0.total_cmp(&other.0))
        .map(|(_, candidate)| candidate)
}

/// Whether a text has a GUID's shape: 8-4-4-4-12 hexadecimal digits
pub(crate) fn is_guid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(index, byte)| match index {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// `name` of `$(name)`, which a pipeline leaves as it is where it has no such variable
fn unexpanded(text: &str) -> Option<&str> {
    let name = text.trim().strip_prefix("$(")?.strip_suffix(')')?;
    name.bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'))
        .then_some(name)
}

fn example(input: &Input) -> String {
    let help = input.help.trim_end_matches('.');
    format!("it is for: {help}")
}

/// The host's words for an I/O error differ; these are ours.
fn reason(error: &std::io::Error) -> String {
    use std::io::ErrorKind;
    match error.kind() {
        ErrorKind::NotFound => "it isn't there".into(),
        ErrorKind::PermissionDenied => "access is denied".into(),
        ErrorKind::IsADirectory => "it is a folder".into(),
        _ => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::input;
    use super::*;

    fn given(name: &str, text: &str) -> Result<Given, UsageError> {
        Given::new(input(name).expect("an input"), "--it".into(), text)
    }

    #[test]
    fn shapes_are_checked() {
        let duration = |text| given("timeout", text).and_then(|given| given.duration());
        assert_eq!(duration("1h 30m"), Ok(Duration::from_secs(5400)));
        for text in ["0s", "5", "-1s", "five"] {
            assert!(duration(text).is_err(), "{text}");
        }
        let percentage = |text| given("maxOffline", text).and_then(|given| given.percentage());
        assert_eq!((percentage("50"), percentage("50 %")), (Ok(50), Ok(50)));
        assert!(percentage("101").is_err());
        let tenant = |text| given("tenantId", text).and_then(|given| given.tenant());
        assert!(tenant("contoso.onmicrosoft.com").is_ok());
        assert!(tenant("72F988BF-86F1-41AF-91AB-2D7CD011DB47").is_ok());
        for text in ["common", "contoso", "a/b.c", ".com", "72f988bf-86f1-41af-91ab-2d7cd011db4"] {
            assert!(tenant(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_unexpanded_pipeline_variable_is_told_apart() {
        assert!(given("clientId", "$(clientId)").is_err());
        assert!(given("clientSecret", "$(App.Secret)").is_err());
        assert!(given("clientSecret", "$(not a name)").is_ok());
    }

    #[test]
    fn the_nearest_choice_is_named() {
        let error = given("identity", "client-secrets").expect_err("no such choice");
        let text = format!("{error:?}");
        assert!(text.contains("give `client-secret` (all: "), "{text}");
    }

    #[test]
    fn a_secret_stays_out_of_errors() {
        let secret = given("clientSecret", "hunter2").expect("a secret");
        assert!(!format!("{:?}", secret.wrong("is wrong", "another")).contains("hunter2"));
    }
}
