//! A shell on a terminal, with a confined command in the foreground: suspended, continued, interrupted, resized.

use std::process::Command;

use crate::scene::{SOCKETS, Scene, text};

fn session(sockets: &str) {
    let scene = Scene::new();
    let script = scene.path("work/terminal.py");
    std::fs::write(&script, include_str!("terminal.py")).unwrap();
    let output = Command::new("python3")
        .arg(&script)
        .arg(Scene::program())
        .env("HOME", scene.path("home"))
        .env(SOCKETS, sockets)
        .current_dir(scene.path("work"))
        .output()
        .unwrap();
    assert!(output.status.success() && text(&output).ends_with("done\n"), "{}", text(&output));
}

#[test]
fn without_a_supervisor() {
    session("");
}

#[test]
fn with_a_supervisor() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("agent.sock");
    let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    session(&socket.display().to_string());
}
