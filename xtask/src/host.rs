//! How the component is run here: in `lifeguard-host`, with folders and variables.

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::Result;

use crate::{component, workspace::Workspace};

/// Azure Arc writes its challenges where only its group may read, and its program tells where it is.
const ARC_FOLDERS: [&str; 2] = ["/var/opt/azcmagent/tokens", "/opt/azcmagent/bin"];

/// The built component in the built host.
pub(crate) struct Host {
    component: PathBuf,
    program: PathBuf,
}

impl Host {
    pub(crate) fn build(workspace: &Workspace) -> Result<Self> {
        Ok(Self {
            component: component::build(workspace)?.path,
            program: workspace
                .program("lifeguard-host", "compiling the host (its wasmtime takes minutes, once)")?,
        })
    }

    /// A run of the component, with all variables of its process.
    ///
    /// Variables go by inheritance: as arguments, other users of the machine could read the secrets.
    pub(crate) fn command(&self, options: &[String], folders: &Folders, args: &[String]) -> Command {
        let mut command = Command::new(&self.program);
        command.arg("--inherit-env").args(options);
        for (folder, writable) in &folders.0 {
            let read_only = if *writable { "" } else { ":ro" };
            command.arg("--dir").arg(format!("{folder}::{folder}{read_only}"));
        }
        command.arg(&self.component).arg("--").args(args);
        command
    }
}

/// The folders that a run may open files in, each with whether it may write there.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Folders(Vec<(String, bool)>);

impl Folders {
    /// The current folder, and those of the files that variables and flags name.
    pub(crate) fn needed(variables: &[(String, String)], args: &[String]) -> Self {
        let mut folders = Self::default();
        folders.add(".", false);
        if let Ok(folder) = env::current_dir() {
            // Under its own name too: a variable may hold the whole path of a file here.
            folders.add(&folder.to_string_lossy(), false);
        }
        for (name, value) in variables {
            if names_a_file(name) {
                folders.add(parent(value), false);
            }
        }
        for (flag, value) in flags(args) {
            match flag {
                "--out-file" => folders.add(parent(value), true),
                flag if flag.ends_with("-file") || flag.ends_with("-path") => {
                    folders.add(parent(value), false);
                }
                _ => (),
            }
        }
        for folder in ARC_FOLDERS {
            folders.add(folder, false);
        }
        folders
    }

    /// Passes over what isn't there: the component says better than we could which file is missing.
    fn add(&mut self, folder: &str, writable: bool) {
        if !Path::new(folder).is_dir() {
            return;
        }
        match self.0.iter_mut().find(|(present, _)| present == folder) {
            Some((_, present)) => *present |= writable,
            None => self.0.push((folder.to_owned(), writable)),
        }
    }
}

/// `AZP_TOKEN_FILE`, `AZURE_CLIENT_CERTIFICATE_PATH`, `ARM_OIDC_TOKEN_FILE_PATH`, `INPUT_TOKENFILE`, …
fn names_a_file(variable: &str) -> bool {
    let ours = ["ARM_", "AZP_", "AZURE_", "INPUT_"];
    ours.iter().any(|prefix| variable.starts_with(prefix))
        && (variable.ends_with("FILE") || variable.ends_with("PATH"))
}

/// The flags with their values, written `--name value` or `--name=value`.
fn flags(args: &[String]) -> impl Iterator<Item = (&str, &str)> {
    args.iter().enumerate().filter_map(|(index, arg)| {
        let flag = arg.strip_prefix("--").map(|_| arg.as_str())?;
        match flag.split_once('=') {
            Some(pair) => Some(pair),
            None => Some((flag, args.get(index + 1)?.as_str())),
        }
    })
}

fn parent(file: &str) -> &str {
    match Path::new(file).parent().and_then(Path::to_str) {
        None | Some("") => ".",
        Some(folder) => folder,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn added(variables: &[(&str, &str)], args: &[&str]) -> Vec<(String, bool)> {
        let pair = |(name, value): &(&str, &str)| (name.to_string(), value.to_string());
        let variables: Vec<_> = variables.iter().map(pair).collect();
        let args: Vec<_> = args.iter().map(ToString::to_string).collect();
        let present = Folders::needed(&[], &[]).0;
        let folders = Folders::needed(&variables, &args).0;
        folders.into_iter().filter(|folder| !present.contains(folder)).collect()
    }

    #[test]
    fn folders_of_credential_files_are_read_only() {
        assert_eq!(
            added(&[("AZURE_FEDERATED_TOKEN_FILE", "/etc/token"), ("PATH", "/usr/bin")], &[]),
            [("/etc".to_owned(), false)]
        );
        assert_eq!(added(&[], &["token", "--token-file=/etc/x"]), [("/etc".to_owned(), false)]);
        assert_eq!(added(&[], &["--token-file", "/etc/x"]), [("/etc".to_owned(), false)]);
    }

    #[test]
    fn the_folder_of_the_output_is_writable() {
        assert_eq!(added(&[], &["--out-file", "report.json"]), [(".".to_owned(), true)]);
    }

    #[test]
    fn folders_that_are_not_there_are_passed_over() {
        assert_eq!(added(&[("AZP_TOKEN_FILE", "/nowhere/token")], &[]), []);
    }
}
