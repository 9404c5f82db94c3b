use std::net::{IpAddr, SocketAddr};

use tokio::io::AsyncReadExt as _;

use crate::testing::{PUBLIC, World, within};

fn status(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap_or_default()
}

#[tokio::test]
async fn pitfall_1_private_and_metadata_answers_are_not_dialled() {
    let world = World::allowing(&["docs.example"]).await;
    for address in [
        "127.0.0.1",
        "127.9.9.9",
        "0.0.0.0",
        "10.0.0.1",
        "172.17.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "169.254.169.254",
        "168.63.129.16",
        "192.0.0.192",
        "198.18.0.2",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fc00::1",
        "fd00:ec2::254",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "2002:7f00:1::",
        "::127.0.0.1",
    ] {
        let ip: IpAddr = address.parse().unwrap();
        world.outside.name("docs.example", &[&[ip]]);
        let answer = world.ask_proxy("CONNECT docs.example:443 HTTP/1.1\r\n\r\n").await;
        assert_eq!(status(&answer), "403", "{address}: {answer}");
        assert!(answer.contains("address-refused"), "{address}: {answer}");
    }
    assert_eq!(world.outside.dialled(), []);
}

#[tokio::test]
async fn pitfall_1_of_mixed_answers_only_the_good_ones_are_dialled() {
    let world = World::allowing(&["docs.example"]).await;
    world.scripted("docs.example", 443, "\0", "").await;
    let bad: IpAddr = "169.254.169.254".parse().unwrap();
    world.outside.name("docs.example", &[&[bad, PUBLIC, "::1".parse().unwrap()]]);
    world.connect("docs.example:443").await;
    assert_eq!(world.outside.dialled(), [SocketAddr::new(PUBLIC, 443)]);
}

#[tokio::test]
async fn pitfall_1_a_private_rule_of_the_developer_opens_neighbours_and_no_more() {
    let text = r#"{"version":1,"allow":[{"host":"model.example","private":true}]}"#;
    let world = World::personal(text).await;
    world.scripted("model.example", 443, "\0", "").await;
    let server = world.outside.clone();
    let neighbour: IpAddr = "192.168.1.20".parse().unwrap();
    server.name("model.example", &[&[neighbour]]);
    let answer = world.ask_proxy("CONNECT model.example:443 HTTP/1.1\r\n\r\n").await;
    assert_eq!(status(&answer), "502", "dialled, though nobody listens: {answer}");
    assert_eq!(server.dialled(), [SocketAddr::new(neighbour, 443)]);
    server.name("model.example", &[&["169.254.169.254".parse().unwrap()]]);
    let answer = world.ask_proxy("CONNECT model.example:443 HTTP/1.1\r\n\r\n").await;
    assert_eq!(status(&answer), "403", "{answer}");
}

#[tokio::test]
async fn pitfall_2_ip_literals_in_every_spelling() {
    let world = World::allowing(&["docs.example", "*.allowed.example"]).await;
    for literal in [
        "127.0.0.1",
        "127.1",
        "0x7f.1",
        "2130706433",
        "017700000001",
        "93.184.215.14",
        "[::1]",
        "[::ffff:93.184.215.14]",
        "[::ffff:7f00:1]",
        "169.254.169.254",
    ] {
        let answer = world.ask_proxy(&format!("CONNECT {literal}:443 HTTP/1.1\r\n\r\n")).await;
        assert_eq!(status(&answer), "403", "{literal}: {answer}");
    }
    for malformed in
        ["[::1%25eth0]", "[fe80::1%eth0]", "::1", "[::ffff:1.2.3.4%x.allowed.example]", "1.2.3.4.5"]
    {
        let answer = world.ask_proxy(&format!("CONNECT {malformed}:443 HTTP/1.1\r\n\r\n")).await;
        assert_eq!(status(&answer), "400", "{malformed}: {answer}");
    }
    assert!(world.outside.resolved().is_empty(), "no reverse lookups either");
    assert_eq!(world.outside.dialled(), []);
}

#[tokio::test]
async fn pitfall_2_a_listed_literal_is_dialled_and_needs_no_server_name() {
    let world = World::allowing(&["93.184.215.14"]).await;
    world.scripted("unused.example", 443, "", "ok").await;
    let mut stream = world.connect("93.184.215.14:443").await;
    let hello = crate::testing::Hello::new().bytes();
    tokio::io::AsyncWriteExt::write_all(&mut stream, &hello).await.unwrap();
    let mut answer = [0; 2];
    within(stream.read_exact(&mut answer)).await.unwrap();
    assert_eq!(&answer, b"ok");
}

#[tokio::test]
async fn pitfall_14_a_wildcard_is_below_the_apex_and_nothing_else() {
    let world = World::allowing(&["*.cdn.example"]).await;
    world.scripted("a.cdn.example", 443, "\0", "").await;
    world.scripted("b.a.cdn.example", 443, "\0", "").await;
    world.connect("a.cdn.example:443").await;
    world.connect("b.a.cdn.example:443").await;
    for other in ["cdn.example", "notcdn.example", "a.cdn.example.evil.example", "cdn.example.cdn"] {
        let answer = world.ask_proxy(&format!("CONNECT {other}:443 HTTP/1.1\r\n\r\n")).await;
        assert_eq!(status(&answer), "403", "{other}");
    }
}

#[tokio::test]
async fn a_dead_first_address_costs_a_moment_and_not_the_connection() {
    let world = World::allowing(&["docs.example"]).await;
    world.scripted("docs.example", 443, "\0", "").await;
    let dead: IpAddr = "93.184.215.99".parse().unwrap();
    world.outside.name("docs.example", &[&[dead, PUBLIC]]);
    world.connect("docs.example:443").await;
    assert_eq!(world.outside.dialled(), [SocketAddr::new(dead, 443), SocketAddr::new(PUBLIC, 443)]);
}
