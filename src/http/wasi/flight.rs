//! One request on its way: sending, waiting, receiving, never blocking.

use std::time::{Duration, Instant};

use wasip2::http::outgoing_handler;
use wasip2::http::types::{FutureIncomingResponse, IncomingBody, OutgoingBody, http_error_code};
use wasip2::io::poll::Pollable;
use wasip2::io::streams::{InputStream, OutputStream, StreamError};

use super::error::{error_of, unusable};
use super::outgoing::{outgoing_request, text_of, write_some};
use crate::http::{Request, Response, TransportError};

/// How many bytes are asked for at once
const CHUNK: u64 = 64 * 1024;

/// A request on its way
pub(super) struct Flight<'a> {
    pub(super) index: usize,
    request: &'a Request,
    given: Duration,
    pub(super) expiry: Instant,
    stage: Stage,
}

pub(super) enum Progress<'a> {
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
    /// Sends a request, or begins to. It ends at `expiry`, which is `given` from now.
    pub(super) fn start(
        index: usize,
        request: &'a Request,
        expiry: Instant,
        given: Duration,
    ) -> Result<Self, TransportError> {
        let outgoing = outgoing_request(request)?;
        // The body is always taken, written and finished, also when it's empty: a host on Node
        // never ends a request whose body wasn't.
        let body = outgoing.body().map_err(|()| unusable("body"))?;
        let stream = body.write().map_err(|()| unusable("body"))?;
        let answer = outgoing_handler::handle(outgoing, None).map_err(error_of)?;
        Ok(Self { index, request, given, expiry, stage: Stage::Sending { stream, body, sent: 0, answer } })
    }

    /// What becomes ready when it can go on
    pub(super) fn subscribe(&self) -> Pollable {
        self.stage.subscribe()
    }

    /// Does all that can be done without waiting.
    pub(super) fn advance(self) -> Progress<'a> {
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

    /// The same flight, or its end where its time is up
    pub(super) fn unless_expired(self) -> Progress<'a> {
        if Instant::now() >= self.expiry {
            let answering = matches!(self.stage, Stage::Receiving { .. });
            return Progress::Landed(Err(TransportError::TimedOut { after: self.given, answering }));
        }
        Progress::Flying(self)
    }
}
