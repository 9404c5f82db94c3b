use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Body, Frame, Incoming};
use hyper::client::conn::http2 as client;
use hyper::server::conn::http2 as server;
use hyper::service::service_fn;
use hyper::{HeaderMap, Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

use super::{Heard, OK, RULE, http1};
use crate::testing::{World, policy, within};

/// An HTTP/2 upstream that records requests and answers with its body and a trailer.
pub(super) async fn http2(world: &World, name: &'static str) -> Heard {
    let heard = Heard::default();
    let record = heard.clone();
    world
        .serve_tls(name, &["h2", "http/1.1"], move |stream| {
            let record = record.clone();
            async move {
                assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
                let service = service_fn(move |request: Request<Incoming>| {
                    let record = record.clone();
                    async move {
                        let (parts, body) = request.into_parts();
                        let body = body.collect().await?;
                        let trailer = body.trailers().and_then(|fields| fields.get("x-sum")).cloned();
                        let (method, uri, headers) = (parts.method, parts.uri, parts.headers);
                        record.lock().unwrap().push(format!("{method} {uri} {headers:?} {trailer:?}"));
                        let mut trailers = HeaderMap::new();
                        trailers.insert("grpc-status", "0".parse().unwrap());
                        let answer = Full::new(body.to_bytes()).with_trailers(async { Some(Ok(trailers)) });
                        hyper::Result::Ok(Response::new(answer))
                    }
                });
                let builder = server::Builder::new(TokioExecutor::new());
                let _ = builder.serve_connection(TokioIo::new(stream), service).await;
            }
        })
        .await;
    heard
}

pub(super) type Http2 = client::SendRequest<Full<Bytes>>;

pub(super) async fn h2_client(stream: TlsStream<TcpStream>) -> Http2 {
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    let (sender, connection) = client::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    sender
}

pub(super) fn h2_get(uri: &str) -> Request<Full<Bytes>> {
    Request::get(uri).body(Full::default()).unwrap()
}

#[tokio::test]
async fn http2_on_both_legs_with_trailers() {
    let world = World::allowing(&[RULE]).await;
    let heard = http2(&world, "docs.example").await;
    let mut sender = h2_client(world.inspected("docs.example", &["h2", "http/1.1"]).await).await;
    let mut sums = HeaderMap::new();
    sums.insert("x-sum", "7".parse().unwrap());
    let body = Full::new(Bytes::from_static(b"call")).with_trailers(async { Some(Ok(sums)) }).boxed();
    let (mut trailing, connection) =
        client::handshake(TokioExecutor::new(), TokioIo::new(world.inspected("docs.example", &["h2"]).await))
            .await
            .unwrap();
    tokio::spawn(connection);
    let request = Request::post("https://docs.example/guide/rpc?x=1").header("te", "trailers").body(body);
    let answer = within(trailing.send_request(request.unwrap())).await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    let answer = answer.into_body().collect().await.unwrap();
    assert_eq!(answer.trailers().unwrap()["grpc-status"], "0");
    assert_eq!(answer.to_bytes(), "call");
    let call = heard.lock().unwrap()[0].clone();
    assert!(call.starts_with("POST https://docs.example/guide/rpc?x=1 "), "{call}");
    assert!(call.contains("\"te\": \"trailers\"") && call.ends_with("Some(\"7\")"), "{call}");

    let denied = within(sender.send_request(h2_get("https://docs.example/admin"))).await.unwrap();
    assert_eq!(denied.status(), StatusCode::FORBIDDEN);
    let body = denied.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(serde_json::from_slice::<Value>(&body).unwrap()["reason"], "path");
    let allowed = within(sender.send_request(h2_get("https://docs.example/guide/"))).await.unwrap();
    assert_eq!(allowed.status(), StatusCode::OK, "a denial ends its request alone");
    assert_eq!(world.outside.dialled().len(), 1, "one upstream connection serves all");
}

#[tokio::test]
async fn the_client_is_offered_what_the_upstream_speaks() {
    let world = World::allowing(&[RULE, "GET new.example/**"]).await;
    http1(&world, "docs.example", OK).await;
    http2(&world, "new.example").await;
    let spoken = async |name: &'static str, offer: &[&str]| {
        let stream = world.inspected(name, offer).await;
        stream.get_ref().1.alpn_protocol().map(|name| String::from_utf8_lossy(name).into_owned())
    };
    assert_eq!(spoken("docs.example", &["h2", "http/1.1"]).await.as_deref(), Some("http/1.1"));
    assert_eq!(spoken("new.example", &["h2", "http/1.1"]).await.as_deref(), Some("h2"));
    assert_eq!(spoken("new.example", &["http/1.1"]).await.as_deref(), Some("http/1.1"));
    assert_eq!(spoken("docs.example", &[]).await, None);
}

