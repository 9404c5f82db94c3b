//! `drawbridge run`: what it says and how it ends; the walls themselves are tested in their crate.

use crate::support::Bed;

fn said(bed: &Bed, arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = bed.command(arguments).env("PATH", "/usr/bin:/bin").output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[test]
fn ends_as_shells_do_and_says_why() {
    let bed = Bed::new();
    assert_eq!(said(&bed, &["run", "--", "sh", "-c", "exit 42"]).0, Some(42));
    let (code, _, err) = said(&bed, &["run", "--", "no-such-command"]);
    assert!(code == Some(127) && err.contains("cannot run `no-such-command`"), "{err}");
    let (code, _, err) = said(&bed, &["run", "--", "/etc/passwd"]);
    assert!(code == Some(126) && err.contains("cannot run `/etc/passwd`"), "{err}");
    let (code, _, err) = said(&bed, &["run"]);
    assert!(code == Some(2) && err.contains("no command"), "{err}");
    let (code, _, err) = said(&bed, &["run", "--profile", "nobody", "--", "true"]);
    assert!(code == Some(2) && err.contains("profiles: default, claude-code"), "{err}");
    let (code, _, err) = said(&bed, &["run", "--allow-unix", "nothing.sock", "--", "echo", "ran"]);
    assert!(code == Some(125) && err.contains("cannot offer the socket"), "{err}");
    let (code, _, err) = said(&bed, &["run", "--port", "0", "--", "true"]);
    assert!(code == Some(2) && err.contains("neither a port nor `gate`"), "{err}");
}

#[test]
fn never_opens_the_home() {
    let bed = Bed::new();
    let output = bed
        .command(&["run", "--", "echo", "ran"])
        .env("PATH", "/usr/bin:/bin")
        .current_dir(bed.outside(""))
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(125));
    let err = String::from_utf8(output.stderr).unwrap();
    assert!(output.stdout.is_empty() && err.contains("start it in the project's folder"), "{err}");
}

#[test]
fn shows_the_effective_walls_and_runs_nothing() {
    let bed = Bed::new();
    let home = bed.outside("");
    std::fs::create_dir(home.join(".ssh")).unwrap();
    let arguments = ["run", "--show", "--json", "--profile", "goose", "--port", "gate", "--port", "5432"];
    let (code, out, err) = said(&bed, &arguments);
    assert_eq!(code, Some(0), "{err}");
    let shown: serde_json::Value = serde_json::from_str(&out).unwrap();
    let walls = &shown["walls"];
    assert_eq!(walls["profile"], "goose");
    assert_eq!(walls["ports"], serde_json::json!([53, 80, 443, 3128, 5432, 11434]));
    assert!(walls["hidden"][home.join(".ssh").to_str().unwrap()].is_string(), "{out}");
    assert!(shown["kernel"]["landlock"].as_i64().unwrap() >= 0, "{out}");
    assert!(!home.join(".config/goose").exists(), "showing makes no folders");
    let (_, out, _) = said(&bed, &["run", "--show"]);
    assert!(out.contains("out of reach:\n") && out.contains("kernel: Landlock interface "), "{out}");
}
