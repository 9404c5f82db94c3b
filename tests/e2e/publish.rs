//! The Feature and the gate's image in a real OCI registry: published, consumed by reference, locked, upgraded.

use std::path::{Path, PathBuf};
use std::time::Duration;

use drawbridge_tests::{Bed, Output, Project, Registry};
use serde_json::Value;

use crate::feature::staged;
use crate::fixtures;

const NAMESPACE: &str = "drawbridge/features";
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// A collection that ends with the test.
pub(crate) struct Collection<'a> {
    bed: &'a Bed,
    folder: PathBuf,
}

impl<'a> Collection<'a> {
    pub(crate) fn stage(bed: &'a Bed) -> Self {
        let folder = staged(bed).ancestors().nth(2).expect("the collection's folder").to_owned();
        Self { bed, folder }
    }

    fn cli(&self, arguments: &[&str]) -> Output {
        let argv: Vec<&str> = ["devcontainer", "features"].iter().chain(arguments).copied().collect();
        self.bed.as_me(&argv, &self.folder).limit(Duration::from_mins(9)).ok()
    }

    pub(crate) fn publish(&self, registry: &Registry) -> Output {
        self.cli(&["publish", "./src", "--registry", &registry.host, "--namespace", NAMESPACE])
    }

    /// Another version of the same Feature.
    fn bump(&self, version: &str) {
        let file = self.folder.join("src/drawbridge/devcontainer-feature.json");
        let text = std::fs::read_to_string(&file).expect("the Feature's metadata");
        let now = format!("\"version\": \"{VERSION}\"");
        assert!(text.contains(&now), "the Feature has the workspace's version");
        std::fs::write(&file, text.replace(&now, &format!("\"version\": \"{version}\""))).expect("written");
    }
}

impl Drop for Collection<'_> {
    fn drop(&mut self) {
        let _gone = std::fs::remove_dir_all(&self.folder);
    }
}

fn locked(project: &Project<'_>) -> Value {
    let lock: Value =
        serde_json::from_str(&project.read(".devcontainer/devcontainer-lock.json")).expect("a lock file");
    lock["features"].as_object().and_then(|features| features.values().next().cloned()).expect("one Feature")
}

#[test]
fn the_published_feature_is_consumed_locked_and_upgraded() {
    let Some(bed) = Bed::get() else { return };
    let Some(registry) = Registry::start(bed) else { return };
    let collection = Collection::stage(bed);
    collection.publish(&registry).says(VERSION);
    // What is published stays what it was.
    collection.publish(&registry).says("already exists");

    let reference = format!("{}/{NAMESPACE}/drawbridge:0", registry.host);
    let project = Project::empty(bed, "consumer");
    let config = format!(
        "{{\n\t// as it was\n\t\"image\": \"drawbridge-test/base:bookworm\",\n\t\"remoteUser\": \"vscode\",\n\t\"features\": {{ \"{reference}\": {{}} }}\n}}\n"
    );
    project.write(".devcontainer/devcontainer.json", &config);
    let cli = |arguments: &[&str]| {
        let argv: Vec<&str> = std::iter::once("devcontainer").chain(arguments.iter().copied()).collect();
        bed.host(&argv, &project.path).limit(Duration::from_mins(5)).ok()
    };
    cli(&["up", "--workspace-folder", "."]);
    let version = bed.docker(&["exec", &project.dev(), "drawbridge", "--version"]).ok();
    assert_eq!(version.stdout, bed.host(&["drawbridge", "--version"], &project.path).ok().stdout);
    let lock = locked(&project);
    assert_eq!(lock["version"], VERSION);
    assert!(lock["integrity"].as_str().is_some_and(|text| text.starts_with("sha256:")), "{lock}");

    let next = "0.99.0";
    collection.bump(next);
    collection.publish(&registry).says(next);
    cli(&["outdated", "--workspace-folder", "."]).says(next);
    cli(&["upgrade", "--workspace-folder", "."]);
    let upgraded = locked(&project);
    assert_eq!(upgraded["version"], next);
    assert_ne!(upgraded["integrity"], lock["integrity"]);
    assert_eq!(project.read(".devcontainer/devcontainer.json"), config);
}

#[test]
fn the_generated_readme_names_every_option() {
    let Some(bed) = Bed::get() else { return };
    let collection = Collection::stage(bed);
    let docs = ["generate-docs", "--project-folder", "./src", "--registry", "registry.example"];
    collection.cli(&[&docs[..], &["--namespace", NAMESPACE]].concat());
    let source = collection.folder.join("src/drawbridge");
    let read = |name: &str| std::fs::read_to_string(source.join(name)).expect("a text");
    let readme = read("README.md");
    let metadata: Value = serde_json::from_str(&read("devcontainer-feature.json")).expect("JSON");
    let options = metadata["options"].as_object().expect("options");
    for (name, option) in options {
        let described = option["description"].as_str().expect("a description");
        assert!(readme.contains(&format!("| {name} | {described} |")), "{name}: {readme}");
    }
    assert!(readme.contains("registry.example/drawbridge/features/drawbridge:0"), "{readme}");
    assert!(readme.contains(read("NOTES.md").trim()), "{readme}");
}

