//! `drawbridge run` in a real dev container: the bridge is out of reach inside the walls and in reach outside
//! them (otherwise an attempt proves nothing), and ordinary work goes on.

use std::time::Duration;

use drawbridge_tests::{Bed, Project, until};

use crate::fixtures::{self, Files};

const DRAWBRIDGE: &str = "/run/drawbridge/share/bin/drawbridge";
const BRIDGE: (&str, &str) = ("bridge.py", include_str!("../fixtures/confine/bridge.py"));
const ATTEMPTS: (&str, &str) = ("attempts.py", include_str!("../fixtures/confine/attempts.py"));

struct Confined<'a> {
    project: Project<'a>,
    /// Process id of the bridge's stand-in, in the container.
    bridge: String,
    sockets: Vec<String>,
}

impl<'a> Confined<'a> {
    /// A protected container with a constructed bridge that belongs to its remote user.
    fn start(bed: &'a Bed, name: &str, files: Files<'_>) -> Self {
        let project = Project::new(bed, name, files);
        project.write(BRIDGE.0, BRIDGE.1);
        project.write(ATTEMPTS.0, ATTEMPTS.1);
        project.protect(&[]);
        project.allow(&["allowed.example"]);
        project.up(&[]);
        // It ends with the container, or by itself.
        project.shell("setsid -f python3 bridge.py 600 </dev/null >/dev/null 2>&1").succeeded();
        let ready = until("the bridge stands", Duration::from_secs(20), || {
            let ready = project.shell("cat /tmp/bridge.ready");
            if ready.code == Some(0) { Ok(ready.stdout) } else { Err(ready) }
        });
        let mut lines = ready.lines().map(str::to_owned);
        let bridge = lines.next().expect("a process id");
        Self { project, bridge, sockets: lines.collect() }
    }

    /// `script` works outside the walls and fails inside them.
    #[track_caller]
    fn closed(&self, script: &str) {
        self.project.shell(script).succeeded();
        self.inside(script).failed();
    }

    fn inside(&self, script: &str) -> drawbridge_tests::Output {
        self.project.exec(&[DRAWBRIDGE, "run", "--", "sh", "-c", script])
    }
}

fn connect(path: &str) -> String {
    format!("python3 -c 'import socket; socket.socket(socket.AF_UNIX).connect(\"{path}\")'")
}

/// Attaching and reading with the system calls that debuggers use, not through `/proc`.
fn memory_is_out_of_reach(confined: &Confined<'_>) {
    let maps = confined.project.shell(&format!("cat /proc/{}/maps", confined.bridge)).succeeded().stdout;
    let address = maps.split('-').next().expect("a mapping begins with its address");
    confined.closed(&format!("python3 attempts.py ptrace {}", confined.bridge));
    confined.closed(&format!("python3 attempts.py read-memory {} {address}", confined.bridge));
    confined.closed("python3 attempts.py datagram-pair");
    for file in ["mem", "maps"] {
        confined.closed(&format!("exec 3</proc/{}/{file}", confined.bridge));
    }
}

/// What shells outside the walls execute can be neither changed, replaced nor moved away.
fn start_up_files_stay(confined: &Confined<'_>) {
    confined.project.shell("echo '# marker' >>~/.bashrc").succeeded();
    confined.closed("echo '# marker' >>~/.bashrc");
    confined.closed("cp ~/.bashrc \"${TMPDIR:-/tmp}/new\" && mv -f \"${TMPDIR:-/tmp}/new\" ~/.bashrc");
    confined.closed("mv ~/.bashrc ~/.bashrc-moved && mv ~/.bashrc-moved ~/.bashrc");
    confined.closed("ln ~/.bashrc ~/.bashrc-link && rm ~/.bashrc-link");
    confined.closed("mkdir -p ~/.config/autostart && echo >~/.config/autostart/x.desktop");
    confined.inside("tail -n 1 ~/.bashrc").succeeded().says("# marker");
}

fn agent_is_in_reach_on_request_only(confined: &Confined<'_>) {
    let agent = &confined.sockets[0];
    // 1: the agent answers that it has no keys; 2: nobody answers.
    let ask = format!("SSH_AUTH_SOCK={agent} ssh-add -l; test $? -eq 1");
    confined.closed(&ask);
    let script = format!("ssh-add -l; test $? -eq 1 && ! {}", connect(&confined.sockets[1]));
    let variable = format!("SSH_AUTH_SOCK={agent}");
    let run = ["env", &variable, DRAWBRIDGE, "run", "--allow-unix", agent, "--", "sh", "-c", &script];
    confined.project.exec(&run).succeeded().says("sign with the host's ssh keys").says("PermissionError");
}

