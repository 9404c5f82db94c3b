mod authorities;
mod http2;
mod routes;

use std::sync::{Arc, Mutex};

use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

use crate::testing::{
    TlsServer, World, connector, never_inspected, policy, public_root, tls_client, untrusted_acceptor, within,
};

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const RULE: &str = "GET,POST docs.example/guide/**";

type Heard = Arc<Mutex<Vec<String>>>;

/// An HTTP/1.1 upstream that records heads, and bodies with a length, and answers `answer`.
async fn http1(world: &World, name: &'static str, answer: &'static str) -> Heard {
    let heard = Heard::default();
    let record = heard.clone();
    world
        .serve_tls(name, &["http/1.1"], move |mut stream| {
            let record = record.clone();
            async move {
                while let Some(head) = head(&mut stream).await {
                    record.lock().unwrap().push(head);
                    if stream.write_all(answer.as_bytes()).await.is_err() {
                        return;
                    }
                }
            }
        })
        .await;
    heard
}

/// Reads a head, and a body that `Content-Length` announces.
async fn head(stream: &mut (impl AsyncRead + Unpin)) -> Option<String> {
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"\r\n\r\n") {
        bytes.push(stream.read_u8().await.ok()?);
    }
    let head = String::from_utf8(bytes).unwrap();
    let length = head
        .to_lowercase()
        .split("content-length: ")
        .nth(1)
        .map_or(0, |rest| rest.split("\r\n").next().unwrap().parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    Some(head + &String::from_utf8_lossy(&body))
}

async fn exchange(mut stream: impl AsyncRead + AsyncWrite + Unpin, request: &str) -> String {
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    // A peer that ends TLS without a word is an error to rustls; what came before counts.
    let _ = within(stream.read_to_end(&mut answer)).await;
    String::from_utf8_lossy(&answer).into_owned()
}

/// One request on a connection of its own.
async fn ask(world: &World, request: &str) -> String {
    exchange(world.inspected("docs.example", &["http/1.1"]).await, request).await
}

fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: docs.example\r\nConnection: close\r\n\r\n")
}

fn status(answer: &str) -> u16 {
    answer.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or_else(|| panic!("{answer:?}"))
}

