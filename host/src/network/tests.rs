//! The sender against servers on loopback.

use std::time::Duration;

use http::{Request, header};
use http_body_util::{BodyExt, Full};
use tokio::{io::AsyncWriteExt, net::TcpListener, time::sleep};
use wasmtime_wasi_http::{Error, RequestOptions, WasiHttpHooks};

use super::{Hooks, Network, SentRequest};

mod servers;

use servers::{Authority, Echo, TunnelProxy};

/// A name that is nobody's: only a proxy gets there.
const ELSEWHERE: &str = "devops.example.com";

#[tokio::test]
async fn a_request_arrives_and_is_recorded() {
    let server = Echo::plain().await;
    let mut sender = Sender::new(Network::default());

    let (status, body) = sender.post(&server.uri("/token?v=1"), "grant").await.unwrap();

    // The answer is what the server saw.
    assert_eq!(status, 200);
    assert_eq!(body, "POST /token?v=1 grant");
    assert_eq!(
        sender.hooks.requests_since(0),
        [SentRequest {
            method: "POST".to_owned(),
            scheme: "http".to_owned(),
            authority: format!("127.0.0.1:{}", server.port),
            path_and_query: "/token?v=1".to_owned(),
            headers: vec![("content-length".to_owned(), b"5".to_vec())],
            body: b"grant".to_vec(),
            answer: Ok(200),
        }]
    );
}

#[tokio::test]
async fn a_host_that_is_not_allowed_is_not_asked() {
    let server = Echo::plain().await;
    let mut sender =
        Sender::new(Network { allow_hosts: Some(vec!["dev.azure.com".to_owned()]), ..Network::default() });

    let error = sender.post(&server.uri("/"), "").await.unwrap_err();

    assert!(matches!(error, Error::HttpRequestDenied), "{error:?}");
    let requests = sender.hooks.requests_since(0);
    assert_eq!(requests[0].answer, Err("HTTP request denied".to_owned()));
}

#[tokio::test]
async fn nobody_listening_is_recorded_by_its_name() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let mut sender = Sender::new(Network::default());

    let error = sender.post(&format!("http://{address}/"), "").await.unwrap_err();

    assert!(matches!(error, Error::Connect(_)), "{error:?}");
    let requests = sender.hooks.requests_since(0);
    assert_eq!(requests[0].answer, Err("connection refused".to_owned()));
}

#[tokio::test]
async fn a_private_authority_is_trusted_only_when_given() {
    let authority = Authority::new("localhost");
    let server = Echo::tls(&authority).await;
    let uri = format!("https://localhost:{}/", server.port);

    let mut stranger = Sender::new(Network::default());
    let error = stranger.post(&uri, "").await.unwrap_err();
    assert!(matches!(error, Error::TlsCertificateError), "{error:?}");

    let mut sender = Sender::new(authority.trusted());
    assert_eq!(sender.post(&uri, "").await.unwrap().0, 200);
}

#[tokio::test]
async fn https_goes_through_the_tunnel_of_a_proxy() {
    let authority = Authority::new(ELSEWHERE);
    let server = Echo::tls(&authority).await;
    let proxy = TunnelProxy::to(server.port).await;
    let mut sender = Sender::new(Network {
        https_proxy: Some(format!("http://user:p%40ss@127.0.0.1:{}", proxy.port)),
        ..authority.trusted()
    });

    let (_, body) = sender.post(&format!("https://{ELSEWHERE}/a"), "b").await.unwrap();

    // The proxy answers 407 without `user:p@ss`; the host sees neither it nor the whole URI.
    assert_eq!(body, "POST /a b");
    assert_eq!(sender.hooks.requests_since(0)[0].authority, ELSEWHERE);
}

#[tokio::test]
async fn a_proxy_that_wants_a_password_is_named_as_the_cause() {
    let proxy = TunnelProxy::to(1).await;
    let mut sender = Sender::new(Network {
        https_proxy: Some(format!("http://user:wrong@127.0.0.1:{}", proxy.port)),
        ..Network::default()
    });

    let error = sender.post(&format!("https://{ELSEWHERE}/"), "").await.unwrap_err();

    let error = error.to_string();
    assert!(error.contains(&format!("proxy 127.0.0.1:{}", proxy.port)), "{error}");
    assert!(error.contains("authorization required"), "{error}");
    assert!(!error.contains("wrong"), "{error}");
}

#[tokio::test]
async fn plain_http_is_passed_on_by_a_proxy() {
    let proxy = Echo::plain().await;
    let mut sender = Sender::new(Network {
        http_proxy: Some(format!("http://user:p%40ss@127.0.0.1:{}", proxy.port)),
        ..Network::default()
    });

    let (_, body) = sender.post(&format!("http://{ELSEWHERE}/a?b=c"), "d").await.unwrap();

    assert_eq!(body, format!("POST http://{ELSEWHERE}/a?b=c d Basic dXNlcjpwQHNz"));
}

#[tokio::test]
async fn a_head_that_does_not_come_is_a_timeout() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let uri = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let _open = listener.accept().await;
        sleep(Duration::from_secs(60)).await;
    });
    let mut sender = Sender::new(Network::default());
    sender.options.first_byte_timeout = Some(Duration::from_millis(50));

    let error = sender.post(&uri, "").await.unwrap_err();

    assert!(matches!(error, Error::ConnectionReadTimeout), "{error:?}");
}

#[tokio::test]
async fn a_body_that_pauses_is_a_timeout() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let uri = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let head = "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\npart";
        stream.write_all(head.as_bytes()).await.unwrap();
        sleep(Duration::from_secs(60)).await;
    });
    let mut sender = Sender::new(Network::default());
    sender.options.between_bytes_timeout = Some(Duration::from_millis(50));

    let error = sender.post(&uri, "").await.unwrap_err();

    assert!(matches!(error, Error::ConnectionReadTimeout), "{error:?}");
    assert_eq!(sender.hooks.requests_since(0)[0].answer, Ok(200));
}

/// The guest's side: sends through the hooks as wasmtime would.
struct Sender {
    hooks: Hooks,
    options: RequestOptions,
}

impl Sender {
    fn new(network: Network) -> Self {
        Self { hooks: Hooks::new(&network).unwrap(), options: RequestOptions::default() }
    }

    /// Gives the status and the whole body.
    async fn post(&mut self, uri: &str, body: &'static str) -> Result<(u16, String), Error> {
        let request = Request::post(uri)
            .header(header::CONTENT_LENGTH, body.len())
            .body(Full::from(body).map_err(Error::from).boxed_unsync())
            .unwrap();
        let done = Box::new(async { Ok(()) });
        let sending = self.hooks.send_request(request, Some(self.options), done);
        let (response, rest) = Box::into_pin(sending).await?;
        tokio::spawn(Box::into_pin(rest));
        let status = response.status().as_u16();
        let body = response.into_body().collect().await?.to_bytes();
        Ok((status, String::from_utf8(body.to_vec()).unwrap()))
    }
}
