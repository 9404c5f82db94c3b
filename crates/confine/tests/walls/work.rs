//! Ordinary work inside the walls, with the real tools of this machine and without a network.
//!
//! The heavy ones need `DRAWBRIDGE_TEST_FULL=1`: they use the toolchains in the real home.

use std::process::Output;

use crate::scene::{Scene, text};

/// A script in the workspace, inside the walls; `None` when the machine lacks the tool.
fn work(tool: &str, script: &str) -> Option<(Scene, Output)> {
    let scene = Scene::new();
    if !scene.outside(&format!("command -v {tool}")).status.success() {
        eprintln!("skipped: no {tool} on this machine");
        return None;
    }
    let mut command = scene.command(&format!("set -e; {script}"));
    if let Some(home) = std::env::home_dir() {
        command.env("HOME", home);
    }
    let output = command.output().unwrap();
    Some((scene, output))
}

#[track_caller]
fn goes_on(tool: &str, script: &str) {
    if let Some((_scene, output)) = work(tool, script) {
        assert!(output.status.success(), "{tool} is broken by the walls:\n{}", text(&output));
    }
}

fn full() -> bool {
    let full = std::env::var("DRAWBRIDGE_TEST_FULL").as_deref() == Ok("1");
    if !full {
        eprintln!("skipped: DRAWBRIDGE_TEST_FULL=1 runs it");
    }
    full
}

#[test]
fn git_commits_clones_and_makes_worktrees() {
    goes_on(
        "git",
        "git init -q one; cd one; git config user.name t; git config user.email t@t.example; echo x >x; git add x; \
         git commit -qm one; git worktree add -q ../two; cd ..; git clone -q one three; git -C three fetch -q; \
         git -C three log --oneline; git -C one gc -q",
    );
}

#[test]
fn node_starts_children_and_workers() {
    goes_on(
        "node",
        r#"cat >work.mjs <<'EOF'
import { execFileSync, fork, spawn } from "node:child_process";
import { Worker, isMainThread, parentPort } from "node:worker_threads";
if (process.argv[2] === "child") { process.send("ready"); process.disconnect(); }
else if (!isMainThread) parentPort.postMessage("worked");
else {
  execFileSync("true");
  await new Promise((done) => new Worker(new URL(import.meta.url)).once("message", done));
  await new Promise((done) => fork(process.argv[1], ["child"]).once("message", done));
  await new Promise((done) => spawn("sh", ["-c", "exit 0"], { stdio: "pipe" }).once("close", done));
}
EOF
node work.mjs"#,
    );
}

#[test]
fn tmux_is_refused_with_a_reason() {
    if let Some((_scene, output)) = work("tmux", "tmux -L confined new-session -d true") {
        assert!(!output.status.success(), "{}", text(&output));
        assert!(text(&output).contains("Permission denied"), "{}", text(&output));
    }
}

#[test]
fn npm_installs_and_runs_scripts() {
    if full() {
        goes_on(
            "npm",
            r#"mkdir dep app; echo '{"name":"dep","version":"1.0.0","main":"i.js","scripts":{"postinstall":"node i.js"}}' >dep/package.json
echo 'module.exports = 7' >dep/i.js; cd app; echo '{"name":"app","version":"1.0.0","scripts":{"go":"node -p 1"}}' >package.json
npm install --offline --no-audit --no-fund ../dep; node -e 'process.exit(require("dep") === 7 ? 0 : 1)'; npm run go"#,
        );
    }
}

#[test]
fn cargo_builds_and_runs() {
    if full() {
        goes_on(
            "cargo",
            "cargo new -q --vcs none hello; cd hello; cargo run -q --offline; cargo test -q --offline",
        );
    }
}

#[test]
fn pip_installs_into_an_environment() {
    if full() {
        goes_on(
            "python3",
            r#"python3 -m venv v; mkdir -p dist; python3 - <<'EOF'
import zipfile
with zipfile.ZipFile("dist/inert-1.0-py3-none-any.whl", "w") as wheel:
    wheel.writestr("inert.py", "value = 7\n")
    wheel.writestr("inert-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: inert\nVersion: 1.0\n")
    wheel.writestr("inert-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nGenerator: t\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
    wheel.writestr("inert-1.0.dist-info/RECORD", "")
EOF
v/bin/pip install -q --no-index --find-links dist inert; v/bin/python -c 'import inert; assert inert.value == 7'"#,
        );
    }
}

#[test]
fn maven_reads_a_project() {
    if full() {
        goes_on(
            "mvn",
            "printf '<project><modelVersion>4.0.0</modelVersion><groupId>g</groupId><artifactId>a</artifactId>\
             <version>1</version></project>' >pom.xml; mvn -q -o validate",
        );
    }
}

#[test]
fn chromium_renders_without_its_own_sandbox() {
    if full() {
        goes_on(
            "chromium-headless-shell",
            "chromium-headless-shell --no-sandbox --disable-gpu --user-data-dir=\"$TMPDIR/profile\" \
             --dump-dom 'data:text/html,<p id=marker>rendered</p>' >page; grep rendered page",
        );
    }
}
