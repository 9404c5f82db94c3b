//! `drawbridge audit --live` on the real engine: every part of a constructed bridge is observed, and a
//! clean container, which knows nothing of us, gives no observed finding and keeps nothing of ours.

use std::collections::BTreeSet;
use std::time::Duration;

use drawbridge_tests::{Bed, Output, Project, until};

use crate::fixtures;

const BRIDGE: (&str, &str) = ("bridge.py", include_str!("../fixtures/confine/bridge.py"));
/// What the stand-in does not make: files of the bridge and an extension with a signature.
const FILES: &str = r#"set -eu
m=~/.vscode-server/data/Machine; e=~/.vscode-server/extensions/acme.tool-1.0.0/dist
mkdir -p "$m" "$e" ~/.docker ~/.config/gh
echo '{"workbench.externalBrowser": "/inert/marker"}' >"$m/settings.json"
echo '{"publisher": "acme", "name": "tool"}' >"$e/../package.json"
echo 'const inert = "vscode-local";' >"$e/main.js"
printf '#!/bin/sh\necho %s\n' "'{\"Username\":\"u\",\"Secret\":\"inert\"}'" >/tmp/docker-credential-dev-containers-0
chmod +x /tmp/docker-credential-dev-containers-0
echo '{"credsStore": "dev-containers-0"}' >~/.docker/config.json
echo 'oauth_token: inert' >~/.config/gh/hosts.yml
printf 'echo username=u\necho password=inert\n' >/tmp/vscode-remote-containers-0.sh
printf '[user]\n\tname = x\n[credential]\n\thelper = "!f() { sh /tmp/vscode-remote-containers-0.sh git-credential-helper $*; }; f"\n' >~/.gitconfig
echo 'host.example ssh-ed25519 AAAA' >~/.ssh/known_hosts
VSCODE_GIT_ASKPASS_MAIN=/inert INERT_API_KEY=inert setsid -f sleep 300 </dev/null >/dev/null 2>&1
"#;

/// Both credential helpers answer, the agents are the real programs.
const WORKS: &str = r"set -eu
printf 'protocol=https\nhost=host.example\n\n' | git credential fill | grep -q password=inert
echo host.example | /tmp/docker-credential-dev-containers-0 get | grep -q inert
SSH_AUTH_SOCK=/tmp/vscode-ssh-auth-00000000.sock ssh-add -l 2>&1 | grep -q 'no identities'
gpg-connect-agent --no-autostart 'getinfo version' /bye | grep -q '^OK'
";

/// Ids of the findings that were observed.
fn observed(output: &Output) -> BTreeSet<String> {
    let report = output.json();
    let findings = report["findings"].as_array().expect("findings").clone();
    let of_class = findings.into_iter().filter(|finding| finding["class"] == "observed");
    of_class.filter_map(|finding| finding["rule"].as_str().map(str::to_owned)).collect()
}

#[test]
fn a_constructed_bridge_is_observed() {
    let Some(bed) = Bed::get() else { return };
    let project = Project::new(bed, "audit-bridge", fixtures::BRIDGE_USER);
    project.write(BRIDGE.0, BRIDGE.1);
    project.protect(&[]);
    project.up(&[]);
    project.shell("setsid -f python3 bridge.py 600 </dev/null >/dev/null 2>&1").succeeded();
    until("the bridge stands", Duration::from_secs(30), || {
        let ready = project.shell("cat /tmp/bridge.ready");
        if ready.code == Some(0) { Ok(()) } else { Err(ready) }
    });
    project.shell(FILES).succeeded();
    project.shell(WORKS).succeeded();
    let output = project.drawbridge(&["audit", "--live", "--json"]).output();
    assert_eq!(output.code, Some(1), "{output:?}");
    let observed = observed(&output);
    for rule in [
        "cli-ipc-reachable",
        "cli-ipc-only-hidden",
        "git-askpass-reachable",
        "ssh-agent-reachable",
        "gpg-agent-reachable",
        "credential-ipc-reachable",
        "x11-reachable",
        "wayland-reachable",
        "askpass-variables",
        "secret-in-environment",
        "git-credential-helper-wired",
        "registry-credentials-bridged",
        "gh-login-with-token",
        "known-hosts-in-container",
        "external-browser-setting",
        "machine-settings-writable",
        "server-folder-writable",
        "extension-signature",
    ] {
        assert!(observed.contains(rule), "{rule} is missing in {observed:?}");
    }
    assert!(!observed.contains("configuration-writable"), "it is bound read-only: {observed:?}");
    assert!(!observed.contains("privileged-container") && !observed.contains("unconfined"), "{observed:?}");
    assert!(!observed.contains("extension-changed"), "no baseline was made: {observed:?}");
    what_changes_inside_is_drift(&project);
}

