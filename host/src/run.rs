use std::{path::PathBuf, time::SystemTime};

use crate::network::{Network, SentRequest};

/// What one run of the component gets. The default is nothing at all: no variables, no folders,
/// and, since its [`Network`] names no hosts to keep to, any host.
#[derive(Clone, Debug, Default)]
pub struct Run {
    /// The arguments, without the program's name: that is always `lifeguard`.
    pub args: Vec<String>,
    /// The environment variables.
    pub env: Vec<(String, String)>,
    /// The folders that it may open files in.
    pub folders: Vec<Folder>,
    /// The hosts that it may reach, and how.
    pub network: Network,
    /// What the wall clock shows, and goes on showing. Deadlines pass in real time all the same.
    pub wall_clock: Option<SystemTime>,
    /// Whether every run draws the same random numbers.
    pub deterministic_random: bool,
    /// Where stdout and stderr go.
    pub output: Output,
}

/// A folder of the host that the guest may open files in.
#[derive(Clone, Debug)]
pub struct Folder {
    /// Where it is.
    pub host: PathBuf,
    /// Where the guest sees it.
    pub guest: String,
    /// Whether the guest may also write there.
    pub writable: bool,
}

/// Where stdout and stderr of the component go.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Output {
    /// Into the [`Outcome`]; stdin is empty.
    #[default]
    Captured,
    /// Where this process' own go; stdin is this process' own too.
    Inherited,
}

/// What came of a run.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The guest's exit code; 134 after a trap, as `wasmtime run` has it.
    pub exit_code: i32,
    /// What it printed, where [`Output::Captured`].
    pub stdout: Vec<u8>,
    /// What it printed on stderr, where [`Output::Captured`]. After a trap, its cause is the end.
    pub stderr: Vec<u8>,
    /// The requests in the order in which they were sent, denied ones too.
    pub requests: Vec<SentRequest>,
}
