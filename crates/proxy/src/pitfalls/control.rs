use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};

use crate::ctl::{Outcome, Request, ask, client};
use crate::health;
use crate::testing::{World, within};

/// Runs a blocking client beside the sidecar, as another process would.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    within(tokio::task::spawn_blocking(work)).await.unwrap()
}

async fn send(socket: PathBuf, request: Request) -> Value {
    blocking(move || ask(&socket, &request).unwrap()).await
}

#[tokio::test]
async fn health_is_a_real_request() {
    let world = World::allowing(&["docs.example"]).await;
    let socket = world.paths.ctl_socket();
    let path = socket.clone();
    blocking(move || health(&path).unwrap()).await;
    assert!(world.paths.ready_marker().exists() && world.paths.shared_binary().exists());
    drop(world);
    blocking(move || assert!(health(&socket).is_err())).await;
}

#[tokio::test]
async fn pitfall_25_the_control_socket_is_for_the_sidecars_user_only() {
    let world = World::allowing(&["docs.example"]).await;
    let mode = world.paths.ctl_socket().metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(world.paths.state_file().metadata().unwrap().permissions().mode() & 0o777, 0o600);
    // Nor is it behind any port: the gate's own address is not a place it connects to.
    for own in [world.bound().proxy.to_string(), "localhost:3128".into(), "drawbridge:3128".into()] {
        let answer = world.ask_proxy(&format!("CONNECT {own} HTTP/1.1\r\n\r\n")).await;
        assert!(answer.starts_with("HTTP/1.1 403 "), "{own}: {answer}");
    }
}

#[tokio::test]
async fn every_verb_answers() {
    let world = World::allowing(&["docs.example"]).await;
    let socket = world.paths.ctl_socket();
    let status = send(socket.clone(), Request::Status).await;
    assert_eq!((&status["ok"], &status["ready"]), (&json!(true), &json!(true)));
    assert_eq!((&status["address"], &status["policy"]["rules"]), (&json!("127.0.0.1"), &json!(1)));

    let grant = Request::Grant {
        host: "new.example".into(),
        port: None,
        seconds: Some(60),
        private: false,
        reason: "try".into(),
    };
    let granted = send(socket.clone(), grant).await;
    assert_eq!(granted["grants"][0]["host"], "new.example");
    assert_eq!(send(socket.clone(), Request::Grants).await["grants"], granted["grants"]);
    let rules = send(socket.clone(), Request::Policy).await["rules"].clone();
    assert_eq!((&rules[0]["text"], &rules[0]["layer"]), (&json!("docs.example"), &json!("repository")));
    assert_eq!((&rules[1]["text"], &rules[1]["layer"]), (&json!("new.example"), &json!("grants")));
    let revoke = Request::Revoke { host: "new.example".into() };
    assert_eq!(send(socket.clone(), revoke.clone()).await["grants"], json!([]));
    let refused = send(socket.clone(), revoke).await;
    assert_eq!(refused["ok"], json!(false));
    assert!(refused["error"].as_str().unwrap().contains("new.example"));

    let reload = Request::Reload { accept: false, sha256: None };
    assert_eq!(send(socket.clone(), reload).await["action"], "unchanged");

    for _ in 0..3 {
        world.ask_proxy("CONNECT evil.example:443 HTTP/1.1\r\n\r\n").await;
    }
    let denied = send(socket.clone(), Request::Denied { since: Some(60) }).await;
    let [denial] = denied["denied"].as_array().unwrap().as_slice() else { panic!("{denied}") };
    assert_eq!((&denial["host"], &denial["port"]), (&json!("evil.example"), &json!(443)));
    assert_eq!((&denial["count"], &denial["phase"]), (&json!(3), &json!("connect")));

    // What is allowed by now is not denied any more; the other port still is.
    world.ask_proxy("CONNECT evil.example:8443 HTTP/1.1\r\n\r\n").await;
    let grant = Request::Grant {
        host: "evil.example".into(),
        port: None,
        private: false,
        seconds: Some(300),
        reason: "try".into(),
    };
    send(socket.clone(), grant).await;
    let denied = send(socket.clone(), Request::Denied { since: None }).await;
    let [denial] = denied["denied"].as_array().unwrap().as_slice() else { panic!("{denied}") };
    assert_eq!(denial["port"], 8443);
}

