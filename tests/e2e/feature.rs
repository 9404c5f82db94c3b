//! The Feature, as `cargo xtask package-feature` stages it, installed by the official CLI.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use drawbridge_tests::{Bed, Project};

const CONFIG: &str = r#"{
	"image": "drawbridge-test/base:bookworm",
	"remoteUser": "vscode",
	"features": { "./drawbridge-feature": {} }
}
"#;

/// The folder that the stager made.
fn staged(bed: &Bed) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let out =
        tempfile::Builder::new().prefix("feature-").tempdir_in(&bed.directory).expect("a folder").keep();
    let done = Command::new(env!("CARGO"))
        .args(["run", "--quiet", "--package", "xtask", "--", "package-feature", "--binary"])
        .arg(bed.drawbridge())
        .args(["--arch", std::env::consts::ARCH, "--out"])
        .arg(&out)
        .current_dir(&root)
        .output()
        .expect("cargo runs");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    out.join("src/drawbridge")
}

fn project(bed: &Bed) -> Project<'_> {
    let project = Project::empty(bed, "feature");
    project.write(".devcontainer/devcontainer.json", CONFIG);
    let staged = staged(bed);
    let target = project.path.join(".devcontainer/drawbridge-feature");
    bed.as_me(&["cp", "-R", &staged.display().to_string(), &target.display().to_string()], &bed.directory)
        .ok();
    bed.give(&target);
    let _moved = std::fs::remove_dir_all(staged.join("../.."));
    project
}

fn up(project: &Project<'_>) -> drawbridge_tests::Run {
    project
        .bed
        .host(&["devcontainer", "up", "--workspace-folder", "."], &project.path)
        .limit(Duration::from_mins(5))
}

#[test]
fn feature_installs_its_binary() {
    let Some(bed) = Bed::get() else { return };
    let project = project(bed);
    up(&project).ok();
    let dev = project.dev();
    let version = bed.docker(&["exec", "--user", "vscode", &dev, "drawbridge", "--version"]).ok();
    assert_eq!(version.stdout, bed.host(&["drawbridge", "--version"], &project.path).ok().stdout);
    bed.docker(&["exec", &dev, "test", "-f", "/etc/ssh/ssh_config.d/20-drawbridge.conf"]).ok();
    // Without a gate ssh goes where it always went.
    bed.docker(&["exec", &dev, "ssh", "-G", "git.example"]).ok().says_not("proxycommand /");
    let environment = project.inspect(&dev, "{{.Config.Env}}");
    assert!(!environment.to_lowercase().contains("_proxy="), "{environment}");
}

#[test]
fn feature_refuses_a_damaged_binary() {
    let Some(bed) = Bed::get() else { return };
    let project = project(bed);
    let binary = format!(".devcontainer/drawbridge-feature/bin/drawbridge-linux-{}", std::env::consts::ARCH);
    project.write(&binary, "#!/bin/sh\nexit 0\n");
    up(&project).fails().says("checksum");
}
