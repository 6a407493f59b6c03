//! [`Transport`] over wasi:http, with deadlines of the guest's own
//!
//! Hosts keep the timeouts of wasi:http's request options differently, and on
//! Node some not at all. So no call here blocks: all streams and futures in
//! flight are polled together with one timer for the nearest deadline.

use std::cell::Cell;
use std::time::{Duration, Instant, SystemTime};

use wasip2::clocks::monotonic_clock::subscribe_duration;
use wasip2::http::outgoing_handler;
use wasip2::http::types::{
    ErrorCode, Fields, FutureIncomingResponse, IncomingBody, Method as WasiMethod, OutgoingBody,
    OutgoingRequest, Scheme, http_error_code,
};
use wasip2::io::poll::{Pollable, poll};
use wasip2::io::streams::{InputStream, OutputStream, StreamError};

use super::retry::retry_after;
use super::{Method, Request, Response, Transport, TransportError};
use crate::moment::span_rounded_up;

/// How often it is said how far a long row of requests has come
const PROGRESS: Duration = Duration::from_secs(5);

/// A row of fewer requests isn't spoken of
const LONG_ROW: usize = 20;

/// How many bytes are asked for at once
const CHUNK: u64 = 64 * 1024;

/// The transport that the component runs with
pub struct WasiTransport<'a> {
    timeout: Duration,
    deadline: Instant,
    parallel: usize,
    now: SystemTime,
    say: &'a dyn Fn(&str),
    /// A server asked for no further request before this moment.
    resume_at: Cell<Option<Instant>>,
}

impl<'a> WasiTransport<'a> {
    /// A transport whose requests and waits all end within `timeout` from `now`, and that has no more than `parallel`
    /// requests in flight; `say` hears why it waits
    pub fn new(timeout: Duration, parallel: usize, now: SystemTime, say: &'a dyn Fn(&str)) -> Self {
        let deadline = Instant::now() + timeout;
        Self { timeout, deadline, parallel, now, say, resume_at: Cell::new(None) }
    }
}

impl Transport for WasiTransport<'_> {
    fn send_all(&self, requests: &[Request]) -> Vec<Result<Response, TransportError>> {
        let mut answers: Vec<_> = requests.iter().map(|_| None).collect();
        let mut flights: Vec<Flight<'_>> = Vec::new();
        let mut next = 0;
        let mut spoken = Instant::now();
        loop {
            while next < requests.len() && flights.len() < self.parallel && self.may_start(flights.is_empty())
            {
                match self.start(next, &requests[next]) {
                    Ok(flight) => flights.push(flight),
                    Err(error) => answers[next] = Some(Err(error)),
                }
                next += 1;
            }
            if flights.is_empty() && next == requests.len() {
                break;
            }
            let ready = wait_for_any(&flights);
            flights = flights
                .into_iter()
                .enumerate()
                .filter_map(|(place, flight)| {
                    let index = flight.index;
                    let progress =
                        if ready.contains(&place) { flight.advance() } else { flight.unless_expired() };
                    match progress {
                        Progress::Flying(flight) => Some(flight),
                        Progress::Landed(answer) => {
                            self.heed(&answer);
                            answers[index] = Some(answer);
                            None
                        }
                    }
                })
                .collect();
            if requests.len() >= LONG_ROW && spoken.elapsed() >= PROGRESS {
                spoken = Instant::now();
                let come = next - flights.len();
                (self.say)(&format!("{come} of {} answers have come", requests.len()));
            }
        }
        let unsent = || Err(TransportError::Other("the request was not sent".into()));
        answers.into_iter().map(|answer| answer.unwrap_or_else(unsent)).collect()
    }

    fn wait(&self, time: Duration, reason: &str) {
        (self.say)(&format!("waiting {}: {reason}", span_rounded_up(time)));
        std::thread::sleep(time.min(self.remaining()));
    }

    fn remaining(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }
}

impl WasiTransport<'_> {
    /// Remembers what an answer that is none of failure asks for: to come back later. Azure DevOps slows down whom it
    /// would block next.
    fn heed(&self, answer: &Result<Response, TransportError>) {
        let Ok(response) = answer else { return };
        let asked = response.header("retry-after").and_then(|value| retry_after(value, self.now));
        if let Some(time) = asked.filter(|time| response.is_success() && !time.is_zero()) {
            let moment = Instant::now().checked_add(time);
            self.resume_at.set(self.resume_at.get().max(moment));
        }
    }

    /// Whether a further request may start; where nothing is in flight it waits until one may.
    fn may_start(&self, is_quiet: bool) -> bool {
        let Some(wait) = self.resume_at.get().map(|moment| moment.saturating_duration_since(Instant::now()))
        else {
            return true;
        };
        if !wait.is_zero() {
            if !is_quiet {
                return false;
            }
            self.wait(wait, "the server asks for fewer requests (Retry-After)");
        }
        self.resume_at.set(None);
        true
    }

    fn start<'r>(&self, index: usize, request: &'r Request) -> Result<Flight<'r>, TransportError> {
        let now = Instant::now();
        // The error names the deadline that was set, not what happened to be left of it.
        let (expiry, given) = match now + request.deadline {
            own if own < self.deadline => (own, request.deadline),
            _ => (self.deadline, self.timeout),
        };
        if expiry <= now {
            return Err(TransportError::TimedOut { after: given, answering: false });
        }
        let outgoing = outgoing_request(request)?;
        // The body is always taken, written and finished, also when it's empty: a host on Node
        // never ends a request whose body wasn't.
        let body = outgoing.body().map_err(|()| unusable("body"))?;
        let stream = body.write().map_err(|()| unusable("body"))?;
        let answer = outgoing_handler::handle(outgoing, None).map_err(error_of)?;
        Ok(Flight { index, request, given, expiry, stage: Stage::Sending { stream, body, sent: 0, answer } })
    }
}

