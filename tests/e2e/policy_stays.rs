//! No process of the dev container can widen the policy, whatever it does to files, names and mounts.

use std::time::Duration;

use drawbridge_tests::{Bed, Output, POLICY, Project, until};

use crate::fixtures;

fn project<'a>(bed: &'a Bed, name: &str) -> Project<'a> {
    let project = Project::new(bed, name, fixtures::IMAGE);
    project.protect(&[]);
    project.allow(&["allowed.example"]);
    project.commit("Protect");
    project.up(&[]);
    project
}

/// The most powerful process of the dev container: root, in the workspace.
fn attack(project: &Project<'_>, script: &str) -> Output {
    let dev = project.dev();
    let folder = project.shell("pwd").succeeded().stdout.trim().to_owned();
    project.bed.docker(&["exec", "--user", "root", "--workdir", &folder, &dev, "bash", "-c", script]).output()
}

fn assert_unmoved(project: &Project<'_>, after: &str) {
    project.shell("curl -sS --max-time 10 https://allowed.example/stays").succeeded();
    let denied = project.shell("curl -sS --max-time 10 https://denied.example/widened");
    assert!(denied.code != Some(0), "{after} widened the policy: {denied:?}");
}

#[test]
fn files_cannot_be_changed_from_inside() {
    let Some(bed) = Bed::get() else { return };
    let project = project(bed, "files");
    let before = (
        project.read(POLICY),
        project.read(".devcontainer/devcontainer.json"),
        project.read(".devcontainer/drawbridge.compose.yaml"),
    );
    let wider = r#"{"version":1,"allow":["denied.example"]}"#;
    let attempts = [
        ("a direct write", format!("echo '{wider}' >{POLICY}")),
        ("an append", format!("echo x >>{POLICY}")),
        ("a new file beside it", format!("echo '{wider}' >.devcontainer/drawbridge/other.jsonc")),
        ("removal", format!("rm -f {POLICY}")),
        ("rename of the file", format!("mv {POLICY} /tmp/policy && echo '{wider}' >{POLICY}")),
        (
            "rename of the folder",
            format!(
                "mv .devcontainer/drawbridge .devcontainer/old && mkdir .devcontainer/drawbridge && echo '{wider}' >{POLICY}"
            ),
        ),
        (
            "rename of the parent",
            format!("mv .devcontainer old && mkdir -p .devcontainer/drawbridge && echo '{wider}' >{POLICY}"),
        ),
        (
            "a symlink in its place",
            format!(
                "mkdir -p evil && echo '{wider}' >evil/policy.jsonc && rm -rf .devcontainer && ln -s evil .devcontainer"
            ),
        ),
        (
            "a write through a symlink",
            format!("ln -sfn .devcontainer way && echo '{wider}' >way/drawbridge/policy.jsonc"),
        ),
        ("a hard link", format!("ln {POLICY} hard && echo '{wider}' >hard")),
        ("a second path", format!("echo '{wider}' >/proc/1/root/$PWD/{POLICY}")),
        ("a bind mount", format!("echo '{wider}' >/tmp/p && mount --bind /tmp/p {POLICY}")),
        ("a remount", format!("mount -o remount,rw,bind $PWD/.devcontainer && echo '{wider}' >{POLICY}")),
        ("an unmount", format!("umount $PWD/.devcontainer && echo '{wider}' >{POLICY}")),
        ("the configuration", "echo '{}' >.devcontainer/devcontainer.json".to_owned()),
        ("the overlay", "echo 'services: {}' >.devcontainer/drawbridge.compose.yaml".to_owned()),
        ("the shared folder", "echo x >/run/drawbridge/share/policy.effective.json".to_owned()),
        ("the shared program", "echo x >/run/drawbridge/share/bin/drawbridge".to_owned()),
        (
            "the control path",
            "/run/drawbridge/share/bin/drawbridge proxy ctl grant denied.example --reason x".to_owned(),
        ),
    ];
    for (what, script) in attempts {
        attack(&project, &script).failed();
        let after = (
            project.read(POLICY),
            project.read(".devcontainer/devcontainer.json"),
            project.read(".devcontainer/drawbridge.compose.yaml"),
        );
        assert_eq!(before, after, "{what} changed a file on the host");
    }
    assert_unmoved(&project, "an attempt");
    // No port of the sidecar speaks the control protocol.
    let scan = "import socket\n\
        own = socket.getaddrinfo('allowed.example', 443, socket.AF_INET)[0][4][0]\n\
        probe = lambda port: socket.socket().connect_ex((own, port)) == 0\n\
        print(*filter(probe, range(1, 65536)))\n";
    project.write("scan.py", scan);
    assert_eq!(attack(&project, "python3 scan.py").succeeded().stdout.trim(), "53 80 443 3128");
}