#[tokio::test]
async fn a_request_is_judged_inside_tls() {
    let world = World::allowing(&[RULE]).await;
    let heard = http1(&world, "docs.example", OK).await;
    assert!(ask(&world, &get("/guide/a?b=c")).await.ends_with("\r\n\r\nok"));
    let sent = heard.lock().unwrap()[0].clone();
    assert!(sent.starts_with("GET /guide/a?b=c HTTP/1.1\r\n") && sent.contains("docs.example\r\n"), "{sent}");
    let line = world.logged(|line| line["action"] == "allow").await;
    assert_eq!((&line["phase"], &line["path"]), (&"inspect".into(), &"/guide/a".into()));
    assert_eq!((&line["method"], &line["rule"]), (&"GET".into(), &RULE.into()));

    let answer = ask(&world, &get("/admin")).await;
    assert_eq!(status(&answer), 403, "{answer}");
    let body: Value = serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap();
    assert_eq!((&body["blocked_by"], &body["reason"]), (&"drawbridge".into(), &"path".into()));
    assert_eq!((&body["host"], &body["path"]), (&"docs.example".into(), &"/admin".into()));
    let ask = body["ask"].as_str().unwrap();
    assert!(ask.contains("drawbridge allow \"GET docs.example/admin\" "), "{ask}");
    assert_eq!(world.denial("docs.example").await["path"], "/admin");
    assert_eq!(heard.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn the_same_behind_a_connect() {
    let world = World::allowing(&[RULE]).await;
    http1(&world, "docs.example", OK).await;
    for (path, expected) in [("/guide/", 200), ("/", 403)] {
        let stream = world.connect("docs.example:443").await;
        let stream = world.handshake(stream, "docs.example", &["http/1.1"]).await;
        assert_eq!(status(&exchange(stream, &get(path)).await), expected, "{path}");
    }
}

#[tokio::test]
async fn a_host_without_such_a_rule_is_not_looked_into() {
    let world = World::allowing(&[RULE, "open.example"]).await;
    http1(&world, "open.example", OK).await;
    let stream = connector(&[public_root()], &[])
        .connect("open.example".try_into().unwrap(), world.https().await)
        .await
        .unwrap();
    let request = "GET / HTTP/1.1\r\nHost: open.example\r\n\r\n";
    let mut stream = stream;
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = vec![0; OK.len()];
    within(stream.read_exact(&mut answer)).await.unwrap();
    assert_eq!(world.logged(|line| line["action"] == "allow").await["phase"], "sni");
}

#[tokio::test]
async fn a_host_that_breaks_is_not_looked_into() {
    let host: &'static str = Box::leak(never_inspected().into_boxed_str());
    let always = serde_json::json!({ "version": 1, "allow": [host, "docs.example"], "inspect": "always" });
    let world = World::with_policy(&always.to_string()).await;
    let server = TlsServer::start(&world, host).await;
    let mut stream = server.handshake(world.https().await, host).await.unwrap();
    assert_eq!(tls_client(&mut stream).await, format!("pong from {host}"));
    // Any other host is, under `inspect: always`.
    http1(&world, "docs.example", OK).await;
    assert_eq!(status(&ask(&world, &get("/")).await), 200);
    // A repository's rule that needs a look opens nothing.
    let world = World::allowing(&[&format!("GET {host}/**")]).await;
    let answer = world.ask_proxy(&format!("CONNECT {host}:443 HTTP/1.1\r\n\r\n")).await;
    assert!(status(&answer) == 403 && answer.contains("not-granted"), "{answer}");
}

#[tokio::test]
async fn pitfall_6_every_place_must_name_the_same_host_inside_tls() {
    let world = World::allowing(&[RULE, "GET other.example/**"]).await;
    let heard = http1(&world, "docs.example", OK).await;
    for (request, expected) in [
        ("GET /guide/ HTTP/1.1\r\nHost: other.example\r\n\r\n", 421),
        ("GET /guide/ HTTP/1.1\r\nHost: docs.example:8443\r\n\r\n", 421),
        ("GET https://other.example/guide/ HTTP/1.1\r\nHost: docs.example\r\n\r\n", 421),
        ("GET https://docs.example/guide/ HTTP/1.1\r\nHost: other.example\r\n\r\n", 421),
        ("GET http://docs.example/guide/ HTTP/1.1\r\nHost: docs.example\r\n\r\n", 400),
        ("GET /guide/ HTTP/1.1\r\nHost: docs.example\r\nHost: docs.example\r\n\r\n", 400),
        ("GET /guide/ HTTP/1.1\r\n\r\n", 400),
        ("GET /guide/ HTTP/1.0\r\n\r\n", 400),
        ("CONNECT other.example:443 HTTP/1.1\r\nHost: docs.example\r\n\r\n", 400),
        ("GET https://docs.example/guide/ HTTP/1.1\r\nHost: DOCS.example.\r\nConnection: close\r\n\r\n", 200),
    ] {
        assert_eq!(status(&ask(&world, request).await), expected, "{request}");
    }
    assert_eq!(heard.lock().unwrap().len(), 1);
    // The handshake must ask for the host of the CONNECT.
    let stream = world.connect("docs.example:443").await;
    let other = connector(&[world.ca()], &[]).connect("other.example".try_into().unwrap(), stream).await;
    assert!(other.is_err());
    world.logged(|line| line["reason"] == "host-mismatch" && line["phase"] == "connect").await;
}

#[tokio::test]
async fn pitfall_10_ambiguous_framing_inside_tls_reaches_nobody() {
    let world = World::allowing(&[RULE]).await;
    let heard = http1(&world, "docs.example", OK).await;
    let start = "POST /guide/ HTTP/1.1\r\nHost: docs.example\r\n";
    for framing in [
        "Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nSMUGGLED",
        "Transfer-Encoding: chunked\r\nContent-Length: 6\r\n\r\n0\r\n\r\nSMUGGLED",
        "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        "X: a\r\n folded\r\nContent-Length: 0\r\n\r\n",
    ] {
        let bad = format!("{start}{framing}");
        assert_eq!(status(&ask(&world, &bad).await), 400, "{bad}");
        assert!(heard.lock().unwrap().is_empty(), "{bad}");
        // As a second request of a connection too.
        let mut stream = world.inspected("docs.example", &["http/1.1"]).await;
        let first = "GET /guide/ HTTP/1.1\r\nHost: docs.example\r\n\r\n";
        stream.write_all(first.as_bytes()).await.unwrap();
        let mut answer = vec![0; OK.len()];
        within(stream.read_exact(&mut answer)).await.unwrap();
        assert_eq!(status(&exchange(stream, &bad).await), 400, "{bad}");
        assert_eq!(heard.lock().unwrap().drain(..).count(), 1, "{bad}");
    }
}

#[tokio::test]
async fn pitfall_12_and_15_paths_and_overrides_inside_tls() {
    let world = World::allowing(&[RULE]).await;
    let heard = http1(&world, "docs.example", OK).await;
    for path in [
        "/guide/../secret",
        "/guide/%2e%2e/secret",
        "/guide/..%2fsecret",
        "/guide/..;/secret",
        "/guide//../../secret",
        "/guide/%252e%252e/secret",
    ] {
        assert_eq!(status(&ask(&world, &get(path)).await), 403, "{path}");
    }
    let delete = "GET /guide/ HTTP/1.1\r\nHost: docs.example\r\nX-HTTP-Method-Override: DELETE\r\n\r\n";
    assert_eq!(status(&ask(&world, delete).await), 403);
    assert!(heard.lock().unwrap().is_empty());
    assert_eq!(status(&ask(&world, &get("/x/../guide/./%61")).await), 200);
    assert!(heard.lock().unwrap()[0].starts_with("GET /guide/a HTTP/1.1\r\n"));
}

#[tokio::test]
async fn pitfall_17_a_websocket_inside_tls() {
    let world = World::allowing(&["GET docs.example/ws"]).await;
    world
        .serve_tls("docs.example", &["http/1.1"], |mut stream| async move {
            let head = head(&mut stream).await.unwrap().to_lowercase();
            assert!(head.contains("upgrade: websocket\r\n") && head.contains("sec-websocket-key"), "{head}");
            let answer =
                "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nhi";
            stream.write_all(answer.as_bytes()).await.unwrap();
            let mut frame = [0; 5];
            stream.read_exact(&mut frame).await.unwrap();
            stream.write_all(&frame).await.unwrap();
            stream.shutdown().await.unwrap();
        })
        .await;
    let request = "GET /ws HTTP/1.1\r\nHost: docs.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
                   Sec-WebSocket-Key: x\r\n\r\nframe";
    let mut stream = world.inspected("docs.example", &["http/1.1"]).await;
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"hiframe") {
        answer.push(within(stream.read_u8()).await.unwrap());
    }
    assert!(answer.starts_with(b"HTTP/1.1 101 "));
    drop(stream);
    let close = world.logged(|line| line["type"] == "close").await;
    assert_eq!((&close["up"], &close["down"]), (&5.into(), &7.into()));
    assert_eq!(status(&ask(&world, &request.replace("/ws", "/other")).await), 403);
}

#[tokio::test]
async fn bodies_stream_in_both_directions_inside_tls() {
    let world = World::allowing(&[RULE]).await;
    world
        .serve_tls("docs.example", &["http/1.1"], |mut stream| async move {
            let mut bytes = Vec::new();
            while !bytes.ends_with(b"first\r\n") {
                bytes.push(stream.read_u8().await.unwrap());
            }
            // Answers before the request is complete, event by event.
            let answer = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\
                          Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n";
            stream.write_all(answer.as_bytes()).await.unwrap();
            while !bytes.ends_with(b"0\r\n\r\n") {
                bytes.push(stream.read_u8().await.unwrap());
            }
            stream.write_all(b"4\r\nrest\r\n0\r\n\r\n").await.unwrap();
        })
        .await;
    let mut stream = world.inspected("docs.example", &["http/1.1"]).await;
    let head =
        "POST /guide/ HTTP/1.1\r\nHost: docs.example\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"half\r\n") {
        answer.push(within(stream.read_u8()).await.unwrap());
    }
    stream.write_all(b"0\r\n\r\n").await.unwrap();
    while !answer.ends_with(b"rest\r\n0\r\n\r\n") {
        answer.push(within(stream.read_u8()).await.unwrap());
    }
}

