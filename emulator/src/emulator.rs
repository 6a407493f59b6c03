//! The emulator, from start to stop.

use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::{fs, io, thread};

use tempfile::TempDir;
use tokio::sync::oneshot;

use crate::clock::Clock;
use crate::environments::Placeholders;
use crate::jwt::Keys;
use crate::oidc;
use crate::scenario::Scenario;
use crate::server::{self, Authority, Listeners, TlsError};
use crate::state::{ReceivedRequest, State};

/// How the emulator runs.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The port of plain HTTP; 0 for any.
    pub port: u16,
    /// HTTPS too, on a port of its own.
    pub tls: bool,
    /// Which time it is.
    pub clock: Clock,
    /// Where Azure Arc's challenge files are written; a temporary folder when absent.
    pub arc_tokens: Option<PathBuf>,
}

/// A running emulator. It stops when it's dropped.
pub struct Emulator {
    state: Arc<State>,
    http_url: String,
    https_url: Option<String>,
    ca_pem: Option<String>,
    service_account_tokens: PathBuf,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
    /// Deleted on drop.
    _temporary: TempDir,
}

impl Emulator {
    /// Starts it on a thread of its own; it listens when this returns.
    pub fn start(mut scenario: Scenario, options: Options) -> Result<Self, StartError> {
        options.clock.adjust(&mut scenario);
        let keys = Keys::new().map_err(|_| StartError::Keys)?;
        let temporary = TempDir::with_prefix("lifeguard-emulator-").map_err(StartError::Folder)?;
        let arc_tokens = options.arc_tokens.unwrap_or_else(|| temporary.path().join("arc-tokens"));
        let service_account_tokens = temporary.path().join("service-account-tokens");
        for folder in [&arc_tokens, &service_account_tokens] {
            fs::create_dir_all(folder).map_err(StartError::Folder)?;
        }

        let plain = Listeners::bind(options.port).map_err(StartError::Listen)?;
        let http_url = format!("http://127.0.0.1:{}", plain.port());
        let (tls, https_url, ca_pem) = if options.tls {
            let authority = Authority::new()?;
            let listeners = Listeners::bind(0).map_err(StartError::Listen)?;
            let url = format!("https://localhost:{}", listeners.port());
            (Some((listeners, authority.acceptor)), Some(url), Some(authority.pem))
        } else {
            (None, None, None)
        };

        let state = Arc::new(State::new(scenario, options.clock, keys, arc_tokens));
        for cluster in &state.scenario.clusters {
            let token = oidc::service_account_token(&state, cluster);
            fs::write(service_account_tokens.join(&cluster.name), token).map_err(StartError::Folder)?;
        }

        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(StartError::Thread)?;
        let (stop, stopped) = oneshot::channel();
        let served = Arc::clone(&state);
        let thread = thread::Builder::new()
            .name("lifeguard-emulator".to_owned())
            .spawn(move || runtime.block_on(server::run(served, plain, tls, stopped)))
            .map_err(StartError::Thread)?;

        Ok(Self {
            state,
            http_url,
            https_url,
            ca_pem,
            service_account_tokens,
            stop: Some(stop),
            thread: Some(thread),
            _temporary: temporary,
        })
    }

    /// `http://127.0.0.1:PORT`
    pub fn http_url(&self) -> String {
        self.http_url.clone()
    }

    /// `https://localhost:PORT`, with [`Options::tls`].
    pub fn https_url(&self) -> Option<String> {
        self.https_url.clone()
    }

    /// The certificate of the authority that HTTPS is served with.
    pub fn ca_pem(&self) -> Option<&str> {
        self.ca_pem.as_deref()
    }

    /// Every token and assertion that was issued and every challenge that was written so far.
    pub fn issued(&self) -> Vec<String> {
        self.state.issued()
    }

    /// Every request so far, in the order of arrival.
    pub fn requests(&self) -> Vec<ReceivedRequest> {
        self.state.requests()
    }

    /// The names of the scenario's environments, in its order.
    pub fn environment_names(&self) -> Vec<String> {
        self.state.scenario.environments.keys().cloned().collect()
    }

    /// The variables by which a client finds an identity of the scenario.
    pub fn environment(&self, name: &str) -> Option<Vec<(String, String)>> {
        let variables = self.state.scenario.environments.get(name)?.as_object()?;
        let placeholders = Placeholders {
            http: &self.http_url,
            https: self.https_url.as_ref().unwrap_or(&self.http_url),
            arc_tokens: &self.state.arc_tokens,
            folder: &self.state.scenario.folder,
            service_account_tokens: &self.service_account_tokens,
        };
        Some(placeholders.fill(variables))
    }

    /// A new token of a cluster's service account.
    pub fn service_account_token(&self, cluster: &str) -> Option<String> {
        let clusters = &self.state.scenario.clusters;
        let cluster = clusters.iter().find(|known| known.name == cluster)?;
        Some(oidc::service_account_token(&self.state, cluster))
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic there was printed there.
            let _ = thread.join();
        }
    }
}

/// Why the emulator doesn't run.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A folder of its own can't be made.
    #[error("can't make a folder: {0}")]
    Folder(#[source] io::Error),
    /// Its own keys are broken.
    #[error("the emulator's own keys can't be read")]
    Keys,
    /// The port is taken.
    #[error("can't listen on loopback: {0}")]
    Listen(#[source] io::Error),
    /// No thread to run on.
    #[error("can't start a thread: {0}")]
    Thread(#[source] io::Error),
    /// No TLS.
    #[error(transparent)]
    Tls(#[from] TlsError),
}
