//! Outgoing HTTP: who may be reached, how, and a record of it.

use std::sync::Arc;

use anyhow::Result;
use http::Request;
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpHooks};

mod allow;
mod connect;
mod proxy;
mod record;
mod send;
#[cfg(test)]
mod tests;
mod tls;

use allow::AllowList;
use connect::Connector;
use proxy::Proxy;
use record::Requests;
use send::Sending;
use tls::Tls;

pub use record::SentRequest;

/// The hosts that a run may reach, and the way there.
#[derive(Clone, Debug, Default)]
pub struct Network {
    /// `host` (on any port) or `host:port`; any host where this is `None`, none where it is empty.
    pub allow_hosts: Option<Vec<String>>,
    /// Certificate authorities in PEM, trusted besides the usual ones.
    pub extra_ca_pem: Option<Vec<u8>>,
    /// The proxy for https, as `HTTPS_PROXY` has it: `http://user:password@host:port`. It can see
    /// where a request goes, not what it says. Never used for loopback and link-local hosts.
    pub https_proxy: Option<String>,
    /// The same for plain http, as `HTTP_PROXY` has it.
    pub http_proxy: Option<String>,
    /// The hosts reached without proxy, as `NO_PROXY` has it: names with their subdomains,
    /// addresses and networks, separated by commas; `*` for all.
    pub no_proxy: Option<String>,
}

/// wasmtime's door to the network: it asks here for every request of the guest. Clones keep one record.
#[derive(Clone)]
pub(crate) struct Hooks {
    allow: AllowList,
    connector: Arc<Connector>,
    requests: Requests,
}

impl Hooks {
    pub(crate) fn new(network: &Network) -> Result<Self> {
        Ok(Self {
            allow: AllowList::new(network.allow_hosts.as_deref()),
            connector: Arc::new(Connector::new(Proxy::new(network)?, Tls::new(network)?)),
            requests: Requests::default(),
        })
    }

    /// The requests after the first so many.
    pub(crate) fn requests_since(&self, count: usize) -> Vec<SentRequest> {
        self.requests.since(count)
    }
}

impl WasiHttpHooks for Hooks {
    fn send_request(
        &mut self,
        request: Request<WasiBody>,
        options: Option<RequestOptions>,
        // The guest's own processing of the response, which only WASI 0.3 reports.
        _: Box<dyn Future<Output = Result<(), Error>> + Send>,
    ) -> Box<dyn Future<Output = Result<Sending, Error>> + Send> {
        let allowed = self.allow.allows(request.uri());
        let (entry, request) = self.requests.begin(request);
        let connector = self.connector.clone();
        Box::new(async move {
            let outcome = match allowed {
                true => send::send(&connector, request, options.unwrap_or_default()).await,
                false => Err(Error::HttpRequestDenied),
            };
            entry.answered(outcome.as_ref().map(|(response, _)| response.status()));
            outcome
        })
    }
}
