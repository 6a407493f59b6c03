//! The command line: a command and flags.

use std::collections::BTreeMap;
use std::ffi::OsString;

use lexopt::Arg;

use super::value::nearest;
use super::{Input, UsageError, input, inputs};

/// The command line, read but not judged
#[derive(Debug, Default)]
pub struct Arguments {
    /// The command, where one stands on the command line
    pub command: Option<String>,
    /// Flags by the name of their input
    pub flags: BTreeMap<&'static str, String>,
    /// Whether `--help` was asked for
    pub help: bool,
    /// Whether `--version` was asked for
    pub version: bool,
}

impl Arguments {
    /// Reads the arguments that stand behind the program's name.
    ///
    /// # Errors
    /// [`UsageError`] for what is no command and no flag, with the nearest one named.
    pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Self, UsageError> {
        let mut parser = lexopt::Parser::from_args(arguments);
        let mut parsed = Self::default();
        while let Some(argument) = parser.next().map_err(unreadable)? {
            match argument {
                Arg::Short('h') | Arg::Long("help") => parsed.help = true,
                Arg::Short('V') | Arg::Long("version") => parsed.version = true,
                Arg::Long(name) => {
                    let input = input_of(name)?;
                    let value = value_of(&mut parser, input)?;
                    parsed.set(input, value)?;
                }
                Arg::Short(letter) => return Err(no_such_flag(&format!("-{letter}"))),
                Arg::Value(text) => parsed.take_command(&text.to_string_lossy())?,
            }
        }
        if let Some(command) = &parsed.command {
            parsed.check_flags_of(command)?;
        }
        Ok(parsed)
    }

    fn take_command(&mut self, text: &str) -> Result<(), UsageError> {
        if self.command.is_some() {
            return Err(UsageError::new(
                format!("`{text}` is one argument too many"),
                "give one command, and everything else by flags (quote a value that has spaces)",
            ));
        }
        check_command(text)?;
        self.command = Some(text.to_owned());
        Ok(())
    }

    fn set(&mut self, input: &'static Input, value: String) -> Result<(), UsageError> {
        match self.flags.get_mut(input.name) {
            None => {
                self.flags.insert(input.name, value);
            }
            Some(values) if input.kind == "multiLine" => {
                values.push('\n');
                values.push_str(&value);
            }
            Some(_) => {
                return Err(UsageError::new(format!("`{}` is given twice", input.flag()), "give it once"));
            }
        }
        Ok(())
    }

    fn check_flags_of(&self, command: &str) -> Result<(), UsageError> {
        let stray = self.flags.keys().filter_map(|name| input(name)).find(|input| !input.is_for(command));
        stray.map_or(Ok(()), |input| {
            Err(UsageError::new(
                format!("`{command}` doesn't take `{}`", input.flag()),
                format!("`{}` is for `{}`", input.flag(), input.commands.join("`, `")),
            ))
        })
    }
}

/// Checks that a command is there.
///
/// # Errors
/// [`UsageError`] with the nearest one.
pub fn check_command(text: &str) -> Result<(), UsageError> {
    let choices = input("command").map_or(&[][..], |input| input.choices);
    if choices.iter().any(|(name, _)| *name == text) {
        return Ok(());
    }
    let all: Vec<String> = choices.iter().map(|(name, _)| format!("`{name}`")).collect();
    let right = match nearest(text, choices.iter().map(|(name, _)| *name)) {
        Some(near) => format!("did you mean `{near}`? All commands: {}", all.join(", ")),
        None => format!("give one of {}", all.join(", ")),
    };
    Err(UsageError::new(format!("there is no command `{text}`"), right))
}

fn input_of(name: &str) -> Result<&'static Input, UsageError> {
    let flag = format!("--{name}");
    let input = inputs()
        .iter()
        .find(|input| input.name != "command" && input.flag() == flag)
        .ok_or_else(|| no_such_flag(&flag))?;
    if input.is_secret() {
        return Err(UsageError::new(
            format!("`{flag}` isn't a flag, since everybody on the machine can read a command line"),
            format!("give the secret by {}", input.ways()),
        ));
    }
    Ok(input)
}

fn value_of(parser: &mut lexopt::Parser, input: &Input) -> Result<String, UsageError> {
    let value = if input.kind == "boolean" {
        parser.optional_value().unwrap_or_else(|| "true".into())
    } else {
        parser.value().map_err(|_| {
            UsageError::new(
                format!("`{}` has no value", input.flag()),
                format!("give it one: {}", input.help.trim_end_matches('.')),
            )
        })?
    };
    value.into_string().map_err(|_| {
        UsageError::new(format!("`{}`: its value isn't UTF-8", input.flag()), "give it in UTF-8")
    })
}

fn no_such_flag(flag: &str) -> UsageError {
    let flags: Vec<String> = inputs().iter().map(Input::flag).collect();
    let known = flags.iter().map(String::as_str).chain(["--help", "--version"]);
    let right = match nearest(flag, known) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`--help` lists all flags".into(),
    };
    UsageError::new(format!("there is no flag `{flag}`"), right)
}

fn unreadable(error: lexopt::Error) -> UsageError {
    UsageError::new(format!("the command line can't be read: {error}"), "`--help` shows how it is written")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &[&str]) -> Result<Arguments, UsageError> {
        Arguments::parse(arguments.iter().map(OsString::from))
    }

    fn error(arguments: &[&str]) -> String {
        format!("{:?}", parse(arguments).expect_err("a usage error"))
    }

    #[test]
    fn flags_come_in_both_forms_and_pools_more_than_once() {
        let parsed = parse(&["check", "--pool=a", "--pool", "b,c", "--min-online", "2"]).expect("arguments");
        assert_eq!(parsed.command.as_deref(), Some("check"));
        assert_eq!(parsed.flags["pool"], "a\nb,c");
        assert_eq!(parsed.flags["minOnline"], "2");
    }

    #[test]
    fn mistakes_name_what_was_meant() {
        assert!(error(&["chek"]).contains("did you mean `check`?"));
        assert!(error(&["check", "--min-onlin", "2"]).contains("did you mean `--min-online`?"));
        assert!(error(&["check", "extra"]).contains("`extra` is one argument too many"));
        assert!(error(&["token", "--pool", "x"]).contains("`token` doesn't take `--pool`"));
        assert!(error(&["check", "--min-online"]).contains("`--min-online` has no value"));
        assert!(error(&["check", "--min-online", "1", "--min-online", "2"]).contains("is given twice"));
        assert!(error(&["token", "--client-secret", "x"]).contains("AZURE_CLIENT_SECRET"));
    }
}
