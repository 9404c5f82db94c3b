//! `drawbridge audit` and `drawbridge explain` as a process.

use crate::support::Bed;

const CONFIG: &str = r#"{
  // the base
  "image": "debian:12",
  "privileged": true,
  "customizations": { "vscode": { "settings": {
    "terminal.integrated.allowLocalTerminal": false,
    "editor.tabSize": 2
  } } }
}
"#;

#[test]
fn exit_codes_follow_the_threshold() {
    let bed = Bed::with_config(CONFIG);
    let code = |arguments: &[&str]| bed.run(arguments).status.code();
    assert_eq!(code(&["audit"]), Some(1));
    assert_eq!(code(&["audit", "--fail-on", "never"]), Some(0));
    assert_eq!(code(&["audit", "--config", "/etc/devcontainer.json"]), Some(2));
    bed.write(
        ".devcontainer/devcontainer.json",
        "{ \"image\": \"debian:12\", \"runArgs\": [\"--network=none\"] }\n",
    );
    assert_eq!(code(&["audit", "--fail-on", "critical"]), Some(0));
}

#[test]
fn fixes_are_minimal_and_can_be_undone() {
    let bed = Bed::with_config(CONFIG);
    bed.run(&["audit", "--fix"]);
    let fixed = bed.read(".devcontainer/devcontainer.json");
    assert!(!fixed.contains("allowLocalTerminal") && fixed.contains("// the base"), "{fixed}");
    assert!(fixed.contains("\"privileged\": true"), "only safe fixes: {fixed}");
    bed.run(&["audit", "--fix-rule", "DB201"]);
    assert!(!bed.read(".devcontainer/devcontainer.json").contains("privileged"));
    bed.run(&["undo"]);
    bed.run(&["undo"]);
    assert_eq!(bed.read(".devcontainer/devcontainer.json"), CONFIG);
}

#[test]
fn flags_of_run_args_are_taken_out_and_put_back() {
    let config = ".devcontainer/devcontainer.json";
    let written = "{\r\n  \"image\": \"debian:12\",\r\n  \"runArgs\": [\r\n    \"--init\", // reaps\r\n    \"-v\", \"/run/docker.sock:/s\",\r\n    \"--privileged\" // kvm\r\n  ]\r\n}\r\n";
    let bed = Bed::with_config(written);
    bed.run(&["audit", "--fix"]);
    assert!(bed.read(config).contains("docker.sock"), "somebody may rely on it: {}", bed.read(config));
    bed.run(&["audit", "--fix-rule", "docker-socket-mounted", "--fix-rule", "DB201"]);
    let fixed = "\"runArgs\": [\r\n    \"--init\" // reaps\r\n    // kvm\r\n  ]";
    assert!(bed.read(config).contains(fixed), "{}", bed.read(config));
    bed.run(&["undo"]);
    bed.run(&["undo"]);
    assert_eq!(bed.read(config), written);
}

#[test]
fn a_compose_file_and_a_policy_are_fixed_and_put_back() {
    let bed = Bed::with_config("{ \"dockerComposeFile\": \"compose.yaml\", \"service\": \"dev\" }\n");
    let (compose, policy) = (".devcontainer/compose.yaml", ".devcontainer/drawbridge/policy.jsonc");
    let written = "services:\r\n  dev:\r\n    image: debian:12\r\n    privileged: true # kvm\r\n    volumes: [/run/docker.sock:/s]\r\n";
    let allowed = "{ \"version\": 1, \"allow\": [\n  { \"host\": \"a.example\", \"until\": \"2020-01-31\" }, // was\n  \"b.example\"\n] }\n";
    bed.write(compose, written);
    bed.write(policy, allowed);
    bed.run(&["audit", "--fix", "--fix-rule", "DB101", "--fix-rule", "DB201"]);
    let fixed = "services:\r\n  dev:\r\n    image: debian:12\r\n    # kvm\r\n";
    assert_eq!(bed.read(compose), fixed);
    assert_eq!(bed.read(policy), "{ \"version\": 1, \"allow\": [\n  // was\n  \"b.example\"\n] }\n");
    bed.run(&["undo"]);
    assert_eq!((bed.read(compose), bed.read(policy)), (written.to_owned(), allowed.to_owned()));
}