/// With what a baseline records while the container runs.
fn what_changes_inside_is_drift(project: &Project<'_>) {
    let folder = "/home/vscode/.vscode-server/extensions/acme.tool-1.0.0";
    let settings = "/home/vscode/.vscode-server/data/Machine/settings.json";
    project.drawbridge(&["baseline"]).ok().says("1 extensions and 1 files of settings in the container");
    project.drawbridge(&["review"]).ok();
    project.shell("echo 'more' >>~/.vscode-server/extensions/acme.tool-1.0.0/dist/main.js").succeeded();
    project.shell(&format!("echo '{{\"remote.localPortHost\": \"allInterfaces\"}}' >{settings}")).succeeded();
    let review = project.drawbridge(&["review", "--json"]).output();
    assert_eq!(review.code, Some(1), "{review:?}");
    let drift = review.json();
    assert_eq!((&drift[0]["path"], &drift[0]["kind"]), (&settings.into(), &"changed".into()), "{drift}");
    assert!(drift[0]["what"].to_string().contains("adds setting `remote.localPortHost`"), "{drift}");
    assert_eq!((&drift[1]["path"], &drift[1]["kind"]), (&folder.into(), &"changed".into()), "{drift}");
    project.drawbridge(&["review", "--accept", settings]).output();
    assert_eq!(project.drawbridge(&["review", "--json"]).output().json()[0]["path"], folder);
    let audit = project.drawbridge(&["audit", "--live", "--json"]).output();
    assert!(observed(&audit).contains("extension-changed"), "{audit:?}");
    project.drawbridge(&["review", "--accept", folder]).ok();
    project.drawbridge(&["review"]).ok();
}

/// Stands in for a JetBrains back end: only where it listens counts.
const BACKEND: &str = r#"import socket, time
listener = socket.create_server(("0.0.0.0", 5990))
open("/tmp/ready", "w").close()
time.sleep(300)
"#;

#[test]
fn volumes_listeners_and_privileges_are_observed() {
    let Some(bed) = Bed::get() else { return };
    let project = Project::new(bed, "audit-plain", fixtures::IMAGE_USER);
    let run = ["run", "--detach", "--rm", "--network=none", "--user=0"];
    let options = ["--cap-add=SYS_ADMIN", "--security-opt=seccomp=unconfined"];
    // Anonymous volumes end with the container; the rules ask where one is mounted.
    let volumes = ["--volume=/vscode", "--volume=/.jbdevcontainer"];
    let program = ["drawbridge-test/bridge:bookworm", "python3", "-c", BACKEND];
    let id = bed.docker(&[&run[..], &options, &volumes, &program].concat()).ok().text();
    let id = id.trim();
    until("the listener stands", Duration::from_secs(30), || {
        let ready = bed.docker(&["exec", id, "test", "-e", "/tmp/ready"]).output();
        if ready.code == Some(0) { Ok(()) } else { Err(ready) }
    });
    let output = project.drawbridge(&["audit", "--live", "--container", id, "--json"]).output();
    bed.docker(&["kill", id]).ok();
    let observed = observed(&output);
    for rule in [
        "vscode-shared-volume",
        "jetbrains-shared-volume",
        "jetbrains-port-exposed",
        "dangerous-capability",
        "unconfined",
        "new-privileges-allowed",
    ] {
        assert!(observed.contains(rule), "{rule} is missing in {observed:?}");
    }
    assert!(!observed.contains("privileged-container"), "{observed:?}");
}

