//! Bad input: a clear error with its place and the next step, nothing written, nothing lost.

use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use drawbridge_tests::{Bed, Output, Project};

use crate::fixtures;

const CONFIG: &str = ".devcontainer/devcontainer.json";

/// Everything below the working tree, git's own folder aside, as one text.
fn contents(project: &Project<'_>) -> String {
    let list = "find . -path ./.git -prune -o -printf '%p %y %m %l\\n' | LC_ALL=C sort; \
        find . -path ./.git -prune -o -type f -print0 | LC_ALL=C sort -z | xargs -0 -r sha256sum";
    project.bed.as_me(&["sh", "-c", list], &project.path).ok().stdout
}

/// Runs `protect --yes` and expects a refusal that says all of `says` and changes nothing.
fn refused(project: &Project<'_>, arguments: &[&str], says: &[&str]) -> Output {
    let before = contents(project);
    let argv: Vec<&str> = ["protect", "--yes"].iter().chain(arguments).copied().collect();
    let mut output = project.drawbridge(&argv).fails();
    for part in says {
        output = output.says(part);
    }
    assert_eq!(before, contents(project), "a refusal wrote something: {output:?}");
    output
}

#[test]
fn texts_that_are_not_a_configuration() {
    let Some(bed) = Bed::get() else { return };
    let cases: &[(&str, &str, &[&str])] = &[
        ("a syntax error", "{\n  \"image\": \"x\"\n  \"name\": \"y\"\n}\n", &["devcontainer.json:3:3"]),
        ("an unclosed object", "{\n  \"image\": \"x\",\n", &["devcontainer.json:"]),
        (
            "a duplicate key",
            "{\n  \"image\": \"a\",\n  \"image\": \"b\"\n}\n",
            &["devcontainer.json:3:3", "image"],
        ),
        ("an array", "[]\n", &["devcontainer.json:1:1"]),
        ("nothing", "", &["devcontainer.json"]),
        ("a wrong type", "{\n  \"image\": 7\n}\n", &["devcontainer.json:2:", "image"]),
        ("no kind", "{ \"name\": \"only a name\" }\n", &["devcontainer.json", "image"]),
        (
            "a missing Compose file",
            "{ \"dockerComposeFile\": \"gone.yml\", \"service\": \"app\" }\n",
            &["gone.yml"],
        ),
        ("a missing Dockerfile", "{ \"build\": { \"dockerfile\": \"Gone\" } }\n", &["Gone"]),
        (
            "a flag that cannot be kept",
            "{ \"image\": \"x\", \"runArgs\": [\"--network=host\", \"--frobnicate\"] }\n",
            &["--frobnicate"],
        ),
        ("garbage", "\u{0}\u{1}\u{2}\u{fffd}\n", &["devcontainer.json:1:"]),
    ];
    let deep =
        format!("{{\"image\":\"x\",\"customizations\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
    let deep: (&str, &str, &[&str]) = ("a hundred thousand brackets", &deep, &["devcontainer.json:1:"]);
    let mut complaints = Vec::new();
    for (what, text, says) in cases.iter().chain([&deep]) {
        let project = Project::new(bed, "bad", &[(CONFIG, text)]);
        let case = std::panic::AssertUnwindSafe(|| refused(&project, &[], says));
        if std::panic::catch_unwind(case).is_err() {
            complaints.push(*what);
        }
    }
    assert!(complaints.is_empty(), "not refused as it should be (reasons above): {complaints:?}");
}

#[test]
fn no_configuration_and_several() {
    let Some(bed) = Bed::get() else { return };
    let project = Project::new(bed, "none", &[("README.md", "nothing here\n")]);
    refused(&project, &[], &["no dev container configuration"]);

    let image = "{ \"image\": \"drawbridge-test/base:bookworm\" }\n";
    let several =
        &[(".devcontainer/one/devcontainer.json", image), (".devcontainer/two/devcontainer.json", image)];
    let project = Project::new(bed, "several", several);
    refused(&project, &[], &["one", "two", "--config"]);
    refused(&project, &["--config", ".devcontainer/three/devcontainer.json"], &["three"]);
    // With a choice it goes on, and the other one is named as an open door.
    project.drawbridge(&["protect", "--yes", "--config", several[0].0]).ok().says("two");
}

#[test]
fn places_that_cannot_be_read_or_written() {
    let Some(bed) = Bed::with_ordinary_user() else { return };
    let mode = |project: &Project<'_>, path: &str, mode: u32| {
        std::fs::set_permissions(project.path.join(path), std::fs::Permissions::from_mode(mode))
            .expect("a mode");
    };
    let project = Project::new(bed, "unreadable", fixtures::IMAGE);
    mode(&project, ".devcontainer", 0o000);
    refused(&project, &[], &[".devcontainer"]);
    mode(&project, ".devcontainer", 0o755);

    let project = Project::new(bed, "unreadable-file", fixtures::IMAGE);
    mode(&project, CONFIG, 0o000);
    refused(&project, &[], &["devcontainer.json"]);

    let project = Project::new(bed, "read-only", fixtures::IMAGE);
    mode(&project, CONFIG, 0o444);
    mode(&project, ".devcontainer", 0o555);
    refused(&project, &[], &[".devcontainer"]);
    mode(&project, ".devcontainer", 0o755);
}