#[test]
fn a_write_after_the_hosts_checkout_changes_nothing() {
    let Some(bed) = Bed::get() else { return };
    let project = project(bed, "checkout");
    // The host leaves for a branch without the folder and returns: the read-only mount's target was replaced, and
    // the container may now write what the host sees.
    let start = project.git(&["rev-list", "--max-parents=0", "HEAD"]).stdout.trim().to_owned();
    project.git(&["checkout", "--quiet", "-b", "bare", &start]);
    project.git(&["rm", "--quiet", "-r", ".devcontainer"]);
    project.git(&["commit", "--quiet", "--message", "Without"]);
    assert!(!project.path.join(".devcontainer").exists());
    project.git(&["checkout", "--quiet", "main"]);
    let wider = project.read(POLICY).replacen("\"allow\": [", "\"allow\": [\"denied.example\", ", 1);
    project.write("wider.jsonc", &wider);
    let written = attack(&project, &format!("cp wider.jsonc {POLICY}"));
    let reached = project.read(POLICY).contains("denied.example");
    assert!(reached == (written.code == Some(0)), "{written:?}");
    assert_unmoved(&project, "a write after a checkout");

    // The restarted sidecar sees the file by its path again.
    end_sidecar(&project);
    assert_unmoved(&project, "a restart after it");
    project.bed.docker(&["restart", "--time", "1", &project.sidecar()]).ok();
    project.wait_healthy();
    assert_unmoved(&project, "a restart by the engine");

    if reached {
        // The check that says so in words.
        project.drawbridge(&["prove"]).fails().says("FAIL");
    }
}

#[test]
fn the_hosts_own_loosening_waits_for_a_word() {
    let Some(bed) = Bed::get() else { return };
    // The two ways to say it.
    for (name, word) in [
        ("reload", &["reload", "--accept"][..]),
        ("allow-pending", &["allow", "second.example", "--reason", "needed by a test"]),
    ] {
        let project = project(bed, name);
        project.allow(&["second.example"]);
        until("the change is reported as pending", Duration::from_secs(20), || {
            let logs = project.drawbridge(&["logs"]).ok();
            if logs.text().contains("pending") { Ok(()) } else { Err(logs) }
        });
        project.shell("curl -sS --max-time 10 https://second.example/pending").failed();
        project.drawbridge(word).ok();
        until("the allowed host works", Duration::from_secs(10), || {
            let answer = project.shell("curl -sS --max-time 10 https://second.example/allowed");
            if answer.code == Some(0) { Ok(()) } else { Err(answer) }
        });
    }
}

/// What a container could have put into the file is not confirmed along with what the host allows.
#[test]
fn a_word_for_one_host_is_no_word_for_another() {
    let Some(bed) = Bed::get() else { return };
    let project = project(bed, "one-word");
    project.allow(&["second.example"]);
    let allowed = project.drawbridge(&["allow", "other.example", "--reason", "needed by a test"]).output();
    assert_eq!(allowed.code, Some(1), "{allowed:?}");
    assert!(allowed.text().contains("second.example"), "{allowed:?}");
    project.shell("curl -sS --max-time 10 https://second.example/unconfirmed").failed();
}

/// Ends the sidecar's process as a crash would, and waits until the engine has restarted it.
pub(crate) fn end_sidecar(project: &Project<'_>) {
    let sidecar = project.sidecar();
    let pid = || project.inspect(&sidecar, "{{.State.Pid}}");
    let before = pid();
    project.bed.as_me(&["kill", "-KILL", &before], &project.path).ok();
    until("the engine restarts the sidecar", Duration::from_secs(30), || {
        let now = pid();
        if now == before || now == "0" { Err(now) } else { Ok(()) }
    });
    project.wait_healthy();
}