#[test]
fn a_clean_container_is_clean_and_left_as_it_was() {
    let Some(bed) = Bed::get() else { return };
    let project = Project::new(bed, "audit-clean", fixtures::IMAGE_USER);
    // What makes a container clean: no user who can become root, through sudo or any other set-uid program.
    let run = ["run", "--detach", "--rm", "--network=none", "--user=65534"];
    let clean = ["--security-opt=no-new-privileges", "drawbridge-test/base:bookworm", "sleep", "300"];
    let id = bed.docker(&[&run[..], &clean].concat()).ok().text();
    let id = id.trim();
    let output = project.drawbridge(&["audit", "--live", "--container", id, "--json"]).output();
    let diff = bed.docker(&["diff", id]).ok().text();
    bed.docker(&["kill", id]).ok();
    assert_eq!(observed(&output), BTreeSet::new(), "{output:?}");
    assert!(!diff.contains("drawbridge"), "{diff}");
}

#[test]
fn each_of_several_containers_is_reviewed_and_none_is_audited_by_chance() {
    let Some(bed) = Bed::get() else { return };
    let (a, b) = (".devcontainer/a/devcontainer.json", ".devcontainer/b/devcontainer.json");
    let text = r#"{ "image": "drawbridge-test/base:bookworm" }"#;
    let project = Project::new(bed, "audit-several", &[(a, text), (b, text)]);
    let folder = project.path.display();
    let labels = |config: &str| {
        [
            format!("--label=devcontainer.local_folder={folder}"),
            format!("--label=devcontainer.config_file={folder}/{config}"),
        ]
    };
    let [one, two] = [a, b].map(|config| {
        let labels = labels(config);
        let run = ["run", "--detach", "--network=none", &labels[0], &labels[1]];
        let id =
            bed.docker(&[&run[..], &["drawbridge-test/base:bookworm", "sleep", "300"]].concat()).ok().text();
        let name = project.inspect(id.trim(), "{{.Name}}");
        name.trim().trim_start_matches('/').to_owned()
    });
    let refused = project.drawbridge(&["audit", "--live"]).output();
    assert_eq!(refused.code, Some(2), "{refused:?}");
    refused
        .says("several containers of this folder run")
        .says(&format!("`{one}` of {a}"))
        .says(&format!("`{two}` of {b}"))
        .says("choose one: --config ")
        .says(&format!("--config {b}"));
    let file = "/root/.vscode-server/data/Machine/settings.json";
    let write = |name: &str, text: &str| {
        let script = format!("mkdir -p $(dirname {file}) && echo '{text}' >{file}");
        bed.docker(&["exec", "--user=0", name, "sh", "-c", &script]).ok();
    };
    let opens = r#"{"workbench.externalBrowser": "/inert/marker"}"#;
    write(&two, opens);
    let of = |config: &str| {
        observed(&project.drawbridge(&["audit", "--live", "--config", config, "--json"]).output())
            .contains("external-browser-setting")
    };
    assert_eq!((of(a), of(b)), (false, true));

    project.drawbridge(&["baseline"]).ok().says("in 2 containers remembered");
    project.drawbridge(&["review"]).ok();
    write(&one, opens);
    write(&two, r#"{"remote.localPortHost": "allInterfaces"}"#);
    let told = |arguments: &[&str]| {
        let output = project.drawbridge(&[&["review", "--json"], arguments].concat()).output();
        let mut told: Vec<(String, String, String)> = output
            .json()
            .as_array()
            .expect("a list")
            .iter()
            .map(|drift| {
                ["path", "container", "config"].map(|key| drift[key].as_str().unwrap_or("").to_owned())
            })
            .map(|[path, container, config]| (path, container, config))
            .collect();
        told.sort_by(|a, b| a.2.cmp(&b.2));
        told
    };
    let [of_one, of_two] =
        [(&one, a), (&two, b)].map(|(name, config)| (file.to_owned(), name.clone(), config.to_owned()));
    assert_eq!(told(&[]), [of_one.clone(), of_two.clone()]);
    assert_eq!(told(&["--config", a]), [of_one]);
    assert_eq!(told(&["--config", a, "--accept", file]), []);
    assert_eq!(told(&[]), [of_two]);
    bed.docker(&["rm", "--force", &one]).ok();
    project.drawbridge(&["audit", "--live", "--config", a]).fails().says("no dev container of");
    let alone = project.drawbridge(&["audit", "--live", "--json"]).output();
    assert!(!observed(&alone).is_empty(), "the only one is taken: {alone:?}");
}

const BROUGHT: &str = "drawbridge-test/brought:1";
/// An image with a label, as the devcontainers project's own have it.
const LABELLED: &str = r#"FROM drawbridge-test/base:bookworm
LABEL devcontainer.metadata='[{ "id": "acme", "capAdd": ["SYS_PTRACE"], "mounts": [{ "type": "bind", "source": "/srv", "target": "/srv" }], "customizations": { "vscode": { "extensions": ["acme.tool"] } } }]'
"#;
const FEATURE: &str = r#"{ "id": "extra", "version": "1.0.0", "securityOpt": ["seccomp=unconfined"] }"#;

#[test]
fn what_an_image_and_a_feature_bring_is_found_and_drift_is_in_the_answer_of_up() {
    let Some(bed) = Bed::get() else { return };
    bed.docker(&["build", "--quiet", "--tag", BROUGHT, "-"]).input(LABELLED).ok();
    let first = ".devcontainer/a/devcontainer.json";
    let files = [
        (first, r#"{ "image": "drawbridge-test/brought:1", "remoteUser": "vscode" }"#),
        (
            ".devcontainer/b/devcontainer.json",
            r#"{ "image": "drawbridge-test/base:bookworm", "features": { "./extra": {} } }"#,
        ),
        (".devcontainer/b/extra/devcontainer-feature.json", FEATURE),
        (".devcontainer/b/extra/install.sh", "#!/bin/sh\n"),
    ];
    let project = Project::new(bed, "audit-brought", &files);
    project.drawbridge(&["baseline"]).ok();
    project.write(".vscode/tasks.json", "{}\n");
    let up = ["up", "--unprotected", "--config", first, "--json"];
    let answer = project.drawbridge(&up).limit(Duration::from_mins(5)).ok().json();
    assert_eq!(answer["protected"], false, "{answer}");
    let drift = answer["drift"].as_array().expect("a list");
    assert_eq!(
        (drift.len(), &drift[0]["path"], &drift[0]["kind"]),
        (1, &".vscode/tasks.json".into(), &"added".into())
    );

    let report = project.drawbridge(&["audit", "--live", "--json"]).output().json();
    let found: BTreeSet<(String, String)> = report["findings"]
        .as_array()
        .expect("findings")
        .iter()
        .filter(|finding| finding["code"] == "DB905")
        .map(|finding| (finding["config"].to_string(), finding["message"].to_string()))
        .collect();
    let of = |config: &str, what: &str| {
        found.iter().any(|(own, message)| own.contains(config) && message.contains(what))
    };
    assert!(of("/a/", "`acme` adds the capability `SYS_PTRACE`"), "{found:?}");
    assert!(of("/a/", "`acme` mounts") && of("/a/", "extensions `acme.tool`"), "{found:?}");
    assert!(of("/b/", "sets `seccomp=unconfined`"), "{found:?}");
    assert!(!of("/b/", "SYS_PTRACE") && !of("/a/", "unconfined"), "{found:?}");
}
