//! Plain HTTP: port 80, absolute-form on 3128, and requests inside a CONNECT to an `http` rule.
//!
//! Every request is judged on its own. The proxy never follows a redirect: the client's next
//! request is judged anew.

mod exchange;
mod headers;
mod upgrade;

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use drawbridge_policy::{Authority, Scheme};
use http_body_util::{Either, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1::{self as client, SendRequest};
use hyper::header::HOST;
use hyper::server::conn::http1 as server;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpStream;
use tokio::sync::Mutex;

use exchange::{Answered, Exchange};

use super::head;
use super::rewind::Rewind;
use crate::answer;
use crate::gate::{Attempt, Gate, Target};
use crate::limits::{HEAD_BYTES, HEAD_TIME};
use crate::live::LiveGuard;
use crate::log::{Phase, clip};
use crate::refusal::Refusal;

/// Where a request names its target.
#[derive(Debug, Clone)]
pub(crate) enum Form {
    /// In `Host`, on port 80.
    Origin,
    /// In the request line, as proxies are spoken to.
    Absolute,
    /// In the CONNECT around it; `Host` must agree.
    Within(Target),
}

type Body = Either<Full<Bytes>, Incoming>;

/// One client connection.
struct Session {
    gate: Arc<Gate>,
    peer: SocketAddr,
    form: Form,
    /// The last upstream, kept for the next request to the same place.
    upstream: Mutex<Option<Upstream>>,
    live: LiveGuard,
}

struct Upstream {
    target: Target,
    sender: SendRequest<Incoming>,
}

/// Serves port 80.
pub(crate) async fn serve_origin(gate: &Arc<Gate>, mut client: TcpStream, peer: SocketAddr) {
    match head::read(&mut client, HEAD_TIME).await {
        Ok(Some(head)) => {
            Box::pin(serve(gate, Rewind::new(head.bytes, client), peer, Form::Origin)).await;
        }
        Ok(None) => {}
        Err(refusal) => {
            let mut attempt = gate.attempt(peer, Phase::Http);
            attempt.port = Some(80);
            let answer = gate.refused(&attempt, &refusal).await;
            answer::send_http(&mut client, &attempt, &refusal, answer).await;
        }
    }
}

/// Serves requests until the connection ends or is no longer allowed.
pub(crate) async fn serve(gate: &Arc<Gate>, io: Rewind, peer: SocketAddr, form: Form) {
    let session =
        Session { gate: gate.clone(), peer, form, upstream: Mutex::default(), live: gate.live.enter() };
    let service = service_fn(|request| session.handle(request));
    let connection = server::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME)
        .max_buf_size(HEAD_BYTES)
        .preserve_header_case(true)
        .auto_date_header(false)
        .serve_connection(TokioIo::new(io), service)
        .with_upgrades();
    tokio::select! {
        // What went wrong after the answer is between the two ends.
        _ = connection => {}
        () = session.live.ended() => {}
    }
}

