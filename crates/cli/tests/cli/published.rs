//! `action.yml` and `.pre-commit-hooks.yaml`: what they run is run here as their runners do.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::support::Bed;

const ACTION: &str = include_str!("../../../../action.yml");
const HOOKS: &str = include_str!("../../../../.pre-commit-hooks.yaml");

const BAD: &str = "{ \"image\": \"debian:12\", \"privileged\": true }\n";
const GOOD: &str = "{ \"image\": \"debian:12\" }\n";

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// `KEY: VALUE` of a line, the value without its quotes.
fn member(line: &str) -> Option<(&str, &str)> {
    let (key, value) = line.trim().trim_start_matches("- ").split_once(':')?;
    Some((key, value.trim().trim_matches('"')))
}

/// Lines below `head`, which is written exactly so, and deeper than it.
fn below<'t>(text: &'t str, head: &str) -> Vec<&'t str> {
    let mut lines = text.lines().skip_while(|line| *line != head);
    let deep = indent(lines.next().unwrap_or_else(|| panic!("no `{head}`")));
    lines.take_while(|line| line.is_empty() || indent(line) > deep).collect()
}

/// The action's inputs with their defaults.
fn inputs() -> BTreeMap<&'static str, &'static str> {
    let mut found = BTreeMap::new();
    let mut name = "";
    for line in below(ACTION, "inputs:") {
        match (indent(line), member(line)) {
            (2, Some((key, _))) => name = key,
            (_, Some(("default", value))) => drop(found.insert(name, value)),
            _ => {}
        }
    }
    found
}

/// Runs the action's only step as a runner does: expressions are put into the environment, the script into `sh`.
fn step(bed: &Bed, given: &[(&str, &str)]) -> Output {
    let mut values: BTreeMap<String, String> =
        inputs().iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    values.extend(given.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    assert_eq!(ACTION.matches("shell: ").count(), 1, "one step");
    assert!(ACTION.contains("- shell: sh\n"));
    let script = below(ACTION, "      run: |").join("\n");
    assert!(!script.contains("${{"), "an input becomes a command: {script}");
    let mut step = Command::new("sh");
    step.args(["-e", "-c", &script]).current_dir(bed.path("")).env_clear().env("HOME", bed.outside(""));
    let program = Path::new(env!("CARGO_BIN_EXE_drawbridge"));
    step.env("PATH", format!("{}:/usr/bin:/bin", program.parent().unwrap().display()));
    for (variable, value) in below(ACTION, "      env:").iter().filter_map(|line| member(line)) {
        let Some(expression) = value.strip_prefix("${{ inputs.").and_then(|rest| rest.strip_suffix(" }}"))
        else {
            continue;
        };
        step.env(variable, values.get(expression).unwrap_or_else(|| panic!("no input `{expression}`")));
    }
    step.output().unwrap()
}

#[test]
fn the_action_writes_sarif_and_fails_by_severity() {
    let bed = Bed::with_config(BAD);
    let failed = step(&bed, &[]);
    let said = String::from_utf8_lossy(&failed.stdout).into_owned();
    assert_eq!(failed.status.code(), Some(1), "{failed:?}");
    assert!(said.contains("DB201"), "{said}");
    let log: serde_json::Value = serde_json::from_str(&bed.read("drawbridge.sarif")).unwrap();
    assert_eq!(
        (&log["version"], &log["runs"][0]["results"][0]["ruleId"]),
        (&"2.1.0".into(), &"DB201".into())
    );
    assert_eq!(step(&bed, &[("fail-on", "never"), ("sarif", "out.sarif")]).status.code(), Some(0));
    assert!(bed.read("out.sarif").contains("DB201"));
    bed.write(".devcontainer/devcontainer.json", GOOD);
    assert_eq!(step(&bed, &[("fail-on", "critical")]).status.code(), Some(0));
    assert_eq!(step(&bed, &[("path", "missing")]).status.code(), Some(2), "no report is no success");
}

#[test]
fn an_input_of_the_action_is_never_a_command() {
    let bed = Bed::with_config(GOOD);
    for input in ["path", "fail-on", "sarif", "drawbridge"] {
        for value in ["$(touch ran)", "`touch ran`", "x; touch ran", "\"; touch ran; \""] {
            step(&bed, &[(input, value)]);
            assert!(!bed.path("ran").exists(), "{input}: {value}");
        }
    }
}

/// A member of the only hook.
fn hook(key: &str) -> &'static str {
    let found = HOOKS.lines().filter_map(member).find(|(name, _)| *name == key);
    found.unwrap_or_else(|| panic!("no `{key}`")).1
}

#[test]
fn the_hook_fails_for_what_is_bad_and_passes_for_what_is_protected() {
    let entry: Vec<&str> = hook("entry").split(' ').collect();
    assert_eq!((entry[0], hook("language"), hook("pass_filenames")), ("drawbridge", "system", "false"));
    let bed = Bed::with_config(BAD);
    assert_eq!(bed.run(&entry[1..]).status.code(), Some(1));
    bed.write(".devcontainer/devcontainer.json", GOOD);
    assert!(bed.run(&["protect", "--yes"]).status.success());
    let passed = bed.run(&entry[1..]);
    assert_eq!(passed.status.code(), Some(0), "{passed:?}");
}

#[test]
fn the_hook_starts_for_files_that_the_audit_reads() {
    let starts = |path: &str| {
        let mut grep = Command::new("grep")
            .args(["-E", "-q", "-e", hook("files")])
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        grep.stdin.take().unwrap().write_all(path.as_bytes()).unwrap();
        grep.wait().unwrap().success()
    };
    for path in [
        ".devcontainer.json",
        ".devcontainer/devcontainer.json",
        ".devcontainer/api/devcontainer.json",
        "services/api/.devcontainer/Dockerfile",
        "docker-compose.override.yml",
        "build/Dockerfile.dev",
        ".vscode/tasks.json",
        ".mcp.json",
        ".github/hooks/x.json",
    ] {
        assert!(starts(path), "{path}");
    }
    for path in ["src/main.rs", "README.md", "devcontainer.jsonx", "a.mcp.json.bak"] {
        assert!(!starts(path), "{path}");
    }
}
