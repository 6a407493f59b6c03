use std::time::{Duration, SystemTime};

use anyhow::{Context, Result};
use bytes::Bytes;
use http::{HeaderValue, Request, Response, header::HOST};
use http_body_util::{BodyExt, Full};
use tokio::{
    runtime::{self, Runtime},
    sync::oneshot,
    time::timeout,
};
use wasmtime::Store;
use wasmtime_wasi_http::{
    WasiHttpView,
    p2::bindings::{Proxy, ProxyPre, http::types::Scheme},
};

use crate::{
    network::SentRequest,
    state::{State, Surroundings},
};

/// The whole response waits in memory when the guest returns; what is missing then never comes.
const GRACE: Duration = Duration::from_secs(1);

/// How long an instance lives.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Instances {
    /// Each answers one request, as `wasmtime serve` has it by default.
    #[default]
    Fresh,
    /// One answers all requests, as `wasmtime serve --max-instance-reuse-count` has it; after a
    /// trap there is a new one.
    Kept,
}

/// The component behind its `wasi:http/incoming-handler`, without a socket: one request at a time
/// goes in through wasmtime's HTTP host.
///
/// Between two requests the world may be changed that the component sees.
pub struct Server {
    pre: ProxyPre<State>,
    surroundings: Surroundings,
    instances: Instances,
    kept: Option<Instance>,
    runtime: Runtime,
}

/// What came of one request to the component.
#[derive(Debug)]
pub struct Served {
    /// The response with its whole body, or why there is none: a trap for instance.
    pub response: Result<Response<Vec<u8>>, String>,
    /// What the component printed meanwhile, where captured.
    pub stdout: Vec<u8>,
    /// What it printed on stderr meanwhile, where captured.
    pub stderr: Vec<u8>,
    /// The requests that it sent meanwhile itself, in their order, denied ones too.
    pub requests: Vec<SentRequest>,
}

impl Server {
    pub(crate) fn new(
        pre: ProxyPre<State>,
        surroundings: Surroundings,
        instances: Instances,
    ) -> Result<Self> {
        let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
        Ok(Self { pre, surroundings, instances, kept: None, runtime })
    }

    /// Lets the component answer this request. Its URI may be a path with a query only. A server
    /// with a socket would leave the response to a HEAD without its body.
    ///
    /// What the guest does wrong is in the [`Served`]; an error here is the host's.
    pub fn send(&mut self, request: Request<Vec<u8>>) -> Result<Served> {
        let Surroundings { stdout, stderr, hooks, .. } = &self.surroundings;
        let (printed, complained) = (stdout.contents().len(), stderr.contents().len());
        let sent = hooks.requests_since(0).len();

        let kept = self.kept.take();
        let (response, instance) = self.runtime.block_on(async {
            let instance = match kept {
                Some(instance) => instance,
                None => Instance::new(&self.pre, &self.surroundings).await?,
            };
            instance.answer(request).await
        })?;
        if self.instances == Instances::Kept {
            self.kept = instance;
        }
        Ok(Served {
            response,
            stdout: stdout.contents().split_off(printed).to_vec(),
            stderr: stderr.contents().split_off(complained).to_vec(),
            requests: hooks.requests_since(sent),
        })
    }

    /// Sets the wall clock, for a kept instance too.
    pub fn set_wall_clock(&self, time: SystemTime) -> Result<()> {
        let clock = self.surroundings.clock.as_ref();
        clock.context("the wall clock was not set from the beginning")?.set(time)
    }
}

struct Instance {
    store: Store<State>,
    proxy: Proxy,
}

impl Instance {
    async fn new(pre: &ProxyPre<State>, surroundings: &Surroundings) -> Result<Self> {
        let mut store = surroundings.store(pre.engine())?;
        let proxy = pre.instantiate_async(&mut store).await?;
        Ok(Self { store, proxy })
    }

    /// The response, and the instance where it lives on.
    async fn answer(
        mut self,
        request: Request<Vec<u8>>,
    ) -> Result<(Result<Response<Vec<u8>>, String>, Option<Self>)> {
        let mut request = request.map(Full::<Bytes>::from);
        request.headers_mut().entry(HOST).or_insert(HeaderValue::from_static("localhost"));
        let (sender, receiver) = oneshot::channel();
        let mut http = self.store.data_mut().http();
        let request = http.new_incoming_request(Scheme::Http, request)?;
        let out = http.new_response_outparam(sender)?;

        // The guest may have to wait for a reader in the midst of its body.
        let reading = tokio::spawn(async {
            let response = receiver.await.map_err(|_| "the component set no response".to_owned())?;
            let (parts, body) = response.map_err(|code| format!("{code:?}"))?.into_parts();
            let body = body.collect().await.map_err(|error| format!("the body broke off: {error}"))?;
            Ok(Response::from_parts(parts, body.to_bytes().to_vec()))
        });
        let handler = self.proxy.wasi_http_incoming_handler();
        if let Err(error) = handler.call_handle(&mut self.store, request, out).await {
            reading.abort();
            return Ok((Err(format!("the component trapped: {error:?}")), None));
        }
        let response = match timeout(GRACE, reading).await {
            Ok(read) => read?,
            Err(_) => Err("the component didn't finish its response".to_owned()),
        };
        Ok((response, Some(self)))
    }
}
