//! What is out of reach, and what is not.

use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::process::Command;

use crate::scene::{Scene, text};

#[test]
fn sockets_of_the_bridge_cannot_be_reached_even_by_grandchildren() {
    let scene = Scene::new();
    let socket = scene.path("work/vscode-ipc-marker.sock");
    let _listener = UnixListener::bind(&socket).unwrap();
    UnixStream::connect(&socket).unwrap();
    let connect = |path: &Path| {
        format!("python3 -c 'import socket; socket.socket(socket.AF_UNIX).connect(\"{}\")'", path.display())
    };
    scene.closed(&connect(&socket));
    scene.closed(&format!("setsid sh -c \"{}\"", connect(&socket).replace('"', "\\\"")));
    scene.closed("python3 -c 'import socket; socket.socket(socket.AF_VSOCK)'");
    // A pair of datagram sockets would take any other address afterwards.
    scene.closed("python3 -c 'import socket; socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)'");
    scene.open("python3 -c 'import socket; socket.socketpair(); socket.create_server((\"127.0.0.1\", 0))'");
}

#[test]
fn hidden_places_can_be_neither_read_nor_written() {
    let scene = Scene::new();
    let home = scene.path("home");
    scene.closed(&format!("cat {}/.ssh/id", home.display()));
    scene.closed(&format!("ls {}/.vscode-server", home.display()));
    scene.closed(&format!("echo >{}/.vscode-server/extensions/x", home.display()));
    scene.closed(&format!("echo >>{}/.gitconfig", home.display()));
    scene.closed(&format!(
        "mv {0}/.gitconfig {0}/.gitconfig2 && mv {0}/.gitconfig2 {0}/.gitconfig",
        home.display()
    ));
    scene.open(&format!("cat {}/.gitconfig", home.display()));
}

#[test]
fn other_processes_are_out_of_reach() {
    let scene = Scene::new();
    let mut victim = Command::new("sleep").arg("60").spawn().unwrap();
    scene.closed(&format!("cat /proc/{}/environ", victim.id()));
    let signal = scene.inside(&format!("kill -0 {}", victim.id()));
    victim.kill().unwrap();
    victim.wait().unwrap();
    assert!(!signal.status.success(), "a signal reaches a process outside");
}

#[test]
fn nothing_can_be_typed_into_the_terminal() {
    let scene = Scene::new();
    let attempt = "python3 -c 'import fcntl, sys
try: fcntl.ioctl(0, 0x5412, b\"x\")
except OSError as error: sys.exit(error.errno)'";
    // `ENOTTY` outside, because the tests' input is no terminal; `EPERM` inside.
    assert_eq!(scene.outside(attempt).status.code(), Some(25));
    assert_eq!(scene.inside(attempt).status.code(), Some(1));
}

#[test]
fn ordinary_work_goes_on() {
    let scene = Scene::new();
    scene.open("echo x >file && mkdir -p a/b && mv file a/b/ && rm -r a");
    scene.open("python3 -c 'import multiprocessing as m; m.Pool(2).map(abs, [1,-2])'");
    scene.open("echo x >\"$TMPDIR/y\" && test \"$(cat \"$TMPDIR/y\")\" = x && echo >/dev/null");
    scene.open("git init -q . && git status --short");
    assert_eq!(scene.open("printf %s \"${SSH_AUTH_SOCK-gone} $DRAWBRIDGE_CONFINED\""), "gone default");
}

#[test]
fn exit_code_and_streams_pass_through() {
    let scene = Scene::new();
    assert_eq!(scene.inside("exit 42").status.code(), Some(42));
    let missing = scene.inside("exec no-such-command");
    assert_eq!(missing.status.code(), Some(127));
}

#[test]
fn a_proof_tries_every_door_and_says_what_proves_nothing() {
    let scene = Scene::new();
    std::fs::create_dir(scene.path("outside")).unwrap();
    let living = scene.path("outside/vscode-ipc-1.sock");
    let dead = scene.path("outside/vscode-ipc-2.sock");
    let _listener = UnixListener::bind(&living).unwrap();
    drop(UnixListener::bind(&dead).unwrap());
    let proof = scene.proof();
    let home = scene.path("home");
    for closed in [
        "unix-socket:own".to_owned(),
        "abstract-socket:own".to_owned(),
        format!("bridge-socket:{}", living.display()),
        "datagram-pair".to_owned(),
        "other-process:environ".to_owned(),
        "other-process:mem".to_owned(),
        "other-process:signal".to_owned(),
        format!("hidden:{}", home.join(".ssh").display()),
        format!("hidden:{}", home.join(".vscode-server").display()),
        format!("start-up:{}", home.join(".gitconfig").display()),
    ] {
        assert!(proof.contains(&format!("Closed {closed}")), "{closed}: {proof:#?}");
    }
    assert!(proof.contains(&format!("Untried bridge-socket:{}", dead.display())), "{proof:#?}");
    assert!(!proof.iter().any(|line| line.starts_with("Open")), "{proof:#?}");
}

#[test]
fn walls_stack() {
    let scene = Scene::new();
    let output = scene.inside(&Scene::again("exit 7"));
    assert_eq!(output.status.code(), Some(7), "{}", text(&output));
}
