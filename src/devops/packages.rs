//! Agent packages: which version is the newest.

use serde_json::Value;

use super::reading::{object, text};

/// The version of an agent, compared number by number
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub struct Version {
    /// The number that changes with what it can no longer do
    pub major: u32,
    minor: u32,
    patch: u32,
}

impl Version {
    /// Reads `{"major":4,"minor":266,"patch":2}`.
    pub fn read(value: &Value) -> Self {
        let number = |name: &str| value[name].as_u64().and_then(|number| u32::try_from(number).ok());
        Self {
            major: number("major").unwrap_or_default(),
            minor: number("minor").unwrap_or_default(),
            patch: number("patch").unwrap_or_default(),
        }
    }

    /// Reads `4.266.2`.
    pub fn parse(text: &str) -> Option<Self> {
        let mut numbers = text.trim().splitn(3, '.').map(|number| number.parse().ok());
        Some(Self { major: numbers.next()??, minor: numbers.next()??, patch: numbers.next()?? })
    }
}

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

/// A package that an agent is installed from
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Package {
    /// Its version
    pub version: Option<Version>,
    /// Where it is downloaded from
    pub url: String,
    /// Its file's name
    pub filename: String,
    /// The SHA-256 of the file as 64 hexadecimal digits in lower case; old packages have none
    pub sha256: Option<String>,
}

impl Package {
    /// Reads what Azure DevOps says of it. Its `hashValue` is a SHA-256, whatever the reference says (the agent's own
    /// updater compares it so, without `-` and letter case).
    pub fn read(value: &Value) -> Self {
        let hash = text(value, "hashValue").replace('-', "").to_ascii_lowercase();
        let is_hash = hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
        Self {
            version: object(value, "version", Version::read),
            url: text(value, "downloadUrl"),
            filename: text(value, "filename"),
            sha256: is_hash.then_some(hash),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_numbers() {
        let version = |text| Version::parse(text).expect("a version");
        assert!(version("4.9.0") < version("4.10.0"));
        assert!(version("3.999.0") < version("4.0.0"));
        for text in ["", "4.1", "4.x.1", "4.1.2.3"] {
            assert_eq!(Version::parse(text), None, "{text}");
        }
    }
}
