//! Bodies that misbehave.

use std::convert::Infallible;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::{self, Stream, StreamExt};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::Frame;
use tokio::time::sleep;

/// The body of an answer.
pub(super) type Body = BoxBody<Bytes, Infallible>;

/// How long a cut body waits before its connection is closed, so that what came before is sent.
const BEFORE_CUT: Duration = Duration::from_millis(30);

/// The size of a piece of the endless body.
const BLANKS: usize = 16 * 1024;

/// All at once.
pub(super) fn whole(bytes: Bytes) -> Body {
    Full::new(bytes).boxed()
}

/// A byte every now and then.
pub(super) fn drip(bytes: Bytes, pause: Duration) -> Body {
    boxed(stream::unfold(bytes, move |mut rest| async move {
        if rest.is_empty() {
            return None;
        }
        sleep(pause).await;
        let first = rest.split_to(1);
        Some((first, rest))
    }))
}

/// Some of it; hyper closes the connection when less comes than `Content-Length` promised.
pub(super) fn cut(bytes: Bytes, length: usize) -> Body {
    let first = bytes.slice(..length.min(bytes.len()));
    boxed(stream::unfold(Some(first), |part| async move {
        match part {
            Some(first) if !first.is_empty() => Some((first, None)),
            _ => {
                sleep(BEFORE_CUT).await;
                None
            }
        }
    }))
}

/// Blanks without end: valid before any JSON.
pub(super) fn endless() -> Body {
    let blanks = Bytes::from(vec![b' '; BLANKS]);
    boxed(stream::unfold((), move |()| {
        let blanks = blanks.clone();
        async move {
            // Lets the other connections have their turn.
            sleep(Duration::from_millis(1)).await;
            Some((blanks, ()))
        }
    }))
}

fn boxed(pieces: impl Stream<Item = Bytes> + Send + Sync + 'static) -> Body {
    BodyExt::boxed(StreamBody::new(pieces.map(|piece| Ok::<_, Infallible>(Frame::data(piece)))))
}
