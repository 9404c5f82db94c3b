//! The commands that need no engine, by what they print, return and leave behind.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use base64::Engine as _;

use crate::support::Bed;
use serde_json::Value;

const IMAGE: &str = "{\n  // base\n  \"image\": \"debian:12\"\n}\n";

#[test]
fn protect_and_undo_are_inverse() {
    let bed = Bed::with_config(IMAGE);
    let before = bed.tree();
    let (code, out, err) = bed.said(&["protect", "--yes"]);
    assert_eq!(code, 0, "{err}");
    assert!(out.contains("+++ b/.devcontainer/drawbridge.compose.yaml"), "{out}");
    assert!(bed.read(".devcontainer/devcontainer.json").contains("// base"));
    let (code, out, _) = bed.said(&["protect", "--dry-run"]);
    assert_eq!((code, out.as_str()), (0, ".devcontainer/devcontainer.json is already protected\n"));
    let (code, out, _) = bed.said(&["undo"]);
    assert_eq!(code, 0);
    assert!(out.contains("restored .devcontainer/devcontainer.json"), "{out}");
    assert_eq!(bed.tree(), before);
    assert!(bed.said(&["undo"]).2.contains("Nothing to undo"));
}

#[test]
fn an_engine_with_which_the_gate_does_not_hold_is_refused() {
    let bed = Bed::with_config(IMAGE);
    let before = bed.tree();
    let old = bed.docker("[ \"$1\" = compose ] && echo 2.26.1 || echo 25.0.3 amd64");
    let output = bed.command(&["protect", "--yes"]).env("PATH", old).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(said.contains("Docker Engine 25.0.3 is too old, 26.1.0 is needed"), "{said}");
    assert_eq!(bed.tree(), before);
}

#[test]
fn without_the_compose_plugin_the_result_is_not_verified() {
    let bed = Bed::with_config(IMAGE);
    let without =
        bed.docker("[ \"$1\" = compose ] && { echo 'unknown flag: --file' >&2; exit 125; }; exit 1");
    let output = bed.command(&["protect", "--yes"]).env("PATH", without).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(said.contains("not verified: `docker compose` is not installed"), "{said}");
}

#[test]
fn each_place_of_a_refusal_is_shown_once() {
    let bed = Bed::with_config("{\n  \"image\": \"a\",\n  \"privileged\": true\n}\n");
    let (code, _, err) = bed.said(&["protect", "--yes"]);
    assert_eq!(code, 2);
    assert_eq!(err.matches("devcontainer.json:3").count(), 1, "{err}");
}

#[test]
fn nothing_is_written_without_a_yes() {
    let bed = Bed::with_config(IMAGE);
    let before = bed.tree();
    assert_eq!(bed.said(&["protect", "--dry-run"]).0, 0);
    let (code, _, err) = bed.said(&["protect"]);
    assert_eq!(code, 1, "a plan that was not carried out");
    assert!(err.contains("Nothing was written"), "{err}");
    let (code, out, _) = bed.said(&["protect", "--json"]);
    assert_eq!(code, 1);
    assert_eq!(serde_json::from_str::<Value>(&out).unwrap()["written"], false);
    assert_eq!(bed.tree(), before);
}

#[test]
fn an_error_has_its_place_its_line_and_a_hint() {
    let bed = Bed::with_config("{\n  \"image\": \"a\",\n  \"image\": \"b\"\n}\n");
    let before = bed.tree();
    let (code, out, err) = bed.said(&["protect", "--yes"]);
    assert_eq!((code, out.as_str()), (2, ""));
    let place = " --> .devcontainer/devcontainer.json:3:3";
    assert!(err.starts_with("error: ") && err.contains(place) && err.contains("hint: "), "{err}");
    assert!(err.contains("3 |   \"image\": \"b\"\n  |   ^"), "{err}");
    assert_eq!(bed.tree(), before);

    let (code, out, _) = bed.said(&["protect", "--yes", "--json"]);
    let error: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(code, 2);
    assert_eq!(error["error"]["places"][0]["line"], 3, "{error}");
}

