//! A shell on a terminal, with a confined command in the foreground: suspended, continued, interrupted,
//! resized; and job control by the command itself.

use std::process::Command;

use crate::scene::{SOCKETS, Scene, search_path, text};

fn session(sockets: &str) {
    let scene = Scene::new();
    let script = scene.path("work/terminal.py");
    for (path, text) in [
        ("work/terminal.py", include_str!("terminal.py")),
        ("work/size.py", include_str!("size.py")),
        ("work/jobs.py", include_str!("jobs.py")),
    ] {
        std::fs::write(scene.path(path), text).unwrap();
    }
    let output = Command::new("python3")
        .arg(&script)
        .arg(Scene::program())
        .env("HOME", scene.path("home"))
        .env("PATH", search_path())
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
