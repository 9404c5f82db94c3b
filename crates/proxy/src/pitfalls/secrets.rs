use std::os::unix::fs::PermissionsExt as _;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixStream;

use crate::testing::{World, policy, within};

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";
const KEY: &str = "k3y-of-the-model";

/// One word on the control socket.
async fn word(world: &World, request: Value) -> Value {
    let mut stream = UnixStream::connect(world.paths.ctl_socket()).await.unwrap();
    stream.write_all(format!("{request}\n").as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
    let mut answer = String::new();
    within(stream.read_to_string(&mut answer)).await.unwrap();
    serde_json::from_str(&answer).unwrap()
}

fn set(name: &str, host: &str, form: &Value, value: &str) -> Value {
    json!({ "verb": "secret-set", "name": name, "hosts": [host], "form": form, "value": value })
}

fn api_key() -> Value {
    json!({ "header": { "name": "x-api-key" } })
}

/// An upstream inside TLS that records what it is sent.
async fn upstream(world: &World, name: &'static str) -> Arc<Mutex<Vec<String>>> {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let record = heard.clone();
    world
        .serve_tls(name, &["http/1.1"], move |mut stream| {
            let record = record.clone();
            async move {
                let mut bytes = Vec::new();
                while !bytes.ends_with(b"\r\n\r\n") {
                    match stream.read_u8().await {
                        Ok(byte) => bytes.push(byte),
                        Err(_) => return,
                    }
                }
                record.lock().unwrap().push(String::from_utf8(bytes).unwrap().to_lowercase());
                let _ = stream.write_all(OK.as_bytes()).await;
                let _ = stream.shutdown().await;
            }
        })
        .await;
    heard
}

/// A request inside TLS that ends in the gate.
async fn ask(world: &World, host: &str, header: &str) -> String {
    let mut stream = world.inspected(host, &["http/1.1"]).await;
    let request = format!("GET / HTTP/1.1\r\nHost: {host}\r\n{header}Connection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let _ = within(stream.read_to_end(&mut answer)).await;
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn a_secret_is_added_on_the_way_out_and_shows_nowhere_else() {
    let world = World::allowing(&["api.example"]).await;
    let heard = upstream(&world, "api.example").await;
    let answer = word(&world, set("model", "api.example", &api_key(), &format!("{KEY}\n"))).await;
    assert_eq!(answer["ok"], true, "{answer}");
    // No rule of this host needs a look; the secret does.
    assert!(ask(&world, "api.example", "X-Api-Key: drawbridge-secret-model\r\n").await.ends_with("ok"));
    let sent = heard.lock().unwrap()[0].clone();
    assert!(sent.contains(&format!("x-api-key: {KEY}\r\n")), "{sent}");
    assert_eq!(sent.matches("x-api-key").count(), 1, "the client's own is replaced");
    let line = world.logged(|line| line["phase"] == "inspect" && line["action"] == "allow").await;
    assert_eq!(line["secrets"], json!(["model"]));

    let shown = [
        serde_json::to_string(&world.log()).unwrap(),
        answer.to_string(),
        word(&world, json!({ "verb": "secrets" })).await.to_string(),
        word(&world, json!({ "verb": "policy" })).await.to_string(),
        word(&world, json!({ "verb": "status" })).await.to_string(),
        std::fs::read_to_string(world.paths.effective_policy()).unwrap(),
    ];
    for text in shown {
        assert!(!text.contains(KEY), "{text}");
    }
    let store = world.paths.secrets();
    assert_eq!(store.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    let effective = std::fs::read_to_string(world.paths.effective_policy()).unwrap();
    assert!(effective.contains("drawbridge-secret-model"), "the container learns what to write: {effective}");
}

#[tokio::test]
async fn git_gets_basic_credentials() {
    let world = World::allowing(&["git.example"]).await;
    let heard = upstream(&world, "git.example").await;
    let form = json!({ "basic": { "user": "x-access-token" } });
    assert_eq!(word(&world, set("git", "git.example", &form, KEY)).await["ok"], true);
    // The client's own credentials hold the placeholder in base64.
    let own = STANDARD.encode("me:drawbridge-secret-git");
    assert!(ask(&world, "git.example", &format!("Authorization: Basic {own}\r\n")).await.ends_with("ok"));
    let expected = STANDARD.encode(format!("x-access-token:{KEY}"));
    assert!(
        heard.lock().unwrap()[0].contains(&format!("authorization: basic {}\r\n", expected.to_lowercase()))
    );
}

#[tokio::test]
async fn pitfall_30_a_placeholder_goes_to_its_own_host_alone() {
    let world = World::allowing(&["api.example", "GET other.example/**", "http://plain.example"]).await;
    let heard = upstream(&world, "other.example").await;
    let plain = world.scripted("plain.example", 80, "\r\n\r\n", OK).await;
    assert_eq!(word(&world, set("model", "api.example", &api_key(), KEY)).await["ok"], true);
    let basic = STANDARD.encode("me:drawbridge-secret-model");
    for header in [
        "X-Api-Key: drawbridge-secret-model\r\n".to_owned(),
        "Cookie: a=drawbridge-secret-unknown\r\n".to_owned(),
        format!("Authorization: Basic {basic}\r\n"),
        // The secret itself, wherever the container has it from.
        format!("X: {KEY}\r\n"),
    ] {
        let answer = ask(&world, "other.example", &header).await;
        assert!(answer.starts_with("HTTP/1.1 403 ") && answer.contains("secret-leak"), "{header}: {answer}");
        assert!(!answer.contains(KEY), "{answer}");
    }
    let request = "GET /?key=drawbridge-secret-model HTTP/1.1\r\nHost: plain.example\r\n\r\n";
    assert!(world.ask_http(request).await.contains("secret-leak"));
    assert!(heard.lock().unwrap().is_empty() && plain.lock().unwrap().is_empty());
    assert!(world.denial("other.example").await["why"].as_str().unwrap().contains("`model`"));
}

#[tokio::test]
async fn pitfall_29_a_secret_never_leaves_without_tls() {
    let world = World::allowing(&["api.example", "http://api.example"]).await;
    let heard = world.scripted("api.example", 80, "\r\n\r\n", OK).await;
    assert_eq!(word(&world, set("model", "api.example", &api_key(), KEY)).await["ok"], true);
    let request = "GET / HTTP/1.1\r\nHost: api.example\r\nX-Api-Key: drawbridge-secret-model\r\n\r\n";
    let answer = world.ask_http(request).await;
    assert!(answer.contains("secret-leak"), "{answer}");
    assert!(world.ask_http("GET / HTTP/1.1\r\nHost: api.example\r\n\r\n").await.ends_with("ok"));
    let heard = heard.lock().unwrap().join("");
    assert!(!heard.contains(KEY) && !heard.contains("drawbridge-secret"), "{heard}");
}

#[tokio::test]
async fn pitfall_32_a_repository_moves_no_secret() {
    let asks = json!([{ "secret": "model", "host": "evil.example" }]);
    let text = json!({ "version": 1, "allow": ["evil.example", "GET api.example/**"], "asks": asks });
    let world = World::with_policy(&text.to_string()).await;
    let heard = upstream(&world, "api.example").await;
    assert_eq!(word(&world, set("model", "api.example", &api_key(), KEY)).await["ok"], true);
    // What it asks for is not granted by having the name, so its host stays unseen and gets nothing.
    let server = crate::testing::TlsServer::start(&world, "evil.example").await;
    let mut stream = server.handshake(world.https().await, "evil.example").await.unwrap();
    assert_eq!(crate::testing::tls_client(&mut stream).await, "pong from evil.example");
    // A host that is not allowed is not opened by its secret.
    world.set_policy(&policy(&["evil.example"]));
    world.tick(0);
    let answer = world.ask_proxy("CONNECT api.example:443 HTTP/1.1\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 403 "), "{answer}");
    assert!(heard.lock().unwrap().is_empty());
}

#[tokio::test]
async fn pitfall_11_what_cannot_be_sent_is_not_taken() {
    let world = World::allowing(&["api.example"]).await;
    let header = |name: &str| json!({ "header": { "name": name } });
    let never = crate::testing::never_inspected();
    for (request, expected) in [
        (set("model", "api.example", &api_key(), "a\r\nX-Evil: 1"), "control character"),
        (set("model", "api.example", &api_key(), "\n"), "empty"),
        (set("Model", "api.example", &api_key(), KEY), "name"),
        (set("model", "*.example.com", &api_key(), KEY), "not a host"),
        (set("model", &never, &api_key(), KEY), "looked into"),
        (set("model", "api.example", &header("Host"), KEY), "gate's own"),
        (set("model", "api.example", &header("Transfer-Encoding"), KEY), "gate's own"),
        (set("model", "api.example", &header("a b"), KEY), "name of a header"),
        (set("model", "api.example", &json!({ "basic": { "user": "a:b" } }), KEY), "control character"),
    ] {
        let answer = word(&world, request).await;
        let error = answer["error"].as_str().unwrap();
        assert!(error.contains(expected) && !error.contains(KEY), "{error}");
    }
    assert_eq!(word(&world, json!({ "verb": "secrets" })).await["secrets"], json!([]));
}

#[tokio::test]
async fn secrets_survive_a_restart_and_end_when_removed() {
    let world = World::allowing(&["api.example"]).await;
    assert_eq!(word(&world, set("model", "api.example", &api_key(), KEY)).await["ok"], true);
    let world = world.restart("container-1").await.unwrap();
    let listed = word(&world, json!({ "verb": "secrets" })).await;
    assert_eq!(listed["secrets"][0]["hosts"], json!(["api.example:443"]));
    assert_eq!(listed["secrets"][0]["form"], json!({ "header": { "name": "x-api-key", "prefix": "" } }));
    let gone = word(&world, json!({ "verb": "secret-remove", "name": "model" })).await;
    assert_eq!(gone["secrets"], json!([]));
    assert_eq!(word(&world, json!({ "verb": "secret-remove", "name": "model" })).await["ok"], false);
    // Untouched again.
    let server = crate::testing::TlsServer::start(&world, "api.example").await;
    let mut stream = server.handshake(world.https().await, "api.example").await.unwrap();
    assert_eq!(crate::testing::tls_client(&mut stream).await, "pong from api.example");
}
