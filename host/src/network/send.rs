use std::{
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use http::{Request, Response, Uri, header, uri::PathAndQuery};
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt;
use hyper::{body::Incoming, client::conn::http1};
use hyper_util::rt::TokioIo;
use tokio::time::{Sleep, sleep, timeout};
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody};

use super::connect::{Connection, Connector};

/// A response, and the work that reads the rest of it off the connection.
pub(super) type Sending = (Response<WasiBody>, Box<dyn Future<Output = Result<(), Error>> + Send>);

/// What wasmtime takes where the guest asks for no timeout.
const NO_TIMEOUT: Duration = Duration::from_secs(600);

/// Sends over HTTP/1.1, each request on a connection of its own, as wasmtime's own sender does.
pub(super) async fn send(
    connector: &Connector,
    mut request: Request<WasiBody>,
    options: RequestOptions,
) -> Result<Sending, Error> {
    // 1. Connect: the one timeout covers the proxy and TLS too.
    let connect_timeout = options.connect_timeout.unwrap_or(NO_TIMEOUT);
    let connecting = connector.connect(request.uri());
    let Connection { stream, forwarded } =
        timeout(connect_timeout, connecting).await.map_err(|_| Error::ConnectionTimeout)??;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;

    // 2. Only a proxy is told the whole URI: the host itself has its name in the Host header.
    match forwarded {
        Some(forwarded) => {
            if let Some(authorization) = forwarded.authorization {
                let headers = request.headers_mut();
                headers.insert(header::PROXY_AUTHORIZATION, authorization);
            }
        }
        None => {
            let root = PathAndQuery::from_static("/");
            let path = request.uri().path_and_query().cloned().unwrap_or(root);
            *request.uri_mut() = Uri::from(path);
        }
    }

    // 3. The connection works on its own from here on: also when the guest stops reading.
    let connection = tokio::spawn(connection);

    // 4. Wait for the head of the response.
    let first_byte_timeout = options.first_byte_timeout.unwrap_or(NO_TIMEOUT);
    let response = match timeout(first_byte_timeout, sender.send_request(request)).await {
        Ok(response) => response?,
        Err(_) => {
            connection.abort();
            return Err(Error::ConnectionReadTimeout);
        }
    };
    let between_bytes = options.between_bytes_timeout.unwrap_or(NO_TIMEOUT);
    let response = response.map(|incoming| Timed::new(incoming, between_bytes).boxed_unsync());
    let rest = async move {
        match connection.await {
            Ok(Err(error)) if error.is_timeout() => Err(Error::HttpResponseTimeout),
            Ok(outcome) => outcome.map_err(Error::from),
            Err(_) => Ok(()),
        }
    };
    Ok((response, Box::new(rest)))
}

/// A body that fails when it pauses for too long.
struct Timed {
    between_bytes: Duration,
    deadline: Pin<Box<Sleep>>,
    incoming: Incoming,
}

impl Timed {
    fn new(incoming: Incoming, between_bytes: Duration) -> Self {
        Self { between_bytes, deadline: Box::pin(sleep(between_bytes)), incoming }
    }
}

impl Body for Timed {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        match Pin::new(&mut self.incoming).poll_frame(context) {
            Poll::Pending => {
                ready!(self.deadline.as_mut().poll(context));
                Poll::Ready(Some(Err(Error::ConnectionReadTimeout)))
            }
            Poll::Ready(frame) => {
                self.deadline = Box::pin(sleep(self.between_bytes));
                Poll::Ready(frame.map(|frame| {
                    frame.map_err(|error| match error.is_timeout() {
                        true => Error::HttpResponseTimeout,
                        false => Error::from(error),
                    })
                }))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.incoming.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming.size_hint()
    }
}
