//! Several protected containers at once, each with its own project, network and policy.

use drawbridge_tests::{Bed, Inet, Project};

use crate::fixtures;

fn reaches(project: &Project<'_>, config: &[&str], host: &str) -> bool {
    let argv: Vec<&str> =
        ["exec"].iter().chain(config).chain(&["--", "curl", "-sS", "--max-time", "10"]).copied().collect();
    let url = format!("https://{host}/side-by-side");
    let argv: Vec<&str> = argv.into_iter().chain([url.as_str()]).collect();
    project.drawbridge(&argv).output().code == Some(0)
}

/// Networks that the dev containers of these projects are on.
fn networks(project: &Project<'_>) -> Vec<String> {
    let format = "{{range $name, $_ := .NetworkSettings.Networks}}{{$name}}{{end}}";
    project.devs().iter().map(|dev| project.inspect(dev, format)).collect()
}

#[test]
fn two_repositories() {
    let Some(bed) = Bed::get() else { return };
    let first = Project::new(bed, "first", fixtures::IMAGE);
    let second = Project::new(bed, "second", fixtures::COMPOSE);
    for (project, host) in [(&first, "allowed.example"), (&second, "second.example")] {
        project.protect(&[]);
        project.allow(&[host]);
        project.up(&[]);
    }
    assert!(reaches(&first, &[], "allowed.example") && !reaches(&first, &[], "second.example"));
    assert!(reaches(&second, &[], "second.example") && !reaches(&second, &[], "allowed.example"));
    assert_ne!(first.compose_projects(), second.compose_projects());
    assert_ne!(networks(&first), networks(&second));
    // One ends, the other goes on.
    first.drawbridge(&["down"]).ok();
    assert!(reaches(&second, &[], "second.example"));
}

#[test]
fn two_repositories_of_one_name() {
    let Some(bed) = Bed::get() else { return };
    let first = Project::new(bed, "same", fixtures::IMAGE);
    let second = Project::new(bed, "same", fixtures::IMAGE);
    for (project, host) in [(&first, "allowed.example"), (&second, "second.example")] {
        project.protect(&[]);
        project.allow(&[host]);
        project.up(&[]);
    }
    assert_ne!(first.dev(), second.dev());
    assert_ne!(networks(&first), networks(&second));
    assert!(reaches(&first, &[], "allowed.example") && !reaches(&first, &[], "second.example"));
    assert!(reaches(&second, &[], "second.example") && !reaches(&second, &[], "allowed.example"));
}

#[test]
fn two_configurations_of_one_repository() {
    let Some(bed) = Bed::get() else { return };
    let project = Project::empty(bed, "configs");
    let configs =
        [("one", "allowed.example", "second.example"), ("two", "second.example", "allowed.example")];
    let configs = configs
        .map(|(name, own, other)| (format!(".devcontainer/{name}/devcontainer.json"), name, own, other));
    for (config, ..) in &configs {
        project.write(config, "{ \"image\": \"drawbridge-test/base:bookworm\" }\n");
    }
    project.commit("Start");
    for (config, name, own, _) in &configs {
        project.protect(&["--config", config]);
        project.allow_in(&format!(".devcontainer/drawbridge/{name}/policy.jsonc"), &[own]);
    }
    for (config, ..) in &configs {
        project.up(&["--config", config]);
    }
    assert_eq!(project.devs().len(), 2, "each configuration has its container");
    assert_eq!(
        project.compose_projects().len(),
        2,
        "each configuration has its project: {:?}",
        project.compose_projects()
    );
    assert_eq!(project.sidecars().len(), 2);
    let networks = networks(&project);
    assert_ne!(networks[0], networks[1]);
    for (config, _, own, other) in &configs {
        assert!(reaches(&project, &["--config", config], own), "{config}");
        assert!(!reaches(&project, &["--config", config], other), "{config}");
    }
}

#[test]
fn two_clones_and_a_fresh_one() {
    let Some(bed) = Bed::get() else { return };
    let origin = Project::new(bed, "cloned", fixtures::IMAGE);
    origin.protect(&[]);
    origin.allow(&["allowed.example"]);
    origin.commit("Protect");
    origin.up(&[]);
    let clone = origin.fresh_clone();
    clone.up(&[]);
    assert_ne!(origin.dev(), clone.dev());
    assert_ne!(origin.compose_projects(), clone.compose_projects());
    assert_ne!(networks(&origin), networks(&clone));
    for project in [&origin, &clone] {
        assert!(reaches(project, &[], "allowed.example"));
        assert!(!reaches(project, &[], "denied.example"));
    }
    // Finding a free network writes nothing that git would see.
    assert_eq!(clone.git(&["status", "--porcelain"]).stdout, "");
    assert_eq!(Inet::new(bed).seen().host("denied.example"), 0);
}
