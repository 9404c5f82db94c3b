//! A workspace and a container that do their worst: the audit ends, says what it left out, and nothing of
//! theirs steers the terminal.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::time::{Duration, Instant};

use drawbridge_bridge::facts::{
    ExtensionFact, Facts, FileFact, ListenerFact, MountFact, SettingsFact, SocketFact, VariableFact,
};
use drawbridge_core::audit::{Input, audit};
use drawbridge_core::project::{Entry, RelPath, Snapshot};
use drawbridge_report::{document, html, sarif, terminal};

use crate::support::Bed;

const STEERS: &str = "\u{1b}]0;owned\u{7}\u{1b}[2J\u{9b}31m\u{202e}<script>\r\n";
const LARGEST: usize = 1 << 20;

/// Every text that a container can choose, chosen badly.
fn facts() -> Facts {
    let bad = |text: &str| format!("{text}{STEERS}");
    let nested = "{\"workbench.externalBrowser\":".repeat(LARGEST / 29);
    Facts {
        version: 1,
        uid: 1000,
        home: bad("/home/"),
        sockets: vec![SocketFact {
            family: "cli-ipc".to_owned(),
            path: bad("/tmp/vscode-ipc-"),
            connectable: true,
            ..SocketFact::default()
        }],
        variables: vec![VariableFact {
            name: "API_TOKEN".to_owned(),
            value: None,
            process: bad("claude"),
            pid: 7,
        }],
        listeners: vec![ListenerFact { address: bad("0.0.0.0"), port: 5990, process: Some(bad("java")) }],
        mounts: vec![MountFact { target: bad("/run/docker.sock"), root: bad("/"), ..MountFact::default() }],
        files: vec![FileFact {
            kind: "git-shell-alias".to_owned(),
            path: bad("/home/dev/.gitconfig"),
            writable: true,
            detail: bad("x"),
        }],
        settings: vec![
            SettingsFact { path: bad("/a/"), text: nested, writable: true },
            SettingsFact {
                path: bad("/b/"),
                text: format!("{{\"workbench.externalBrowser\": {:?}}}", bad("x")),
                writable: true,
            },
        ],
        extensions: vec![ExtensionFact {
            id: bad("acme.tool"),
            path: bad("/e/"),
            kinds: vec![bad("ui")],
            signatures: vec!["vscode-local".to_owned()],
            digest: None,
        }],
        notes: vec![bad("not looked at: ")],
        ..Facts::default()
    }
}

fn page() -> html::Page<'static> {
    let attempt = html::Attempt {
        id: STEERS.to_owned(),
        outcome: html::Outcome::named("fail"),
        attempt: STEERS.to_owned(),
        detail: STEERS.to_owned(),
    };
    let (policy, proof) = (html::Section::Absent(STEERS.to_owned()), html::Section::Rows(vec![attempt]));
    html::Page { title: STEERS, tool: "test", policy, proof }
}

#[test]
fn nothing_in_a_container_steers_a_report() {
    let mut snapshot = Snapshot::default();
    let path = RelPath::new(".devcontainer.json").unwrap();
    snapshot.files.insert(path, Entry::Text("{\"image\": \"debian:12\"}".to_owned()));
    let facts = facts();
    let started = Instant::now();
    let report = audit(&Input { live: Some(&facts), ..Input::of(&snapshot, 0) });
    let observed: Vec<&str> = report.findings.iter().map(|found| found.rule.id).collect();
    for rule in
        ["cli-ipc-reachable", "secret-in-environment", "extension-signature", "external-browser-setting"]
    {
        assert!(observed.contains(&rule), "{rule} is missing in {observed:?}");
    }
    let texts = [
        terminal::render(&report, terminal::Options { color: false, all: true }),
        terminal::render(&report, terminal::Options::default()),
        html::html(&report, &page()),
        serde_json::to_string(&document::document(&report, "test")).unwrap(),
        serde_json::to_string(&sarif::sarif(&report, &snapshot, "test")).unwrap(),
    ];
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
    for (format, text) in texts.iter().enumerate() {
        let bare = |c: char| c.is_control() && c != '\n' && c != '\u{9b}';
        assert!(!text.contains(bare), "format {format}");
    }
    for text in &texts[..3] {
        assert!(!text.contains(['\u{9b}', '\u{202e}']), "{text}");
    }
    assert!(!texts[2].contains("<script"));
}

#[test]
fn a_hostile_workspace_is_audited_in_time() {
    let bed = Bed::with_config("{ \"image\": \"debian:12\" }\n");
    let around = |at: &str| {
        let path = bed.path(at);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        symlink(&path, &path).unwrap();
    };
    around(".idea");
    around(".git/hooks");
    around(".mcp.json");
    around(".devcontainer/loop");
    bed.write(".vscode/settings.json", &"{\"a\":".repeat(LARGEST / 5));
    bed.write(".devcontainer/deep/devcontainer.json", &"[".repeat(LARGEST));
    bed.write(".vscode/tasks.json", "{}");
    fs::set_permissions(bed.path(".vscode/tasks.json"), fs::Permissions::from_mode(0o000)).unwrap();
    for format in ["terminal", "json", "sarif", "html"] {
        let started = Instant::now();
        let (code, out, err) = bed.said(&["audit", "--all", "--format", format]);
        assert!(code == 0 || code == 1, "{format} ended with {code}: {err}");
        assert!(started.elapsed() < Duration::from_secs(20), "{format}: {:?}", started.elapsed());
        assert!(out.contains("unreadable-configuration"), "{format} does not name the broken file");
    }
}
