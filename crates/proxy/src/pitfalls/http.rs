use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::testing::{World, exchange, within};

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

async fn world() -> World {
    World::allowing(&["http://docs.example", "http://other.example", "https.example"]).await
}

fn status(answer: &str) -> u16 {
    answer.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or_else(|| panic!("{answer:?}"))
}

#[tokio::test]
async fn a_request_by_host_header_and_one_in_absolute_form_reach_the_upstream() {
    let world = world().await;
    let heard = world.scripted("docs.example", 80, "\r\n\r\n", OK).await;
    let answer =
        world.ask_http("GET /a?q=1 HTTP/1.1\r\nHost: DOCS.example\r\nConnection: close\r\n\r\n").await;
    assert!(answer.ends_with("\r\n\r\nok"), "{answer}");
    let answer = world
        .ask_proxy("GET http://docs.example/b HTTP/1.1\r\nHost: docs.example\r\nProxy-Connection: x\r\nConnection: close\r\n\r\n")
        .await;
    assert!(answer.ends_with("\r\n\r\nok"), "{answer}");
    let heard = heard.lock().unwrap();
    assert!(heard[0].starts_with("GET /a?q=1 HTTP/1.1\r\n"), "{heard:?}");
    assert!(heard[1].starts_with("GET /b HTTP/1.1\r\n"), "{heard:?}");
    for request in heard.iter() {
        assert_eq!(request.to_lowercase().matches("host: docs.example\r\n").count(), 1, "{request}");
        assert!(!request.to_lowercase().contains("connection"), "{request}");
    }
}

#[tokio::test]
async fn a_denied_request_is_told_why_in_json() {
    let world = world().await;
    let answer = world.ask_http("GET /x?token=secret HTTP/1.1\r\nHost: evil.example\r\n\r\n").await;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert_eq!(status(head), 403);
    let body: serde_json::Value = serde_json::from_str(body).unwrap();
    assert_eq!(body["blocked_by"], "drawbridge");
    assert_eq!((&body["method"], &body["path"]), (&"GET".into(), &"/x".into()));
    let line = world.denial("evil.example").await;
    assert_eq!(line["path"], "/x", "no query in the log: tokens sit there");
    assert!(world.outside.resolved().is_empty());
}

#[tokio::test]
async fn the_command_to_ask_for_is_safe_to_paste() {
    let world = world().await;
    for (request, command) in [
        ("GET /a/b-1.txt HTTP/1.1\r\nHost: evil.example", "\\\"GET http://evil.example/a/b-1.txt\\\""),
        ("GET / HTTP/1.1\r\nHost: evil.example", "http://evil.example"),
        ("GET /$(reboot) HTTP/1.1\r\nHost: evil.example", "http://evil.example"),
        ("GET /'x' HTTP/1.1\r\nHost: evil.example", "http://evil.example"),
    ] {
        let answer = world.ask_http(&format!("{request}\r\n\r\n")).await;
        let wanted = format!("on the host: drawbridge allow {command} --reason ");
        assert!(answer.contains(&wanted), "{request}: {answer}");
    }
}

#[tokio::test]
async fn http_to_a_host_that_is_allowed_over_tls_only_is_denied() {
    let world = world().await;
    let answer = world.ask_http("GET / HTTP/1.1\r\nHost: https.example\r\n\r\n").await;
    assert_eq!(status(&answer), 403);
    assert!(answer.contains("scheme-not-allowed"), "{answer}");
}