#[test]
fn json_carries_places() {
    let bed = Bed::with_config(CONFIG);
    let output = bed.run(&["audit", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let privileged = &report["findings"][0];
    assert_eq!(privileged["code"], "DB201");
    assert_eq!((&privileged["evidence"][0]["line"], &privileged["class"]), (&4.into(), &"configured".into()));
    assert!(report["unseen"].as_array().unwrap().len() >= 3);
}

#[test]
fn the_log_of_an_editor_is_evidence_and_cannot_steer_the_terminal() {
    let bed = Bed::with_config("{ \"image\": \"debian:12\" }\n");
    let logs = ".config/Cursor/logs/20261101T090000/window1/exthost/anysphere.remote-containers";
    let folder = bed.outside(logs);
    std::fs::create_dir_all(&folder).unwrap();
    let shop = bed.path("").canonicalize().unwrap();
    let log = format!(
        "[9 ms] Setting up container for folder or workspace: {}\n\
         [11 ms] Start: Run: docker run -e TOKEN=hunter2 debian:12\n\
         [12 ms] ssh-agent: SSH_AUTH_SOCK in container (/tmp/\u{1b}[2Ja.sock) forwarded to local host (/run/a).\n\
         [20 ms] Port forwarding connection from 50000 > 3000 > 3000 in the container.\n",
        shop.display()
    );
    std::fs::write(folder.join("remoteContainers-2026-11-01T09-00-00.log"), log).unwrap();
    let (code, out, _) = bed.said(&["audit", "--host", "--all"]);
    assert_eq!(code, 1);
    assert!(out.contains("DB501") && out.contains("Cursor: forwarded your ssh agent"), "{out}");
    assert!(out.contains("DB409") && !out.contains("hunter2") && !out.contains('\u{1b}'), "{out}");
    let (_, out, _) = bed.said(&["audit", "--host", "--json"]);
    let report: serde_json::Value = serde_json::from_str(&out).unwrap();
    let found = report["findings"].as_array().unwrap().iter().find(|found| found["code"] == "DB501").unwrap();
    assert_eq!(found["class"], "observed");
    assert!(found["evidence"][0]["path"].as_str().unwrap().starts_with("~/.config/Cursor/logs/"), "{found}");
}

#[test]
fn explain_prints_pages_and_refuses_unknown_rules() {
    let bed = Bed::new();
    let page = bed.run(&["explain", "db101"]);
    assert!(String::from_utf8_lossy(&page.stdout).contains("# DB101 `docker-socket-mounted`"));
    assert_eq!(bed.run(&["explain", "nothing"]).status.code(), Some(2));
}

#[test]
fn review_shows_accepts_and_restores_drift() {
    let bed = Bed::with_config(CONFIG);
    assert_eq!(bed.run(&["review"]).status.code(), Some(2), "nothing was remembered");
    assert!(bed.run(&["baseline"]).status.success());
    assert_eq!(bed.run(&["review"]).status.code(), Some(0));
    let path = ".devcontainer/devcontainer.json";
    bed.write(path, &CONFIG.replace("// the base", "\"initializeCommand\": \"./x\","));
    bed.write(".git/hooks/pre-commit", "#!/bin/sh\n");
    let output = bed.run(&["review"]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(1));
    assert!(text.contains("adds `initializeCommand`: runs on YOUR computer at every start"), "{text}");
    assert!(text.contains("new .git/hooks/pre-commit"), "{text}");
    bed.run(&["review", "--restore", path]);
    assert_eq!(bed.read(path), CONFIG);
    assert_eq!(bed.run(&["review", "--accept", ".git/hooks/pre-commit"]).status.code(), Some(0));
    assert_eq!(bed.run(&["review"]).status.code(), Some(0));
    assert_eq!(bed.run(&["review", "--accept", "README.md"]).status.code(), Some(2));
}

#[test]
fn review_sees_that_a_hook_can_run_now() {
    use std::os::unix::fs::PermissionsExt;
    let bed = Bed::with_config(CONFIG);
    let hook = ".git/hooks/pre-commit";
    bed.write(hook, "#!/bin/sh\n");
    let mode = |mode| std::fs::set_permissions(bed.path(hook), PermissionsExt::from_mode(mode)).unwrap();
    mode(0o644);
    assert!(bed.run(&["baseline"]).status.success());
    assert_eq!(bed.run(&["review"]).status.code(), Some(0));
    mode(0o755);
    let (code, out, _) = bed.said(&["review"]);
    assert!(code == 1 && out.contains("changed .git/hooks/pre-commit"), "{out}");
    let (code, _, err) = bed.said(&["review", "--restore", hook]);
    assert!(code == 2 && err.contains("no text to put back"), "{err}");
    assert_eq!(bed.run(&["review", "--accept", hook]).status.code(), Some(0));
    assert_eq!(bed.run(&["review"]).status.code(), Some(0));
}

#[test]
fn review_sees_bytes_links_and_what_cannot_be_compared() {
    use std::os::unix::fs::symlink;
    let bed = Bed::with_config(CONFIG);
    let (hook, tasks, env) = (".git/hooks/pre-push", ".vscode/tasks.json", ".envrc");
    bed.write(".vscode/settings.json", "{}");
    bed.write("scripts/push", "a");
    bed.write(hook, "");
    std::fs::remove_file(bed.path(hook)).unwrap();
    symlink("../../scripts/push", bed.path(hook)).unwrap();
    std::fs::write(bed.path(tasks), b"\xff1").unwrap();
    bed.write(env, "a");
    assert!(bed.run(&["baseline"]).status.success());
    assert_eq!(bed.run(&["review"]).status.code(), Some(0));
    bed.write("scripts/push", "b");
    std::fs::write(bed.path(tasks), b"\xff2").unwrap();
    std::fs::remove_file(bed.path(env)).unwrap();
    std::fs::create_dir(bed.path(env)).unwrap();
    let (code, out, _) = bed.said(&["review", "--diff"]);
    assert_eq!(code, 1);
    for words in [
        "changed .git/hooks/pre-push\n  git on YOUR computer runs it\n  the symbolic link is as it was, and what it leads to changed: `../../scripts/push`\n",
        "changed .vscode/tasks.json\n  tasks run on YOUR computer in a local window\n  is now no text: 2 bytes",
        "-(no text: 2 bytes",
        "changed .envrc\n  is now a folder\n",
    ] {
        assert!(out.contains(words), "{words}: {out}");
    }
    for path in [hook, tasks, env] {
        let (code, _, err) = bed.said(&["review", "--restore", path]);
        assert!(code == 2 && err.contains("no text to put back"), "{err}");
    }
    assert_eq!(bed.run(&["review", "--accept-all"]).status.code(), Some(0));
    assert_eq!(bed.run(&["review"]).status.code(), Some(0));
    std::fs::File::create(bed.path(tasks)).unwrap().set_len(1 << 40).unwrap();
    let (code, out, _) = bed.said(&["review", "--accept", tasks]);
    assert!(code == 1 && out.contains("nobody knows what it is: at most 256 MiB"), "{out}");
}

#[test]
fn without_a_command_the_audit_finds_the_same() {
    let bed = Bed::with_config(CONFIG);
    let findings = |arguments: &[&str]| {
        let output: serde_json::Value = serde_json::from_slice(&bed.run(arguments).stdout).unwrap();
        output["findings"].clone()
    };
    let all = findings(&["audit", "--json"]);
    assert_eq!(findings(&["--json"]), all);
    let (code, out, _) = bed.said(&[]);
    assert_eq!(code, 0);
    assert!(out.contains(all[0]["message"].as_str().unwrap()), "{out}");
    assert!(out.contains("Next: drawbridge protect"), "{out}");
}

#[test]
fn up_says_first_what_nobody_reviewed() {
    let bed = Bed::with_config(CONFIG);
    let warned = |bed: &Bed| {
        let (_, _, err) = bed.said(&["up", "--unprotected"]);
        err.lines().filter(|line| line.contains("not reviewed")).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(warned(&bed), [""; 0], "without a baseline there is nothing to compare with");
    assert!(bed.run(&["baseline"]).status.success());
    assert_eq!(warned(&bed), [""; 0]);
    let path = ".devcontainer/devcontainer.json";
    bed.write(path, &CONFIG.replace("// the base", "\"initializeCommand\": \"./x\","));
    bed.write(".git/hooks/pre-\u{1b}[2Jcommit", "#!/bin/sh\n");
    let [line] = warned(&bed).try_into().expect("one line");
    assert!(
        line.contains("adds `initializeCommand`: runs on YOUR computer") && line.contains("1 more"),
        "{line}"
    );
    assert!(!line.contains('\u{1b}'));
}
