use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex};

use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::secrets::{Form, SecretValue};
use crate::testing::{World, within};

/// A company's own network.
const CORP: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 9));
const PROXY: &str = "proxy.corp.example";
const BANNER: &str = "SSH-2.0-far\r\n";

/// A gate whose owner names a proxy that gives every CONNECT this answer, and what that one heard.
async fn behind(proxy: serde_json::Value, answer: &'static str) -> (World, Arc<Mutex<Vec<String>>>) {
    let policy = json!({
        "version": 1,
        "upstreamProxy": proxy,
        "allow": ["ssh://git.example", "ssh://10.1.1.1", { "host": "near.example", "scheme": "ssh", "private": true }],
    });
    let world = World::personal(&policy.to_string()).await;
    let heard = world.scripted(PROXY, 3128, "\r\n\r\n", answer).await;
    let server = world.outside.at(crate::testing::PUBLIC, 3128);
    world.outside.name(PROXY, &[&[CORP]]);
    world.outside.server(CORP, 3128, server);
    (world, heard)
}

/// What a client of the gate is answered when it asks for `target`.
async fn ask(world: &World, target: &str) -> u16 {
    let mut stream = world.proxy().await;
    stream.write_all(format!("CONNECT {target} HTTP/1.1\r\n\r\n").as_bytes()).await.unwrap();
    let mut start = [0; 12];
    within(stream.read_exact(&mut start)).await.unwrap();
    String::from_utf8_lossy(&start[9..]).parse().unwrap()
}

#[tokio::test]
async fn everything_leaves_through_the_owners_proxy_and_names_are_resolved_there() {
    // In one piece with what the host behind it says first.
    let (world, heard) = behind(
        json!("proxy.corp.example:3128"),
        concat!("HTTP/1.1 200 Fine\r\nX: y\r\n\r\n", "SSH-2.0-far\r\n"),
    )
    .await;
    let mut stream = world.connect("git.example:22").await;
    let mut banner = vec![0; BANNER.len()];
    within(stream.read_exact(&mut banner)).await.unwrap();
    assert_eq!(banner, BANNER.as_bytes());
    assert_eq!(*heard.lock().unwrap(), ["CONNECT git.example:22 HTTP/1.1\r\nHost: git.example:22\r\n\r\n"]);
    assert_eq!(world.outside.resolved(), [PROXY]);
    assert_eq!(world.outside.dialled(), [(CORP, 3128).into()]);
}

#[tokio::test]
async fn a_proxy_opens_nothing_that_the_policy_does_not() {
    let (world, heard) = behind(json!("proxy.corp.example:3128"), "HTTP/1.1 200 OK\r\n\r\n").await;
    for target in [
        "other.example:22",
        "git.example:443",
        "169.254.169.254:22",
        "metadata.google.internal:22",
        "10.1.1.1:22",
    ] {
        assert_eq!(ask(&world, target).await, 403, "{target}");
    }
    assert_eq!(ask(&world, "near.example:22").await, 502, "private targets are reached directly");
    assert!(heard.lock().unwrap().is_empty());
    assert!(!world.outside.resolved().contains(&PROXY.to_owned()));
}

#[tokio::test]
async fn a_proxy_at_a_metadata_address_is_not_dialled() {
    let (world, heard) = behind(json!("proxy.corp.example:3128"), "HTTP/1.1 200 OK\r\n\r\n").await;
    world.outside.name(PROXY, &[&["169.254.169.254".parse().unwrap()]]);
    assert_eq!(ask(&world, "git.example:22").await, 403);
    assert!(heard.lock().unwrap().is_empty() && world.outside.dialled().is_empty());
}

#[tokio::test]
async fn a_proxy_that_refuses_is_named() {
    for (answer, why) in [
        ("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", "wants credentials"),
        ("HTTP/1.1 403 Forbidden\r\n\r\n", "answered 403"),
        ("SSH-2.0-nonsense\r\n\r\n", "not understood"),
    ] {
        let (world, _) = behind(json!("proxy.corp.example:3128"), answer).await;
        assert_eq!(ask(&world, "git.example:22").await, 502, "{answer}");
        let line = world.logged(|line| line["type"] == "failure").await;
        let said = line["why"].as_str().unwrap();
        assert!(said.contains(why) && said.contains(PROXY), "{said}");
    }
}

#[tokio::test]
async fn a_proxy_gets_its_own_credentials_and_nothing_goes_out_without_them() {
    let proxy = json!({ "address": "proxy.corp.example:3128", "secret": "corp" });
    let (world, heard) = behind(proxy, "HTTP/1.1 200 OK\r\n\r\n").await;
    assert_eq!(ask(&world, "git.example:22").await, 502);
    let secrets = &world.sidecar.shared.gate.secrets;
    let set = |host: &str| {
        let form = Form::Basic { user: "me".into() };
        let value = SecretValue::new("pass-of-the-proxy".into());
        secrets
            .set(crate::secrets::New { name: "corp".into(), hosts: vec![host.into()], form, value }, 0)
            .unwrap();
    };
    set("elsewhere.example:3128");
    assert_eq!(ask(&world, "git.example:22").await, 502, "a secret carries its hosts");
    assert!(world.outside.dialled().is_empty());
    set("proxy.corp.example:3128");
    assert_eq!(ask(&world, "git.example:22").await, 200);
    let heard = heard.lock().unwrap().concat();
    assert!(heard.contains("\r\nProxy-Authorization: Basic bWU6cGFzcy1vZi10aGUtcHJveHk=\r\n"), "{heard}");
    let log = format!("{:?}", world.log());
    assert!(!log.contains("pass-of-the-proxy") && !log.contains("bWU6"), "{log}");
}