/// Returns when a flight can go on, or the nearest deadline has come: the places of those that can.
fn wait_for_any(flights: &[Flight<'_>]) -> Vec<usize> {
    let now = Instant::now();
    let Some(nearest) = flights.iter().map(|flight| flight.expiry).min() else { return Vec::new() };
    let nanoseconds = nearest.saturating_duration_since(now).as_nanos();
    let timer = subscribe_duration(u64::try_from(nanoseconds).unwrap_or(u64::MAX));
    let pollables: Vec<Pollable> = flights.iter().map(|flight| flight.stage.subscribe()).collect();
    let mut all: Vec<&Pollable> = pollables.iter().collect();
    all.push(&timer);
    poll(&all).into_iter().map(|place| place as usize).collect()
}

/// A request on its way
struct Flight<'a> {
    index: usize,
    request: &'a Request,
    given: Duration,
    expiry: Instant,
    stage: Stage,
}

enum Progress<'a> {
    Flying(Flight<'a>),
    Landed(Result<Response, TransportError>),
}

/// Where a request is on its way. A child resource stands before its parent in
/// each variant, since fields are dropped in that order and the host traps
/// where a parent goes first.
enum Stage {
    Sending { stream: OutputStream, body: OutgoingBody, sent: usize, answer: FutureIncomingResponse },
    Waiting { answer: FutureIncomingResponse },
    Receiving { body: Body, response: Response },
}

/// A body and the stream out of it; a pattern would drop its bindings the other way round
struct Body {
    stream: InputStream,
    _body: IncomingBody,
}

impl Stage {
    fn subscribe(&self) -> Pollable {
        match self {
            Self::Sending { stream, .. } => stream.subscribe(),
            Self::Waiting { answer } => answer.subscribe(),
            Self::Receiving { body, .. } => body.stream.subscribe(),
        }
    }
}

impl<'a> Flight<'a> {
    /// Does all that can be done without waiting.
    fn advance(self) -> Progress<'a> {
        let Self { index, request, given, expiry, mut stage } = self;
        loop {
            stage = match stage {
                Stage::Sending { stream, body, sent, answer } => {
                    match write_some(&stream, request.body.expose().as_bytes(), sent) {
                        Some(sent) => {
                            let stage = Stage::Sending { stream, body, sent, answer };
                            return Self { index, request, given, expiry, stage }.unless_expired();
                        }
                        None => {
                            // An error here has its cause in the answer's future: go on to read that.
                            drop(stream);
                            let _ = OutgoingBody::finish(body, None);
                            Stage::Waiting { answer }
                        }
                    }
                }
                Stage::Waiting { answer } => match answer.get() {
                    None => {
                        let stage = Stage::Waiting { answer };
                        return Self { index, request, given, expiry, stage }.unless_expired();
                    }
                    Some(Err(())) => return Progress::Landed(Err(unusable("response"))),
                    Some(Ok(Err(code))) => return Progress::Landed(Err(error_of(code))),
                    Some(Ok(Ok(incoming))) => {
                        let response = Response {
                            status: incoming.status(),
                            headers: text_of(&incoming.headers()),
                            body: Vec::new(),
                        };
                        let Ok(body) = incoming.consume() else {
                            return Progress::Landed(Err(unusable("response")));
                        };
                        let Ok(stream) = body.stream() else {
                            return Progress::Landed(Err(unusable("response")));
                        };
                        Stage::Receiving { body: Body { stream, _body: body }, response }
                    }
                },
                Stage::Receiving { body, mut response } => match body.stream.read(CHUNK) {
                    Ok(bytes) => {
                        let is_idle = bytes.is_empty();
                        response.body.extend_from_slice(&bytes);
                        if response.body.len() > request.body_limit {
                            let limit = request.body_limit;
                            return Progress::Landed(Err(TransportError::BodyTooLong { limit }));
                        }
                        let stage = Stage::Receiving { body, response };
                        if is_idle || Instant::now() >= expiry {
                            return Self { index, request, given, expiry, stage }.unless_expired();
                        }
                        stage
                    }
                    Err(StreamError::Closed) => {
                        let declared = response.header("content-length").and_then(|text| text.parse().ok());
                        if declared.is_some_and(|length: usize| length > response.body.len()) {
                            return Progress::Landed(Err(TransportError::CutShort));
                        }
                        return Progress::Landed(Ok(response));
                    }
                    Err(StreamError::LastOperationFailed(error)) => {
                        let code = http_error_code(&error);
                        drop(error);
                        let error = match code.map(error_of) {
                            Some(timed_out @ TransportError::TimedOut { .. }) => timed_out,
                            _ => TransportError::CutShort,
                        };
                        return Progress::Landed(Err(error));
                    }
                },
            };
        }
    }

    fn unless_expired(self) -> Progress<'a> {
        if Instant::now() >= self.expiry {
            let answering = matches!(self.stage, Stage::Receiving { .. });
            return Progress::Landed(Err(TransportError::TimedOut { after: self.given, answering }));
        }
        Progress::Flying(self)
    }
}

