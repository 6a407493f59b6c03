//! Incoming HTTP: a request as the host hands it over, and its answer on the way back.

use std::time::{Duration, Instant};

use wasip2::clocks::monotonic_clock::subscribe_duration;
use wasip2::http::types::{
    Fields, IncomingRequest, Method, OutgoingBody, OutgoingResponse, ResponseOutparam,
};
use wasip2::io::poll::poll;
use wasip2::io::streams::OutputStream;

use super::wasi::write_some;

/// How long a client may take to read its answer: meanwhile this instance serves nobody else
const PATIENCE: Duration = Duration::from_secs(10);

/// What is asked for; a body is never read
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Incoming {
    /// As it came: `GET` is in upper case
    pub method: String,
    /// Without the query, and still percent-encoded
    pub path: String,
    /// Without the question mark, empty where there is none
    pub query: String,
}

/// What is answered; the length is told without a header here
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Answer {
    /// Such as 200
    pub status: u16,
    /// Names in lower case
    pub headers: Vec<(&'static str, String)>,
    /// The whole of it
    pub body: String,
}

/// Answers one request. A client that goes away or dawdles doesn't get all of its answer; that is no error.
pub fn serve(request: IncomingRequest, out: ResponseOutparam, answer: impl FnOnce(&Incoming) -> Answer) {
    let incoming = Incoming::read(&request);
    drop(request);
    let answer = answer(&incoming);
    // Where nothing is set, the host answers with an error of its own.
    let Some((response, body)) = outgoing_response(&answer) else { return };
    ResponseOutparam::set(out, Ok(response));
    if let Ok(stream) = body.write() {
        write_all(&stream, answer.body.as_bytes());
    }
    // Short of its length, it's for the host to break off.
    let _ = OutgoingBody::finish(body, None);
}

impl Incoming {
    fn read(request: &IncomingRequest) -> Self {
        let method = match request.method() {
            Method::Get => "GET",
            Method::Head => "HEAD",
            Method::Post => "POST",
            Method::Put => "PUT",
            Method::Delete => "DELETE",
            Method::Connect => "CONNECT",
            Method::Options => "OPTIONS",
            Method::Trace => "TRACE",
            Method::Patch => "PATCH",
            Method::Other(other) => &other.clone(),
        };
        let path = request.path_with_query().unwrap_or_default();
        let (path, query) = path.split_once('?').unwrap_or((&path, ""));
        Self { method: method.to_owned(), path: path.to_owned(), query: query.to_owned() }
    }
}

/// The response with its body yet to be written; `None` where the host doesn't take a part of it.
fn outgoing_response(answer: &Answer) -> Option<(OutgoingResponse, OutgoingBody)> {
    let mut headers: Vec<(String, Vec<u8>)> =
        answer.headers.iter().map(|(name, value)| ((*name).to_owned(), value.clone().into_bytes())).collect();
    headers.push(("content-length".into(), answer.body.len().to_string().into_bytes()));
    let response = OutgoingResponse::new(Fields::from_list(&headers).ok()?);
    response.set_status_code(answer.status).ok()?;
    let body = response.body().ok()?;
    Some((response, body))
}

fn write_all(stream: &OutputStream, body: &[u8]) {
    let deadline = Instant::now() + PATIENCE;
    let mut sent = 0;
    while let Some(so_far) = write_some(stream, body, sent) {
        sent = so_far;
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            break;
        }
        let nanoseconds = u64::try_from(left.as_nanos()).unwrap_or(u64::MAX);
        poll(&[&stream.subscribe(), &subscribe_duration(nanoseconds)]);
    }
}
