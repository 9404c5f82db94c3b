//! What `protect` and `up` find beside the files: a container that was made before.

use std::time::Duration;

use drawbridge_tests::{Bed, Project};

use crate::fixtures;

#[test]
fn a_container_made_before_is_named_until_it_is_stopped() {
    let Some(bed) = Bed::get() else { return };
    let project = Project::new(bed, "made-before", fixtures::IMAGE);
    let up = ["devcontainer", "up", "--workspace-folder", "."];
    bed.host(&up, &project.path).limit(Duration::from_mins(3)).ok();
    let before = project.dev();
    let name = project.inspect(&before, "{{.Name}}").trim_start_matches('/').to_owned();
    let written = project.protect(&["--json"]);
    assert_eq!(written.json()["after"]["open_containers"][0], name);

    let started = project.drawbridge(&["up", "--json"]).limit(Duration::from_mins(3)).ok();
    assert_eq!(started.json()["open_containers"][0], name);
    assert_eq!(project.devs().len(), 2, "the Compose project knows nothing of the other");
    bed.docker(&["stop", "--time", "0", &name]).ok();
    project.drawbridge(&["up"]).output().succeeded().says_not("WITHOUT");
}
