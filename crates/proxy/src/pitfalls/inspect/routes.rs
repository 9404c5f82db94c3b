//! Kept connections and the proxy of the host's owner: a policy with another one finds none of them.

use std::sync::Arc;

use http_body_util::BodyExt as _;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::{Notify, mpsc};

use super::http2::{h2_client, h2_get, http2};
use super::{Heard, OK, RULE, ask, get, head, http1, status};
use crate::testing::{PUBLIC, World, within};

const FIRST: (&str, u16) = ("proxy.corp.example", 3128);
const SECOND: (&str, u16) = ("other.corp.example", 3129);

fn policy(proxy: Option<(&str, u16)>) -> String {
    let mut policy = json!({ "version": 1, "allow": [RULE] });
    if let Some((name, port)) = proxy {
        policy["upstreamProxy"] = json!(format!("{name}:{port}"));
    }
    policy.to_string()
}

/// Puts another proxy in force, as `drawbridge policy` of the host's owner does.
fn reload(world: &World, proxy: Option<(&str, u16)>) {
    std::fs::write(world.paths.personal_file(), policy(proxy)).unwrap();
    world.keeper().reload(None).unwrap();
}

/// A CONNECT proxy that leads to `docs.example` whatever it is asked for, and what it was asked.
async fn proxy(world: &World, (name, port): (&str, u16)) -> Heard {
    let heard = Heard::default();
    let record = heard.clone();
    let docs = world.outside.at(PUBLIC, 443);
    world
        .serve(name, port, move |mut client| {
            let record = record.clone();
            async move {
                let Some(asked) = head(&mut client).await else { return };
                record.lock().unwrap().push(asked);
                let mut server = TcpStream::connect(docs).await.unwrap();
                client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
                let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
            }
        })
        .await;
    heard
}

/// The ports that were dialled: the host's, or that of a proxy.
fn ways(world: &World) -> Vec<u16> {
    world.outside.dialled().iter().map(std::net::SocketAddr::port).collect()
}

#[tokio::test]
async fn a_kept_connection_serves_only_while_its_route_is_the_route() {
    let world = World::personal(&policy(None)).await;
    let heard = http1(&world, "docs.example", OK).await;
    let (first, second) = (proxy(&world, FIRST).await, proxy(&world, SECOND).await);
    assert_eq!(status(&ask(&world, &get("/guide/direct")).await), 200);
    assert_eq!(ways(&world), [443]);
    for (set, by) in [(FIRST, &first), (SECOND, &second)] {
        reload(&world, Some(set));
        for _ in 0..2 {
            assert_eq!(status(&ask(&world, &get("/guide/")).await), 200);
        }
        assert!(by.lock().unwrap()[0].starts_with("CONNECT docs.example:443 "));
    }
    assert_eq!(ways(&world), [443, FIRST.1, SECOND.1], "each is kept while it fits");
    assert_eq!(heard.lock().unwrap().len(), 5);
}

#[tokio::test]
async fn a_connection_in_use_during_the_change_is_not_handed_to_the_new_route() {
    let world = World::personal(&policy(None)).await;
    let changed = Arc::new(Notify::new());
    let go_on = changed.clone();
    world
        .serve_tls("docs.example", &["http/1.1"], move |mut stream| {
            let go_on = go_on.clone();
            async move {
                while head(&mut stream).await.is_some() {
                    let start = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nha";
                    stream.write_all(start).await.unwrap();
                    go_on.notified().await;
                    stream.write_all(b"lf").await.unwrap();
                }
            }
        })
        .await;
    let asked = proxy(&world, FIRST).await;
    let mut client = world.inspected("docs.example", &["http/1.1"]).await;
    for expected in [0, 1] {
        client.write_all(b"GET /guide/ HTTP/1.1\r\nHost: docs.example\r\n\r\n").await.unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\nha") {
            answer.push(within(client.read_u8()).await.unwrap());
        }
        assert_eq!(asked.lock().unwrap().len(), expected);
        reload(&world, Some(FIRST));
        changed.notify_one();
        let mut rest = [0; 2];
        within(client.read_exact(&mut rest)).await.unwrap();
        assert_eq!(&rest, b"lf");
    }
}

#[tokio::test]
async fn a_shared_connection_is_left_as_well() {
    let world = World::personal(&policy(None)).await;
    http2(&world, "docs.example").await;
    let asked = proxy(&world, FIRST).await;
    let mut client = h2_client(world.inspected("docs.example", &["h2"]).await).await;
    let mut request = async || {
        let answer = within(client.send_request(h2_get("https://docs.example/guide/"))).await.unwrap();
        assert_eq!(answer.status(), 200);
        answer.into_body().collect().await.unwrap();
    };
    request().await;
    request().await;
    assert_eq!(ways(&world), [443]);
    reload(&world, Some(FIRST));
    request().await;
    request().await;
    assert_eq!(ways(&world), [443, FIRST.1]);
    assert_eq!(asked.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn what_no_route_leads_to_is_closed() {
    let world = World::personal(&policy(None)).await;
    let (ended, mut end) = mpsc::unbounded_channel();
    world
        .serve_tls("docs.example", &["http/1.1"], move |mut stream| {
            let ended = ended.clone();
            async move {
                while head(&mut stream).await.is_some() {
                    stream.write_all(OK.as_bytes()).await.unwrap();
                }
                ended.send(()).unwrap();
            }
        })
        .await;
    assert_eq!(status(&ask(&world, &get("/guide/")).await), 200);
    world.sidecar.shared.housekeeping();
    assert_eq!(status(&ask(&world, &get("/guide/")).await), 200);
    assert_eq!(ways(&world), [443], "a route that fits stays");
    reload(&world, Some(FIRST));
    world.sidecar.shared.housekeeping();
    within(end.recv()).await.unwrap();
}
