use anyhow::anyhow;
use http::{HeaderValue, Uri};
use hyper_util::{
    client::{
        legacy::connect::{HttpConnector, proxy::Tunnel},
        proxy::matcher::Intercept,
    },
    rt::TokioIo,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use tower_service::Service;
use wasmtime_wasi_http::Error;

use super::{allow::port, proxy::Proxy, tls::Tls};

/// Bytes both ways: TCP, TLS, or TLS inside of a proxy's tunnel.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// A connection to where a request goes.
pub(super) struct Connection {
    pub(super) stream: Box<dyn Stream>,
    /// Set where the request itself is for a proxy to pass on, not through its tunnel.
    pub(super) forwarded: Option<Forwarded>,
}

/// What a proxy that passes on a plain request wants to know.
pub(super) struct Forwarded {
    pub(super) authorization: Option<HeaderValue>,
}

/// Opens connections, one a request.
pub(super) struct Connector {
    proxy: Proxy,
    tls: Tls,
}

impl Connector {
    pub(super) fn new(proxy: Proxy, tls: Tls) -> Self {
        Self { proxy, tls }
    }

    pub(super) async fn connect(&self, uri: &Uri) -> Result<Connection, Error> {
        let host = uri.host().ok_or(Error::HttpRequestUriInvalid)?;
        let encrypted = uri.scheme_str() != Some("http");
        let proxy = self.proxy.of(uri);

        let stream: Box<dyn Stream> = match &proxy {
            Some(proxy) if encrypted => tunnel(proxy, uri).await?,
            Some(proxy) => {
                let stream = dial(proxy.uri()).await;
                Box::new(stream.map_err(|error| unreachable(proxy, error.to_string()))?)
            }
            None => Box::new(dial(uri).await.map_err(Error::Connect)?),
        };
        if encrypted {
            let stream = Box::new(self.tls.connect(host, stream).await?);
            return Ok(Connection { stream, forwarded: None });
        }
        let forwarded = proxy.map(|proxy| Forwarded { authorization: proxy.basic_auth().cloned() });
        Ok(Connection { stream, forwarded })
    }
}

async fn dial(uri: &Uri) -> std::io::Result<TcpStream> {
    let host = uri.host().unwrap_or_default();
    TcpStream::connect(format!("{host}:{}", port(uri))).await
}

async fn tunnel(proxy: &Intercept, uri: &Uri) -> Result<Box<dyn Stream>, Error> {
    let mut tunnel = Tunnel::new(proxy.uri().clone(), HttpConnector::new());
    if let Some(authorization) = proxy.basic_auth() {
        tunnel = tunnel.with_auth(authorization.clone());
    }
    let tunnelled = tunnel.call(uri.clone()).await;
    // The error's type isn't public; its chain of texts says what happened.
    let stream = tunnelled.map_err(|error| unreachable(proxy, format!("{:#}", anyhow!(error))))?;
    Ok(Box::new(TokioIo::new(stream)))
}

/// WASI has no code for it; the text tells a proxy's failure from that of the host behind it.
fn unreachable(proxy: &Intercept, why: String) -> Error {
    // Host and port only: the user and password were taken out when the proxy was read.
    let uri = proxy.uri();
    let host = uri.host().unwrap_or_default();
    Error::InternalError(Some(format!("proxy {host}:{}: {why}", port(uri))))
}
