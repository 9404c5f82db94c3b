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
echo '{"credsStore": "dev-containers-0"}' >~/.docker/config.json
echo 'oauth_token: inert' >~/.config/gh/hosts.yml
printf '[user]\n\tname = x\n[credential]\n\thelper = !f() { node /tmp/vscode-remote-containers-0.js; }; f\n' >~/.gitconfig
echo 'host.example ssh-ed25519 AAAA' >~/.ssh/known_hosts
VSCODE_GIT_ASKPASS_MAIN=/inert INERT_API_KEY=inert setsid -f sleep 300 </dev/null >/dev/null 2>&1
"#;

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
    let project = Project::new(bed, "audit-bridge", fixtures::IMAGE_USER);
    project.write(BRIDGE.0, BRIDGE.1);
    project.protect(&[]);
    project.up(&[]);
    project.shell("setsid -f python3 bridge.py 600 </dev/null >/dev/null 2>&1").succeeded();
    until("the bridge stands", Duration::from_secs(30), || {
        let ready = project.shell("cat /tmp/bridge.ready");
        if ready.code == Some(0) { Ok(()) } else { Err(ready) }
    });
    project.shell(FILES).succeeded();
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
}

#[test]
fn a_clean_container_is_clean_and_left_as_it_was() {
    let Some(bed) = Bed::get() else { return };
    let project = Project::new(bed, "audit-clean", fixtures::IMAGE_USER);
    let run = ["run", "--detach", "--rm", "--network=none", "--user=65534", "drawbridge-test/base:bookworm"];
    let id = bed.docker(&[&run[..], &["sleep", "300"]].concat()).ok().text();
    let id = id.trim();
    let output = project.drawbridge(&["audit", "--live", "--container", id, "--json"]).output();
    let diff = bed.docker(&["diff", id]).ok().text();
    bed.docker(&["kill", id]).ok();
    let mut observed = observed(&output);
    // The test's image has set-uid programs, which is for information.
    observed.remove("new-privileges-allowed");
    observed.remove("passwordless-sudo");
    assert_eq!(observed, BTreeSet::new(), "{output:?}");
    assert!(!diff.contains("drawbridge"), "{diff}");
}
