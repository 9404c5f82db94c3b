//! The language server beside a running gate.

use std::time::Duration;

use drawbridge_tests::{Bed, LanguageClient, Project};
use serde_json::{Value, json};

use crate::fixtures;

const LIMIT: Duration = Duration::from_secs(40);

#[test]
fn a_language_client_that_follows_hears_what_is_denied_and_who_changes_the_policy() {
    let Some(bed) = Bed::get() else { return };
    let project = running(bed, "follow");
    let mut client = ready(&project);
    assert_eq!(asked(&mut client, 2, "drawbridge/follow", &json!({})), true);

    project.shell("curl -sS --max-time 10 https://denied.example/").failed();
    let event = client.wait("the denial is told", LIMIT, |message| message["method"] == "drawbridge/event");
    let event = &event["params"]["event"];
    assert_eq!(
        (&event["kind"], &event["blocked"]["host"]),
        (&json!("blocked"), &json!("denied.example")),
        "{event}"
    );

    let told = |what: &str, kind: &str, action: &str| {
        client.wait(what, LIMIT, |message| {
            let event = &message["params"]["event"];
            event["kind"] == kind && event["action"] == action
        })["params"]["event"]
            .clone()
    };
    project.drawbridge(&["allow", "first.example", "--for", "10m", "--reason", "a try"]).ok();
    let granted = told("a grant from a terminal is told", "grant", "granted");
    assert_eq!((&granted["host"], &granted["reason"]), (&json!("first.example"), &json!("a try")));
    project.drawbridge(&["allow", "second.example", "--reason", "a mirror"]).ok();
    let reload = told("a rule of the file in force is told", "reload", "applied");
    assert!(reload["loosens"][0].as_str().is_some_and(|line| line.contains("second.example")), "{reload}");
    project.drawbridge(&["revoke", "first.example"]).ok();
    assert_eq!(told("what is taken back is told", "grant", "revoked")["host"], "first.example");

    assert_eq!(asked(&mut client, 3, "drawbridge/unfollow", &json!({})), true);
    assert_eq!(asked(&mut client, 4, "drawbridge/unfollow", &json!({})), false, "no feed is left");
    assert_eq!(asked(&mut client, 5, "drawbridge/follow", &json!({})), true);
    project.drawbridge(&["down"]).ok();
    client.wait("the end is told", LIMIT, |message| message["params"]["event"]["kind"] == "ended");
    ended(client);
}

#[test]
fn settings_that_change_in_the_container_are_told_until_they_were_reviewed() {
    let Some(bed) = Bed::get() else { return };
    let project = running(bed, "drift");
    let mut client = ready(&project);
    let mut ask = {
        let mut id = 1;
        move |client: &mut LanguageClient, method: &str, params: Value| {
            id += 1;
            asked(client, id, method, &params)
        }
    };
    let live = json!({"live": true});
    let seen = ask(&mut client, "drawbridge/audit", live.clone());
    assert_eq!(seen["container"], json!({"known": false, "drift": []}), "{seen}");
    ask(&mut client, "drawbridge/accept", json!({"container": true}));

    let write = |text: &str| {
        let folder = "~/.vscode-server/data/Machine";
        project.shell(&format!("mkdir -p {folder} && echo '{text}' >{folder}/settings.json")).succeeded();
    };
    write(r#"{"workbench.externalBrowser": "/inert/marker"}"#);
    let drift = ask(&mut client, "drawbridge/audit", live.clone())["container"]["drift"].clone();
    assert_eq!(drift[0]["kind"], "added", "{drift}");
    assert!(drift[0]["what"][0].as_str().is_some_and(|what| what.contains("workbench.externalBrowser")));
    let file = drift[0]["file"].as_str().expect("a file");
    assert!(file.ends_with("/.vscode-server/data/Machine/settings.json"), "{file}");

    let shown = json!({"shown": [{"file": file, "digest": drift[0]["digest"]}]});
    write(r#"{"workbench.externalBrowser": "/other/marker"}"#);
    let left = ask(&mut client, "drawbridge/accept", shown)["container"]["drift"].clone();
    assert_eq!(left[0]["file"], file, "it is not what was shown: {left}");
    let shown = json!({"shown": [{"file": file, "digest": left[0]["digest"]}]});
    let reviewed = ask(&mut client, "drawbridge/accept", shown);
    assert_eq!(reviewed["container"], json!({"known": true, "drift": []}), "{reviewed}");
    let seen = ask(&mut client, "drawbridge/audit", live);
    assert_eq!(seen["container"], json!({"known": true, "drift": []}));
    ended(client);
}

fn running<'a>(bed: &'a Bed, name: &str) -> Project<'a> {
    let project = Project::new(bed, name, fixtures::IMAGE);
    project.protect(&[]);
    project.up(&[]);
    project
}

/// A server that was told of the project's folder.
fn ready(project: &Project<'_>) -> LanguageClient {
    let mut client = project.drawbridge(&["lsp"]).language_client();
    let folders = json!([{"uri": format!("file://{}", project.path.display()), "name": "folder"}]);
    asked(&mut client, 1, "initialize", &json!({"capabilities": {}, "workspaceFolders": folders}));
    client.send(None, "initialized", &json!({}));
    client
}

fn asked(client: &mut LanguageClient, id: u64, method: &str, params: &Value) -> Value {
    client.send(Some(id), method, params);
    let answer = client.wait(method, LIMIT, |message| message["id"] == id);
    assert!(answer.get("error").is_none(), "{method}: {answer}");
    answer["result"].clone()
}

fn ended(mut client: LanguageClient) {
    asked(&mut client, 1_000, "shutdown", &json!(null));
    client.send(None, "exit", &json!(null));
    assert_eq!(client.end(LIMIT), Some(0));
}
