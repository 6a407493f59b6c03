//! The inputs as `task.json` lists them.

use super::ecosystem;

/// One input of the task, which is a flag and a variable too
#[derive(Debug)]
pub struct Input {
    /// Its name in `task.json`, such as `minOnline`
    pub name: &'static str,
    /// Its type there
    pub kind: &'static str,
    /// Its default; empty for none
    pub default: &'static str,
    /// What it is for
    pub help: &'static str,
    /// The group that it stands in; empty for none
    pub group: &'static str,
    /// The commands that take it; empty for all
    pub commands: &'static [&'static str],
    /// The values that it can have, each with its label; empty for any
    pub choices: &'static [(&'static str, &'static str)],
}

static TABLE: &[Input] = include!(concat!(env!("OUT_DIR"), "/inputs.rs"));

/// All inputs, in the order of `task.json`
pub fn inputs() -> &'static [Input] {
    TABLE
}

/// The input of that name
pub fn input(name: &str) -> Option<&'static Input> {
    TABLE.iter().find(|input| input.name == name)
}

impl Input {
    /// The flag: `--min-online` for `minOnline`
    pub fn flag(&self) -> String {
        let mut flag = String::from("--");
        for character in self.name.chars() {
            if character.is_ascii_uppercase() {
                flag.push('-');
            }
            flag.push(character.to_ascii_lowercase());
        }
        flag
    }

    /// The variable that the agent sets for a task: `INPUT_MINONLINE` for `minOnline`
    pub fn variable(&self) -> String {
        format!("INPUT_{}", self.name.to_ascii_uppercase())
    }

    /// Whether it holds a secret, which never comes by a flag
    pub fn is_secret(&self) -> bool {
        ecosystem::SECRETS.contains(&self.name)
    }

    /// Whether a command takes it
    pub fn is_for(&self, command: &str) -> bool {
        self.commands.is_empty() || self.commands.contains(&command)
    }

    /// How a user may give it, for an error that asks for it
    pub fn ways(&self) -> String {
        let variables = ecosystem::variables(self.name);
        match (self.is_secret(), variables.first()) {
            (false, Some(variable)) => format!("`{}` or the variable `{variable}`", self.flag()),
            (false, None) => format!("`{}`", self.flag()),
            (true, Some(variable)) => format!("the variable `{variable}`"),
            (true, None) => format!("the variable `{}`", self.variable()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_from_one_another() {
        let input = input("minOnline").expect("an input");
        assert_eq!((input.flag().as_str(), input.variable().as_str()), ("--min-online", "INPUT_MINONLINE"));
    }

    #[test]
    fn what_the_ecosystem_knows_is_an_input_here() {
        for name in ecosystem::names() {
            assert!(input(name).is_some(), "{name}");
        }
    }
}