#[test]
fn no_engine_is_an_error_with_a_next_step() {
    let bed = Bed::with_config(IMAGE);
    bed.said(&["protect", "--yes"]);
    let protected = bed.tree();
    for command in [&["up"][..], &["exec", "--", "true"], &["logs"], &["down"], &["blocked"], &["prove"]] {
        let (code, _, err) = bed.said(command);
        assert_eq!(code, 2, "{command:?}: {err}");
        assert!(err.contains("no container engine") && err.contains("hint: "), "{command:?}: {err}");
    }
    assert_eq!(bed.tree(), protected);
}

#[test]
fn an_unprotected_project_is_not_started() {
    let bed = Bed::with_config(IMAGE);
    let (code, _, err) = bed.said(&["up"]);
    assert_eq!(code, 2);
    assert!(err.contains("not protected") && err.contains("hint: drawbridge protect"), "{err}");
}

#[test]
fn a_rule_is_written_with_its_reason_and_judged() {
    let bed = Bed::with_config(IMAGE);
    bed.said(&["protect", "--yes"]);
    let protected = bed.tree();
    let url = "https://repo.example.org/m2/";
    let (code, out, _) = bed.said(&["why", url]);
    assert_eq!(code, 1, "{out}");
    let (code, _, err) = bed.said(&["allow", "repo.example.org", "--reason", "our artifacts"]);
    assert_eq!(code, 0, "{err}");
    let (code, out, _) = bed.said(&["why", url]);
    assert_eq!(code, 0);
    assert!(out.contains(".devcontainer/drawbridge/policy.jsonc:"), "{out}");
    assert!(out.contains("our artifacts"), "{out}");
    let (code, out, _) = bed.said(&["check"]);
    assert_eq!((code, out.as_str()), (0, ""), "the gate's copy was renewed too");

    bed.said(&["deny", "repo.example.org", "--reason", "no more"]);
    assert_eq!(bed.said(&["why", url]).0, 1, "a deny wins");
    bed.said(&["undo"]);
    bed.said(&["revoke", "repo.example.org"]);
    assert_eq!(bed.said(&["why", url]).0, 1);
    bed.said(&["undo"]);
    bed.said(&["undo"]);
    assert_eq!(bed.tree(), protected);
}

#[test]
fn a_rule_that_is_none_changes_nothing() {
    let bed = Bed::with_config(IMAGE);
    bed.said(&["protect", "--yes"]);
    let protected = bed.tree();
    let (code, _, err) = bed.said(&["allow", "two..dots", "--reason", "x"]);
    assert_eq!(code, 2);
    assert!(err.contains(".devcontainer/drawbridge/policy.jsonc:"), "{err}");
    assert!(bed.said(&["allow", "a.example"]).2.contains("--reason"), "the reason is required");
    assert_eq!(bed.tree(), protected);
}

#[test]
fn a_broken_policy_is_named_before_anything_starts() {
    let bed = Bed::with_config(IMAGE);
    bed.said(&["protect", "--yes"]);
    bed.write(".devcontainer/drawbridge/policy.jsonc", "{\n  \"version\": 1,\n  \"allow\": [ oops\n}\n");
    let (code, out, _) = bed.said(&["check"]);
    assert_eq!(code, 1);
    assert!(out.contains("policy.jsonc:3:"), "{out}");
    let (code, out, _) = bed.said(&["check", "--json"]);
    assert_eq!(code, 1);
    let checked: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(checked["diagnostics"][0]["line"], 3, "{checked}");
    let (code, _, err) = bed.said(&["allow", "a.example", "--reason", "x"]);
    assert_eq!(code, 2);
    assert!(err.contains("policy.jsonc:3:"), "{err}");
}

