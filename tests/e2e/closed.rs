//! No way out but the sidecar, tried from inside; and `drawbridge prove`, which must notice an opened wall.

use std::net::TcpListener;

use drawbridge_tests::{Bed, Inet, Project};
use serde_json::Value;

use crate::fixtures;

fn project<'a>(bed: &'a Bed, name: &str) -> Project<'a> {
    let project = Project::new(bed, name, fixtures::IMAGE);
    project.protect(&[]);
    project.allow(&[
        "allowed.example",
        "metadata.example",
        "loopback.example",
        "private.example",
        "benchmark.example",
    ]);
    project.up(&[]);
    project
}

fn sidecar_address(project: &Project<'_>) -> String {
    let found = project.shell("getent ahostsv4 allowed.example").succeeded();
    found.stdout.split_whitespace().next().expect("an address").to_owned()
}

/// Every attempt of `fixtures/attempts.py` that got through.
fn open(project: &Project<'_>) -> Vec<String> {
    let host = TcpListener::bind("0.0.0.0:0").expect("a service of the host");
    let port = host.local_addr().expect("its address").port().to_string();
    project.write("attempts.py", include_str!("../fixtures/attempts.py"));
    // As root in the container: nobody in there can do more.
    let output = project.bed.docker(&[
        "exec",
        "--user",
        "root",
        "--interactive",
        &project.dev(),
        "python3",
        "-",
        Inet::ADDRESS,
        &port,
        &sidecar_address(project),
    ]);
    let outcome = output.input(include_str!("../fixtures/attempts.py")).ok().json();
    let Value::Object(outcome) = outcome else { panic!("not an object: {outcome}") };
    assert!(outcome.len() > 20, "{outcome:?}");
    outcome.iter().filter(|(_, result)| *result == "OPEN").map(|(attempt, _)| attempt.clone()).collect()
}

#[test]
fn no_attempt_from_inside_gets_out() {
    let Some(bed) = Bed::get() else { return };
    let project = project(bed, "attempts");
    assert_eq!(open(&project), Vec::<String>::new());
    // What the attempts try to reach does exist: the allowed way leads there.
    project
        .shell("curl -sS --max-time 10 https://allowed.example/closed")
        .succeeded()
        .says("hello from allowed.example");
    let routes = project.shell("ip -4 route show").succeeded();
    assert_eq!(routes.stdout.lines().count(), 1, "more than the closed network's own route: {routes:?}");
    project.shell("ip -6 addr show scope global").succeeded().says_not("inet6");
    project.shell("ip -6 route show default").succeeded().says_not("default");
}

#[test]
fn attempts_get_out_of_an_opened_container() {
    let Some(bed) = Bed::get() else { return };
    let project = project(bed, "opened");
    bed.docker(&["network", "connect", "drawbridge-test-inet", &project.dev()]).ok();
    let open = open(&project);
    for attempt in ["tcp4", "dns-elsewhere", "gateway-1"] {
        assert!(
            open.iter().any(|found| found == attempt),
            "{attempt} should get out now, but only {open:?} did"
        );
    }
}

#[test]
fn prove_passes_behind_the_gate_and_fails_beside_it() {
    let Some(bed) = Bed::get() else { return };
    let project = project(bed, "prove");
    let proof = project.drawbridge(&["prove"]).ok();
    proof.says("PASS").says_not("FAIL");
    let outcomes = project.drawbridge(&["prove", "--json"]).ok();
    outcomes.json();
    let page = ["audit", "--live", "--format", "html", "--fail-on", "never"];
    project.drawbridge(&page).ok().says("<h2>Proof</h2>").says("Closed: ").says("Allowed: ").says_not("FAIL");

    bed.docker(&["network", "connect", "bridge", &project.dev()]).ok();
    project.drawbridge(&["prove"]).fails().says("FAIL");
    project.drawbridge(&page).ok().says("Open: ").says("FAIL");
}

#[test]
fn no_privilege_is_added() {
    let Some(bed) = Bed::get() else { return };
    let project = project(bed, "privilege");
    let plain = bed
        .docker(&["run", "--rm", "drawbridge-test/base:bookworm", "grep", "CapBnd", "/proc/self/status"])
        .ok();
    let own = project.inside("root", "grep CapBnd /proc/self/status").succeeded();
    assert_eq!(own.stdout, plain.stdout, "another set of capabilities than a plain container has");
    project.shell("command -v sudo").failed();
    let sidecar = project.sidecar();
    let facts = project.inspect(
        &sidecar,
        "{{.Config.User}} {{.HostConfig.ReadonlyRootfs}} {{.HostConfig.CapDrop}} {{.HostConfig.Privileged}}",
    );
    assert_eq!(facts, "65532:65532 true [ALL] false");
    assert!(project.inspect(&sidecar, "{{.HostConfig.SecurityOpt}}").contains("no-new-privileges"));
    let mounts = project.inspect(&project.dev(), "{{range .Mounts}}{{.Source}} {{end}}");
    assert!(!mounts.contains("docker.sock"), "{mounts}");
}

/// A container that can have others started is not held by a wall round its own network: its children stand elsewhere.
#[test]
fn pitfall_28_children_of_a_container_do_not_stand_outside() {
    let Some(bed) = Bed::get() else { return };
    let engine = bed.docker(&["context", "inspect", "--format", "{{.Endpoints.docker.Host}}"]).ok().stdout;
    let socket = engine.trim().strip_prefix("unix://").expect("a Unix socket").to_owned();
    let asks = "curl -sS --max-time 10 --unix-socket /var/run/docker.sock http://engine/version";
    // What the refusals below are about: no network at all, and the engine still obeys.
    let mount = format!("type=bind,source={socket},target=/var/run/docker.sock");
    let alone = ["run", "--rm", "--network", "none", "--mount", &mount, "drawbridge-test/base:bookworm"];
    bed.docker(&[&alone[..], &["sh", "-c", asks]].concat()).ok().says("ApiVersion");

    let config = ".devcontainer/devcontainer.json";
    let image = |more: &str| format!("{{ \"image\": \"drawbridge-test/base:bookworm\", {more} }}\n");
    for (kind, files) in [
        ("mounts", vec![(config, image(&format!("\"mounts\": [\"{mount}\"]")))]),
        ("run-args", vec![(config, image("\"runArgs\": [\"-v\", \"/var/run/docker.sock:/x\"]"))]),
        ("folder", vec![(config, image("\"runArgs\": [\"--volume=/run:/host-run\"]"))]),
        ("feature", vec![(config, image("\"features\": {\"hub.example/docker-outside-of-docker:1\": {}}"))]),
        ("sibling", {
            let sibling = "    volumes: [\"/var/run/docker.sock:/x\"]\n";
            let with = |(path, text): &(&'static str, &str)| {
                (*path, text.replace("    command: python3", &format!("{sibling}    command: python3")))
            };
            fixtures::COMPOSE.iter().map(with).collect()
        }),
    ] {
        let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
        let project = Project::new(bed, kind, &files);
        project.drawbridge(&["protect", "--yes"]).fails().says("--accept-loss docker-socket");
        project.git(&["status", "--porcelain"]).says_not("devcontainer");
    }

    // One that was added after the project was protected.
    let project = project(bed, "grown");
    project.shell(asks).failed();
    project.shell("test -e /var/run/docker.sock").failed();
    let text = project.read(config).replacen('{', &format!("{{ \"mounts\": [\"{mount}\"],"), 1);
    project.write(config, &text);
    project.drawbridge(&["up", "--rebuild"]).fails().says("docker-socket");
}
