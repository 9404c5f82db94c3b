//! What a person waits for: the summary and the dry run, beside the official CLI's own reading in the same run.

use std::time::Duration;

use drawbridge_tests::{Bed, Project};

use crate::fixtures;

/// The best of several runs: what the program needs, not what else the machine does.
const RUNS: usize = 15;
const LIMIT: Duration = Duration::from_millis(100);

#[test]
fn summary_and_dry_run_are_quick() {
    let Some(bed) = Bed::get() else { return };
    let project = Project::new(bed, "speed", fixtures::COMPOSE);
    let best = |argv: &[&str]| {
        let run = || {
            let output = if argv[0] == "devcontainer" {
                bed.host(argv, &project.path)
            } else {
                project.drawbridge(argv)
            };
            output.output().took
        };
        (0..RUNS).map(|_| run()).min().expect("some runs")
    };
    let official = best(&["devcontainer", "read-configuration", "--workspace-folder", "."]);
    let dry_run = best(&["protect", "--dry-run"]);
    let summary = best(&["--color=never"]);
    eprintln!(
        "best of {RUNS}: summary {summary:?}, protect --dry-run {dry_run:?}, devcontainer read-configuration {official:?}"
    );
    assert!(summary < LIMIT, "the summary took {summary:?}");
    assert!(dry_run < LIMIT, "the dry run took {dry_run:?}");
    assert!(dry_run < official, "the official CLI reads in {official:?}");
}
