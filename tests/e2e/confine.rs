//! `drawbridge run` in a real dev container: the bridge is out of reach inside the walls and in reach outside
//! them (otherwise an attempt proves nothing), and ordinary work goes on.

use std::time::Duration;

use drawbridge_tests::{Bed, Project, until};

use crate::fixtures::{self, Files};

const DRAWBRIDGE: &str = "/run/drawbridge/share/bin/drawbridge";
const BRIDGE: (&str, &str) = ("bridge.py", include_str!("../fixtures/confine/bridge.py"));
const ENGINE: (&str, &str) = ("engine.py", include_str!("../fixtures/confine/engine.py"));
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
        project.write(ENGINE.0, ENGINE.1);
        project.write(ATTEMPTS.0, ATTEMPTS.1);
        project.protect(&[]);
        project.allow(&["allowed.example"]);
        project.up(&[]);
        // They end with the container, or by themselves.
        let folder = project.shell("pwd").succeeded().text();
        let engine = format!("setsid -f python3 {}/engine.py 600 </dev/null >/dev/null 2>&1", folder.trim());
        project.inside("root", &engine).succeeded();
        until("the engine's socket", Duration::from_secs(20), || {
            let there = project.shell("test -w /run/docker.sock");
            if there.code == Some(0) { Ok(()) } else { Err(there) }
        });
        project.shell("setsid -f python3 bridge.py 600 </dev/null >/dev/null 2>&1").succeeded();
        let ready = until("the bridge stands", Duration::from_secs(20), || {
            let ready = project.shell("cat /tmp/bridge.ready");
            if ready.code == Some(0) { Ok(ready.stdout) } else { Err(ready) }
        });
        let mut lines = ready.lines().map(str::to_owned);
        let bridge = lines.next().expect("a process id");
        Self { project, bridge, sockets: lines.collect() }
    }

    /// Which scripts succeed. All in one go, as each `exec` takes its time.
    #[track_caller]
    fn succeed(&self, walls: bool, scripts: &[String]) -> Vec<bool> {
        let one = |(number, script)| {
            format!("( {script}\n) >/tmp/said 2>&1; echo {number} $?\n").replace("/tmp/said", "\"$said\"")
        };
        let all: String = scripts.iter().enumerate().map(one).collect();
        self.project.write("closed.sh", &format!("said=${{TMPDIR:-/tmp}}/said\n{all}"));
        let output = if walls { self.inside("sh closed.sh") } else { self.project.shell("sh closed.sh") };
        let output = output.succeeded();
        let codes: Vec<_> =
            output.stdout.lines().filter_map(|line| Some(line.split_once(' ')?.1 == "0")).collect();
        assert_eq!(codes.len(), scripts.len(), "{output:?}");
        codes
    }

    /// Every script works outside the walls and fails inside them.
    #[track_caller]
    fn closed(&self, scripts: &[String]) {
        let (outside, inside) = (self.succeed(false, scripts), self.succeed(true, scripts));
        for ((script, outside), inside) in scripts.iter().zip(outside).zip(inside) {
            assert!(outside, "proves nothing, fails outside the walls too: {script}");
            assert!(!inside, "open inside the walls: {script}");
        }
    }

    fn inside(&self, script: &str) -> drawbridge_tests::Output {
        self.project.exec(&[DRAWBRIDGE, "run", "--", "sh", "-c", script])
    }
}

fn connect(path: &str) -> String {
    format!("python3 -c 'import socket; socket.socket(socket.AF_UNIX).connect(\"{path}\")'")
}

/// Attaching and reading with the system calls that debuggers use, and through `/proc`.
fn other_processes(confined: &Confined<'_>) -> Vec<String> {
    let bridge = &confined.bridge;
    let maps = confined.project.shell(&format!("cat /proc/{bridge}/maps")).succeeded().stdout;
    let address = maps.split('-').next().expect("a mapping begins with its address");
    vec![
        format!("tr '\\0' '\\n' </proc/{bridge}/environ"),
        format!("exec 3</proc/{bridge}/mem"),
        format!("exec 3</proc/{bridge}/maps"),
        format!("kill -0 {bridge}"),
        format!("python3 attempts.py ptrace {bridge}"),
        format!("python3 attempts.py read-memory {bridge} {address}"),
    ]
}

/// Processes that the command starts, in every way that could lose the walls.
fn descendants(attempt: &str) -> Vec<String> {
    vec![
        format!("exec {attempt}"),
        format!("setsid -w {attempt}"),
        // A grandchild whose parent is gone.
        format!(
            "rm -f result; ( ( {attempt}; echo $? >result ) & ); timeout 60 sh -c 'until [ -s result ]; do :; done'; exit $(cat result)"
        ),
    ]
}

/// What shells outside the walls execute can be neither changed, replaced nor moved away.
fn start_up_files() -> Vec<String> {
    [
        "echo '# marker' >>~/.bashrc",
        "cp ~/.bashrc \"${TMPDIR:-/tmp}/new\" && mv -f \"${TMPDIR:-/tmp}/new\" ~/.bashrc",
        "mv ~/.bashrc ~/.bashrc-moved && mv ~/.bashrc-moved ~/.bashrc",
        "ln ~/.bashrc ~/.bashrc-link && rm ~/.bashrc-link",
        "mkdir -p ~/.config/autostart && echo >~/.config/autostart/x.desktop",
    ]
    .map(str::to_owned)
    .to_vec()
}