/// The official test runner: every scenario, twice the same Feature, a user who is not root.
#[test]
fn the_official_tests_pass() {
    let Some(bed) = Bed::get() else { return };
    if std::env::var_os("DRAWBRIDGE_TEST_FULL").is_none() {
        eprintln!("SKIPPED: the Feature's official tests; DRAWBRIDGE_TEST_FULL=1 runs them");
        return;
    }
    let collection = Collection::stage(bed);
    let run = ["test", "--features", "drawbridge", "--base-image", "drawbridge-test/base:bookworm"];
    let done = collection.cli(&[&run[..], &["--project-folder", "."]].concat());
    println!("{}", done.stdout);
    let scenarios =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../devcontainer-feature/test/drawbridge/scenarios.json");
    let scenarios: Value =
        serde_json::from_str(&std::fs::read_to_string(scenarios).expect("scenarios")).expect("JSON");
    for name in scenarios.as_object().expect("scenarios").keys() {
        assert!(done.text().contains(name.as_str()), "{name} did not run: {done:?}");
    }
}

/// The image that the gate runs from is an image like any other: what a registry gives back is what was built.
#[test]
fn the_gates_image_travels_through_a_registry() {
    let Some(bed) = Bed::get() else { return };
    let Some(registry) = Registry::start(bed) else { return };
    let local = format!("drawbridge/sidecar:{VERSION}");
    let remote = format!("{}/drawbridge/sidecar:{VERSION}", registry.host);
    bed.drawbridge();
    let content = |image: &str| {
        let label = r#"{{index .Config.Labels "dev.drawbridge.content"}}"#;
        bed.docker(&["image", "inspect", "--format", label, image]).ok().stdout
    };
    let built = content(&local);
    bed.docker(&["tag", &local, &remote]).ok();
    bed.docker(&["push", &remote]).ok();
    let digest =
        bed.docker(&["image", "inspect", "--format", "{{index .RepoDigests 0}}", &remote]).ok().stdout;
    bed.docker(&["rmi", &remote]).ok();
    let pinned = digest.trim();
    assert!(pinned.contains("@sha256:"), "{pinned}");
    bed.docker(&["pull", pinned]).ok();
    assert_eq!(content(pinned), built);
    bed.docker(&["run", "--rm", "--network", "none", pinned, "--version"]).ok().says(VERSION);
    bed.docker(&["rmi", pinned]).ok();
}

/// From `sidecar pull` on, `protect` writes the digest and the engine fetches the image by itself; a repository that names
/// an image which this user did not choose is refused.
#[test]
fn protect_pins_the_gates_image_by_digest() {
    let Some(bed) = Bed::get() else { return };
    let Some(registry) = Registry::start(bed) else { return };
    let remote = format!("{}/drawbridge/sidecar:{VERSION}", registry.host);
    bed.drawbridge();
    bed.docker(&["tag", &format!("drawbridge/sidecar:{VERSION}"), &remote]).ok();
    bed.docker(&["push", &remote]).ok();
    bed.docker(&["rmi", &remote]).ok();

    let project = Project::new(bed, "pinned", fixtures::IMAGE);
    let home = tempfile::Builder::new().prefix("config-").tempdir_in(&bed.directory).expect("a folder");
    bed.give(home.path());
    let config = home.path().display().to_string();
    let own = |arguments: &[&str]| {
        project.drawbridge(arguments).env("XDG_CONFIG_HOME", &config).limit(Duration::from_mins(5))
    };
    let said = own(&["sidecar", "pull", &remote]).ok();
    let pinned = said.stdout.trim().strip_prefix("Gates run from ").expect("the image's name").to_owned();
    assert!(pinned.starts_with(&format!("{remote}@sha256:")), "{said:?}");
    own(&["protect", "--yes"]).ok();
    let overlay = project.read(".devcontainer/drawbridge.compose.yaml");
    assert!(overlay.contains(&pinned) && !overlay.contains("pull_policy: never"), "{overlay}");

    // By that name the engine has it no longer.
    bed.docker(&["rmi", "--force", &pinned, &remote]).output();
    bed.docker(&["image", "inspect", &pinned]).fails();
    own(&["up"]).ok();
    assert_eq!(project.inspect(&project.sidecar(), "{{.Config.Image}}"), pinned);
    project.drawbridge(&["up"]).fails().says("the gate would run from").says(&pinned);

    drop(project);
    bed.docker(&["rmi", "--force", &pinned]).output();
}