#[tokio::test]
async fn a_denied_body_is_not_asked_for() {
    let world = World::allowing(&[RULE]).await;
    let heard = http1(&world, "docs.example", OK).await;
    let expecting = |path: &str| {
        format!(
            "POST {path} HTTP/1.1\r\nHost: docs.example\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\
             Connection: close\r\n\r\n"
        )
    };
    assert_eq!(status(&ask(&world, &expecting("/admin")).await), 403);
    let mut stream = world.inspected("docs.example", &["http/1.1"]).await;
    stream.write_all(expecting("/guide/").as_bytes()).await.unwrap();
    let mut answer = vec![0; 25];
    within(stream.read_exact(&mut answer)).await.unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 100 Continue\r\n"), "{}", String::from_utf8_lossy(&answer));
    assert_eq!(status(&exchange(stream, "body").await), 200);
    assert!(heard.lock().unwrap()[0].ends_with("\r\n\r\nbody"));
}

#[tokio::test]
async fn pitfall_22_nothing_is_decompressed_on_the_way() {
    // Said to be gzip and is none: whoever unpacks it fails.
    const PACKED: &str = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nbomb";
    let world = World::allowing(&[RULE]).await;
    let heard = http1(&world, "docs.example", PACKED).await;
    let request =
        "GET /guide/ HTTP/1.1\r\nHost: docs.example\r\nAccept-Encoding: br\r\nConnection: close\r\n\r\n";
    let answer = ask(&world, request).await;
    assert!(answer.to_lowercase().contains("\r\ncontent-encoding: gzip\r\n"), "{answer}");
    assert!(answer.ends_with("\r\n\r\nbomb"), "{answer}");
    let heard = heard.lock().unwrap();
    let asked = heard[0].to_lowercase();
    assert!(asked.contains("\r\naccept-encoding: br\r\n") && !asked.contains("gzip"), "{asked}");
}

