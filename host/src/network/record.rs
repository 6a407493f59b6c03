use std::{
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http::{Request, StatusCode};
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt;
use wasmtime_wasi_http::{Error, WasiBody};

/// A request as the guest sent it, before anything that a proxy adds.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SentRequest {
    /// `GET`, `POST`, …
    pub method: String,
    /// `https` or `http`
    pub scheme: String,
    /// The host, with its port where the guest named one.
    pub authority: String,
    /// The path with the query: `/organization/_apis/distributedtask/pools?api-version=7.1`.
    pub path_and_query: String,
    /// Names in lower case, in the order of the wire.
    pub headers: Vec<(String, Vec<u8>)>,
    /// What was taken of the body, as far as it got.
    pub body: Vec<u8>,
    /// The response's status, or why there is none.
    pub answer: Result<u16, String>,
}

/// The requests of one run, in the order in which they were sent.
#[derive(Clone, Default)]
pub(super) struct Requests(Arc<Mutex<Vec<SentRequest>>>);

impl Requests {
    /// Notes the request; what comes of it is for the entry, its body is noted as it is read.
    pub(super) fn begin(&self, request: Request<WasiBody>) -> (Entry, Request<WasiBody>) {
        let uri = request.uri();
        let sent = SentRequest {
            method: request.method().to_string(),
            scheme: uri.scheme_str().unwrap_or_default().to_owned(),
            authority: uri.authority().map(ToString::to_string).unwrap_or_default(),
            path_and_query: uri.path_and_query().map_or("/", |path| path.as_str()).to_owned(),
            headers: request
                .headers()
                .iter()
                .map(|(name, value)| (name.to_string(), value.as_bytes().to_vec()))
                .collect(),
            body: Vec::new(),
            // Stands where the guest drops the request or exits before there is an answer.
            answer: Err("abandoned".to_owned()),
        };
        let mut requests = self.lock();
        let entry = Entry { index: requests.len(), requests: self.clone() };
        requests.push(sent);
        drop(requests);

        let body_entry = entry.clone();
        let request = request.map(|inner| {
            let entry = body_entry;
            Noted { entry, inner }.boxed_unsync()
        });
        (entry, request)
    }

    /// Those after the first so many, as they are now.
    pub(super) fn since(&self, count: usize) -> Vec<SentRequest> {
        self.lock().iter().skip(count).cloned().collect()
    }

    /// The list is whole at any time, so a panic elsewhere does it no harm.
    fn lock(&self) -> MutexGuard<'_, Vec<SentRequest>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One request of the list.
#[derive(Clone)]
pub(super) struct Entry {
    index: usize,
    requests: Requests,
}

impl Entry {
    pub(super) fn answered(&self, answer: Result<StatusCode, &Error>) {
        let answer = answer.map(|status| status.as_u16()).map_err(name);
        self.update(|request| request.answer = answer);
    }

    fn update(&self, change: impl FnOnce(&mut SentRequest)) {
        if let Some(request) = self.requests.lock().get_mut(self.index) {
            change(request);
        }
    }
}

/// The cause without what differs from one operating system to another.
fn name(error: &Error) -> String {
    match error {
        Error::Connect(error) => error.kind().to_string(),
        Error::Hyper(_) => "HTTP protocol error".to_owned(),
        Error::Tls(_) => "TLS protocol error".to_owned(),
        named => named.to_string(),
    }
}

/// A body that is noted while the connection reads it.
struct Noted {
    entry: Entry,
    inner: WasiBody,
}

impl Body for Noted {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let frame = ready!(Pin::new(&mut self.inner).poll_frame(context));
        if let Some(Ok(frame)) = &frame
            && let Some(data) = frame.data_ref()
        {
            self.entry.update(|request| request.body.extend_from_slice(data));
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