#[test]
fn symlinks_are_not_followed() {
    let Some(bed) = Bed::get() else { return };
    let project = Project::new(
        bed,
        "link",
        &[("elsewhere.json", "{ \"image\": \"drawbridge-test/base:bookworm\" }\n")],
    );
    std::fs::create_dir(project.path.join(".devcontainer")).expect("a folder");
    symlink("../elsewhere.json", project.path.join(CONFIG)).expect("a link");
    bed.give(&project.path.join(".devcontainer"));
    refused(&project, &[], &["devcontainer.json", "symbolic link"]);

    // A link in the place of a file that would be written must not lead the write out of the repository.
    let project = Project::new(bed, "link-out", fixtures::IMAGE);
    let target = project.path.parent().expect("a parent").join("victim");
    std::fs::write(&target, "untouched\n").expect("a victim");
    symlink(&target, project.path.join(".devcontainer/drawbridge.compose.yaml")).expect("a link");
    let _either = project.drawbridge(&["protect", "--yes"]).output();
    assert_eq!(std::fs::read_to_string(&target).expect("the victim"), "untouched\n");
}

#[test]
fn dry_run_and_a_missing_answer_write_nothing() {
    let Some(bed) = Bed::get() else { return };
    let project = Project::new(bed, "dry", fixtures::IMAGE);
    let before = contents(&project);
    let dry = project.drawbridge(&["protect", "--dry-run"]).output();
    assert!(dry.text().contains("drawbridge.compose.yaml"), "{dry:?}");
    assert_eq!(before, contents(&project));
    project.drawbridge(&["protect"]).output();
    assert_eq!(before, contents(&project), "standard input was empty: that is not a yes");
    project.drawbridge(&[]).ok();
    project.drawbridge(&["--json"]).ok().json();
    assert_eq!(before, contents(&project), "the summary only reads");
}

#[test]
fn undo_refuses_what_changed_since() {
    let Some(bed) = Bed::get() else { return };
    let project = Project::new(bed, "changed", fixtures::COMPOSE);
    let before = contents(&project);
    project.drawbridge(&["protect", "--yes"]).ok();
    let protected = project.read(CONFIG);
    project.write(CONFIG, &protected.replace("Compose", "Changed by hand"));
    let changed = contents(&project);
    project.drawbridge(&["undo"]).fails().says("devcontainer.json");
    assert_eq!(changed, contents(&project), "a refused undo wrote something");
    project.write(CONFIG, &protected);
    project.drawbridge(&["undo"]).ok();
    assert_eq!(before, contents(&project));
    project.drawbridge(&["undo"]).ok().says("Nothing to undo");
    assert_eq!(before, contents(&project));
}

#[test]
fn no_engine() {
    let Some(bed) = Bed::get() else { return };
    let project = Project::new(bed, "no-engine", fixtures::IMAGE);
    project.drawbridge(&["protect", "--yes"]).ok();
    let before = contents(&project);
    for command in [&["up"][..], &["exec", "--", "true"], &["logs"], &["down"], &["blocked"], &["prove"]] {
        let run = project.drawbridge(command).env("DOCKER_HOST", "unix:///nonexistent/docker.sock");
        let output = run.limit(Duration::from_mins(1)).fails();
        assert!(output.stderr.contains("docker") || output.stderr.contains("engine"), "{output:?}");
    }
    let bare = project.drawbridge(&["up"]).env("PATH", "/nonexistent").fails();
    assert!(bare.stderr.contains("docker") || bare.stderr.contains("devcontainer"), "{bare:?}");
    assert_eq!(before, contents(&project));
}

#[test]
fn engine_that_stops_half_way() {
    let Some(bed) = Bed::get() else { return };
    let project = Project::new(bed, "half-way", fixtures::COMPOSE);
    project.protect(&[]);
    let protected = contents(&project);
    let real = bed.docker(&["context", "inspect", "--format", "{{.Endpoints.docker.Host}}"]).ok().stdout;
    let real = real.trim().strip_prefix("unix://").expect("a Unix socket").to_owned();
    for connections in [1, 4, 12, 25] {
        let holder = tempfile::tempdir_in(&bed.directory).expect("a folder");
        std::fs::set_permissions(holder.path(), std::fs::Permissions::from_mode(0o755)).expect("a mode");
        let socket = holder.path().join("engine.sock");
        relay(&socket, &real, connections);
        let host = format!("unix://{}", socket.display());
        let output =
            project.drawbridge(&["up"]).env("DOCKER_HOST", &host).limit(Duration::from_mins(2)).fails();
        assert!(!output.stderr.trim().is_empty(), "{output:?}");
        let without_env =
            |text: &str| text.lines().filter(|line| !line.contains("/.env")).collect::<Vec<_>>().join("\n");
        assert_eq!(
            without_env(&protected),
            without_env(&contents(&project)),
            "{connections} connections: {output:?}"
        );
    }
    // The engine is back: the same command completes what was begun.
    project.up(&[]);
    project.shell("true").succeeded();
    project.drawbridge(&["down"]).ok();
}

/// An engine that serves so many connections and then is gone.
fn relay(socket: &Path, real: &str, connections: usize) {
    let listener = UnixListener::bind(socket).expect("a socket");
    std::fs::set_permissions(socket, std::fs::Permissions::from_mode(0o777)).expect("a mode");
    let (real, socket) = (real.to_owned(), socket.to_owned());
    let served = Arc::new(AtomicUsize::new(0));
    std::thread::spawn(move || {
        for inner in listener.incoming().flatten() {
            if served.fetch_add(1, Ordering::SeqCst) >= connections {
                let _gone = std::fs::remove_file(&socket);
                return;
            }
            let Ok(outer) = UnixStream::connect(&real) else { return };
            for (from, to) in [(&inner, &outer), (&outer, &inner)] {
                let (Ok(mut from), Ok(mut to)) = (from.try_clone(), to.try_clone()) else { return };
                std::thread::spawn(move || {
                    let _moved = std::io::copy(&mut from, &mut to);
                    let _closed = to.shutdown(std::net::Shutdown::Write);
                });
            }
        }
    });
}
