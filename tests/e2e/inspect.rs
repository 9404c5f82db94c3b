//! A rule with a path: the gate looks into the connection, and ordinary clients work without a flag.

use std::time::Duration;

use drawbridge_tests::{Bed, Inet, Project, until};

use crate::fixtures;

const OVERLAY: &str = ".devcontainer/drawbridge.compose.yaml";

/// A project with a rule that needs a look.
fn project(bed: &Bed) -> Project<'_> {
    let project = Project::new(bed, "inspect", fixtures::CLIENTS);
    project.protect(&[]);
    project.allow(&["GET allowed.example/inspect-open/**"]);
    // Anew, because the variables of the container depend on such rules.
    project.protect(&[]);
    trust_the_internet(&project);
    project.up(&[]);
    project
}

/// The project's gate takes the tests' CA for a public one, as the images of the clients do.
pub(crate) fn trust_the_internet(project: &Project<'_>) {
    let cat = ["run", "--rm", "--network", "none", "drawbridge-test/base:bookworm", "cat"];
    let roots = project.bed.docker(&[&cat[..], &["/etc/ssl/certs/ca-certificates.crt"]].concat()).ok();
    project.write(".devcontainer/roots.crt", &roots.stdout);
    let source = project.path.join(".devcontainer/roots.crt");
    let overlay = project.read(OVERLAY);
    let policy = overlay.find("target: /etc/drawbridge/policy").expect("the policy's bind");
    let entry = overlay[..policy].rfind("- type: bind").expect("a bind begins with its type");
    let mount = format!(
        "- type: bind\n        source: {}\n        target: /etc/ssl/certs/ca-certificates.crt\n        read_only: true\n      ",
        source.display()
    );
    let (head, tail) = overlay.split_at(entry);
    project.write(OVERLAY, &format!("{head}{mount}{tail}"));
}

#[test]
fn curl_and_java_are_looked_into_and_held_to_a_path() {
    let Some(bed) = Bed::get() else { return };
    let project = project(bed);
    let direct = "env -u http_proxy -u https_proxy -u HTTP_PROXY -u HTTPS_PROXY";
    for (client, prefix) in [("curl", ""), ("curl", direct), ("java", direct)] {
        let command = if client == "curl" { "curl -sS --max-time 20" } else { "java Fetch.java" };
        let path = format!("/inspect-open/{client}-{}", prefix.len());
        let answer = project.shell(&format!("{prefix} {command} https://allowed.example{path}")).succeeded();
        answer.says(&format!("hello from allowed.example{path}"));
        assert!(Inet::new(bed).seen().path(&path));
        let closed = format!("/inspect-closed/{client}-{}", prefix.len());
        let answer = project.shell(&format!("{prefix} {command} https://allowed.example{closed}"));
        assert!(answer.text().contains(r#""blocked_by":"drawbridge""#) || client == "java", "{answer:?}");
        assert!(!Inet::new(bed).seen().path(&closed), "{client} reached a closed path");
    }
    until("`drawbridge blocked` names the path", Duration::from_secs(10), || {
        let blocked = project.drawbridge(&["blocked"]).output();
        if blocked.text().contains("GET allowed.example/inspect-closed/curl-0") {
            Ok(())
        } else {
            Err(blocked)
        }
    });
    let learned = project.drawbridge(&["learn"]).output();
    assert!(learned.stdout.contains("  GET allowed.example/inspect-closed/**"), "{learned:?}");
    let shown = project.drawbridge(&["ca", "show"]).ok();
    assert!(shown.stdout.starts_with("-----BEGIN CERTIFICATE-----\n"), "{shown:?}");
    let extra = project.inside("root", "cat /run/drawbridge/share/trust/ca-extra.pem").succeeded();
    assert!(extra.stdout.contains(shown.stdout.trim()), "the container gets that certificate: {extra:?}");
    project.inside("root", "! grep -rl 'PRIVATE KEY' /run/drawbridge/share/trust").succeeded();
    a_secret_is_added_by_the_gate(&project);
}

fn a_secret_is_added_by_the_gate(project: &Project<'_>) {
    const VALUE: &str = "k3y-of-the-end-to-end-test";
    let set = ["secret", "set", "model", "--host", "allowed.example", "--header", "x-api-key"];
    let answer = project.drawbridge(&set).input(&format!("{VALUE}\n")).ok();
    assert!(
        answer.stdout.contains("drawbridge-secret-model") && !answer.text().contains(VALUE),
        "{answer:?}"
    );
    let curl = "curl -sS --max-time 20 -H 'x-api-key: drawbridge-secret-model'";
    project.shell(&format!("{curl} https://allowed.example/inspect-open/secret")).succeeded();
    let logs = project.bed.docker(&["logs", &project.sidecar()]).ok();
    assert!(logs.text().contains(r#""secrets":["model"]"#) && !logs.text().contains(VALUE), "{logs:?}");
    let listed = project.drawbridge(&["secret", "list"]).ok();
    assert!(listed.stdout.contains("model  allowed.example:443  header x-api-key"), "{listed:?}");
    project.drawbridge(&["secret", "rm", "model"]).ok();
}

#[test]
fn a_rotated_ca_is_trusted_at_once_and_the_old_one_never_again() {
    let Some(bed) = Bed::get() else { return };
    let project = Project::new(bed, "rotate", fixtures::IMAGE);
    project.protect(&[]);
    project.allow(&["GET allowed.example/rotate/**"]);
    project.protect(&[]);
    trust_the_internet(&project);
    project.up(&[]);
    let curl = |more: &str| {
        project.shell(&format!("curl -sS --max-time 20 {more} https://allowed.example/rotate/{}", more.len()))
    };
    let extra = "/run/drawbridge/share/trust/ca-extra.pem";
    curl("").succeeded().says("hello from allowed.example");
    project.shell(&format!("cp {extra} /tmp/old.pem")).succeeded();
    curl("--cacert /tmp/old.pem").succeeded();

    let old = project.drawbridge(&["ca", "show"]).ok().stdout;
    let new = project.drawbridge(&["ca", "rotate"]).ok().stdout;
    assert_ne!(old, new);
    assert_eq!(project.drawbridge(&["ca", "show"]).ok().stdout, new);
    curl("").succeeded().says("hello from allowed.example");
    curl("--cacert /tmp/old.pem").failed().says("SSL certificate problem");
    let share = project.inside("root", &format!("cat {extra}")).succeeded().stdout;
    assert!(share.contains(new.trim()) && !share.contains(old.trim()), "{share}");
    // A gate that is started anew keeps it.
    project.bed.docker(&["restart", "--time", "1", &project.sidecar()]).ok();
    project.wait_healthy();
    assert_eq!(project.drawbridge(&["ca", "show"]).ok().stdout, new);
    curl("").succeeded();
}
