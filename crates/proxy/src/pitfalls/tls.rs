use std::net::SocketAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::testing::{Hello, PUBLIC, TlsServer, World, exchange, rustls_hello, tls_client, within};

const UNRECOGNIZED_NAME: &[u8] = &[21, 3, 3, 0, 2, 2, 112];

#[tokio::test]
async fn an_allowed_name_passes_through_untouched() {
    let world = World::allowing(&["docs.example"]).await;
    let server = TlsServer::start(&world, "docs.example").await;
    let mut stream = server.handshake(world.https().await, "docs.example").await.unwrap();
    assert_eq!(tls_client(&mut stream).await, "pong from docs.example");
    let line = world.logged(|line| line["action"] == "allow").await;
    assert_eq!((&line["host"], &line["port"]), (&"docs.example".into(), &443.into()));
    assert_eq!((&line["phase"], &line["rule"]), (&"sni".into(), &"docs.example".into()));
    drop(stream);
    let close = world.logged(|close| close["type"] == "close" && close["id"] == line["id"]).await;
    assert!(close["up"].as_u64().unwrap() > 200 && close["down"].as_u64().unwrap() > 200);
}

#[tokio::test]
async fn a_denied_name_gets_an_alert_and_is_not_resolved() {
    let world = World::allowing(&["docs.example"]).await;
    let answer = exchange_bytes(&world, &rustls_hello("evil.example")).await;
    assert_eq!(answer, UNRECOGNIZED_NAME);
    assert_eq!(world.denial("evil.example").await["reason"], "host-not-allowed");
    assert!(world.outside.resolved().is_empty(), "a name is a channel");
}

async fn exchange_bytes(world: &World, bytes: &[u8]) -> Vec<u8> {
    let mut stream = world.https().await;
    stream.write_all(bytes).await.unwrap();
    let mut answer = Vec::new();
    within(stream.read_to_end(&mut answer)).await.unwrap();
    answer
}

#[tokio::test]
async fn no_name_is_denied_and_never_guessed() {
    let world = World::allowing(&["docs.example"]).await;
    assert_eq!(exchange_bytes(&world, &Hello::new().bytes()).await, UNRECOGNIZED_NAME);
    world.logged(|line| line["reason"] == "no-server-name").await;
    assert!(exchange(world.https().await, b"GET / HTTP/1.1\r\nHost: docs.example\r\n\r\n").await.is_empty());
    world.logged(|line| line["reason"] == "not-tls").await;
    assert_eq!(world.outside.dialled(), Vec::<SocketAddr>::new());
}

#[tokio::test]
async fn pitfall_1_the_checked_address_is_the_dialled_one() {
    let world = World::allowing(&["docs.example"]).await;
    let server = TlsServer::start(&world, "docs.example").await;
    // A second lookup would get the loopback address.
    world.outside.name("docs.example", &[&[PUBLIC], &["127.0.0.1".parse().unwrap()]]);
    let mut stream = server.handshake(world.https().await, "docs.example").await.unwrap();
    tls_client(&mut stream).await;
    assert_eq!(world.outside.resolved().len(), 1);
    assert_eq!(world.outside.dialled(), [SocketAddr::new(PUBLIC, 443)]);
}
