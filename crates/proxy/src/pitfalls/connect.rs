use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::testing::{Hello, TlsServer, World, exchange, rustls_hello, tls_client, within};

const ALERT: &[u8] = &[21, 3, 3, 0, 2, 2];

/// Everything that comes back until the gate closes.
async fn rest(mut stream: TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    within(stream.read_to_end(&mut bytes)).await.unwrap();
    bytes
}

fn status(answer: &str) -> u16 {
    answer.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or_else(|| panic!("{answer:?}"))
}

#[tokio::test]
async fn an_allowed_host_is_tunnelled() {
    let world = World::allowing(&["docs.example"]).await;
    let server = TlsServer::start(&world, "docs.example").await;
    let stream = world.connect("docs.example:443").await;
    let mut stream = server.handshake(stream, "docs.example").await.unwrap();
    assert_eq!(tls_client(&mut stream).await, "pong from docs.example");
}

#[tokio::test]
async fn a_denied_host_is_told_why_and_what_to_ask() {
    let world = World::allowing(&["docs.example"]).await;
    let answer = world.ask_proxy("CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n").await;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 403 Forbidden\r\n"), "{head}");
    let body: serde_json::Value = serde_json::from_str(body).unwrap();
    assert_eq!(body["blocked_by"], "drawbridge");
    assert_eq!((&body["host"], &body["method"]), (&"evil.example".into(), &"CONNECT".into()));
    assert_eq!(body["reason"], "host-not-allowed");
    assert!(body["ask"].as_str().unwrap().contains("drawbridge allow evil.example "), "{body}");
    world.denial("evil.example").await;
    assert!(world.outside.resolved().is_empty());
}

