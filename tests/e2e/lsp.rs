//! The language server beside a running gate.

use std::time::Duration;

use drawbridge_tests::{Bed, Project};
use serde_json::json;

use crate::fixtures;

const LIMIT: Duration = Duration::from_secs(40);

#[test]
fn a_language_client_that_follows_hears_what_is_denied() {
    let Some(bed) = Bed::get() else { return };
    let project = Project::new(bed, "follow", fixtures::IMAGE);
    project.protect(&[]);
    project.up(&[]);
    let mut client = project.drawbridge(&["lsp"]).language_client();
    let folder = format!("file://{}", project.path.display());
    let folders = json!([{"uri": folder, "name": "follow"}]);
    client.send(Some(1), "initialize", &json!({"capabilities": {}, "workspaceFolders": folders}));
    client.wait("the server is ready", LIMIT, |message| message["id"] == 1);
    client.send(None, "initialized", &json!({}));
    client.send(Some(2), "drawbridge/follow", &json!({"folder": folder}));
    let answer = client.wait("it follows", LIMIT, |message| message["id"] == 2);
    assert_eq!(answer["result"], true, "{answer}");

    project.shell("curl -sS --max-time 10 https://denied.example/").failed();
    let event = client.wait("the denial is told", LIMIT, |message| message["method"] == "drawbridge/event");
    let event = &event["params"]["event"];
    assert_eq!(
        (&event["kind"], &event["blocked"]["host"]),
        (&json!("blocked"), &json!("denied.example")),
        "{event}"
    );

    project.drawbridge(&["down"]).ok();
    client.wait("the end is told", LIMIT, |message| message["params"]["event"]["kind"] == "ended");
    client.send(Some(3), "shutdown", &json!(null));
    client.wait("the server ends", LIMIT, |message| message["id"] == 3);
    client.send(None, "exit", &json!(null));
    assert_eq!(client.end(LIMIT), Some(0));
}
