//! What the rest of the crate knows of the network.

use std::fmt;
use std::time::Duration;

use super::{Request, Response};

/// Sends requests and waits; the one thing below `main` that touches the outside world
pub trait Transport {
    /// Sends all requests, so that they are in flight together, and returns
    /// their answers in the same order. Each ends by its own deadline or the
    /// command's, whichever comes first. A redirect is returned, not followed.
    fn send_all(&self, requests: &[Request]) -> Vec<Result<Response, TransportError>>;

    /// Sends one request.
    ///
    /// # Errors
    /// [`TransportError`] where no whole answer came.
    fn send(&self, request: &Request) -> Result<Response, TransportError> {
        self.send_all(std::slice::from_ref(request))
            .pop()
            .unwrap_or(Err(TransportError::Other("the request was not sent".into())))
    }

    /// Waits, and says why.
    fn wait(&self, time: Duration, reason: &str);

    /// What is left until the command's deadline
    fn remaining(&self) -> Duration;
}

/// Why no whole answer came; the hosts' own codes differ from one to the next, so these are ours
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum TransportError {
    /// The body is longer than the request allows.
    BodyTooLong {
        /// The most bytes that are read
        limit: usize,
    },
    /// The connection ended before the answer did.
    CutShort,
    /// The host that runs this component doesn't allow the address.
    Denied,
    /// The name has no address.
    Dns,
    /// The proxy that stands between doesn't let through; in the host's words
    Proxy(String),
    /// The connection was refused, or nobody is at the address.
    Refused,
    /// The connection was reset or closed before an answer began.
    Reset,
    /// The deadline came first.
    TimedOut {
        /// How long the request was given
        after: Duration,
        /// Whether the answer had begun
        answering: bool,
    },
    /// The certificate isn't trusted, or TLS failed otherwise.
    Tls,
    /// The server asked for no further request for longer than there is time.
    ToldToWait {
        /// For how long
        wait: Duration,
    },
    /// Anything else, in the host's words
    Other(String),
}

impl TransportError {
    /// Whether the same request may succeed a moment later
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::CutShort | Self::Reset)
    }

    /// What a user can do about it
    pub fn advice(&self) -> &'static str {
        match self {
            Self::BodyTooLong { .. } | Self::CutShort | Self::Reset => {
                "something between here and the server breaks its answers: look at proxies and firewalls"
            }
            Self::Denied => {
                "allow this address where you run Pool Lifeguard (for its host: `--allow-host`); as a task it may reach \
                 only the hosts that its inputs, the job and the identity name"
            }
            Self::Proxy(_) => {
                "check the proxy's address, user and password, and that it lets through to this host; a self-hosted agent \
                 gets them by `config.sh --proxyurl --proxyusername --proxypassword`"
            }
            Self::Dns => "check the spelling of the URL and this machine's name resolution",
            Self::Refused => "check the URL's host and port, and that the way to it is open",
            Self::TimedOut { .. } => {
                "check the way to the server (firewall, proxy, private endpoint); `--timeout` gives it longer"
            }
            Self::Tls => {
                "the server's certificate isn't trusted here: a TLS-inspecting proxy or a private CA needs its \
                 certificate given to the host (`--ca-file`)"
            }
            Self::ToldToWait { .. } => {
                "try again later, and ask less often: the limit holds for an identity in all its programs together"
            }
            Self::Other(_) => "try again; if it stays, run with another host and compare",
        }
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BodyTooLong { limit } => write!(f, "the answer is longer than {limit} bytes"),
            Self::CutShort => f.write_str("the connection ended in the middle of the answer"),
            Self::Denied => f.write_str("the address isn't on the host's allow-list"),
            Self::Dns => f.write_str("its name can't be resolved"),
            Self::Proxy(text) => f.write_str(text),
            Self::Refused => f.write_str("the connection was refused"),
            Self::Reset => f.write_str("the connection was reset before an answer came"),
            Self::TimedOut { after, answering } => {
                let what = if *answering { "the answer didn't end" } else { "no answer came" };
                write!(f, "{what} within {}", crate::moment::span_rounded_up(*after))
            }
            Self::Tls => f.write_str("TLS failed, most often because the certificate isn't trusted"),
            Self::ToldToWait { wait } => {
                let wait = crate::moment::span_rounded_up(*wait);
                write!(f, "it asks to be left alone for {wait} (Retry-After), longer than is left")
            }
            Self::Other(text) => write!(f, "the request failed: {text}"),
        }
    }
}
