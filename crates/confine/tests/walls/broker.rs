//! Sockets on request: exactly the named one is in reach, by whatever way the command asks for it.

use std::io::Write;
use std::net::TcpListener;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::{Command, Output};
use std::thread;

use crate::scene::{SOCKETS, Scene, text};

/// A service that greets whoever connects.
fn greeter(path: &Path) {
    let listener = UnixListener::bind(path).unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            // The client may be gone again.
            let _ = stream.unwrap().write_all(b"hello");
        }
    });
}

fn asking(scene: &Scene, script: &str) -> Output {
    let program = scene.path("work/ask.py");
    std::fs::write(&program, script).unwrap();
    command(scene, &format!("exec python3 {}", program.display())).output().unwrap()
}

fn command(scene: &Scene, script: &str) -> Command {
    let mut command = scene.command(script);
    command.env(SOCKETS, scene.path("outside/agent.sock"));
    command
}

fn scene() -> Scene {
    let scene = Scene::new();
    std::fs::create_dir(scene.path("outside")).unwrap();
    greeter(&scene.path("outside/agent.sock"));
    greeter(&scene.path("outside/other.sock"));
    greeter(&scene.path("work/other.sock"));
    scene
}

#[test]
fn the_named_socket_is_in_reach_and_no_other() {
    let scene = scene();
    let outside = scene.path("outside");
    let script = format!(
        r#"
import asyncio, errno, os, socket, subprocess, sys
allowed = "{0}/agent.sock"

def reach(path, **how):
    client = socket.socket(socket.AF_UNIX, **how)
    client.connect(path)
    return client

def closed(path):
    try:
        reach(path)
    except PermissionError:
        return
    sys.exit(f"open: {{path}}")

first = reach(allowed)
assert first.recv(5) == b"hello" and not os.get_inheritable(first.fileno())
assert first.getpeername() == allowed
first.settimeout(5)
assert reach(allowed, type=socket.SOCK_STREAM | socket.SOCK_NONBLOCK).getblocking() is False

async def through_a_loop():
    reader, writer = await asyncio.open_unix_connection(allowed)
    return await reader.readexactly(5)
assert asyncio.run(through_a_loop()) == b"hello"

for path in ["{0}/other.sock", "other.sock", os.getcwd() + "/other.sock", "\0abstract", "{0}/../outside/agent.sock"]:
    closed(path)
os.symlink("{0}/other.sock", "link.sock")
closed(os.getcwd() + "/link.sock")
for kind in [socket.SOCK_DGRAM, socket.SOCK_SEQPACKET, socket.SOCK_RAW]:
    try:
        socket.socket(socket.AF_UNIX, kind)
        sys.exit(f"made: {{kind}}")
    except PermissionError:
        pass
# What stands in for the socket before it is connected leads nowhere.
stand_in = socket.socket(socket.AF_UNIX)
try:
    stand_in.listen()
    sys.exit("listens")
except OSError:
    pass
# A child's child in another session.
again = "import socket; s = socket.socket(socket.AF_UNIX); s.connect('%s'); assert s.recv(5) == b'hello'"
subprocess.run(["setsid", "-w", "sh", "-c", 'python3 -c "$0"', again % allowed], check=True)
print("done")
"#,
        outside.display()
    );
    let output = asking(&scene, &script);
    assert!(output.status.success() && text(&output).contains("done"), "{}", text(&output));
}

#[test]
fn an_address_that_changes_meanwhile_leads_nowhere_else() {
    let scene = scene();
    let script = format!(
        r#"
import ctypes, os, socket, sys, threading
libc = ctypes.CDLL(None, use_errno=True)
address = ctypes.create_string_buffer(110)
names = [p.encode() for p in ("{0}/agent.sock", "{0}/other.sock")]
def put(name):
    ctypes.memmove(address, b"\1\0" + name + b"\0", len(name) + 3)
running = True
def flip():
    while running:
        for name in names:
            put(name)
thread = threading.Thread(target=flip)
thread.start()
reached = set()
for _ in range(400):
    client = socket.socket(socket.AF_UNIX)
    if libc.connect(client.fileno(), address, 110) == 0:
        reached.add(client.getpeername())
    client.close()
running = False
thread.join()
assert reached <= {{"{0}/agent.sock"}}, reached
print("done", reached)
"#,
        scene.path("outside").display()
    );
    let output = asking(&scene, &script);
    assert!(output.status.success() && text(&output).contains("done"), "{}", text(&output));
}

#[test]
fn tcp_and_the_environment_are_as_without_a_supervisor() {
    let scene = scene();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let output = asking(
        &scene,
        &format!("import socket; socket.create_connection(('127.0.0.1', {port}), 5); print('done')"),
    );
    assert!(text(&output).contains("done"), "{}", text(&output));
}

#[test]
fn codes_and_signals_pass_the_supervisor() {
    use std::os::unix::process::ExitStatusExt;
    let scene = scene();
    assert_eq!(command(&scene, "exit 42").status().unwrap().code(), Some(42));
    assert_eq!(command(&scene, "kill -KILL $$").status().unwrap().signal(), Some(9));
    assert_eq!(command(&scene, "kill -TERM $$").status().unwrap().signal(), Some(15));
    // Sent to the supervisor alone, by a process.
    let ready = scene.path("work/ready");
    let mut running =
        command(&scene, "trap 'exit 9' TERM; echo >ready; while :; do sleep 0.05; done").spawn().unwrap();
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
    while !ready.exists() && std::time::Instant::now() < deadline {
        thread::yield_now();
    }
    let sent = Command::new("kill").args(["-TERM", &running.id().to_string()]).status().unwrap();
    assert!(sent.success());
    assert_eq!(running.wait().unwrap().code(), Some(9));
    assert_eq!(command(&scene, "exec /nonexistent").status().unwrap().code(), Some(127));
}

#[test]
fn what_cannot_be_offered_is_refused_before_anything_runs() {
    let scene = scene();
    let mut missing = scene.command("echo ran");
    let output = missing.env(SOCKETS, scene.path("outside/nothing.sock")).output().unwrap();
    assert_eq!(output.status.code(), Some(125));
    assert!(!text(&output).contains("ran") && text(&output).contains("cannot offer the socket"));
    let nested =
        format!("{SOCKETS}={} {}", scene.path("outside/agent.sock").display(), Scene::again("echo ran"));
    let output = scene.inside(&nested);
    assert_eq!(output.status.code(), Some(125), "{}", text(&output));
    assert!(text(&output).contains("already out of reach of the bridge"), "{}", text(&output));
}
