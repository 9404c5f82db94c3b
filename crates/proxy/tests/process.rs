//! The sidecar as a process: starts, answers, ends cleanly on SIGTERM, refuses a broken policy.

use std::io::Read as _;
use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use drawbridge_proxy::paths::Paths;
use drawbridge_proxy::{Config, Error, Ports, health};
use rustix::process::{Pid, Signal, kill_process};

const FOLDER: &str = "DRAWBRIDGE_PROXY_TEST_FOLDER";

fn paths(folder: &Path) -> Paths {
    Paths {
        state: folder.join("state"),
        share: folder.join("share"),
        policy: folder.join("policy"),
        personal: folder.join("personal"),
        binary: "/etc/hostname".into(),
    }
}

/// Not a test of its own: what the child process of the tests below runs.
#[test]
fn child() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let mut config = Config::default();
    config.paths = paths(Path::new(&folder));
    config.address = Some(IpAddr::V4(Ipv4Addr::LOCALHOST));
    config.ports = Ports { dns: 0, http: 0, https: 0, proxy: 0 };
    match drawbridge_proxy::run(config) {
        Ok(()) => {}
        Err(Error::Policy(lines)) => panic!("policy: {lines:?}"),
        Err(err) => panic!("{err}: {:?}", std::error::Error::source(&err)),
    }
}

fn start(folder: &Path) -> Child {
    for name in ["state", "share", "policy", "personal"] {
        std::fs::create_dir_all(folder.join(name)).expect("a temporary folder is writable");
    }
    Command::new(std::env::current_exe().expect("a test knows its program"))
        .args(["--exact", "child", "--nocapture"])
        .env(FOLDER, folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("a test can start itself")
}

#[test]
fn starts_answers_and_ends_on_sigterm() {
    let folder = tempfile::tempdir().unwrap();
    let paths = paths(folder.path());
    let mut child = start(folder.path());
    std::fs::write(paths.policy_file(), r#"{"version":1,"allow":["docs.example"]}"#).unwrap();
    let started = Instant::now();
    while health(&paths.ctl_socket()).is_err() {
        assert!(started.elapsed() < Duration::from_secs(30), "not healthy: {:?}", child.try_wait());
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(paths.ready_marker().exists());
    kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
    let mut output = String::new();
    child.stdout.take().unwrap().read_to_string(&mut output).unwrap();
    assert!(child.wait().unwrap().success(), "{output}");
    let lines: Vec<&str> = output.lines().filter(|line| line.starts_with("{\"ts\"")).collect();
    assert!(lines.first().unwrap().contains("\"type\":\"start\""), "{output}");
    assert!(lines.last().unwrap().contains("\"type\":\"stop\""), "{output}");
    assert!(!paths.ready_marker().exists() && !paths.ctl_socket().exists());
    assert!(paths.state_file().exists());
}

#[test]
fn a_broken_policy_ends_the_start_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join("policy")).unwrap();
    std::fs::write(paths(folder.path()).policy_file(), "{\n  \"version\": 1,\n  \"alow\": []\n}").unwrap();
    let output = start(folder.path()).wait_with_output().unwrap();
    assert!(!output.status.success());
    let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(text.contains("policy.jsonc:3:3: error"), "{text}");
    assert!(!paths(folder.path()).ready_marker().exists());
}
