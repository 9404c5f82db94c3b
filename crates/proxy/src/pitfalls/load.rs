//! Many connections, changes under load, and peers that do not behave.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::testing::{World, policy, within};

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

async fn answering(world: &World, name: &'static str) {
    world
        .serve_tls(name, &["http/1.1"], |mut stream| async move {
            let mut bytes = Vec::new();
            while stream.read_buf(&mut bytes).await.unwrap_or(0) > 0 {
                if bytes.ends_with(b"\r\n\r\n") {
                    bytes.clear();
                    if stream.write_all(OK.as_bytes()).await.is_err() {
                        return;
                    }
                }
            }
        })
        .await;
}

#[tokio::test]
async fn a_reload_under_load_loses_no_request() {
    let world = Arc::new(World::allowing(&["GET docs.example/**", "spare.example"]).await);
    answering(&world, "docs.example").await;
    let stop = Arc::new(AtomicBool::new(false));
    let answered = Arc::new(AtomicUsize::new(0));
    let mut clients = JoinSet::new();
    for _ in 0..8 {
        let (world, stop, answered) = (world.clone(), stop.clone(), answered.clone());
        clients.spawn(async move {
            let mut stream = world.inspected("docs.example", &["http/1.1"]).await;
            while !stop.load(Ordering::Relaxed) {
                stream.write_all(b"GET / HTTP/1.1\r\nHost: docs.example\r\n\r\n").await.unwrap();
                let mut answer = vec![0; OK.len()];
                within(stream.read_exact(&mut answer)).await.unwrap();
                assert!(answer.starts_with(b"HTTP/1.1 200 "));
                answered.fetch_add(1, Ordering::Relaxed);
            }
        });
    }
    for round in 0..20 {
        let before = answered.load(Ordering::Relaxed);
        // Tightens and keeps what is used; then the same with another spare rule.
        world.set_policy(&policy(&[
            "GET docs.example/**",
            if round % 2 == 0 { "spare.example" } else { "spare.example:8443" },
        ]));
        let _ = world.keeper().reload(Some(&crate::keeper::Consent::default()));
        within(async {
            while answered.load(Ordering::Relaxed) < before + 16 {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        })
        .await;
    }
    stop.store(true, Ordering::Relaxed);
    while let Some(client) = clients.join_next().await {
        client.unwrap();
    }
    assert!(world.keeper().generation() >= 20);
    assert!(world.outside.dialled().len() <= 16, "connections are kept: {}", world.outside.dialled().len());
}

#[tokio::test]
async fn an_upstream_that_is_killed_and_comes_back_serves_the_next_request() {
    let world = World::allowing(&["GET docs.example/**"]).await;
    let dead = Arc::new(AtomicBool::new(false));
    let killed = dead.clone();
    world
        .serve_tls("docs.example", &["http/1.1"], move |mut stream| {
            let killed = killed.clone();
            async move {
                let mut bytes = Vec::new();
                while stream.read_buf(&mut bytes).await.unwrap_or(0) > 0 {
                    if killed.load(Ordering::Relaxed) {
                        let _ = stream.get_ref().0.set_zero_linger();
                        return;
                    }
                    if bytes.ends_with(b"\r\n\r\n") {
                        bytes.clear();
                        if stream.write_all(OK.as_bytes()).await.is_err() {
                            return;
                        }
                    }
                }
            }
        })
        .await;
    let ask = async || {
        let mut stream = world.inspected("docs.example", &["http/1.1"]).await;
        stream.write_all(b"GET / HTTP/1.1\r\nHost: docs.example\r\nConnection: close\r\n\r\n").await.unwrap();
        let mut answer = Vec::new();
        let _ = within(stream.read_to_end(&mut answer)).await;
        String::from_utf8_lossy(&answer).into_owned()
    };
    assert!(ask().await.starts_with("HTTP/1.1 200 "));
    dead.store(true, Ordering::Relaxed);
    for _ in 0..2 {
        let answer = ask().await;
        assert!(answer.starts_with("HTTP/1.1 502 "), "told, not hung: {answer}");
    }
    dead.store(false, Ordering::Relaxed);
    assert!(ask().await.starts_with("HTTP/1.1 200 "));
}

#[tokio::test]
async fn a_half_open_upstream_stalls_nobody_else() {
    let world = World::allowing(&["GET docs.example/**", "GET dead.example/**"]).await;
    // Takes connections and never says a word.
    world
        .serve("dead.example", 443, |stream| async move {
            tokio::time::sleep(Duration::from_hours(1)).await;
            drop(stream);
        })
        .await;
    // An address of its own, so that the other host keeps its server.
    let dead = "93.184.215.99".parse().unwrap();
    let server = world.outside.at(crate::testing::PUBLIC, 443);
    world.outside.name("dead.example", &[&[dead]]);
    world.outside.server(dead, 443, server);
    answering(&world, "docs.example").await;
    let mut waiting = Vec::new();
    for _ in 0..50 {
        let mut stream = world.https().await;
        stream.write_all(&crate::testing::rustls_hello("dead.example")).await.unwrap();
        waiting.push(stream);
    }
    let mut stream = world.inspected("docs.example", &["http/1.1"]).await;
    stream.write_all(b"GET / HTTP/1.1\r\nHost: docs.example\r\n\r\n").await.unwrap();
    let mut answer = vec![0; OK.len()];
    tokio::time::timeout(Duration::from_secs(5), stream.read_exact(&mut answer)).await.unwrap().unwrap();
}

#[tokio::test]
async fn thousands_of_idle_connections_stall_nobody_and_leave_nothing_behind() {
    crate::sidecar::raise_descriptor_limit();
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile).current.unwrap_or(u64::MAX);
    // Both ends are in this process; some room for the tests that run beside.
    let wanted = usize::try_from(limit / 2).unwrap_or(usize::MAX).saturating_sub(1000).min(10_000);
    assert!(wanted >= 100, "{limit} descriptors are too few for any such test");
    let world = World::allowing(&["GET docs.example/**"]).await;
    answering(&world, "docs.example").await;
    let mut idle: Vec<TcpStream> = Vec::new();
    for _ in 0..wanted {
        // Port 3128 waits ten seconds for a head, and these send none.
        idle.push(world.proxy().await);
    }
    assert_eq!(idle.len(), wanted);
    let mut stream = world.inspected("docs.example", &["http/1.1"]).await;
    stream.write_all(b"GET / HTTP/1.1\r\nHost: docs.example\r\n\r\n").await.unwrap();
    let mut answer = vec![0; OK.len()];
    within(stream.read_exact(&mut answer)).await.unwrap();
    drop((idle, stream));
    within(async {
        while world.sidecar.shared.gate.live.count() > 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
    assert!(world.log().iter().all(|line| line["reason"] != "too-many-connections"));
}
