use std::fs;

use super::*;

fn sh(script: &str) -> Program {
    Tools::default().program("sh").arg("-c").arg(script)
}

#[test]
fn captures_both_streams_and_the_code() {
    let output = sh("cat; echo bad >&2; exit 3").stdin("in").capture().unwrap();
    assert_eq!((output.code, output.text().as_str()), (Some(3), "in"));
    assert_eq!(output.complaint(), "bad");
}

#[test]
fn a_program_that_hangs_is_ended_with_its_children() {
    let started = Instant::now();
    let error = sh("sleep 60 & sleep 60").deadline(Duration::from_millis(200)).capture();
    assert!(matches!(error, Err(ProcessError::Deadline { .. })), "{error:?}");
    assert!(started.elapsed() < Duration::from_secs(10));
}

#[test]
fn a_grandchild_that_keeps_the_pipe_does_not_hold_us() {
    let started = Instant::now();
    let error = sh("sleep 60 & exit 0").deadline(Duration::from_millis(300)).capture();
    assert!(matches!(error, Err(ProcessError::Deadline { .. })), "{error:?}");
    assert!(started.elapsed() < Duration::from_secs(10));
}

#[test]
fn a_missing_program_is_named() {
    let error = Tools::default().program("drawbridge-no-such-tool").capture().unwrap_err();
    assert_eq!(error.to_string(), "`drawbridge-no-such-tool` is not installed");
}

#[test]
fn streams_lines_and_answers() {
    let mut running = sh("read line; echo got $line; cat").stream().unwrap();
    running.say("hello").unwrap();
    assert_eq!(running.next_line(Duration::from_secs(10)), Next::Line("got hello".to_owned()));
}

#[cfg(unix)]
#[test]
fn a_program_of_the_workspace_is_never_taken() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let program = dir.path().join("docker");
    fs::write(&program, "#!/bin/sh\n").unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    assert!(is_executable(&program));
    assert!(Tools::outside(dir.path()).is_avoided(&program));
    assert!(!Tools::default().is_avoided(&program));
}
