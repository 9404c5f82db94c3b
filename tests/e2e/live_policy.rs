//! The policy while a container runs: grants, tightening, mistakes, and a sidecar that ends.

use std::time::Duration;

use drawbridge_tests::{Bed, Inet, POLICY, Project, until};

use crate::fixtures;
use crate::policy_stays::end_sidecar;

fn project<'a>(bed: &'a Bed, name: &str) -> Project<'a> {
    let project = Project::new(bed, name, fixtures::IMAGE);
    project.protect(&[]);
    project.allow(&["allowed.example"]);
    project
}

fn curl(project: &Project<'_>, host: &str) -> drawbridge_tests::Output {
    project.shell(&format!("curl -sS --max-time 10 https://{host}/live"))
}

fn until_reachable(project: &Project<'_>, host: &str) {
    until("the host is reachable", Duration::from_secs(20), || {
        let answer = curl(project, host);
        if answer.code == Some(0) { Ok(()) } else { Err(answer) }
    });
}

fn until_closed(project: &Project<'_>, host: &str) {
    until("the host is closed", Duration::from_secs(20), || {
        let answer = curl(project, host);
        if answer.code == Some(0) { Err(answer) } else { Ok(()) }
    });
}

#[test]
fn the_gate_stays_closed_while_the_sidecar_is_away_and_returns_by_itself() {
    let Some(bed) = Bed::get() else { return };
    let project = project(bed, "away");
    project.up(&[]);
    curl(&project, "allowed.example").succeeded();
    let sidecar = project.sidecar();
    // Stopped, not killed: long enough away to try every way out.
    bed.docker(&["stop", "--time", "1", &sidecar]).ok();
    curl(&project, "allowed.example").failed();
    project.shell(&format!("curl -sS --max-time 3 --noproxy '*' http://{}/", Inet::ADDRESS)).failed();
    bed.docker(&["start", &sidecar]).ok();
    project.wait_healthy();
    until_reachable(&project, "allowed.example");

    end_sidecar(&project);
    until_reachable(&project, "allowed.example");
    curl(&project, "denied.example").failed();
}

#[test]
fn a_broken_file_keeps_the_last_good_policy() {
    let Some(bed) = Bed::get() else { return };
    let project = project(bed, "broken");
    project.up(&[]);
    let good = project.read(POLICY);
    project.write(POLICY, "{\n  \"version\": 1,\n  \"allow\": [ oops\n}\n");
    until("the error has file, line and column", Duration::from_secs(20), || {
        let logs = project.drawbridge(&["logs"]).ok();
        if logs.text().contains("policy.jsonc:3:") { Ok(()) } else { Err(logs) }
    });
    curl(&project, "allowed.example").succeeded();
    curl(&project, "denied.example").failed();
    // A restart in that state changes nothing either.
    end_sidecar(&project);
    until_reachable(&project, "allowed.example");
    project.write(POLICY, &good);
    project.disallow("allowed.example");
    until_closed(&project, "allowed.example");
}

#[test]
fn a_policy_broken_from_the_start_starts_nothing() {
    let Some(bed) = Bed::get() else { return };
    let project = project(bed, "broken-start");
    project.write(POLICY, "{\n  \"version\": 1,\n  \"allow\": [ \"two..dots\" ]\n}\n");
    project.drawbridge(&["up"]).limit(Duration::from_mins(3)).fails().says("policy.jsonc:3:");
    for dev in project.devs() {
        assert_ne!(
            project.inspect(&dev, "{{.State.Status}}"),
            "running",
            "the dev container runs without its gate"
        );
    }
}

#[test]
fn tightening_applies_at_once() {
    let Some(bed) = Bed::get() else { return };
    let project = project(bed, "tighten");
    project.allow(&["second.example"]);
    project.up(&[]);
    curl(&project, "second.example").succeeded();
    project.disallow("second.example");
    until_closed(&project, "second.example");
    curl(&project, "allowed.example").succeeded();
}

#[test]
fn a_grant_ends() {
    let Some(bed) = Bed::get() else { return };
    let project = project(bed, "grant");
    project.up(&[]);
    curl(&project, "second.example").failed();
    let policy = project.read(POLICY);
    project.drawbridge(&["allow", "second.example", "--reason", "for a moment", "--for", "8s"]).ok();
    curl(&project, "second.example").succeeded();
    assert_eq!(project.read(POLICY), policy, "a temporary grant is not written into the repository");
    until_closed(&project, "second.example");
    project.drawbridge(&["allow", "second.example", "--for", "1h"]).fails().says("reason");
}

#[test]
fn a_lasting_allow_is_written_with_its_reason() {
    let Some(bed) = Bed::get() else { return };
    let project = project(bed, "lasting");
    project.up(&[]);
    project.drawbridge(&["allow", "second.example", "--reason", "the tests need it"]).ok();
    let policy = project.read(POLICY);
    assert!(policy.contains("second.example") && policy.contains("the tests need it"), "{policy}");
    until_reachable(&project, "second.example");
    // A container made anew has it too.
    project.drawbridge(&["down"]).ok();
    project.up(&[]);
    curl(&project, "second.example").succeeded();
}