#[tokio::test]
async fn pitfall_6_and_16_http2_names_and_connect() {
    let world = World::allowing(&[RULE, "GET other.example/**"]).await;
    let heard = http2(&world, "docs.example").await;
    let mut sender = h2_client(world.inspected("docs.example", &["h2"]).await).await;
    let mut status = async |request: Request<Full<Bytes>>| {
        within(sender.send_request(request)).await.map_or(0, |answer| answer.status().as_u16())
    };
    assert_eq!(status(h2_get("https://other.example/guide/")).await, 421);
    assert_eq!(status(h2_get("http://docs.example/guide/")).await, 400);
    let mut two = h2_get("https://docs.example/guide/");
    two.headers_mut().insert("host", "other.example".parse().unwrap());
    assert_eq!(status(two).await, 421);
    let mut tunnel = h2_get("other.example:443");
    *tunnel.method_mut() = Method::CONNECT;
    assert_eq!(status(tunnel).await, 400);
    assert!(heard.lock().unwrap().is_empty());
    assert_eq!(status(h2_get("https://docs.example/guide/")).await, 200);
}

/// RFC 8441 §3: a server that does not say so cannot be asked; clients then open a WebSocket over
/// HTTP/1.1, which is judged and bridged.
#[tokio::test]
async fn pitfall_17_a_websocket_over_http2_is_not_offered() {
    let world = World::allowing(&[RULE]).await;
    let heard = http2(&world, "docs.example").await;
    let stream = TokioIo::new(world.inspected("docs.example", &["h2"]).await);
    let (mut sender, mut connection) = client::handshake(TokioExecutor::new(), stream).await.unwrap();
    tokio::select! {
        ended = &mut connection => panic!("{ended:?}"),
        answer = within(sender.send_request(h2_get("https://docs.example/guide/"))) => {
            assert_eq!(answer.unwrap().status(), StatusCode::OK);
        }
    }
    assert!(!connection.is_extended_connect_protocol_enabled());
    tokio::spawn(connection);
    let before = heard.lock().unwrap().len();
    let mut socket = h2_get("https://docs.example/guide/socket");
    *socket.method_mut() = Method::CONNECT;
    socket.extensions_mut().insert(hyper::ext::Protocol::from_static("websocket"));
    let refused = within(sender.send_request(socket)).await;
    assert!(refused.is_err() || refused.is_ok_and(|answer| !answer.status().is_success()));
    assert_eq!(heard.lock().unwrap().len(), before, "nothing of it reaches the upstream");
}

#[tokio::test]
async fn a_tightened_policy_ends_the_request_that_is_running() {
    let world = World::allowing(&[RULE]).await;
    world
        .serve_tls("docs.example", &["h2"], |stream| async move {
            let service = service_fn(|_: Request<Incoming>| async {
                hyper::Result::Ok(Response::new(Endless(Some(Bytes::from_static(b"first")))))
            });
            let builder = server::Builder::new(TokioExecutor::new());
            let _ = builder.serve_connection(TokioIo::new(stream), service).await;
        })
        .await;
    let mut sender = h2_client(world.inspected("docs.example", &["h2"]).await).await;
    let mut guide = within(sender.send_request(h2_get("https://docs.example/guide/a"))).await.unwrap();
    assert_eq!(within(guide.frame()).await.unwrap().unwrap().into_data().unwrap(), "first");
    world.set_policy(&policy(&["GET docs.example/other/**"]));
    world.tick(0);
    assert_eq!(world.keeper().status()["folder"]["state"], "pending", "another path is looser");
    world.set_policy(&policy(&["GET docs.example/guide/b"]));
    world.tick(0);
    assert!(within(guide.frame()).await.unwrap().is_err());
    let other = within(sender.send_request(h2_get("https://docs.example/guide/b"))).await.unwrap();
    assert_eq!(other.status(), StatusCode::OK, "the connection itself is still allowed");
}

/// One frame, then nothing, without an end.
struct Endless(Option<Bytes>);

impl Body for Endless {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<hyper::Result<Frame<Bytes>>>> {
        match self.0.take() {
            Some(bytes) => Poll::Ready(Some(Ok(Frame::data(bytes)))),
            None => Poll::Pending,
        }
    }
}
