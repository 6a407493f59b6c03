//! The listening sockets and what happens to those who connect.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener as StdTcpListener};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::{future, io};

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio_rustls::TlsAcceptor;

use super::connection::Connection;
use super::serve::serve;
use crate::state::State;

/// Sockets of one port, on both loopback addresses where the machine has both: `localhost` may
/// mean either.
pub(crate) struct Listeners {
    sockets: Vec<StdTcpListener>,
    port: u16,
}

impl Listeners {
    /// Listens; port 0 takes any.
    pub(crate) fn bind(port: u16) -> io::Result<Self> {
        let first = StdTcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        let port = first.local_addr()?.port();
        let mut sockets = vec![first];
        // A machine without IPv6, or with another server there, is fine: 127.0.0.1 is what counts.
        sockets.extend(StdTcpListener::bind(SocketAddr::from((Ipv6Addr::LOCALHOST, port))));
        for socket in &sockets {
            socket.set_nonblocking(true)?;
        }
        Ok(Self { sockets, port })
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }
}

/// Serves until it's told to stop.
pub(crate) async fn run(
    state: Arc<State>,
    plain: Listeners,
    tls: Option<(Listeners, TlsAcceptor)>,
    stop: oneshot::Receiver<()>,
) {
    for socket in plain.sockets {
        tokio::spawn(accept(socket, Arc::clone(&state), None));
    }
    if let Some((listeners, acceptor)) = tls {
        for socket in listeners.sockets {
            tokio::spawn(accept(socket, Arc::clone(&state), Some(acceptor.clone())));
        }
    }
    // Either it's told to or its owner is gone; the runtime's end drops all that was spawned.
    let _ = stop.await;
}

async fn accept(socket: StdTcpListener, state: Arc<State>, tls: Option<TlsAcceptor>) {
    let Ok(listener) = TcpListener::from_std(socket) else {
        return future::pending().await;
    };
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            continue; // the client went away before it was accepted
        };
        // Answers go out at once: a dripping body must drip.
        let _ = stream.set_nodelay(true);
        let state = Arc::clone(&state);
        let tls = tls.clone();
        tokio::spawn(async move {
            let connection = Connection::new(stream);
            let reset = connection.reset_switch();
            match tls {
                None => converse(connection, state, false, reset).await,
                Some(acceptor) => {
                    if let Ok(stream) = acceptor.accept(connection).await {
                        converse(stream, state, true, reset).await;
                    }
                }
            }
        });
    }
}

async fn converse(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    state: Arc<State>,
    secure: bool,
    reset: Arc<AtomicBool>,
) {
    let service = service_fn(move |request| serve(Arc::clone(&state), secure, Arc::clone(&reset), request));
    // How a connection ended is the client's business; faults end it with an error on purpose.
    let _ = http1::Builder::new()
        .auto_date_header(false) // the date is the emulator's clock's
        .serve_connection(TokioIo::new(stream), service)
        .await;
}