fn proof_holds(confined: &Confined<'_>) {
    let proof = confined.project.exec(&[DRAWBRIDGE, "run", "--prove"]).succeeded();
    for path in &confined.sockets {
        if !path.contains("ordinary") {
            assert!(proof.stdout.contains(&format!("PASS bridge-socket:{path}: ")), "{path}: {proof:?}");
        }
    }
    let proof = proof.says("PASS unix-socket:own").says("PASS other-process:signal").says("PASS hidden:");
    let proof = proof.says("PASS tcp-direct-v4").says_not("FAIL");
    // Inside other walls there is nothing to compare with.
    confined.inside(&format!("{DRAWBRIDGE} run --prove")).failed().says("nothing can be proved here");
    assert!(proof.stdout.lines().count() > 20, "{proof:?}");
    let list = format!("{DRAWBRIDGE} probe confined");
    let own = confined.inside(&list).succeeded().json();
    assert!(own[0]["walls"] == true && own[0]["profile"] == "default", "{own}");
    assert_eq!(confined.project.shell(&list).succeeded().json(), serde_json::json!([]));
}

fn bridge_is_out_of_reach(confined: &Confined<'_>) {
    assert!(confined.sockets.len() >= 8, "{:?}", confined.sockets);
    for path in &confined.sockets {
        confined.closed(&connect(path));
    }
    confined.closed(&connect("\\0bridge-marker"));
    let socket = &confined.sockets[0];
    // Started anew, in a session of its own, and by a grandchild whose parent is gone.
    confined.closed(&format!("exec {}", connect(socket)));
    confined.closed(&format!("setsid -w {}", connect(socket)));
    confined.closed(&format!(
        "rm -f result; ( ( {}; echo $? >result ) & ); timeout 20 sh -c 'until [ -s result ]; do :; done'; exit $(cat result)",
        connect(socket)
    ));
    for path in ["~/.vscode-server/extensions/marker.js", "~/.ssh/id_marker"] {
        confined.closed(&format!("cat {path}"));
        confined.closed(&format!("echo inert >>{path}"));
    }
    confined.closed("mv ~/.ssh ~/.ssh-moved && mv ~/.ssh-moved ~/.ssh");
    confined.closed(&format!("tr '\\0' '\\n' </proc/{}/environ", confined.bridge));
    confined.closed(&format!("kill -0 {}", confined.bridge));
    memory_is_out_of_reach(confined);
    start_up_files_stay(confined);
    agent_is_in_reach_on_request_only(confined);
    proof_holds(confined);
    confined.inside("echo >>.devcontainer/drawbridge/policy.jsonc").failed();
    confined.inside("mv .devcontainer .devcontainer-moved").failed();
}

#[test]
fn bridge_is_out_of_reach_for_an_ordinary_user() {
    let Some(bed) = Bed::get() else { return };
    bridge_is_out_of_reach(&Confined::start(bed, "confine-user", fixtures::IMAGE_USER));
}

#[test]
fn bridge_is_out_of_reach_for_root() {
    let Some(bed) = Bed::get() else { return };
    bridge_is_out_of_reach(&Confined::start(bed, "confine-root", fixtures::IMAGE));
}

#[test]
fn ordinary_work_goes_on() {
    let Some(bed) = Bed::get() else { return };
    let confined = Confined::start(bed, "confine-work", fixtures::CLIENTS);
    for script in [
        "git init -q sub && git -C sub status && rm -rf sub",
        "curl -sS --max-time 10 https://allowed.example/confined",
        "python3 -c 'import multiprocessing as m; print(m.Pool(2).map(abs, [1, -2]))'",
        "node -e 'new (require(\"worker_threads\").Worker)(\"process.exit(0)\", {eval: true})'",
        "node -e 'require(\"child_process\").execSync(\"true\")'",
        "java Fetch.java https://allowed.example/confined-java",
        "test \"$TMPDIR\" != /tmp && echo x >\"$TMPDIR/x\"",
        "test -z \"${SSH_AUTH_SOCK-}\"",
    ] {
        confined.inside(script).succeeded();
    }
}

#[test]
fn never_silently_unconfined() {
    let Some(bed) = Bed::get() else { return };
    let confined = Confined::start(bed, "confine-errors", fixtures::IMAGE_USER);
    let run = |arguments: &[&str]| confined.project.exec(&[&[DRAWBRIDGE, "run"], arguments].concat());
    assert_eq!(run(&["--", "no-such-command"]).code, Some(127));
    assert_eq!(run(&["--", "/etc/passwd"]).code, Some(126));
    assert_eq!(run(&["--", "sh", "-c", "exit 42"]).code, Some(42));
    run(&["--profile", "nobody", "--", "true"]).failed().says("profiles:");
    // Inside the walls again: they stay.
    let nested = format!("{DRAWBRIDGE} run -- {}", connect(&confined.sockets[0]));
    confined.inside(&nested).failed().says("PermissionError");
    assert_eq!(confined.inside(&format!("{DRAWBRIDGE} run -- true")).code, Some(0));
    run(&["--show"]).succeeded().says("out of reach").says("UNIX sockets");
}