/// Writes what the host takes now; `None` when all is written, or nothing more can be.
pub(super) fn write_some(stream: &OutputStream, body: &[u8], mut sent: usize) -> Option<usize> {
    while sent < body.len() {
        let room = usize::try_from(stream.check_write().ok()?).unwrap_or(usize::MAX);
        if room == 0 {
            return Some(sent);
        }
        let end = body.len().min(sent.saturating_add(room));
        stream.write(&body[sent..end]).ok()?;
        sent = end;
    }
    let _ = stream.flush();
    None
}

fn outgoing_request(request: &Request) -> Result<OutgoingRequest, TransportError> {
    let mut headers: Vec<(String, Vec<u8>)> = request
        .headers
        .iter()
        .map(|(name, value)| ((*name).to_owned(), value.expose().as_bytes().to_vec()))
        .collect();
    // Without it the host sends the body in chunks, which not every server takes.
    headers.push(("content-length".into(), request.body.expose().len().to_string().into_bytes()));
    let headers = Fields::from_list(&headers).map_err(|_| unusable("header"))?;

    let outgoing = OutgoingRequest::new(headers);
    let (method, scheme) = (
        match request.method {
            Method::Get => WasiMethod::Get,
            Method::Post => WasiMethod::Post,
        },
        if request.endpoint.is_https() { Scheme::Https } else { Scheme::Http },
    );
    let mut path = request.endpoint.path().to_owned();
    if path.is_empty() {
        path.push('/');
    }
    if !request.query.is_empty() {
        path.push('?');
        path.push_str(&request.query);
    }
    outgoing.set_method(&method).map_err(|()| unusable("method"))?;
    outgoing.set_scheme(Some(&scheme)).map_err(|()| unusable("scheme"))?;
    outgoing.set_authority(Some(request.endpoint.authority())).map_err(|()| unusable("host"))?;
    outgoing.set_path_with_query(Some(&path)).map_err(|()| unusable("path"))?;
    Ok(outgoing)
}

fn text_of(headers: &Fields) -> Vec<(String, String)> {
    headers
        .entries()
        .into_iter()
        .map(|(name, value)| (name.to_ascii_lowercase(), String::from_utf8_lossy(&value).into_owned()))
        .collect()
}

fn unusable(part: &str) -> TransportError {
    TransportError::Other(format!("the host doesn't take the request's {part}"))
}

fn error_of(code: ErrorCode) -> TransportError {
    match code {
        ErrorCode::DnsTimeout | ErrorCode::DnsError(_) => TransportError::Dns,
        ErrorCode::ConnectionRefused
        | ErrorCode::DestinationNotFound
        | ErrorCode::DestinationUnavailable
        | ErrorCode::DestinationIpUnroutable => TransportError::Refused,
        ErrorCode::ConnectionTimeout
        | ErrorCode::ConnectionReadTimeout
        | ErrorCode::ConnectionWriteTimeout
        | ErrorCode::HttpResponseTimeout => {
            TransportError::Other("the host's own timeout came before the deadline".into())
        }
        ErrorCode::TlsProtocolError | ErrorCode::TlsCertificateError | ErrorCode::TlsAlertReceived(_) => {
            TransportError::Tls
        }
        ErrorCode::HttpRequestDenied | ErrorCode::DestinationIpProhibited => TransportError::Denied,
        ErrorCode::ConnectionTerminated
        | ErrorCode::HttpResponseIncomplete
        | ErrorCode::HttpProtocolError => TransportError::Reset,
        // The host on Node has one code for all that Node calls by another name.
        ErrorCode::InternalError(Some(text)) if speaks_of_tls(&text) => TransportError::Tls,
        ErrorCode::InternalError(Some(text)) => TransportError::Other(text),
        other => TransportError::Other(format!("{other:?}")),
    }
}

fn speaks_of_tls(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    ["certificate", "cert_", "self-signed", "ssl", "tls"].iter().any(|word| text.contains(word))
}
