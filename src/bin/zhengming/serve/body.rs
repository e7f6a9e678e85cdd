//! The body of a request: counted while it arrives, and never waited for longer than it is worth.

use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, header};
use http_body_util::BodyExt as _;
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use tokio::time::{Instant, Sleep};

use super::Server;
use super::refusal::Refusal;

/// How long a body may make no progress.
const PAUSE: Duration = Duration::from_secs(15);

/// How long what is not wanted is still read, so that the client gets to read the answer.
const DRAIN: Duration = Duration::from_secs(5);

/// The room that a body takes up; given back when the request is done.
#[derive(Debug)]
pub(super) struct Meter {
    limit: usize,
    /// Bytes that all bodies take up, and may.
    all: Arc<AtomicUsize>,
    most: usize,
    own: AtomicUsize,
    failure: Mutex<Option<Refusal>>,
}

impl Meter {
    pub(super) fn new(server: &Server) -> Arc<Self> {
        Arc::new(Self {
            limit: server.limits.body,
            all: Arc::clone(&server.held),
            most: server.limits.bodies,
            own: AtomicUsize::new(0),
            failure: Mutex::default(),
        })
    }

    /// Why the body was not read to its end; `None` when the client broke it off.
    pub(super) fn failure(&self) -> Option<Refusal> {
        self.failure.lock().ok()?.take()
    }

    fn count(&self, bytes: usize) -> Result<(), Refusal> {
        let own = self.own.fetch_add(bytes, Ordering::Relaxed) + bytes;
        let all = self.all.fetch_add(bytes, Ordering::Relaxed) + bytes;
        if own > self.limit {
            Err(Refusal::too_large(self.limit))
        } else if all > self.most {
            Err(Refusal::busy())
        } else {
            Ok(())
        }
    }

    fn fail(&self, refusal: Refusal) -> axum::Error {
        let error = axum::Error::new(std::io::Error::other("refused"));
        if let Ok(mut failure) = self.failure.lock() {
            failure.get_or_insert(refusal);
        }
        error
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        let own = *self.own.get_mut();
        self.all.fetch_sub(own, Ordering::Relaxed);
    }
}

/// A body that ends with an error when it is too long or too slow. What came of it is still read then, and thrown away.
pub(super) struct Metered {
    body: Option<Body>,
    meter: Arc<Meter>,
    pause: Pin<Box<Sleep>>,
    deadline: Instant,
}

impl Metered {
    /// # Errors
    /// When the head of the request says already that it is too long.
    pub(super) fn new(
        headers: &HeaderMap,
        body: Body,
        meter: &Arc<Meter>,
        time: Duration,
    ) -> Result<Self, Refusal> {
        let length = headers.get(header::CONTENT_LENGTH);
        let length = length.and_then(|v| v.to_str().ok()?.parse::<u64>().ok());
        let is_too_long =
            length.is_some_and(|n| usize::try_from(n).map_or(true, |n| n > meter.limit));
        if is_too_long {
            drain(body);
            return Err(Refusal::too_large(meter.limit));
        }
        let now = Instant::now();
        let deadline = now + time;
        Ok(Self {
            body: Some(body),
            meter: Arc::clone(meter),
            pause: Box::pin(tokio::time::sleep_until(deadline.min(now + PAUSE))),
            deadline,
        })
    }

    fn fail(&mut self, refusal: Refusal) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if let Some(body) = self.body.take() {
            drain(body);
        }
        Poll::Ready(Some(Err(self.meter.fail(refusal))))
    }
}

impl HttpBody for Metered {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let this = &mut *self;
        let Some(body) = this.body.as_mut() else {
            return Poll::Ready(None);
        };
        match Pin::new(body).poll_frame(context) {
            Poll::Ready(Some(Ok(frame))) => {
                let bytes = frame.data_ref().map_or(0, Bytes::len);
                match this.meter.count(bytes) {
                    Ok(()) => {
                        // The clock is set anew only where there is something to wait for.
                        if this.pause.is_elapsed() || bytes > 0 {
                            let next = this.deadline.min(Instant::now() + PAUSE);
                            if next != this.pause.deadline() {
                                this.pause.as_mut().reset(next);
                            }
                        }
                        Poll::Ready(Some(Ok(frame)))
                    }
                    Err(refusal) => this.fail(refusal),
                }
            }
            Poll::Pending if this.pause.as_mut().poll(context).is_ready() => {
                this.fail(Refusal::too_slow())
            }
            other => other,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body
            .as_ref()
            .map_or_else(SizeHint::default, HttpBody::size_hint)
    }
}

/// Reads what is left of a body and throws it away, while the answer is already on its way.
///
/// Were it not read, the system would reset the connection, and the client might never see the answer.
pub(super) fn drain(mut body: Body) {
    if body.is_end_stream() {
        return;
    }
    tokio::spawn(tokio::time::timeout(DRAIN, async move {
        while let Some(Ok(_)) = body.frame().await {}
    }));
}

/// All of a body.
///
/// # Errors
/// When it is too long, too slow or broken off.
pub(super) async fn collect(mut body: Metered) -> Result<Vec<u8>, Refusal> {
    let hint = usize::try_from(body.size_hint().lower()).unwrap_or(0);
    // What is announced is believed only as far as it costs little.
    let mut bytes = Vec::with_capacity(hint.min(1 << 20));
    while let Some(frame) = body.frame().await {
        match frame {
            Ok(frame) => bytes.extend_from_slice(frame.data_ref().map_or(&[], |d| d)),
            Err(_) => return Err(body.meter.failure().unwrap_or_else(broken_off)),
        }
    }
    Ok(bytes)
}

/// The client stopped in the middle. Nobody is likely to read this.
pub(super) fn broken_off() -> Refusal {
    Refusal::bad("内容没有传完", "the body ended before it was complete")
}
