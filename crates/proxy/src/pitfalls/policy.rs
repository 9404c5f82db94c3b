use std::sync::Arc;

use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::error::Error;
use crate::keeper::{Consent, GrantRequest, KeeperError, Reloaded};
use crate::testing::{TlsServer, World, exchange, policy, tls_client, within};

fn grant(host: &str, seconds: Option<u64>) -> GrantRequest {
    GrantRequest { host: host.into(), seconds, reason: "a test".into(), ..GrantRequest::default() }
}

async fn connects(world: &World, host: &str) -> bool {
    let mut stream = world.proxy().await;
    stream.write_all(format!("CONNECT {host}:443 HTTP/1.1\r\n\r\n").as_bytes()).await.unwrap();
    let mut start = [0; 12];
    within(stream.read_exact(&mut start)).await.unwrap();
    // 502: allowed, but these tests have no upstream.
    &start != b"HTTP/1.1 403"
}

#[tokio::test]
async fn pitfall_26_nothing_written_is_nothing_allowed() {
    let folder = Arc::new(tempfile::tempdir().unwrap());
    let world = World::start(folder, "c", None, Vec::new()).await.unwrap();
    assert!(!connects(&world, "docs.example").await);
    let start = world.logged(|line| line["type"] == "start").await;
    assert_eq!(start["policy"], "none: everything is denied");
    assert!(!connects(&World::allowing(&[]).await, "docs.example").await);
}

#[tokio::test]
async fn pitfall_26_a_policy_that_does_not_load_stops_the_start() {
    let folder = Arc::new(tempfile::tempdir().unwrap());
    let broken = "{\n  \"version\": 1,\n  \"allow\": [\"*\"]\n}";
    let started = World::start(folder, "c", Some(broken), Vec::new()).await;
    let Err(Error::Policy(lines)) = started else { panic!("started") };
    assert!(lines[0].starts_with("DRAWBRIDGE_POLICY:3:13: error"), "{lines:?}");
}

#[tokio::test]
async fn pitfall_32_a_file_that_loosens_waits_for_the_host() {
    let world = World::allowing(&["docs.example"]).await;
    world.set_policy(&policy(&["docs.example", "evil.example"]));
    world.tick(0);
    assert!(!connects(&world, "evil.example").await);
    let status = world.keeper().status();
    assert_eq!(status["folder"]["state"], "pending");
    assert!(status["folder"]["loosens"][0].as_str().unwrap().contains("evil.example"), "{status}");
    assert_eq!(world.keeper().reload(None).unwrap(), Reloaded::Pending);

    let stale = Consent { sha256: Some("00".into()) };
    assert!(matches!(world.keeper().reload(Some(&stale)), Err(KeeperError::Changed { .. })));
    let seen = Consent { sha256: status["folder"]["sha256"].as_str().map(str::to_owned) };
    assert_eq!(world.keeper().reload(Some(&seen)).unwrap(), Reloaded::Applied);
    assert!(connects(&world, "evil.example").await);
}

#[tokio::test]
async fn pitfall_32_a_restart_changes_nothing_and_a_new_container_does() {
    let world = World::allowing(&["docs.example"]).await;
    world.set_policy(&policy(&["evil.example"]));
    let world = world.restart("container-1").await.unwrap();
    assert!(connects(&world, "docs.example").await);
    assert!(!connects(&world, "evil.example").await);
    assert_eq!(world.keeper().status()["folder"]["state"], "pending");
    let world = world.restart("container-2").await.unwrap();
    assert!(connects(&world, "evil.example").await);
    assert!(!connects(&world, "docs.example").await);
}

#[tokio::test]
async fn a_restart_with_a_vanished_or_broken_folder_keeps_the_accepted_policy() {
    let world = World::allowing(&["docs.example"]).await;
    std::fs::remove_file(world.paths.policy_file()).unwrap();
    let world = world.restart("container-1").await.unwrap();
    assert!(connects(&world, "docs.example").await);
    assert_eq!(world.keeper().status()["folder"]["state"], "missing");
    world.set_policy("{ broken");
    let world = world.restart("container-1").await.unwrap();
    assert!(connects(&world, "docs.example").await);
    assert_eq!(world.keeper().status()["folder"]["state"], "invalid");
}

