//! Agent packages: which version is the newest.

use serde::Deserialize;

/// The version of an agent, compared number by number
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Ord, PartialEq, PartialOrd)]
pub struct Version {
    major: u32,
    minor: u32,
    patch: u32,
}

impl Version {
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

/// A package that agents are installed from
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Package {
    pub(super) version: Option<Version>,
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
