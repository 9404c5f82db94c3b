//! The walls, tried from inside. The test binary starts itself as the confined command; every attempt is made
//! outside the walls first, where it must succeed, otherwise it proves nothing.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use drawbridge_confine::{Facts, Options, Profile, Walls, exec, profile, raise, temporary_folder};

/// Set for the copy of the test binary that raises the walls and becomes the command.
const INSIDE: &str = "CONFINE_TEST_COMMAND";
const HOME: &str = "CONFINE_TEST_HOME";

struct Scene {
    folder: tempfile::TempDir,
}

impl Scene {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for path in ["home/.ssh", "home/.vscode-server/extensions", "home/.config", "work/sub"] {
            fs::create_dir_all(folder.path().join(path)).unwrap();
        }
        fs::write(folder.path().join("home/.ssh/id"), "inert").unwrap();
        fs::write(folder.path().join("home/.gitconfig"), "[user]\n").unwrap();
        Self { folder }
    }

    fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    fn outside(&self, script: &str) -> Output {
        Command::new("sh").args(["-c", script]).env("HOME", self.path("home")).output().unwrap()
    }

    fn inside(&self, script: &str) -> Output {
        Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "confined_child", "--nocapture", "--quiet"])
            .env(INSIDE, script)
            .env(HOME, self.path("home"))
            .env("HOME", self.path("home"))
            .env("SSH_AUTH_SOCK", "/tmp/marker.sock")
            .current_dir(self.path("work"))
            .output()
            .unwrap()
    }

    /// `script` works outside and fails inside.
    #[track_caller]
    fn closed(&self, script: &str) {
        let outside = self.outside(script);
        assert!(outside.status.success(), "proves nothing, fails outside too: {script}\n{}", text(&outside));
        let inside = self.inside(script);
        assert!(!inside.status.success(), "open: {script}\n{}", text(&inside));
    }

    /// `script` works inside.
    #[track_caller]
    fn open(&self, script: &str) -> String {
        let inside = self.inside(script);
        assert!(inside.status.success(), "broken by the walls: {script}\n{}", text(&inside));
        let printed = String::from_utf8_lossy(&inside.stdout).into_owned();
        printed.lines().last().unwrap_or_default().to_owned() // The harness prints a line of its own first.
    }
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Not a test by itself: the body of the confined process.
#[test]
fn confined_child() {
    let (Ok(script), Some(home)) = (std::env::var(INSIDE), std::env::var_os(HOME)) else { return };
    let temporary = temporary_folder(&std::env::temp_dir()).unwrap();
    let facts = Facts {
        home: PathBuf::from(home),
        workspace: std::env::current_dir().unwrap(),
        environment: std::env::vars().collect::<BTreeMap<_, _>>(),
        temporary,
    };
    let profile: Profile = profile::choose(None, "sh").unwrap();
    // So that the copy can be started once more from inside, wherever the build folder is.
    let program = std::env::current_exe().unwrap();
    let options = Options { read_only: vec![program.parent().unwrap().to_path_buf()], ..Options::default() };
    let walls = Walls::plan(&facts, &profile, &options);
    // The test harness has more threads; the one that goes on is this one, and exec ends the others.
    raise(&walls, false).unwrap();
    let command: Vec<OsString> = ["sh", "-c", &script].into_iter().map(OsString::from).collect();
    panic!("{}", exec(&command, &walls));
}

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
fn walls_stack() {
    let scene = Scene::new();
    let again = format!(
        "env {INSIDE}='exit 7' {HOME}={} {} --exact confined_child --nocapture --quiet",
        scene.path("home").display(),
        std::env::current_exe().unwrap().display()
    );
    let output = scene.inside(&again);
    assert_eq!(output.status.code(), Some(7), "{}", text(&output));
}