#[tokio::test]
async fn pitfall_6_every_place_must_name_the_same_host() {
    let world = world().await;
    let heard = world.scripted("docs.example", 80, "\r\n\r\n", OK).await;
    world.outside.name("other.example", &[&[crate::testing::PUBLIC]]);
    for (request, expected) in [
        ("GET http://docs.example/ HTTP/1.1\r\nHost: other.example\r\n\r\n", 421),
        ("GET http://docs.example/ HTTP/1.1\r\nHost: evil.example\r\n\r\n", 421),
        ("GET http://evil.example/ HTTP/1.1\r\nHost: docs.example\r\n\r\n", 421),
        ("GET http://docs.example/ HTTP/1.1\r\nHost: docs.example:81\r\n\r\n", 421),
        ("GET http://docs.example/ HTTP/1.1\r\nHost: docs.example\r\nHost: evil.example\r\n\r\n", 400),
        ("GET http://docs.example/ HTTP/1.1\r\n\r\n", 400),
        ("GET http://docs.example/ HTTP/1.0\r\n\r\n", 400),
        ("GET http://user@docs.example/ HTTP/1.1\r\nHost: docs.example\r\n\r\n", 400),
        ("GET https://docs.example/ HTTP/1.1\r\nHost: docs.example\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: docs.example\r\n\r\n", 400),
        ("GET http://docs.example:22/ HTTP/1.1\r\nHost: docs.example:22\r\n\r\n", 403),
    ] {
        assert_eq!(status(&world.ask_proxy(request).await), expected, "{request}");
    }
    for (request, expected) in [
        ("GET http://evil.example/ HTTP/1.1\r\nHost: docs.example\r\n\r\n", 421),
        ("GET / HTTP/1.1\r\nHost: docs.example:8080\r\n\r\n", 421),
        ("GET / HTTP/1.1\r\nHost: docs.example\r\nhost: docs.example\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: docs.example@evil.example\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost:\r\n\r\n", 400),
        ("GET / HTTP/1.0\r\n\r\n", 400),
    ] {
        assert_eq!(status(&world.ask_http(request).await), expected, "{request}");
    }
    assert!(heard.lock().unwrap().is_empty());
}

#[tokio::test]
async fn every_request_of_a_connection_is_judged() {
    let world = world().await;
    world.scripted("docs.example", 80, "\r\n\r\n", OK).await;
    let mut stream = world.http().await;
    stream.write_all(b"GET / HTTP/1.1\r\nHost: docs.example\r\n\r\n").await.unwrap();
    let mut answer = vec![0; OK.len()];
    within(stream.read_exact(&mut answer)).await.unwrap();
    let answer = exchange(stream, b"GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n").await;
    assert_eq!(status(&answer), 403, "{answer}");
}

#[tokio::test]
async fn pitfall_10_framing_is_regenerated() {
    let world = world().await;
    let heard = world.scripted("docs.example", 80, "end", OK).await;
    let request = "POST / HTTP/1.1\r\nHost: docs.example\r\nTransfer-Encoding: chunked\r\n\
                   Connection: close, content-length\r\n\r\n003;ext=1\r\nend\r\n0\r\n\r\n";
    let answer = world.ask_http(request).await;
    assert!(answer.ends_with("ok"), "{answer}");
    let heard = heard.lock().unwrap().join("");
    let lower = heard.to_lowercase();
    assert_eq!(lower.matches("transfer-encoding: chunked\r\n").count(), 1, "{heard}");
    assert!(!lower.contains("content-length") && !lower.contains("ext=1"), "{heard}");
}

#[tokio::test]
async fn pitfall_10_no_byte_behind_ambiguous_framing_reaches_the_upstream() {
    let world = world().await;
    let heard = world.scripted("docs.example", 80, "\r\n\r\n", OK).await;
    let bad = "POST / HTTP/1.1\r\nHost: docs.example\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nSMUGGLED";
    assert_eq!(status(&world.ask_http(bad).await), 400);
    assert!(heard.lock().unwrap().is_empty());
    // As a second request, where hyper reads the head: it takes the chunks (RFC 9112 §6.3) and
    // closes, and the gate frames anew.
    let mut stream = world.http().await;
    stream.write_all(b"GET / HTTP/1.1\r\nHost: docs.example\r\n\r\n").await.unwrap();
    let mut answer = vec![0; OK.len()];
    within(stream.read_exact(&mut answer)).await.unwrap();
    let answer = exchange(stream, bad.as_bytes()).await;
    assert!(answer.to_lowercase().contains("connection: close"), "{answer}");
    let heard = heard.lock().unwrap()[1..].join("").to_lowercase();
    assert!(!heard.contains("content-length") && !heard.contains("smuggled"), "{heard}");
}

