//! What the sender is tried against.

use std::{convert::Infallible, sync::Arc};

use bytes::Bytes;
use http::{Request, Response, header};
use http_body_util::{BodyExt, Full};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::{
    ServerConfig,
    crypto::ring,
    pki_types::{PrivateKeyDer, pem::PemObject},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::TlsAcceptor;

use crate::network::Network;

/// `user:p@ss`
const AUTHORIZATION: &str = "Basic dXNlcjpwQHNz";

/// A server that answers with what it was asked: method, target, body, and what it was told as a proxy.
pub(super) struct Echo {
    pub(super) port: u16,
}

impl Echo {
    pub(super) async fn plain() -> Self {
        Self::serve(None).await
    }

    pub(super) async fn tls(authority: &Authority) -> Self {
        Self::serve(Some(authority.acceptor())).await
    }

    pub(super) fn uri(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    async fn serve(tls: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let server = http1::Builder::new();
                let echo = service_fn(echo);
                // A client that hangs up is part of some tests.
                let _ = match &tls {
                    None => server.serve_connection(TokioIo::new(stream), echo).await,
                    Some(tls) => match tls.accept(stream).await {
                        Ok(stream) => server.serve_connection(TokioIo::new(stream), echo).await,
                        Err(_) => continue,
                    },
                };
            }
        });
        Self { port }
    }
}

async fn echo(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let mut text = format!("{} {}", request.method(), request.uri());
    let authorization = request.headers().get(header::PROXY_AUTHORIZATION).cloned();
    let body = request.into_body().collect().await.unwrap().to_bytes();
    text += &format!(" {}", String::from_utf8_lossy(&body));
    if let Some(authorization) = authorization {
        text += &format!(" {}", authorization.to_str().unwrap());
    }
    Ok(Response::new(Full::from(text)))
}

/// A proxy for `user:p@ss` whose tunnels all lead to one port of this machine.
pub(super) struct TunnelProxy {
    pub(super) port: u16,
}

impl TunnelProxy {
    pub(super) async fn to(destination: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    head.push(stream.read_u8().await.unwrap());
                }
                let head = String::from_utf8(head).unwrap();
                assert!(head.starts_with("CONNECT devops.example.com:443 HTTP/1.1\r\n"), "{head}");
                if !head.contains(AUTHORIZATION) {
                    let refusal = b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n";
                    stream.write_all(refusal).await.unwrap();
                    continue;
                }
                stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
                let mut onward = TcpStream::connect(("127.0.0.1", destination)).await.unwrap();
                let _ = copy_bidirectional(&mut stream, &mut onward).await;
            }
        });
        Self { port }
    }
}

/// A certificate authority of nobody's, with one server certificate.
pub(super) struct Authority {
    certificate: String,
    server: Arc<ServerConfig>,
}

impl Authority {
    pub(super) fn new(name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = KeyPair::generate().unwrap();
        let authority = CertifiedIssuer::self_signed(params, authority).unwrap();

        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &authority).unwrap();
        let key = PrivateKeyDer::from_pem_slice(key.serialize_pem().as_bytes()).unwrap();
        let server = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .unwrap();
        Self { certificate: authority.pem(), server: Arc::new(server) }
    }

    /// A network that trusts it.
    pub(super) fn trusted(&self) -> Network {
        Network { extra_ca_pem: Some(self.certificate.clone().into_bytes()), ..Network::default() }
    }

    fn acceptor(&self) -> TlsAcceptor {
        self.server.clone().into()
    }
}