#[test]
fn every_command_that_needs_no_engine_speaks_json() {
    let bed = Bed::with_config(IMAGE);
    for command in [
        &["--json"][..],
        &["protect", "--yes", "--json"],
        &["history", "--json"],
        &["check", "--json"],
        &["why", "https://a.example/", "--json"],
        &["catalogue", "list", "--json"],
        &["catalogue", "show", "maven", "--json"],
        &["doctor", "--json"],
        &["eject", "--json"],
        &["undo", "--json"],
    ] {
        let (_, out, err) = bed.said(command);
        assert!(serde_json::from_str::<Value>(&out).is_ok(), "{command:?}: {out}{err}");
    }
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let bed = Bed::new();
    let mut child =
        bed.command(&["completions", "bash"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::with_capacity(16, child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(output.stderr, b"");
}

#[test]
fn wrong_arguments_end_with_two_and_help_with_zero() {
    let bed = Bed::new();
    assert_eq!(bed.said(&["protect", "--nonsense"]).0, 2);
    assert_eq!(bed.said(&["no-such-command"]).0, 2);
    for command in ["protect", "up", "exec", "allow", "blocked", "prove", "why", "undo"] {
        let (code, out, _) = bed.said(&[command, "--help"]);
        assert_eq!(code, 0);
        assert!(out.contains("Example"), "`{command} --help` shows no example:\n{out}");
    }
}

/// A `docker` that answers `compose config` with this model and nothing else.
fn fake_docker(bed: &Bed, model: &str) -> std::path::PathBuf {
    use std::os::unix::fs::PermissionsExt;
    let folder = bed.outside("bin");
    std::fs::create_dir_all(&folder).unwrap();
    let program = folder.join("docker");
    let script =
        format!("#!/bin/sh\ncase \"$*\" in *' config '*) echo '{model}';; *) echo no >&2; exit 1;; esac\n");
    std::fs::write(&program, script).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    folder
}

#[test]
fn a_result_that_is_not_closed_is_put_back() {
    let bed = Bed::with_config(IMAGE);
    let before = bed.tree();
    let open = r#"{"services":{"dev":{"networks":{"default":null,"drawbridge":null}}}}"#;
    let path = fake_docker(&bed, open);
    let output = bed.command(&["protect", "--yes"]).env("PATH", &path).output().unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{err}");
    assert!(err.contains("service `dev` would still be on `default`"), "{err}");
    assert_eq!(bed.tree(), before);

    let image = concat!("drawbridge/sidecar:", env!("CARGO_PKG_VERSION"));
    let closed = r#"{"services":{"dev":{"networks":{"drawbridge":null}},"drawbridge":{"image":"IMAGE"}},"networks":{"drawbridge":{"internal":true}}}"#;
    let path = fake_docker(&bed, &closed.replace("IMAGE", image));
    let output = bed.command(&["protect", "--yes"]).env("PATH", &path).output().unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{err}");
    assert!(err.contains("Verified"), "{err}");
}

#[test]
fn a_docker_of_the_workspace_is_never_run() {
    use std::os::unix::fs::PermissionsExt;
    let bed = Bed::with_config(IMAGE);
    bed.write("node_modules/.bin/docker", "#!/bin/sh\ntouch ran\n");
    let program = bed.path("node_modules/.bin/docker");
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let path = program.parent().unwrap();
    bed.command(&["protect", "--yes"]).env("PATH", path).output().unwrap();
    let output = bed.command(&["up"]).env("PATH", path).output().unwrap();
    assert!(String::from_utf8(output.stderr).unwrap().contains("`docker` is not installed"));
    assert!(!bed.path("ran").exists());
}

#[test]
fn a_cas_file_that_a_variable_of_the_host_names_is_carried_along_when_asked_for() {
    let bed = Bed::new();
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../trust/tests/fixtures/acme-root.pem");
    let export = |arguments: &[&str], variable: &str| {
        let mut command = bed.command(&[&["ca", "export", "--json"], arguments].concat());
        let output = command.env(variable, file).output().unwrap();
        let said: Value = serde_json::from_slice(&output.stdout).unwrap();
        let pem = base64::engine::general_purpose::STANDARD.decode(said["ca"].as_str().unwrap_or_default());
        String::from_utf8(pem.unwrap()).unwrap()
    };
    let acme = std::fs::read_to_string(file).unwrap();
    let acme = acme.lines().nth(1).unwrap();
    assert!(export(&["--trust-host-cas"], "NODE_EXTRA_CA_CERTS").contains(acme));
    assert!(!export(&["--trust-host-cas"], "ANOTHER_VARIABLE").contains(acme));
    assert!(!export(&[], "NODE_EXTRA_CA_CERTS").contains(acme));
}