#[tokio::test]
async fn a_bad_file_keeps_the_last_good_policy_and_says_where_it_is_bad() {
    let world = World::allowing(&["docs.example"]).await;
    world.set_policy("{\n  \"version\": 1,\n  \"allow\": [\"docs.example\",, ]\n}");
    world.tick(0);
    assert!(connects(&world, "docs.example").await);
    let line = world.logged(|line| line["type"] == "reload").await;
    assert_eq!(line["action"], "rejected");
    assert!(line["errors"][0].as_str().unwrap().starts_with("policy.jsonc:3:"), "{line}");
    assert_eq!(world.keeper().status()["folder"]["state"], "invalid");
}

#[tokio::test]
async fn the_watcher_notices_a_replaced_file_by_itself() {
    let world = World::allowing(&["docs.example", "other.example"]).await;
    world.set_policy(&policy(&["docs.example"]));
    let line = world.logged(|line| line["type"] == "reload").await;
    assert_eq!(line["action"], "applied");
    assert!(!connects(&world, "other.example").await);
    let effective = std::fs::read_to_string(world.paths.effective_policy()).unwrap();
    assert!(effective.contains("docs.example") && !effective.contains("other.example"));
}

#[tokio::test]
async fn a_reload_ends_what_is_no_longer_allowed_and_nothing_else() {
    let world = World::allowing(&["docs.example", "other.example"]).await;
    let server = TlsServer::start(&world, "docs.example").await;
    let mut kept = server.handshake(world.https().await, "docs.example").await.unwrap();
    let server = TlsServer::start(&world, "other.example").await;
    let mut ended = server.handshake(world.https().await, "other.example").await.unwrap();
    tls_client(&mut kept).await;
    tls_client(&mut ended).await;
    world.set_policy(&policy(&["docs.example"]));
    world.tick(0);
    let mut byte = [0];
    assert!(within(ended.read(&mut byte)).await.is_err(), "a reset, not the end of the data");
    assert_eq!(tls_client(&mut kept).await, "pong from docs.example");
    let close = world.logged(|line| line["type"] == "close").await;
    assert_eq!(close["reason"], "revoked");
}

#[tokio::test]
async fn a_change_while_the_upstream_is_dialled_has_the_last_word() {
    let world = World::allowing(&["docs.example"]).await;
    world.scripted("docs.example", 443, "\0", "").await;
    let paused = Arc::new(tokio::sync::Notify::new());
    *world.outside.paused.lock().unwrap() = Some(paused.clone());
    let proxy = world.proxy().await;
    let asking = tokio::spawn(exchange(proxy, b"CONNECT docs.example:443 HTTP/1.1\r\n\r\n"));
    while world.outside.resolved().is_empty() {
        tokio::task::yield_now().await;
    }
    world.set_policy(r#"{"version":1}"#);
    world.tick(0);
    paused.notify_one();
    let answer = within(asking).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 403 "), "{answer}");
}

#[tokio::test]
async fn an_expired_rule_denies_and_ends_its_connections() {
    // 2100-01-01, far enough for the test's clock.
    let text = json!({ "version": 1, "allow": [{ "host": "docs.example", "reason": "a trial", "until": 4_102_444_800_i64 }] });
    let world = World::with_policy(&text.to_string()).await;
    let server = TlsServer::start(&world, "docs.example").await;
    let mut stream = server.handshake(world.https().await, "docs.example").await.unwrap();
    tls_client(&mut stream).await;
    world.tick(4_102_444_800);
    assert!(within(stream.read(&mut [0])).await.is_err());
    let answer = world.ask_proxy("CONNECT docs.example:443 HTTP/1.1\r\n\r\n").await;
    assert!(answer.contains("\"expired\"") && answer.contains("a trial"), "{answer}");
}

#[tokio::test]
async fn grants_open_for_a_while_and_survive_a_restart() {
    let world = World::allowing(&["docs.example"]).await;
    world.keeper().grant(grant("new.example", Some(3600))).unwrap();
    world.keeper().grant(grant("lasting.example", None)).unwrap();
    assert!(connects(&world, "new.example").await);
    let world = world.restart("container-1").await.unwrap();
    assert!(connects(&world, "new.example").await);
    assert!(connects(&world, "lasting.example").await);
    world.tick(3601);
    assert!(!connects(&world, "new.example").await);
    assert_eq!(world.keeper().grants().as_array().unwrap().len(), 1, "only the lasting one");
    world.logged(|line| line["type"] == "grant" && line["action"] == "expired").await;
    world.keeper().revoke("lasting.example").unwrap();
    assert!(!connects(&world, "lasting.example").await);
    assert!(matches!(world.keeper().revoke("lasting.example"), Err(KeeperError::NotGranted(_))));
}

#[tokio::test]
async fn a_grant_is_checked_like_any_rule() {
    let world = World::allowing(&["docs.example"]).await;
    for host in [
        "*",
        "*.com",
        "",
        "a b",
        "metadata.google.internal",
        "ftp://x.example",
        "get docs.example/a",
        "GET docs.example/../a",
        "docs.example/a?b",
        "docs.example:x",
        "ssh://git.example/a",
    ] {
        let refused = world.keeper().grant(grant(host, None));
        assert!(matches!(refused, Err(KeeperError::Invalid(_))), "{host}: {refused:?}");
    }
    assert_eq!(world.keeper().grants(), json!([]));
    world.keeper().grant(grant("ssh://git.example", None)).unwrap();
    let answer = world.ask_proxy("CONNECT git.example:22 HTTP/1.1\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 502 "), "allowed, not reachable: {answer}");
}

