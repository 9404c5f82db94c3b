//! The steps of a release, as `.github/workflows/release.yml` calls them, against a registry on loopback.

use std::path::{Path, PathBuf};
use std::process::Command;

use drawbridge_tests::{Bed, Registry};
use serde_json::Value;

const VERSION: &str = env!("CARGO_PKG_VERSION");

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// `scripts/release` with the environment of the tests: it needs cargo.
fn release(arguments: &[&str]) -> std::process::Output {
    Command::new(root().join("scripts/release")).args(arguments).output().expect("the script runs")
}

fn ok(arguments: &[&str]) -> String {
    let done = release(arguments);
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "release {arguments:?}: {said}");
    String::from_utf8_lossy(&done.stdout).into_owned()
}

#[test]
fn a_release_is_packed_described_and_published() {
    let Some(bed) = Bed::get() else { return };
    let Some(registry) = Registry::start(bed) else { return };
    let folder = tempfile::Builder::new().prefix("release-").tempdir_in(&bed.directory).expect("a folder");
    let at = |name: &str| folder.path().join(name).display().to_string();
    let (dist, out) = (at("dist"), at("feature"));
    std::fs::create_dir(&dist).expect("a folder");
    let binary = format!("{dist}/drawbridge-linux-{}", std::env::consts::ARCH);
    std::fs::copy(bed.drawbridge(), &binary).expect("the binary");

    ok(&["check", VERSION]);
    assert!(!release(&["check", "99.0.0"]).status.success());
    ok(&["feature", &dist, &out]);
    ok(&["sbom", &dist]);
    ok(&["sums", &dist]);
    let summed = Command::new("sha256sum").args(["-c", "SHA256SUMS"]).current_dir(&dist).output();
    let summed = String::from_utf8_lossy(&summed.expect("sha256sum runs").stdout).into_owned();
    for name in ["devcontainer-feature-drawbridge.tgz", "drawbridge-linux", "drawbridge.cdx.json"] {
        assert!(summed.lines().any(|line| line.starts_with(name) && line.ends_with(": OK")), "{summed}");
    }
    let text = std::fs::read_to_string(format!("{dist}/drawbridge.cdx.json")).expect("the SBOM");
    let bom: Value = serde_json::from_str(&text).expect("JSON");
    let names: Vec<&str> = bom["components"]
        .as_array()
        .expect("components")
        .iter()
        .filter_map(|part| part["name"].as_str())
        .collect();
    assert!(names.contains(&"tokio") && !names.contains(&"criterion"), "{names:?}");

    ok(&["publish-feature", &out, &registry.host, "drawbridge/features"]);
    let repository = format!("{}/drawbridge/sidecar", registry.host);
    let digest = ok(&["publish-image", &dist, &repository]);
    let pinned = digest.lines().last().unwrap_or_default();
    assert!(pinned.starts_with(&repository) && pinned.contains("@sha256:"), "{digest}");
    bed.docker(&["pull", pinned]).ok();
    bed.docker(&["rmi", "--force", pinned]).ok();
}

#[test]
fn workflows_pin_actions_and_start_with_the_least_permissions() {
    for name in ["ci.yml", "release.yml"] {
        let text = std::fs::read_to_string(root().join(".github/workflows").join(name)).expect("a workflow");
        assert!(text.contains("\npermissions:\n  contents: read\n"), "{name}");
        let actions: Vec<&str> =
            text.lines().filter_map(|line| line.split_once("uses: ")).map(|(_, action)| action).collect();
        assert!(!actions.is_empty());
        for action in actions {
            let (hash, version) = action
                .split_once('@')
                .and_then(|(_, pin)| pin.split_once(" # "))
                .unwrap_or_else(|| panic!("{name}: {action} names no commit and version"));
            assert!(
                hash.len() == 40 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()),
                "{name}: {action}"
            );
            assert!(version.starts_with('v'), "{name}: {action}");
        }
        let steps = text.lines().filter(|line| line.contains("./scripts/release "));
        let script = std::fs::read_to_string(root().join("scripts/release")).expect("the script");
        for step in steps {
            let word = step.split("./scripts/release ").nth(1).and_then(|rest| rest.split(' ').next());
            let word = word.unwrap_or_default();
            assert!(script.contains(&format!("\n    {word}) ")), "{name} calls {word}");
        }
    }
}
