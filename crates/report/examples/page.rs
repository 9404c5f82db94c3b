//! The HTML report of a hostile workspace, as a browser test opens it: every text that a workspace, a container or a
//! log can choose tries to start an element, to leave an attribute, to run a script or to stretch the page.

use drawbridge_core::audit::{HostFile, HostFileKind, Input, audit};
use drawbridge_core::project::{Entry, RelPath, Snapshot};
use drawbridge_report::html::{Attempt, Outcome, Page, PolicyRow, Section, html};
use serde_json::json;

/// Sets `window.ran` wherever a script can be, and asks for files of another host.
const PAYLOAD: &str = "\"'></style></title></svg></details><script>window.ran=1</script>\
    <img src=http://leak.example/a onerror=window.ran=2><svg onload=window.ran=3>\
    <a href=javascript:window.ran=4>x</a><style>@import 'http://leak.example/b';</style>&lt;`";

#[expect(clippy::print_stdout, reason = "its only output")]
fn main() {
    let wide = "x".repeat(3_000);
    let mut snapshot = Snapshot::default();
    let mut add = |path: &str, text: String| {
        snapshot.files.insert(RelPath::new(path).unwrap_or_default(), Entry::Text(text));
    };
    let config = json!({
        "image": PAYLOAD,
        "privileged": true,
        "runArgs": ["--cap-add", PAYLOAD, "--security-opt", "seccomp=unconfined"],
        "mounts": [format!("type=bind,source=/var/run/docker.sock,target={PAYLOAD}"), wide.as_str()],
        "features": { (PAYLOAD): {}, "ghcr.io/devcontainers/features/docker-in-docker:2": {} },
        "initializeCommand": PAYLOAD,
        "containerEnv": { "AWS_SECRET_ACCESS_KEY": "${localEnv:AWS_SECRET_ACCESS_KEY}" },
        "customizations": { "vscode": { "extensions": [PAYLOAD, wide], "settings": { (PAYLOAD): false } } },
    });
    let text = serde_json::to_string_pretty(&config).unwrap_or_default();
    add(".devcontainer/devcontainer.json", text);
    add(
        ".vscode/tasks.json",
        json!({"tasks": [{"label": PAYLOAD, "command": PAYLOAD,
        "runOptions": {"runOn": "folderOpen"}}]})
        .to_string(),
    );
    snapshot
        .files
        .insert(RelPath::root(), Entry::Dir(vec![".devcontainer".to_owned(), ".vscode".to_owned()]));
    snapshot.files.insert(
        RelPath::new(".devcontainer").unwrap_or_default(),
        Entry::Dir(vec!["devcontainer.json".to_owned()]),
    );
    let live = serde_json::from_value(json!({
        "version": 1, "uid": 1000, "notes": [PAYLOAD],
        "sockets": [{ "family": "cli-ipc", "path": format!("/tmp/{PAYLOAD}"), "connectable": true }],
        "files": [{ "kind": "git-credential-helper", "path": PAYLOAD, "detail": PAYLOAD }],
    }));
    let log = format!("[1 ms] Running the initializeCommand from x...\n[2 ms] Start: Run: {PAYLOAD}\n");
    let host = [HostFile {
        kind: HostFileKind::Log,
        product: PAYLOAD.to_owned(),
        path: format!("~/{PAYLOAD}"),
        text: log,
    }];
    let live = live.ok();
    let report = audit(&Input { live: live.as_ref(), host: &host, ..Input::of(&snapshot, 0) });
    let rule = |number: usize| PolicyRow {
        denies: number.is_multiple_of(2),
        rule: format!("{PAYLOAD}.host-{number}.example"),
        layer: "repository".to_owned(),
        place: format!(".devcontainer/drawbridge/policy.jsonc:{number}"),
        reason: Some(PAYLOAD.to_owned()),
    };
    let outcomes = [Outcome::Pass, Outcome::Fail, Outcome::Skip].into_iter().cycle();
    let tried = |(number, outcome)| Attempt {
        id: format!("tcp-{number}"),
        outcome,
        attempt: format!("connect to 203.0.113.{number}:443 {PAYLOAD}"),
        detail: "y".repeat(300),
    };
    let page = Page {
        title: PAYLOAD,
        tool: env!("CARGO_PKG_VERSION"),
        policy: Section::Rows((0..30).map(rule).collect()),
        proof: Section::Rows((1..25).zip(outcomes).map(tried).collect()),
    };
    println!("{}", html(&report, &page));
}
