//! Demands: what a job wants of an agent's capabilities.

use super::packages::Version;

/// One demand, as it stands in a job request: `java`, `Agent.OS -equals Linux`, `Agent.Version -gtVersion 3.218.0`
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Demand<'a> {
    /// The capability's name
    pub name: &'a str,
    condition: Condition<'a>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Condition<'a> {
    Exists,
    Equals(&'a str),
    AtLeast(&'a str),
}

impl<'a> Demand<'a> {
    /// Reads a demand; a condition that isn't known here asks for the capability alone.
    pub fn parse(text: &'a str) -> Self {
        let mut words = text.trim().splitn(3, ' ');
        let name = words.next().unwrap_or_default();
        let (operator, value) = (words.next().unwrap_or_default(), words.next().unwrap_or_default().trim());
        let condition = match operator.to_ascii_lowercase().as_str() {
            "-equals" => Condition::Equals(value),
            "-gtversion" => Condition::AtLeast(value),
            _ => Condition::Exists,
        };
        Self { name, condition }
    }

    /// Whether Azure DevOps added it itself, for the tasks' least agent version
    pub fn is_added(&self) -> bool {
        self.name.eq_ignore_ascii_case("Agent.Version")
    }

    /// The least version that it asks for, where it asks for one
    pub fn least(&self) -> Option<&'a str> {
        match self.condition {
            Condition::AtLeast(least) => Some(least),
            _ => None,
        }
    }

    /// Whether a capability of its name with this value meets it; a version that can't be read does
    pub fn is_met_by(&self, value: &str) -> bool {
        match self.condition {
            Condition::Exists => true,
            Condition::Equals(wanted) => value.eq_ignore_ascii_case(wanted),
            Condition::AtLeast(least) => match (Version::parse(value), Version::parse(least)) {
                (Some(version), Some(least)) => version >= least,
                _ => true,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn demands_are_met_by_values() {
        for (demand, value, expected) in [
            ("java", "", true),
            ("Agent.OS -equals Linux", "linux", true),
            ("Agent.OS -equals Linux", "Windows_NT", false),
            ("path -equals C:\\Program Files", "c:\\program files", true),
            ("Agent.Version -gtVersion 3.218.0", "3.218.0", true),
            ("Agent.Version -gtVersion 3.218.0", "4.0.0", true),
            ("Agent.Version -gtVersion 3.218.0", "3.217.9", false),
            ("Agent.Version -gtVersion 3.218.0", "unknown", true),
            ("x -newOperator y", "z", true),
        ] {
            assert_eq!(Demand::parse(demand).is_met_by(value), expected, "{demand} by {value}");
        }
        assert!(Demand::parse("agent.version -gtVersion 1.0.0").is_added());
    }
}
