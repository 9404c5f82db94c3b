//! Every kind of configuration, protected and started by `drawbridge`, is closed and still does its work.

use std::net::TcpListener;
use std::time::Duration;

use drawbridge_tests::{Bed, Inet, Project, until};

use crate::fixtures::{self, Files};

/// What must hold in every protected container, whatever its kind and user.
fn assert_gated(project: &Project<'_>, marker: &str) {
    let path = format!("/{marker}");
    project
        .shell(&format!("curl -sS --max-time 10 https://allowed.example{path}"))
        .succeeded()
        .says("hello from allowed.example");
    assert!(Inet::new(project.bed).seen().path(&path), "the request never arrived");
    project.shell(&format!("curl -sS --max-time 10 https://denied.example{path}-denied")).failed();
    project
        .shell(&format!("curl -sS --max-time 5 --noproxy '*' http://{}{path}-denied", Inet::ADDRESS))
        .failed();
    assert!(!Inet::new(project.bed).seen().path(&format!("{path}-denied")));
    project.shell("ip -4 route show default; ip -6 route show default").succeeded().says_not("default");
    let dev = project.dev();
    assert_eq!(project.inspect(&dev, "{{.HostConfig.Privileged}} {{.HostConfig.CapAdd}}"), "false []");
}

fn started<'a>(bed: &'a Bed, name: &str, files: Files<'_>) -> Project<'a> {
    let project = Project::new(bed, name, files);
    project.protect(&[]);
    project.allow(&["allowed.example"]);
    project.up(&[]);
    project
}

/// The workspace is there and its owner can write to it, as before.
fn assert_workspace(project: &Project<'_>) {
    project.shell("echo written >written-inside && git status --short").succeeded().says("written-inside");
    assert_eq!(project.read("written-inside"), "written\n");
}

#[test]
fn image_as_root() {
    let Some(bed) = Bed::get() else { return };
    let project = started(bed, "image-root", fixtures::IMAGE);
    assert_gated(&project, "image-root");
    project.exec(&["id", "-un"]).succeeded().says("root");
    project.shell("echo written >written-inside").succeeded();
    assert_eq!(project.read("written-inside"), "written\n");
}

#[test]
fn image_as_ordinary_user_with_the_hosts_uid() {
    let Some(bed) = Bed::get() else { return };
    let project = started(bed, "image-user", fixtures::IMAGE_USER);
    assert_gated(&project, "image-user");
    project.exec(&["id", "-un"]).succeeded().says("vscode");
    assert_workspace(&project);
}

#[test]
fn image_as_ordinary_user_with_another_uid() {
    let Some(bed) = Bed::get() else { return };
    let project = started(bed, "image-other-uid", fixtures::IMAGE_OTHER_UID);
    assert_gated(&project, "image-other-uid");
    assert_eq!(project.exec(&["id", "-u"]).succeeded().stdout.trim(), "4321");
}

#[test]
fn image_started_by_root() {
    let Some(bed) = Bed::get() else { return };
    let project = Project::new(bed, "by-root", fixtures::IMAGE);
    let root = |arguments: &[&str]| {
        let program = bed.drawbridge().display().to_string();
        let argv: Vec<&str> = std::iter::once(program.as_str()).chain(arguments.iter().copied()).collect();
        // The clone belongs to the user, which git refuses to another one unless told.
        let run = bed.as_me(&argv, &project.path).env("GIT_CONFIG_COUNT", "1");
        run.env("GIT_CONFIG_KEY_0", "safe.directory")
            .env("GIT_CONFIG_VALUE_0", "*")
            .limit(Duration::from_mins(5))
            .ok()
    };
    root(&["protect", "--yes"]);
    project.play_internet();
    project.allow(&["allowed.example"]);
    root(&["up"]);
    root(&["exec", "--", "curl", "-sS", "--max-time", "10", "https://allowed.example/by-root"])
        .says("hello from");
    root(&["down"]);
}

#[test]
fn dockerfile() {
    let Some(bed) = Bed::get() else { return };
    let project = started(bed, "dockerfile", fixtures::DOCKERFILE);
    assert_gated(&project, "dockerfile");
    // Build arguments survive the conversion.
    project.exec(&["cat", "/etc/greeting"]).succeeded().says("hello");
    assert_workspace(&project);
}

#[test]
fn compose_with_database() {
    let Some(bed) = Bed::get() else { return };
    let project = started(bed, "compose", fixtures::COMPOSE);
    assert_gated(&project, "compose");
    project.shell("curl -sS --max-time 5 http://db:5432/").succeeded().says("Directory listing");
    // Without the variables as well: then the name must resolve to the sibling, not to the sidecar.
    project
        .shell("env -u http_proxy -u HTTP_PROXY curl -sS --max-time 5 http://db:5432/")
        .succeeded()
        .says("Directory listing");
    assert_workspace(&project);
    assert_sibling_closed(&project);
}

#[test]
fn compose_in_the_databases_network_namespace() {
    let Some(bed) = Bed::get() else { return };
    let project = started(bed, "netns", fixtures::COMPOSE_NETWORK_MODE);
    assert_gated(&project, "netns");
    // What the template is made for: the database on localhost.
    project.shell("curl -sS --max-time 5 http://localhost:5432/").succeeded().says("Directory listing");
    assert_workspace(&project);
}

#[test]
fn compose_with_explicit_networks() {
    let Some(bed) = Bed::get() else { return };
    let project = started(bed, "networks", fixtures::COMPOSE_NETWORKS);
    assert_gated(&project, "networks");
    let joined = project.inspect(&project.dev(), "{{len .NetworkSettings.Networks}}");
    assert_eq!(joined, "1", "the dev container joined more than the closed network");
    for name in ["db", "database"] {
        project
            .shell(&format!("curl -sS --max-time 5 --noproxy '*' http://{name}:5432/"))
            .succeeded()
            .says("Directory listing");
    }
    assert_sibling_closed(&project);
}

#[test]
fn compose_with_published_ports() {
    let Some(bed) = Bed::get() else { return };
    let (a, b) = (free_port(), free_port());
    let project = Project::empty(bed, "ports");
    for (path, text) in fixtures::COMPOSE_PORTS {
        project.write(path, &text.replace("PORT_A", &a.to_string()).replace("PORT_B", &b.to_string()));
    }
    project.commit("Start");
    project.protect(&[]);
    project.allow(&["allowed.example"]);
    project.up(&[]);
    assert_gated(&project, "ports");
    for port in [a, b] {
        until("a published port answers on the host", Duration::from_secs(20), || {
            let url = format!("http://127.0.0.1:{port}/");
            let answer = bed.as_me(&["curl", "-sS", "--max-time", "2", &url], &bed.directory).output();
            if answer.stdout.contains("Directory listing") { Ok(()) } else { Err(answer) }
        });
    }
}

/// A sibling is no way out for whoever gets a shell there.
fn assert_sibling_closed(project: &Project<'_>) {
    let compose = project.compose_projects().remove(0);
    let filters = [
        format!("label=com.docker.compose.project={compose}"),
        "label=com.docker.compose.service=db".to_owned(),
    ];
    let listed =
        project.bed.docker(&["ps", "--quiet", "--filter", &filters[0], "--filter", &filters[1]]).ok();
    let db = listed.stdout.trim().to_owned();
    assert_eq!(project.inspect(&db, "{{len .NetworkSettings.Networks}}"), "1");
    let script = format!("curl -sS --max-time 3 --noproxy '*' http://{}/sibling", Inet::ADDRESS);
    project.bed.docker(&["exec", &db, "sh", "-c", &script]).fails();
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("its address").port()
}
