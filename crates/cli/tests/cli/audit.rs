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
