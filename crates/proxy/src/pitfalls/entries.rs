use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::connect::{self, ConnectError};
use crate::entry::{explicit, tls};
use crate::testing::{PUBLIC, World, within};

#[tokio::test]
async fn a_relay_reaches_a_service_by_name_wherever_it_is() {
    let folder = Arc::new(tempfile::tempdir().unwrap());
    let relay = crate::Relay { listen: 0, service: "web".into(), port: 3000 };
    let world = World::start(folder, "c", None, vec![relay]).await.unwrap();
    world.scripted("web", 3000, "ping", "pong").await;
    // A service's address is private, and that is what the host configured.
    let inside = "172.18.0.5".parse().unwrap();
    world.outside.name("web", &[&[inside]]);
    let refused = TcpStream::connect(world.bound().relays[0]).await.unwrap();
    let mut end = Vec::new();
    let mut refused = refused;
    let _ = within(refused.read_to_end(&mut end)).await;
    assert!(end.is_empty());
    world.logged(|line| line["type"] == "failure" && line["phase"] == "relay").await;

    world.outside.name("web", &[&[PUBLIC]]);
    let mut stream = TcpStream::connect(world.bound().relays[0]).await.unwrap();
    stream.write_all(b"ping").await.unwrap();
    let mut answer = [0; 4];
    within(stream.read_exact(&mut answer)).await.unwrap();
    assert_eq!(&answer, b"pong");
}

