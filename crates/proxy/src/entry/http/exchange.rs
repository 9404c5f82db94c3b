//! One permitted request on its way to the upstream.

use hyper::body::Incoming;
use hyper::upgrade::OnUpgrade;
use hyper::{Request, Response};

use super::headers;
use crate::gate::{Permitted, Target};
use crate::inspect::{Protocol, Sender};
use crate::live::Question;
use crate::refusal::Refusal;

/// A request with the head that the upstream gets. Only a permitted one becomes an exchange.
pub(super) struct Exchange {
    request: Request<Incoming>,
    rest: Answered,
}

/// What is still needed once the response head is there.
pub(super) struct Answered {
    pub(super) question: Question,
    /// The client's side of a WebSocket handshake.
    pub(super) upgrade: Option<OnUpgrade>,
}

impl Exchange {
    pub(super) fn new(
        permitted: Permitted<Request<Incoming>>,
        target: &Target,
        protocol: Protocol,
    ) -> Result<Self, Refusal> {
        let question = permitted.question().clone();
        let mut request = permitted.into_inner();
        let upgrade = headers::is_websocket(&request).then(|| hyper::upgrade::on(&mut request));
        match protocol {
            Protocol::Http1 => headers::for_http1(&mut request, target, upgrade.is_some()),
            Protocol::Http2 => headers::for_http2(&mut request, target)?,
        }
        Ok(Self { request, rest: Answered { question, upgrade } })
    }

    /// Sends the request and returns as soon as the response head arrives; the body streams.
    ///
    /// # Errors
    ///
    /// With the exchange, if not a byte of it was sent.
    pub(super) async fn send(
        self,
        sender: &mut Sender,
    ) -> Result<(Response<Incoming>, Answered), (Refusal, Option<Self>)> {
        let Self { request, rest } = self;
        let sent = match sender {
            Sender::Http1(sender) => sender.try_send_request(request).await,
            Sender::Http2(sender) => sender.try_send_request(request).await,
        };
        match sent {
            Ok(response) => Ok((response, rest)),
            Err(mut unsent) => {
                let exchange = unsent.take_message().map(|request| Self { request, rest });
                Err((Refusal::BadUpstream(unsent.into_error().to_string()), exchange))
            }
        }
    }
}
