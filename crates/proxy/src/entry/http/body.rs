//! Bodies on their way to a client.

use std::error::Error;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body_util::{Either, Full};
use hyper::body::{Body as HttpBody, Frame, Incoming, SizeHint};

use crate::gate::{Gate, Routed};
use crate::inspect::Sender;
use crate::live::LiveGuard;

/// An answer of the gate, or one that streams through.
pub(super) type Body = Either<Full<Bytes>, Through>;

/// A response of the upstream; ends with an error when the policy no longer allows it.
pub(super) struct Through {
    body: Incoming,
    ended: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
    back: Option<Back>,
}

/// The connection that carries a response, on its way to the next request.
///
/// It is handed back only where the response was read to its end: one that is left in the middle ends with it.
pub(super) struct Back {
    pub(super) gate: Arc<Gate>,
    pub(super) place: Routed,
    pub(super) sender: Sender,
}

impl Back {
    fn hand(self) {
        self.gate.inspection.upstreams.keep(&self.place, self.sender);
    }
}

impl Through {
    /// `live` is given where the end of one request is not the end of the connection.
    pub(super) fn new(body: Incoming, live: Option<LiveGuard>, back: Option<Back>) -> Self {
        let ended = live.map(|live| -> Pin<Box<dyn Future<Output = ()> + Send>> {
            Box::pin(async move { live.ended().await })
        });
        let mut through = Self { body, ended, back };
        through.hand_back();
        through
    }

    fn hand_back(&mut self) {
        if self.body.is_end_stream()
            && let Some(back) = self.back.take()
        {
            back.hand();
        }
    }
}

impl HttpBody for Through {
    type Data = Bytes;
    type Error = Box<dyn Error + Send + Sync>;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if self.ended.as_mut().is_some_and(|ended| ended.as_mut().poll(cx).is_ready()) {
            self.ended = None;
            return Poll::Ready(Some(Err("no longer allowed".into())));
        }
        let polled = Pin::new(&mut self.body).poll_frame(cx).map_err(Into::into);
        match &polled {
            Poll::Ready(None) => {
                if let Some(back) = self.back.take() {
                    back.hand();
                }
            }
            // With a known length nobody asks again.
            Poll::Ready(Some(Ok(_))) => self.hand_back(),
            _ => {}
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