#[tokio::test]
async fn a_grant_that_does_not_hold_is_not_logged() {
    let world = World::allowing(&[]).await;
    let own = r#"{"version":1,"allow":["tcp://db.example:5432"]}"#;
    std::fs::write(world.paths.personal_file(), own).unwrap();
    world.tick(0);
    let refused = world.keeper().grant(grant("tcp://other.example:5432", None));
    assert!(matches!(refused, Err(KeeperError::Invalid(_))), "the port is taken: {refused:?}");
    world.keeper().grant(grant("new.example", None)).unwrap();
    let logged = world.logged(|line| line["type"] == "grant").await;
    assert_eq!(logged["host"], "new.example");
}

#[tokio::test]
async fn a_grant_may_name_methods_and_paths() {
    let world = World::allowing(&[]).await;
    world.scripted("files.example", 80, "\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await;
    world.keeper().grant(grant("GET http://files.example/v2/**", Some(3600))).unwrap();
    let ask = async |line: &str| {
        let request = format!("{line} HTTP/1.1\r\nHost: files.example\r\nConnection: close\r\n\r\n");
        world.ask_http(&request).await[9..12].to_owned()
    };
    assert_eq!(ask("GET /v2/a").await, "200");
    for line in ["GET /v1/a", "POST /v2/a", "GET /v2/../v1/a"] {
        assert_eq!(ask(line).await, "403", "{line}");
    }
    assert_eq!(world.keeper().grants()[0]["host"], "GET http://files.example/v2/**");
    world.keeper().revoke("files.example").unwrap();
    assert_eq!(ask("GET /v2/a").await, "403");
}

#[tokio::test]
async fn the_hosts_own_layer_applies_at_once_and_its_denials_win() {
    let world = World::allowing(&["docs.example"]).await;
    std::fs::write(
        world.paths.personal_file(),
        r#"{"version":1,"allow":["mine.example"],"deny":["docs.example"]}"#,
    )
    .unwrap();
    world.tick(0);
    assert!(connects(&world, "mine.example").await);
    assert!(!connects(&world, "docs.example").await);
    std::fs::write(world.paths.personal_file(), "{").unwrap();
    world.set_policy(r#"{"version":1,"deny":["mine.example"]}"#);
    world.tick(0);
    assert!(!connects(&world, "mine.example").await, "the repository may tighten meanwhile");
    world.set_policy(r#"{"version":1}"#);
    world.keeper().reload(Some(&Consent::default())).unwrap_err();
    assert!(connects(&world, "mine.example").await, "the last good one stays");
    assert!(world.keeper().status()["errors"][0].as_str().unwrap().starts_with("personal.jsonc:1:"));
}

#[tokio::test]
async fn pitfall_32_where_review_is_required_creation_is_no_review() {
    let folder = Arc::new(tempfile::tempdir().unwrap());
    let world = World::start(folder, "container-1", None, Vec::new()).await.unwrap();
    let own = r#"{"version":1,"requireReview":true,"allow":["docs.example"]}"#;
    std::fs::write(world.paths.organisation_file(), own).unwrap();
    world.set_policy(&policy(&["repository.example"]));
    let world = world.restart("container-2").await.unwrap();
    assert!(connects(&world, "docs.example").await);
    assert!(!connects(&world, "repository.example").await);
    world.keeper().reload(Some(&Consent::default())).unwrap();
    assert!(connects(&world, "repository.example").await);
    let world = world.restart("container-3").await.unwrap();
    assert!(connects(&world, "repository.example").await, "the same text was reviewed before");
}
