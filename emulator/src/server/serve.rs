//! One request: read, hand to the emulated APIs, answer, or fail as the scenario says.

use std::future::pending;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper::{Response, StatusCode};
use tokio::time::sleep;

use super::body::{self, Body};
use super::message::{Answer, Request};
use crate::scenario::Effect;
use crate::state::{ReceivedRequest, State};

/// Nothing that the emulated APIs take is near this size.
const LARGEST_BODY: usize = 4 * 1024 * 1024;

/// Answers a request. An error makes hyper drop the connection.
pub(super) async fn serve(
    state: Arc<State>,
    secure: bool,
    reset: Arc<AtomicBool>,
    request: hyper::Request<Incoming>,
) -> io::Result<Response<Body>> {
    let (parts, incoming) = request.into_parts();
    let target = parts
        .uri
        .path_and_query()
        .map_or_else(|| parts.uri.path().to_owned(), |path_and_query| path_and_query.as_str().to_owned());
    let headers = parts
        .headers
        .iter()
        .map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            (name.as_str().to_owned(), value)
        })
        .collect();
    let index = state.received(ReceivedRequest {
        method: parts.method.to_string(),
        target: target.clone(),
        headers,
        status: None,
    });
    let Ok(collected) = Limited::new(incoming, LARGEST_BODY).collect().await else {
        return Err(io::Error::other("the request's body broke off"));
    };
    let effect = state.fault(parts.method.as_str(), &target);
    let request = Request::new(
        parts.method.to_string(),
        target,
        parts.headers,
        collected.to_bytes(),
        secure,
        |request| state.seed(&kind(request)),
    );

    match &effect {
        Some(Effect::Delay(milliseconds)) => sleep(Duration::from_millis(*milliseconds)).await,
        Some(Effect::Hang) => pending().await,
        Some(Effect::Reset) => {
            reset.store(true, Ordering::Relaxed);
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        _ => {}
    }
    let answer = match &effect {
        Some(Effect::Answer { status, headers, body }) => Answer {
            status: *status,
            headers: headers.clone().into_iter().collect(),
            body: body.clone().into(),
        },
        _ => crate::route::route(&state, &request),
    };
    state.answered(index, answer.status);
    let date = state.now().strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    response(answer.replacing("Date", date), effect.as_ref())
}

fn response(answer: Answer, effect: Option<&Effect>) -> io::Result<Response<Body>> {
    let status = StatusCode::from_u16(answer.status).map_err(io::Error::other)?;
    let mut builder = Response::builder().status(status);
    for (name, value) in &answer.headers {
        builder = builder.header(name, value);
    }
    let length = answer.body.len();
    let body = match effect {
        Some(Effect::Cut(bytes)) => {
            builder = builder.header("Content-Length", length.max(bytes + 1));
            body::cut(answer.body, *bytes)
        }
        Some(Effect::Drip(milliseconds)) => {
            builder = builder.header("Content-Length", length);
            body::drip(answer.body, Duration::from_millis(*milliseconds))
        }
        Some(Effect::Endless) => body::endless(),
        _ => body::whole(answer.body),
    };
    builder.body(body).map_err(io::Error::other)
}

/// What counts as the same request again: concurrency can't reorder those of one kind in a way
/// that shows. Token requests share one path, so the client and the scope are part of it.
fn kind(request: &Request) -> String {
    let form = request.form();
    let of = |name: &str| form.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str());
    format!("{} {} {} {}", request.method, request.target, of("client_id"), of("scope"))
}