#[tokio::test]
async fn pitfall_10_a_get_with_a_body_keeps_its_frame() {
    let world = world().await;
    let heard = world.scripted("docs.example", 80, "smuggled", OK).await;
    let request = "GET / HTTP/1.1\r\nHost: docs.example\r\nTransfer-Encoding: chunked\r\n\
                   Connection: close\r\n\r\n8\r\nsmuggled\r\n0\r\n\r\n";
    let answer = world.ask_http(request).await;
    assert!(answer.ends_with("ok"), "{answer}");
    assert!(heard.lock().unwrap()[0].to_lowercase().contains("transfer-encoding: chunked\r\n"));
}

#[tokio::test]
async fn hop_by_hop_headers_stay_on_their_hop() {
    let world = world().await;
    let heard = world.scripted("docs.example", 80, "\r\n\r\n", OK).await;
    let request = "GET / HTTP/1.1\r\nHost: docs.example\r\nConnection: close, X-Hop, Host\r\nX-Hop: 1\r\n\
                   Proxy-Authorization: Basic c2VjcmV0\r\nKeep-Alive: 5\r\nTE: trailers, gzip\r\nUpgrade: h2c\r\n\
                   X-Kept: Yes\r\n\r\n";
    assert!(world.ask_http(request).await.ends_with("ok"));
    let heard = heard.lock().unwrap()[0].to_lowercase();
    for gone in ["x-hop", "proxy-authorization", "keep-alive", "upgrade", "gzip", "via:", "forwarded"] {
        assert!(!heard.contains(gone), "{gone}: {heard}");
    }
    assert!(heard.contains("x-kept: yes") && heard.contains("host: docs.example"), "{heard}");
}

#[tokio::test]
async fn pitfall_15_method_overrides_are_refused_where_methods_are_limited() {
    let world = World::allowing(&["GET http://docs.example/**", "http://other.example"]).await;
    let heard = world.scripted("docs.example", 80, "\r\n\r\n", OK).await;
    let ask = async |host: &str, header: &str| {
        let request =
            format!("GET /a HTTP/1.1\r\nHost: {host}\r\n{header}: DELETE\r\nConnection: close\r\n\r\n");
        status(&world.ask_http(&request).await)
    };
    for header in ["X-HTTP-Method-Override", "X-HTTP-Method", "x-method-override"] {
        assert_eq!(ask("docs.example", header).await, 403, "{header}");
    }
    assert!(heard.lock().unwrap().is_empty());
    world.scripted("other.example", 80, "\r\n\r\n", OK).await;
    assert_eq!(ask("other.example", "X-HTTP-Method").await, 200);
}

#[tokio::test]
async fn pitfall_12_the_judged_path_is_the_sent_one() {
    let world = World::allowing(&["http://docs.example/ok/**"]).await;
    let heard = world.scripted("docs.example", 80, "\r\n\r\n", OK).await;
    for path in
        ["/ok/../secret", "/ok/%2e%2e/secret", "/ok/..%2fsecret", "/ok/..;/secret", "/ok//../../secret"]
    {
        let request = format!("GET {path} HTTP/1.1\r\nHost: docs.example\r\nConnection: close\r\n\r\n");
        assert_eq!(status(&world.ask_http(&request).await), 403, "{path}");
    }
    assert!(heard.lock().unwrap().is_empty());
    let answer = world
        .ask_http("GET /x/../ok/./%61 HTTP/1.1\r\nHost: docs.example\r\nConnection: close\r\n\r\n")
        .await;
    assert!(answer.ends_with("ok"), "{answer}");
    assert!(heard.lock().unwrap()[0].starts_with("GET /ok/a HTTP/1.1\r\n"));
}