#[tokio::test]
async fn upstream_connections_are_shared_by_clients() {
    let world = World::allowing(&[RULE]).await;
    let heard = http1(&world, "docs.example", OK).await;
    for _ in 0..3 {
        assert_eq!(status(&ask(&world, &get("/guide/")).await), 200);
    }
    assert_eq!(heard.lock().unwrap().len(), 3);
    assert_eq!(world.outside.dialled().len(), 1);
}

#[tokio::test]
async fn a_closed_host_can_be_told_why_inside_tls() {
    let text =
        |names: &str| serde_json::json!({ "version": 1, "allow": ["open.example"], "deniedNames": names });
    let world = World::with_policy(&text("explain").to_string()).await;
    let mut stream = world.inspected("docs.example", &["h2", "http/1.1"]).await;
    stream.write_all(get("/").as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let _ = within(stream.read_to_end(&mut answer)).await;
    let answer = String::from_utf8_lossy(&answer).into_owned();
    assert!(status(&answer) == 403 && answer.contains("host-not-allowed"), "{answer}");
    assert!(world.outside.resolved().is_empty() && world.outside.dialled().is_empty());
    // Opened meanwhile, it is not served through a connection that was to be refused.
    let mut stream = world.inspected("docs.example", &["http/1.1"]).await;
    world.set_policy(&policy(&["open.example", "docs.example"]));
    let _ = world.keeper().reload(Some(&crate::keeper::Consent::default()));
    stream.write_all(get("/").as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let _ = within(stream.read_to_end(&mut answer)).await;
    assert_eq!(status(&String::from_utf8_lossy(&answer)), 503);
    // Without the option TLS ends with an alert, as before.
    let world = World::with_policy(&text("nxdomain").to_string()).await;
    let connector = connector(&[world.ca()], &[]);
    assert!(connector.connect("docs.example".try_into().unwrap(), world.https().await).await.is_err());
}

#[tokio::test]
async fn an_upstream_that_nobody_vouches_for_is_refused() {
    let world = World::allowing(&[RULE]).await;
    let (acceptor, _) = untrusted_acceptor("docs.example");
    world
        .serve("docs.example", 443, move |stream| {
            let acceptor = acceptor.clone();
            async move {
                assert!(acceptor.accept(stream).await.is_err(), "the gate breaks off");
            }
        })
        .await;
    let answer = ask(&world, &get("/guide/")).await;
    assert_eq!(status(&answer), 502, "{answer}");
    assert!(answer.contains("upstream-tls") && answer.contains("reported_by"), "{answer}");
    // A host that is down is told inside TLS as well.
    world.outside.name("docs.example", &[&[]]);
    let answer = ask(&world, &get("/guide/")).await;
    assert!(answer.contains("unresolved"), "{answer}");
}
