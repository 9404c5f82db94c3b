//! HTTP requests, plain and inside TLS: port 80, absolute-form on 3128, inside a CONNECT to an `http`
//! rule, and behind the handshake of an inspected host.
//!
//! Every request is judged on its own. The proxy never follows a redirect: the client's next
//! request is judged anew.

mod body;
mod exchange;
mod headers;
mod target;
mod upgrade;

use std::net::SocketAddr;
use std::sync::Arc;

use drawbridge_policy::Scheme;
use http_body_util::{Either, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1 as client;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

use body::{Back, Body, Through};
use exchange::{Answered, Exchange};
pub(crate) use target::Form;

use super::head;
use super::rewind::Rewind;
use super::strict::{Strict, Verdict};
use crate::answer;
use crate::gate::{Attempt, Gate, Routed};
use crate::inspect::{Protocol, Sender};
use crate::limits::{
    H2_CONNECTION_WINDOW, H2_HEADER_BYTES, H2_PING, H2_STREAM_WINDOW, H2_STREAMS, HEAD_BYTES, HEAD_TIME,
};
use crate::live::{LiveGuard, Question};
use crate::log::{Phase, clip};
use crate::refusal::Refusal;

/// One client connection.
struct Session {
    gate: Arc<Gate>,
    peer: SocketAddr,
    form: Form,
    protocol: Protocol,
    /// What its reader found; nothing is to be found in HTTP/2.
    verdict: Verdict,
    live: LiveGuard,
}

/// Serves port 80.
pub(crate) async fn serve_origin(gate: &Arc<Gate>, mut client: TcpStream, peer: SocketAddr) {
    match head::read(&mut client, HEAD_TIME).await {
        Ok(Some(head)) => {
            let io = Rewind::new(head.bytes, client);
            Box::pin(serve(gate, io, peer, Form::Origin, Protocol::Http1)).await;
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
pub(crate) async fn serve<IO>(gate: &Arc<Gate>, io: IO, peer: SocketAddr, form: Form, protocol: Protocol)
where
    IO: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (io, verdict) = Strict::new(io);
    let live = gate.live.enter();
    if let Form::Within(target) = &form {
        gate.hold_to(&live, &Question::connection(target, target.scheme == Scheme::Https));
    }
    let gate = gate.clone();
    let session = Arc::new(Session { gate, peer, form, protocol, verdict, live });
    match protocol {
        Protocol::Http1 => session.serve_http1(io).await,
        Protocol::Http2 => session.serve_http2(io.into_inner()).await,
    }
}

impl Session {
    async fn serve_http1<IO>(self: &Arc<Self>, io: Strict<IO>)
    where
        IO: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let service = service_fn(|request| self.handle(request));
        let connection = http1::Builder::new()
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
            () = self.live.ended() => {}
        }
    }

    async fn serve_http2<IO>(self: &Arc<Self>, io: IO)
    where
        IO: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let service = service_fn(|request| {
            let session = self.clone();
            async move { session.handle(request).await }
        });
        let connection = http2::Builder::new(TokioExecutor::new())
            .timer(TokioTimer::new())
            .initial_stream_window_size(H2_STREAM_WINDOW)
            .initial_connection_window_size(H2_CONNECTION_WINDOW)
            .max_concurrent_streams(H2_STREAMS)
            .max_header_list_size(H2_HEADER_BYTES)
            .keep_alive_interval(H2_PING)
            .auto_date_header(false)
            .serve_connection(TokioIo::new(io), service);
        tokio::select! {
            _ = connection => {}
            () = self.live.ended() => {}
        }
    }

    async fn handle(&self, request: Request<Incoming>) -> Result<Response<Body>, hyper::Error> {
        let within = match &self.form {
            Form::Within(target) | Form::Closed(target) => Some(target),
            Form::Origin | Form::Absolute => None,
        };
        let inspected = within.is_some_and(|target| target.scheme == Scheme::Https);
        let phase = if inspected { Phase::Inspect } else { Phase::Http };
        let mut attempt = self.gate.attempt(self.peer, phase);
        attempt.method = Some(clip(request.method().as_str()));
        attempt.path = Some(clip(request.uri().path()));
        match self.pass(request, &mut attempt).await {
            Ok(response) => Ok(response),
            Err(refusal) => {
                let answer = self.gate.refused(&attempt, &refusal).await;
                let body = answer::body(&attempt, &refusal, answer);
                let mut response = Response::new(Either::Left(Full::from(body)));
                *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::FORBIDDEN);
                headers::of_refusal(response.headers_mut(), self.protocol);
                Ok(response)
            }
        }
    }

    async fn pass(
        &self,
        request: Request<Incoming>,
        attempt: &mut Attempt,
    ) -> Result<Response<Body>, Refusal> {
        if let Form::Within(target) | Form::Closed(target) = &self.form {
            attempt.about(target);
        }
        self.verdict.check()?;
        let target = target::of(&request, &self.form)?;
        attempt.about(&target);
        headers::check_framing(&request)?;
        self.gate.secrets.check(&target, &request)?;
        let permitted = self.gate.permit_request(&target, request)?.map(|mut request| {
            attempt.secrets = self.gate.secrets.apply(&target, request.headers_mut());
            request
        });
        if matches!(self.form, Form::Closed(_)) {
            return Err(Refusal::PolicyChanged);
        }
        let live = self.hold_to(permitted.question());
        let place = self.gate.routed(self.gate.permit_seen(target.clone())?);
        let kept = self.gate.inspection.upstreams.take(&place, self.protocol);
        let reused = kept.is_some();
        let mut sender = match kept {
            Some(sender) => sender,
            None => self.dial(&place).await?,
        };
        self.gate.allowed(attempt, &permitted);
        let exchange = Exchange::new(permitted, &target, self.protocol)?;
        let (response, exchange) = match exchange.send(&mut sender).await {
            // The upstream closed the kept connection at the same moment; nothing was sent.
            Err((_, Some(exchange))) if reused => {
                sender = self.dial(&place).await?;
                exchange.send(&mut sender).await.map_err(|(refusal, _)| refusal)?
            }
            sent => sent.map_err(|(refusal, _)| refusal)?,
        };
        if let Sender::Http2(shared) = &sender
            && !reused
        {
            // Every session may use it at once.
            self.gate.inspection.upstreams.keep(&place, Sender::Http2(shared.clone()));
        }
        let back = Back { gate: self.gate.clone(), place, sender };
        self.finish(response, exchange, attempt, live, back)
    }

    /// What ends this request when the policy changes its mind: the connection, where it carries
    /// one request at a time, else a guard of its own.
    fn hold_to(&self, question: &Question) -> Option<LiveGuard> {
        match self.protocol {
            Protocol::Http1 => {
                self.gate.hold_to(&self.live, question);
                None
            }
            Protocol::Http2 => {
                let live = self.gate.live.enter();
                self.gate.hold_to(&live, question);
                Some(live)
            }
        }
    }

    async fn dial(&self, place: &Routed) -> Result<Sender, Refusal> {
        if place.target.get().scheme == Scheme::Https {
            return self.gate.inspection.upstreams.connect(&self.gate, place, self.protocol).await;
        }
        let stream = self.gate.connect_by(&place.target, &place.route).await?;
        let (sender, connection) = client::Builder::new()
            .preserve_header_case(true)
            .max_buf_size(HEAD_BYTES)
            .handshake(TokioIo::new(stream))
            .await
            .map_err(|err| Refusal::BadUpstream(err.to_string()))?;
        // Ends with its sender, that is with this session.
        tokio::spawn(connection.with_upgrades());
        Ok(Sender::Http1(sender))
    }

    /// Makes the client's response; bodies stream.
    fn finish(
        &self,
        mut response: Response<Incoming>,
        exchange: Answered,
        attempt: &Attempt,
        live: Option<LiveGuard>,
        back: Back,
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
        let back = matches!(back.sender, Sender::Http1(_) if !switched).then_some(back);
        Ok(response.map(|body| Either::Right(Through::new(body, live, back))))
    }
}