#[tokio::test]
async fn a_tcp_rule_has_a_listener_that_comes_and_goes_with_it() {
    let port = {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        free.local_addr().unwrap().port()
    };
    let text = format!("{{\"version\":1,\"allow\":[\"tcp://db.example:{port}\"]}}");
    let world = World::personal(&text).await;
    world.scripted("db.example", port, "select", "rows").await;
    let open = async || TcpStream::connect(("127.0.0.1", port)).await;
    let mut stream = within(async {
        loop {
            match open().await {
                Ok(stream) => return stream,
                Err(_) => tokio::time::sleep(Duration::from_millis(2)).await,
            }
        }
    })
    .await;
    stream.write_all(b"select").await.unwrap();
    let mut answer = [0; 4];
    within(stream.read_exact(&mut answer)).await.unwrap();
    assert_eq!(&answer, b"rows");
    std::fs::write(world.paths.personal_file(), r#"{"version":1}"#).unwrap();
    world.tick(0);
    assert!(within(stream.read(&mut answer)).await.is_err(), "the open connection is reset");
    within(async {
        while open().await.is_ok() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    })
    .await;
}

#[tokio::test]
async fn nodelay_new_connections_do_not_wait_for_acknowledgements() {
    let world = World::personal(r#"{"version":1,"allow":["tcp://echo.example:7"]}"#).await;
    world
        .serve("echo.example", 7, |mut stream| async move {
            stream.set_nodelay(true).unwrap();
            let mut two = [0; 2];
            // Answers both bytes at once, so that the first one's acknowledgement is delayed.
            while stream.read_exact(&mut two).await.is_ok() {
                if stream.write_all(&two).await.is_err() {
                    return;
                }
            }
        })
        .await;
    let mut stream = world.connect("echo.example:7").await;
    stream.set_nodelay(true).unwrap();
    let mut times = Vec::new();
    for _ in 0..60 {
        let started = Instant::now();
        stream.write_all(b"a").await.unwrap();
        // Apart, so that the gate sends them apart.
        tokio::time::sleep(Duration::from_millis(2)).await;
        stream.write_all(b"b").await.unwrap();
        let mut two = [0; 2];
        within(stream.read_exact(&mut two)).await.unwrap();
        times.push(started.elapsed());
    }
    times.sort();
    assert!(times[30] < Duration::from_millis(30), "{:?}: 40 ms is Nagle", times[30]);
}

#[tokio::test]
async fn the_connect_client_bridges_and_passes_its_end_on() {
    let world = World::allowing(&["ssh://git.example"]).await;
    world
        .serve("git.example", 22, |mut stream| async move {
            let mut bytes = Vec::new();
            stream.read_to_end(&mut bytes).await.unwrap();
            stream.write_all(&bytes).await.unwrap();
        })
        .await;
    let proxy = world.bound().proxy;
    let bridged = tokio::task::spawn_blocking(move || {
        let (mut near, far) = UnixStream::pair().unwrap();
        near.write_all(b"SSH-2.0-test\r\n").unwrap();
        near.shutdown(std::net::Shutdown::Write).unwrap();
        let mut out = Vec::new();
        connect::run(("127.0.0.1", proxy.port()), "git.example", 22, far, &mut out).map(|()| out)
    });
    assert_eq!(within(bridged).await.unwrap().unwrap(), b"SSH-2.0-test\r\n");
}

#[tokio::test]
async fn the_connect_client_says_what_was_denied_and_what_to_run() {
    let world = World::allowing(&["docs.example", "ssh://dead.example"]).await;
    let proxy = world.bound().proxy;
    let denied = move |host: &'static str, port: u16| {
        tokio::task::spawn_blocking(move || {
            let (near, far) = UnixStream::pair().unwrap();
            let outcome = connect::run(("127.0.0.1", proxy.port()), host, port, far, &mut Vec::new());
            drop(near);
            outcome.unwrap_err()
        })
    };
    let err = within(denied("git.example", 22)).await.unwrap();
    assert_eq!(err.to_string(), "drawbridge denied git.example:22: no rule allows this host");
    assert!(err.hint().unwrap().contains("drawbridge allow ssh://git.example --reason"), "{err:?}");
    let err = within(denied("dead.example", 22)).await.unwrap();
    assert!(matches!(err, ConnectError::Upstream { .. }) && err.hint().is_none(), "{err:?}");
    for host in ["a b", "a\r\nX: y", ""] {
        let err = within(denied(host, 22)).await.unwrap();
        assert!(matches!(err, ConnectError::Target { .. }), "{err:?}");
    }
}

#[test]
fn proxy_variables_are_read_strictly() {
    let read = |text: &str| connect::proxy_address(text).ok();
    assert_eq!(read("http://198.18.0.2:3128"), Some(("198.18.0.2".into(), 3128)));
    assert_eq!(read("http://198.18.0.2:3128/"), Some(("198.18.0.2".into(), 3128)));
    assert_eq!(read("gate:3128"), Some(("gate".into(), 3128)));
    assert_eq!(read("http://[::1]:3128"), Some(("::1".into(), 3128)));
    for bad in ["", "http://", "http://gate", "https://gate:1", "http://u:p@gate:1", "socks5://gate:1"] {
        assert_eq!(read(bad), None, "{bad}");
    }
}

#[test]
fn nothing_is_read_ahead_of_the_answer() {
    // Bytes that follow the 200 in the same segment belong to the tunnel.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).unwrap();
            head.push(byte[0]);
        }
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\nSSH-2.0-server\r\n").unwrap();
    });
    let mut out = Vec::new();
    let (near, far) = UnixStream::pair().unwrap();
    connect::run(("127.0.0.1", address.port()), "git.example", 22, far, &mut out).unwrap();
    drop(near);
    server.join().unwrap();
    assert_eq!(out, b"SSH-2.0-server\r\n");
}

#[tokio::test]
async fn a_connection_keeps_little_room() {
    let world = World::allowing(&["docs.example"]).await;
    let gate = world.sidecar.shared.gate.clone();
    let peer = "127.0.0.1:1".parse().unwrap();
    let explicit = size_of_val(&explicit::serve(&gate, world.proxy().await, peer));
    let tls = size_of_val(&tls::serve(&gate, world.https().await, peer));
    // The target is 8 KiB with everything; a buffer inside a future would go past this at once.
    assert!(explicit <= 3584 && tls <= 3584, "{explicit} {tls}");
}
