use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixStream;

use crate::testing::{PUBLIC, TlsServer, World, exchange, policy, tls_client, within};

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";

async fn word(world: &World, request: Value) -> Value {
    let mut stream = UnixStream::connect(world.paths.ctl_socket()).await.unwrap();
    stream.write_all(format!("{request}\n").as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
    let mut answer = String::new();
    within(stream.read_to_string(&mut answer)).await.unwrap();
    serde_json::from_str(&answer).unwrap()
}

async fn observe(world: &World, seconds: u64) -> Value {
    word(world, json!({ "verb": "observe", "for": seconds, "reason": "first build" })).await
}

async fn get(world: &World, host: &str) -> String {
    world.ask_http(&format!("GET /a HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")).await
}

#[tokio::test]
async fn observing_records_what_passes_and_ends_by_itself() {
    let world = World::allowing(&["docs.example"]).await;
    let server = TlsServer::start(&world, "other.example").await;
    world.scripted("plain.example", 80, "\r\n\r\n", OK).await;
    assert!(get(&world, "plain.example").await.contains("host-not-allowed"));
    assert_eq!(observe(&world, 600).await["ok"], true);
    assert_eq!(word(&world, json!({ "verb": "status" })).await["observes"], true);
    let mut stream = server.handshake(world.https().await, "other.example").await.unwrap();
    assert_eq!(tls_client(&mut stream).await, "pong from other.example");
    assert!(get(&world, "plain.example").await.ends_with("ok"));
    let seen = word(&world, json!({ "verb": "observed" })).await;
    let seen = seen["observed"].as_array().unwrap();
    assert_eq!((&seen[0]["host"], &seen[0]["phase"]), (&"other.example".into(), &"sni".into()));
    assert_eq!((&seen[1]["host"], &seen[1]["path"]), (&"plain.example".into(), &"/a".into()));
    // At its end what passed for no other reason is cut.
    world.tick(601);
    let mut rest = Vec::new();
    assert!(within(stream.read_to_end(&mut rest)).await.is_err());
    assert!(get(&world, "plain.example").await.contains("host-not-allowed"));
    assert_eq!(word(&world, json!({ "verb": "status" })).await["observes"], false);
}

#[tokio::test]
async fn the_built_in_denials_and_deny_rules_hold_while_observing() {
    let deny = json!({ "version": 1, "allow": [], "deny": ["http://gist.example"] });
    let world = World::with_policy(&deny.to_string()).await;
    assert_eq!(observe(&world, 600).await["ok"], true);
    let inside = |ip: &str| vec![ip.parse().unwrap()];
    for (name, ip) in [
        ("metadata.example", "169.254.169.254"),
        ("loopback.example", "127.0.0.1"),
        ("private.example", "10.1.2.3"),
        ("shared.example", "100.64.0.1"),
    ] {
        world.outside.name(name, &[&inside(ip)]);
        assert!(get(&world, name).await.contains("address-refused"), "{name}");
    }
    world.outside.name("gist.example", &[&[PUBLIC]]);
    assert!(get(&world, "gist.example").await.contains("denied-by-rule"));
    for host in ["169.254.169.254", "localhost", "metadata.google.internal"] {
        let answer = world.ask_proxy(&format!("CONNECT {host}:443 HTTP/1.1\r\n\r\n")).await;
        assert!(answer.starts_with("HTTP/1.1 403 "), "{host}: {answer}");
    }
    let leak = "GET / HTTP/1.1\r\nHost: plain.example\r\nX: drawbridge-secret-model\r\n\r\n";
    assert!(exchange(world.http().await, leak.as_bytes()).await.contains("secret-leak"));
    assert!(world.outside.dialled().is_empty());
}

#[tokio::test]
async fn observing_needs_a_word_of_the_host_and_no_policy_against_it() {
    let asks = json!({ "version": 1, "mode": "observe", "asks": [{ "mode": "observe" }] });
    let world = World::with_policy(&asks.to_string()).await;
    assert!(get(&world, "plain.example").await.contains("host-not-allowed"), "a repository cannot");
    assert_eq!(observe(&world, 24 * 3600 + 1).await["ok"], false, "a day at most");
    assert_eq!(observe(&world, 600).await["ok"], true);
    assert_eq!(observe(&world, 0).await["ok"], true);
    assert!(get(&world, "plain.example").await.contains("host-not-allowed"));

    let world = World::personal(r#"{ "version": 1, "mode": "enforce" }"#).await;
    let answer = observe(&world, 600).await;
    assert!(answer["error"].as_str().unwrap().contains("enforce"), "{answer}");
    assert!(get(&world, "plain.example").await.contains("host-not-allowed"));
}

#[tokio::test]
async fn a_restart_goes_on_observing_and_a_new_container_does_not() {
    let world = World::with_policy(&policy(&[])).await;
    assert_eq!(observe(&world, 600).await["ok"], true);
    let world = world.restart("container-1").await.unwrap();
    assert_eq!(word(&world, json!({ "verb": "status" })).await["observes"], true);
    let world = world.restart("container-2").await.unwrap();
    assert_eq!(word(&world, json!({ "verb": "status" })).await["observes"], false);
}