#[tokio::test]
async fn hostile_lines_are_answered_or_end_the_connection() {
    let world = World::allowing(&["docs.example"]).await;
    let socket = world.paths.ctl_socket();
    blocking(move || {
        let mut stream = UnixStream::connect(&socket).unwrap();
        stream.write_all(b"{\"verb\":\"grant\"}\n[]\n\xff\n").unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        let mut answers = String::new();
        stream.read_to_string(&mut answers).unwrap();
        let refused = |line: &str| serde_json::from_str::<Value>(line).unwrap()["ok"] == false;
        assert_eq!(answers.lines().filter(|line| refused(line)).count(), 3, "{answers}");
        let mut stream = UnixStream::connect(&socket).unwrap();
        let _ = stream.write_all(&vec![b'x'; 100 * 1024]);
        let mut end = Vec::new();
        let _ = stream.read_to_end(&mut end);
        assert!(end.is_empty());
    })
    .await;
}

#[tokio::test]
async fn pitfall_27_a_watcher_names_the_process_and_decides_nothing() {
    let world = World::allowing(&["docs.example"]).await;
    let stream = tokio::net::UnixStream::connect(world.paths.ctl_socket()).await.unwrap();
    let (reader, mut writer) = stream.into_split();
    let mut lines = BufReader::new(reader).lines();
    writer.write_all(b"{\"verb\":\"watch\"}\n").await.unwrap();
    assert_eq!(within(lines.next_line()).await.unwrap().unwrap(), "{\"ok\":true}");

    let watching = tokio::spawn(async move {
        let mut seen = Vec::new();
        while let Ok(Some(line)) = lines.next_line().await {
            let line: Value = serde_json::from_str(&line).unwrap();
            // It may still have waited for the writer when the watch began.
            if line["type"] == "start" {
                continue;
            }
            if line["type"] == "hold" {
                let answer = json!({ "attribute": line["id"], "pid": 42, "process": "curl", "allow": true });
                writer.write_all(format!("{answer}\n").as_bytes()).await.unwrap();
            }
            let done = line["type"] == "decision";
            seen.push(line);
            if done {
                break;
            }
        }
        seen
    });
    let answer = world.ask_proxy("CONNECT evil.example:443 HTTP/1.1\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 403 "));
    let seen = within(watching).await.unwrap();
    assert_eq!((&seen[0]["type"], &seen[0]["host"]), (&json!("hold"), &json!("evil.example")));
    assert!(seen[0]["client"].as_str().unwrap().starts_with("127.0.0.1:"), "{seen:?}");
    assert_eq!((&seen[1]["process"], &seen[1]["pid"]), (&json!("curl"), &json!(42)));
    let denied = send(world.paths.ctl_socket(), Request::Denied { since: None }).await;
    assert_eq!((&denied["denied"][0]["process"], &denied["denied"][0]["pid"]), (&json!("curl"), &json!(42)));
}

#[tokio::test]
async fn only_a_watched_denial_waits_and_not_for_ever() {
    let world = World::allowing(&["docs.example"]).await;
    let request = "CONNECT evil.example:443 HTTP/1.1\r\n\r\n";
    world.ask_proxy(request).await;
    assert!(!world.log().iter().any(|line| line["type"] == "hold"));

    let socket = world.paths.ctl_socket();
    let (input, mut keep) = UnixStream::pair().unwrap();
    let (output, watched) = UnixStream::pair().unwrap();
    let thread = std::thread::spawn(move || client(&socket, &Request::Watch, input, &mut &output));
    let mut watched = std::io::BufReader::new(watched);
    let (ok, mut watched) = blocking(move || {
        let mut line = String::new();
        std::io::BufRead::read_line(&mut watched, &mut line).unwrap();
        (line, watched)
    })
    .await;
    assert_eq!(ok, "{\"ok\":true}\n");
    let started = Instant::now();
    world.ask_proxy(request).await;
    assert!(started.elapsed() >= Duration::from_secs(3), "the hold of this test's world");
    // The end of the watcher's input ends the watch.
    keep.write_all(b"\n").unwrap();
    drop(keep);
    let outcome = blocking(move || thread.join().unwrap()).await;
    assert_eq!(outcome.unwrap(), Outcome::Done);
    let mut rest = String::new();
    watched.get_mut().set_nonblocking(true).unwrap();
    let _ = watched.read_to_string(&mut rest);
    assert!(rest.contains("\"type\":\"hold\""), "{rest}");
}