impl Session {
    async fn handle(&self, request: Request<Incoming>) -> Result<Response<Body>, hyper::Error> {
        let mut attempt = self.gate.attempt(self.peer, Phase::Http);
        attempt.method = Some(clip(request.method().as_str()));
        attempt.path = Some(clip(request.uri().path()));
        match self.pass(request, &mut attempt).await {
            Ok(response) => Ok(response),
            Err(refusal) => {
                let answer = self.gate.refused(&attempt, &refusal).await;
                let body = answer::body(&attempt, &refusal, answer);
                let mut response = Response::new(Either::Left(Full::from(body)));
                *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::FORBIDDEN);
                headers::of_refusal(response.headers_mut());
                Ok(response)
            }
        }
    }

    async fn pass(
        &self,
        request: Request<Incoming>,
        attempt: &mut Attempt,
    ) -> Result<Response<Body>, Refusal> {
        let target = self.target_of(&request)?;
        attempt.about(&target);
        headers::check_framing(&request)?;
        let permitted = self.gate.permit_request(&target, request)?;
        self.gate.hold_to(&self.live, permitted.question());
        let kept = self.kept(&target).await;
        let reused = kept.is_some();
        let mut sender = match kept {
            Some(sender) => sender,
            None => self.dial(&target).await?,
        };
        self.gate.allowed(attempt, &permitted);
        let exchange = Exchange::new(permitted, &target);
        let (response, exchange) = match exchange.send(&mut sender).await {
            // The upstream closed the kept connection at the same moment; nothing was sent.
            Err((_, Some(exchange))) if reused => {
                sender = self.dial(&target).await?;
                exchange.send(&mut sender).await.map_err(|(refusal, _)| refusal)?
            }
            sent => sent.map_err(|(refusal, _)| refusal)?,
        };
        let response = self.finish(response, exchange, attempt)?;
        *self.upstream.lock().await = Some(Upstream { target, sender });
        Ok(response)
    }

    /// The one target that every part of the request agrees on.
    fn target_of(&self, request: &Request<Incoming>) -> Result<Target, Refusal> {
        if request.method() == Method::CONNECT {
            return Err(Refusal::BadRequest("a CONNECT must be the first request of a connection"));
        }
        let mut hosts = request.headers().get_all(HOST).iter();
        let (Some(named), None) = (hosts.next(), hosts.next()) else {
            return Err(Refusal::NoHost);
        };
        let named = named.to_str().map_err(|_| Refusal::BadRequest("the `Host` header"))?;
        let named = Authority::parse_or(named, 80)?;
        let uri = request.uri();
        let line = match (uri.scheme_str(), uri.authority()) {
            (Some("http"), Some(authority)) => Some(Authority::parse_or(authority.as_str(), 80)?),
            (None, None) => None,
            _ => return Err(Refusal::BadRequest("only http URLs; https needs CONNECT")),
        };
        let expected = match &self.form {
            Form::Origin => Authority { host: named.host.clone(), port: 80 },
            Form::Absolute => {
                line.clone().ok_or(Refusal::BadRequest("a proxy needs the whole URL in the request line"))?
            }
            Form::Within(target) => Authority { host: target.host.clone(), port: target.port },
        };
        // Inside a CONNECT to another port a client may leave the port out of `Host`.
        let claimed = match &self.form {
            Form::Within(_) if named.port == 80 => Authority { host: named.host, port: expected.port },
            _ => named,
        };
        for other in [Some(claimed), line].into_iter().flatten() {
            if other != expected {
                let (claimed, expected) = (other.to_string(), expected.to_string());
                return Err(Refusal::HostMismatch { claimed, expected });
            }
        }
        Ok(Target { scheme: Scheme::Http, host: expected.host, port: expected.port })
    }

    /// The last connection, if it leads to the same place and is still usable.
    async fn kept(&self, target: &Target) -> Option<SendRequest<Incoming>> {
        let last = self.upstream.lock().await.take().filter(|last| last.target == *target)?;
        let mut sender = last.sender;
        sender.ready().await.ok().map(|()| sender)
    }

    async fn dial(&self, target: &Target) -> Result<SendRequest<Incoming>, Refusal> {
        let permitted = self.gate.permit(target.clone())?;
        let stream = self.gate.connect(&permitted).await?;
        let (sender, connection) = client::Builder::new()
            .preserve_header_case(true)
            .max_buf_size(HEAD_BYTES)
            .handshake(TokioIo::new(stream))
            .await
            .map_err(|err| Refusal::BadUpstream(err.to_string()))?;
        // Ends with its sender, that is with this session.
        tokio::spawn(connection.with_upgrades());
        Ok(sender)
    }

    /// Makes the client's response; bodies stream.
    fn finish(
        &self,
        mut response: Response<Incoming>,
        exchange: Answered,
        attempt: &Attempt,
    ) -> Result<Response<Body>, Refusal> {
        let switched = response.status() == StatusCode::SWITCHING_PROTOCOLS;
        match exchange.upgrade {
            Some(client) if switched => {
                let upstream = hyper::upgrade::on(&mut response);
                let live = self.gate.live.enter();
                self.gate.hold_to(&live, &exchange.question);
                let (gate, attempt) = (self.gate.clone(), attempt.clone());
                tokio::spawn(upgrade::bridge(gate, attempt, client, upstream, live));
            }
            _ if switched => {
                return Err(Refusal::BadUpstream("an upgrade nobody asked for".to_owned()));
            }
            _ => {}
        }
        headers::for_client(&mut response, switched);
        Ok(response.map(Either::Right))
    }
}