#[tokio::test]
async fn hello_sent_together_with_connect_is_not_lost() {
    let world = World::allowing(&["docs.example"]).await;
    let heard = world.scripted("docs.example", 443, "docs.example", "answer").await;
    let request = [b"CONNECT docs.example:443 HTTP/1.1\r\n\r\n", &rustls_hello("docs.example")[..]].concat();
    let mut stream = world.proxy().await;
    stream.write_all(&request).await.unwrap();
    let mut answer = vec![0; 39 + 6];
    within(stream.read_exact(&mut answer)).await.unwrap();
    assert!(answer.ends_with(b"\r\n\r\nanswer"), "{answer:?}");
    assert_eq!(heard.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn pitfall_3_one_spelling_of_a_host() {
    let world = World::allowing(&["docs.example", "xn--bcher-kva.example"]).await;
    world.scripted("docs.example", 443, "\0", "").await;
    world.scripted("xn--bcher-kva.example", 443, "\0", "").await;
    for (spelling, allowed) in [
        ("docs.example:443", true),
        ("DOCS.Example:443", true),
        ("docs.example.:443", true),
        ("xn--bcher-kva.example:443", true),
        ("XN--BCHER-KVA.example:443", true),
        ("docs.example..:443", false),
        (".docs.example:443", false),
        ("docs..example:443", false),
        ("notdocs.example:443", false),
        ("docs.example.evil:443", false),
        ("docs-example:443", false),
        ("docs.example%2e:443", false),
        ("docs.example%00:443", false),
        ("[docs.example]:443", false),
        ("docs\u{3002}example:443", false),
        ("docs.ex\u{e4}mple:443", false),
        ("\u{ff44}ocs.example:443", false),
        ("xn--docs-.example:443", false),
    ] {
        let mut stream = world.proxy().await;
        stream.write_all(format!("CONNECT {spelling} HTTP/1.1\r\n\r\n").as_bytes()).await.unwrap();
        let mut start = [0; 12];
        within(stream.read_exact(&mut start)).await.unwrap();
        let start = String::from_utf8_lossy(&start).into_owned();
        assert_eq!(start == "HTTP/1.1 200", allowed, "{spelling}: {start}");
    }
}

#[tokio::test]
async fn pitfall_4_strict_authority() {
    let world = World::allowing(&["docs.example"]).await;
    world.scripted("docs.example", 443, "\0", "").await;
    for bad in [
        "docs.example",
        "docs.example:",
        "docs.example:0",
        "docs.example:65536",
        "docs.example:443:80",
        "docs.example:+443",
        "docs.example:0443",
        "docs.example:https",
        "docs.example@evil.example:443",
        "user:pass@docs.example:443",
        "evil.example#.docs.example:443",
        "docs.example:443/path",
        "https://docs.example:443",
        "docs.example:443?x",
        ":443",
        "/",
    ] {
        let answer = world.ask_proxy(&format!("CONNECT {bad} HTTP/1.1\r\n\r\n")).await;
        assert_eq!(status(&answer), 400, "{bad}");
    }
    assert!(world.outside.resolved().is_empty());
}

#[tokio::test]
async fn pitfall_5_only_the_rules_ports() {
    let world = World::allowing(&["docs.example", "alt.example:8443"]).await;
    for (target, reason) in [
        ("docs.example:22", "port-not-allowed"),
        ("docs.example:8443", "port-not-allowed"),
        ("alt.example:443", "port-not-allowed"),
    ] {
        let answer = world.ask_proxy(&format!("CONNECT {target} HTTP/1.1\r\n\r\n")).await;
        assert_eq!(status(&answer), 403, "{target}");
        assert!(answer.contains(reason), "{target}: {answer}");
    }
    world.scripted("alt.example", 8443, "\0", "").await;
    world.connect("alt.example:8443").await;
}

#[tokio::test]
async fn pitfall_6_and_7_the_server_name_must_be_the_connects_host() {
    let world = World::allowing(&["docs.example", "other.example"]).await;
    let heard = world.scripted("docs.example", 443, "", "").await;
    // Even an allowed name is refused: the connection goes to another host's addresses.
    for name in ["evil.example", "other.example", "sub.docs.example"] {
        let mut stream = world.connect("docs.example:443").await;
        stream.write_all(&rustls_hello(name)).await.unwrap();
        let answer = rest(stream).await;
        assert!(answer.starts_with(ALERT), "{name}: {answer:?}");
    }
    let mut nameless = world.connect("docs.example:443").await;
    nameless.write_all(&Hello::new().bytes()).await.unwrap();
    assert!(rest(nameless).await.starts_with(ALERT));
    world.logged(|line| line["reason"] == "host-mismatch").await;
    world.logged(|line| line["reason"] == "no-server-name").await;
    assert!(heard.lock().unwrap().is_empty(), "nothing reached the upstream");
}

#[tokio::test]
async fn pitfall_6_host_header_of_a_connect_must_agree() {
    let world = World::allowing(&["docs.example"]).await;
    world.scripted("docs.example", 443, "\0", "").await;
    let ask = async |host: &str| {
        let head = format!("CONNECT docs.example:443 HTTP/1.1\r\n{host}\r\n");
        let mut stream = world.proxy().await;
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut start = [0; 12];
        within(stream.read_exact(&mut start)).await.unwrap();
        status(&String::from_utf8_lossy(&start))
    };
    assert_eq!(ask("Host: DOCS.example:443\r\n").await, 200);
    assert_eq!(ask("Host: docs.example\r\n").await, 200);
    assert_eq!(ask("").await, 200);
    assert_eq!(ask("Host: evil.example:443\r\n").await, 421);
    assert_eq!(ask("Host: docs.example:80\r\n").await, 421);
    assert_eq!(ask("Host: docs.example\r\nHost: docs.example\r\n").await, 400);
    assert_eq!(ask("Host: docs.example\r\nContent-Length: 5\r\n").await, 400);
}

#[tokio::test]
async fn pitfall_8_ech_passes_with_the_allowed_name_outside_only() {
    let world = World::allowing(&["docs.example"]).await;
    let heard = world.scripted("docs.example", 443, "docs.example", "ok").await;
    let hello = |name: &str| Hello::new().server_name(name).extension(0xfe0d, &[7; 64]).bytes();

    let mut grease = world.connect("docs.example:443").await;
    grease.write_all(&hello("docs.example")).await.unwrap();
    let mut answer = [0; 2];
    within(grease.read_exact(&mut answer)).await.unwrap();
    assert_eq!((&answer, heard.lock().unwrap().len()), (b"ok", 1));

    let mut hidden = world.connect("docs.example:443").await;
    hidden.write_all(&hello("cloudflare-ech.example")).await.unwrap();
    assert!(rest(hidden).await.starts_with(ALERT));
    let answer = exchange(world.https().await, &hello("public.example")).await;
    assert_eq!(answer.len(), 7);
    let line = world.denial("public.example").await;
    assert_eq!(line["reason"], "ech");
    assert_eq!(heard.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn pitfall_9_a_tunnel_to_a_tls_port_carries_tls() {
    let world = World::allowing(&["docs.example"]).await;
    let heard = world.scripted("docs.example", 443, "", "").await;
    for banner in ["SSH-2.0-OpenSSH_9.2\r\n", "EHLO x\r\n", "GET / HTTP/1.1\r\nHost: docs.example\r\n\r\n"] {
        let mut stream = world.connect("docs.example:443").await;
        stream.write_all(banner.as_bytes()).await.unwrap();
        assert!(rest(stream).await.is_empty(), "{banner}");
    }
    world.logged(|line| line["reason"] == "not-tls" && line["host"] == "docs.example").await;
    assert!(heard.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_rule_for_ssh_or_tcp_lifts_the_demand_for_tls() {
    let world =
        World::personal(r#"{"version":1,"allow":["ssh://git.example","tcp://db.example:5432"]}"#).await;
    for (name, port) in [("git.example", 22), ("db.example", 5432)] {
        world.scripted(name, port, "hello", "welcome").await;
        let mut stream = world.connect(&format!("{name}:{port}")).await;
        stream.write_all(b"hello").await.unwrap();
        let mut answer = [0; 7];
        within(stream.read_exact(&mut answer)).await.unwrap();
        assert_eq!(&answer, b"welcome");
    }
}

#[tokio::test]
async fn what_can_be_refused_is_refused_before_the_200() {
    let world = World::allowing(&["dead.example", "void.example"]).await;
    world.outside.name("dead.example", &[&["93.184.215.15".parse().unwrap()]]);
    let dead = world.ask_proxy("CONNECT dead.example:443 HTTP/1.1\r\n\r\n").await;
    assert_eq!(status(&dead), 502, "{dead}");
    assert!(!dead.contains("blocked_by") && dead.contains("\"unreachable\""), "{dead}");
    let void = world.ask_proxy("CONNECT void.example:443 HTTP/1.1\r\n\r\n").await;
    assert_eq!(status(&void), 502, "{void}");
    world.logged(|line| line["type"] == "failure" && line["reason"] == "unresolved").await;
}

#[tokio::test]
async fn an_answer_survives_what_the_client_still_sends() {
    let world = World::allowing(&["docs.example"]).await;
    // More than sockets hold: without a reader the write would end in a reset.
    let request = format!("CONNECT evil.example:443 HTTP/1.1\r\n\r\n{}", "x".repeat(8 << 20));
    let answer = world.ask_proxy(&request).await;
    assert!(answer.starts_with("HTTP/1.1 403 ") && answer.ends_with("}\n"), "{answer}");
    let hello = [&rustls_hello("evil.example")[..], &vec![0; 8 << 20]].concat();
    assert_eq!(exchange(world.https().await, &hello).await.len(), 7);
}

#[tokio::test]
async fn half_close_is_forwarded() {
    let world = World::personal(r#"{"version":1,"allow":["tcp://echo.example:7"]}"#).await;
    world
        .serve("echo.example", 7, |mut stream| async move {
            // Answers only after the client has ended its side.
            let mut bytes = Vec::new();
            stream.read_to_end(&mut bytes).await.unwrap();
            bytes.reverse();
            stream.write_all(&bytes).await.unwrap();
        })
        .await;
    let mut stream = world.connect("echo.example:7").await;
    stream.write_all(b"abc").await.unwrap();
    stream.shutdown().await.unwrap();
    assert_eq!(rest(stream).await, b"cba");
    let close = world.logged(|line| line["type"] == "close").await;
    assert_eq!((&close["up"], &close["down"]), (&3.into(), &3.into()));
    assert_eq!(close["reason"], "closed");
}