#[tokio::test]
async fn plain_http_inside_a_connect_is_judged_by_request() {
    let world = world().await;
    let heard = world.scripted("docs.example", 80, "\r\n\r\n", OK).await;
    let stream = world.connect("docs.example:80").await;
    let request = b"GET / HTTP/1.1\r\nHost: docs.example\r\nConnection: close\r\n\r\n";
    assert!(exchange(stream, request).await.ends_with("ok"));
    let stream = world.connect("docs.example:80").await;
    let answer = exchange(stream, b"GET / HTTP/1.1\r\nHost: other.example\r\n\r\n").await;
    assert_eq!(status(&answer), 421, "{answer}");
    assert_eq!(heard.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn pitfall_17_a_websocket_is_bridged_after_its_handshake_was_judged() {
    let world = world().await;
    world
        .serve("docs.example", 80, |mut stream| async move {
            let mut bytes = Vec::new();
            while !bytes.ends_with(b"\r\n\r\n") {
                bytes.push(stream.read_u8().await.unwrap());
            }
            let head = String::from_utf8(bytes).unwrap().to_lowercase();
            assert!(head.contains("upgrade: websocket\r\n") && head.contains("sec-websocket-key"));
            let answer =
                b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nhi";
            stream.write_all(answer).await.unwrap();
            let mut frame = [0; 5];
            stream.read_exact(&mut frame).await.unwrap();
            stream.write_all(&frame).await.unwrap();
        })
        .await;
    let mut stream = world.http().await;
    let request = b"GET /ws HTTP/1.1\r\nHost: docs.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
                    Sec-WebSocket-Key: x\r\n\r\nframe";
    stream.write_all(request).await.unwrap();
    let mut answer = Vec::new();
    within(stream.read_to_end(&mut answer)).await.unwrap();
    let answer = String::from_utf8(answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 101 "), "{answer}");
    assert!(answer.ends_with("hiframe"), "{answer}");
    drop(stream);
    let close = world.logged(|line| line["type"] == "close").await;
    assert_eq!((&close["up"], &close["down"]), (&5.into(), &5.into()));
}

#[tokio::test]
async fn pitfall_31_redirects_are_the_clients_business() {
    let world = world().await;
    let redirect = "HTTP/1.1 302 Found\r\nLocation: http://evil.example/\r\nContent-Length: 0\r\n\r\n";
    world.scripted("docs.example", 80, "\r\n\r\n", redirect).await;
    let answer = world.ask_http("GET / HTTP/1.1\r\nHost: docs.example\r\nConnection: close\r\n\r\n").await;
    assert_eq!(status(&answer), 302);
    assert_eq!(world.outside.resolved(), ["docs.example"]);
}

#[tokio::test]
async fn an_upstream_that_closes_a_kept_connection_costs_no_request() {
    let world = world().await;
    world
        .serve("docs.example", 80, |mut stream| async move {
            // Keep-alive by its answer, but closed after it.
            let mut bytes = Vec::new();
            while !bytes.ends_with(b"\r\n\r\n") {
                match stream.read_u8().await {
                    Ok(byte) => bytes.push(byte),
                    Err(_) => return,
                }
            }
            stream.write_all(OK.as_bytes()).await.unwrap();
        })
        .await;
    let mut stream = world.http().await;
    for _ in 0..5 {
        stream.write_all(b"GET / HTTP/1.1\r\nHost: docs.example\r\n\r\n").await.unwrap();
        let mut answer = vec![0; OK.len()];
        within(stream.read_exact(&mut answer)).await.unwrap();
        assert!(answer.starts_with(b"HTTP/1.1 200 "), "{}", String::from_utf8_lossy(&answer));
    }
}

#[tokio::test]
async fn bodies_stream_in_both_directions() {
    let world = world().await;
    world
        .serve("docs.example", 80, |mut stream| async move {
            let mut bytes = Vec::new();
            while !bytes.ends_with(b"first\r\n") {
                bytes.push(stream.read_u8().await.unwrap());
            }
            // Answers before the request is complete, and in two pieces.
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nhalf").await.unwrap();
            while !bytes.ends_with(b"0\r\n\r\n") {
                bytes.push(stream.read_u8().await.unwrap());
            }
            stream.write_all(b"rest").await.unwrap();
        })
        .await;
    let mut stream = world.http().await;
    let head = b"POST / HTTP/1.1\r\nHost: docs.example\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n";
    stream.write_all(head).await.unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"half") {
        answer.push(within(stream.read_u8()).await.unwrap());
    }
    stream.write_all(b"0\r\n\r\n").await.unwrap();
    let mut rest = [0; 4];
    within(stream.read_exact(&mut rest)).await.unwrap();
    assert_eq!(&rest, b"rest");
}