fn hidden_places() -> Vec<String> {
    let mut attempts = vec!["mv ~/.ssh ~/.ssh-moved && mv ~/.ssh-moved ~/.ssh".to_owned()];
    for path in ["~/.vscode-server/extensions/marker.js", "~/.ssh/id_marker"] {
        attempts.extend([format!("cat {path}"), format!("echo inert >>{path}")]);
    }
    attempts
}

/// The real agent answers outside only; nobody starts another one in its place.
fn gpg_agent() -> String {
    "gpg-connect-agent --no-autostart 'getinfo version' /bye | grep -q ^D".to_owned()
}

/// What the read-only binds of the container keep as it is; the same attempts on a copy succeed, so they are right.
fn configuration_stays(confined: &Confined<'_>) {
    confined.project.shell("cp -r .devcontainer copy && cp copy/devcontainer.json new").succeeded();
    let attempts = [
        "echo >>FOLDER/devcontainer.json",
        "cp new FOLDER/new && mv -f FOLDER/new FOLDER/devcontainer.json",
        "mv FOLDER/drawbridge/policy.jsonc FOLDER/drawbridge/moved && mv FOLDER/drawbridge/moved FOLDER/drawbridge/policy.jsonc",
        "rm FOLDER/drawbridge.compose.yaml",
        "mv FOLDER moved && mv moved FOLDER",
    ];
    let on = |folder: &str| attempts.map(|attempt| attempt.replace("FOLDER", folder));
    assert_eq!(confined.succeed(true, &on("copy")), [true; 5]);
    assert_eq!(confined.succeed(true, &on(".devcontainer")), [false; 5]);
    assert_eq!(confined.succeed(false, &on(".devcontainer")), [false; 5]);
}

fn agent_is_in_reach_on_request_only(confined: &Confined<'_>) {
    let agent = &confined.sockets[0];
    // 1: the agent answers that it has no keys; 2: nobody answers.
    confined.closed(&[format!("SSH_AUTH_SOCK={agent} ssh-add -l; test $? -eq 1")]);
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
    let proof = proof.says("PASS gateway").says_not("FAIL");
    // Inside other walls there is nothing to compare with.
    confined.inside(&format!("{DRAWBRIDGE} run --prove")).failed().says("nothing can be proved here");
    assert!(proof.stdout.lines().count() > 20, "{proof:?}");
    let list = format!("{DRAWBRIDGE} probe confined");
    let own = confined.inside(&list).succeeded().json();
    assert!(own[0]["walls"] == true && own[0]["profile"] == "default", "{own}");
    assert_eq!(confined.project.shell(&list).succeeded().json(), serde_json::json!([]));
}

fn bridge_is_out_of_reach(confined: &Confined<'_>) {
    assert!(confined.sockets.len() >= 10, "{:?}", confined.sockets);
    confined.project.shell("touch ~/.bashrc").succeeded();
    let mut attempts: Vec<String> = confined.sockets.iter().map(|path| connect(path)).collect();
    attempts.push(connect("\\0bridge-marker"));
    attempts.push("python3 attempts.py datagram-pair".to_owned());
    attempts.push(gpg_agent());
    attempts.extend(descendants(&connect(&confined.sockets[1])));
    attempts.extend(other_processes(confined));
    attempts.extend(hidden_places());
    attempts.extend(start_up_files());
    confined.closed(&attempts);
    configuration_stays(confined);
    agent_is_in_reach_on_request_only(confined);
    proof_holds(confined);
}

#[test]
fn bridge_is_out_of_reach_for_an_ordinary_user() {
    let Some(bed) = Bed::get() else { return };
    bridge_is_out_of_reach(&Confined::start(bed, "confine-user", fixtures::BRIDGE_USER));
}

#[test]
fn bridge_is_out_of_reach_for_root() {
    let Some(bed) = Bed::get() else { return };
    bridge_is_out_of_reach(&Confined::start(bed, "confine-root", fixtures::BRIDGE));
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

#[test]
fn the_audit_recognises_an_agent_inside_the_walls() {
    let Some(bed) = Bed::get() else { return };
    let project = Project::new(bed, "confine-audit", fixtures::IMAGE_USER);
    // It stands for an agent by its name alone, and stays until it is told to end.
    project.write("claude", "#!/bin/sh\ntouch up\nwhile [ -e up ]; do sleep 0.1; done\n");
    project.protect(&[]);
    project.up(&[]);
    project.shell("chmod +x claude").succeeded();
    let outside = || {
        let report = project.drawbridge(&["audit", "--live", "--json"]).output().json();
        let findings = report["findings"].as_array().expect("findings").clone();
        findings.iter().any(|finding| finding["rule"] == "agent-outside-walls")
    };
    for (start, expected) in [("./claude".to_owned(), true), (format!("{DRAWBRIDGE} run -- ./claude"), false)]
    {
        project.shell(&format!("setsid -f {start} </dev/null >/dev/null 2>&1")).succeeded();
        until("the agent runs", Duration::from_secs(20), || {
            let up = project.shell("test -e up");
            if up.code == Some(0) { Ok(()) } else { Err(up) }
        });
        let confined = project.shell(&format!("{DRAWBRIDGE} probe confined")).succeeded().json();
        assert_eq!(confined.as_array().map(Vec::is_empty), Some(expected), "{confined}");
        assert_eq!(outside(), expected, "{start}");
        project.shell("rm up").succeeded();
        until("the agent ends", Duration::from_secs(20), || {
            let running = project.shell("grep -lx claude /proc/[0-9]*/comm 2>/dev/null");
            if running.stdout.is_empty() { Ok(()) } else { Err(running) }
        });
    }
}
