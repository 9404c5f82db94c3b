//! The Feature, as `cargo xtask package-feature` stages it, installed by the official CLI.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use drawbridge_tests::{Bed, Project};

use crate::trust;

const CONFIG: &str = r#"{
	"image": "drawbridge-test/base:bookworm",
	"remoteUser": "vscode",
	"features": { "./drawbridge-feature": { "confine": "claude" } }
}
"#;

/// Plays an agent that was installed after the Feature.
const AGENT: &str = r#"cat >/usr/local/bin/claude <<'EOF'
#!/bin/sh
echo "profile=${DRAWBRIDGE_CONFINED-none} $#=$2"
exec python3 -c 'import socket; socket.socket(socket.AF_UNIX)'
EOF
chmod 755 /usr/local/bin/claude"#;

/// The Feature's folder as the stager made it; the collection is two folders above.
pub(crate) fn staged(bed: &Bed) -> PathBuf {
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
    project_with(bed, CONFIG)
}

fn project_with<'a>(bed: &'a Bed, config: &str) -> Project<'a> {
    let project = Project::empty(bed, "feature");
    project.write(".devcontainer/devcontainer.json", config);
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
    agent_is_confined(bed, &dev);
    let environment = project.inspect(&dev, "{{.Config.Env}}");
    assert!(!environment.to_lowercase().contains("_proxy="), "{environment}");
}

/// By its name the agent runs inside the walls, by its path (the control) outside them.
fn agent_is_confined(bed: &Bed, dev: &str) {
    bed.docker(&["exec", "--user", "root", dev, "sh", "-c", AGENT]).ok();
    let agent = |program: &str| {
        let exec =
            ["exec", "--user", "vscode", "--workdir", "/usr/share/doc", dev, program, "one", "two words"];
        bed.docker(&exec).output()
    };
    agent("/usr/local/bin/claude").succeeded().says("profile=none 2=two words");
    agent("claude").failed().says("profile=claude-code 2=two words").says("PermissionError");
}

#[test]
fn feature_refuses_a_damaged_binary() {
    let Some(bed) = Bed::get() else { return };
    let project = project(bed);
    let binary = format!(".devcontainer/drawbridge-feature/bin/drawbridge-linux-{}", std::env::consts::ARCH);
    project.write(&binary, "#!/bin/sh\nexit 0\n");
    up(&project).fails().says("checksum");
}

/// A Dockerfile that ends with a user without rights, and a CA that is there from the start only.
const NON_ROOT: &str = r#"{
	"build": { "dockerfile": "Dockerfile" },
	"features": { "./drawbridge-feature": {} },
	"runArgs": ["--add-host", "check.test:127.0.0.1"],
	"mounts": ["type=bind,source=${localWorkspaceFolder}/pki,target=/run/drawbridge/share/trust"]
}
"#;

#[test]
fn feature_trusts_without_root_and_says_that_egress_is_open() {
    let Some(bed) = Bed::get() else { return };
    let project = project_with(bed, NON_ROOT);
    project.write(".devcontainer/Dockerfile", "FROM drawbridge-test/base:bookworm\nUSER vscode\n");
    let pki = project.path.join("pki");
    std::fs::create_dir(&pki).expect("a folder");
    trust::pki(bed, &pki);
    bed.give(&pki);
    up(&project).ok();
    let dev = project.dev();
    let user = bed.docker(&["exec", &dev, "id", "-u"]).ok();
    assert_ne!(user.stdout.trim(), "0", "the container's user is no root");
    trust::serve(bed, &dev, "/run/drawbridge/share/trust");
    let check = || {
        trust::verdicts(
            &bed.docker(&["exec", &dev, "drawbridge", "trust", "check", "--json", trust::SERVER]).output(),
        )
    };
    let trusted = check();
    assert!(trusted.len() >= 4 && trusted.values().all(|verdict| verdict == "trusted"), "{trusted:?}");

    let shell = ["exec", "--tty", &dev, "bash", "-ic", "true"];
    bed.docker(&shell).ok().says("egress is NOT enforced").says("drawbridge protect");
    bed.docker(&shell).ok().says_not("enforced");

    bed.docker(&["exec", &dev, "drawbridge", "trust", "undo"]).ok();
    let gone = check();
    assert!(gone.values().all(|verdict| verdict == "not-trusted"), "{gone:?}");
}

/// What a small image lacks, and what an option must not hold.
const BARE: &str = r#"set -eu
fails() { if "$@" >/tmp/said 2>&1; then echo "should have failed: $*"; exit 1; fi; grep -q "$said" /tmp/said; }
said='not allowed'
for value in 'a b' 'a;b' '$(id)' '`id`' "a'b"; do fails env CA="$value" /feature/install.sh; done
said='neither true nor false'
fails env SSH=maybe /feature/install.sh
said='no certificate'
fails env CA=AAAA /feature/install.sh
rm -rf /bin/bash /usr/bin/bash /usr/bin/sha256sum /usr/bin/sudo /etc/ssl/certs /usr/local/share/ca-certificates
/feature/install.sh
/feature/install.sh
test "$(grep -c BEGIN /usr/local/share/drawbridge/bundle.pem)" -gt 50
test ! -s /usr/local/share/drawbridge/ca-extra.pem
/usr/local/share/drawbridge/entrypoint.sh
test "$(grep -c drawbridge /etc/bash.bashrc)" -eq 1
"#;

#[test]
fn feature_installs_in_a_bare_image_and_refuses_odd_options() {
    let Some(bed) = Bed::get() else { return };
    let staged = staged(bed);
    let mount = format!("type=bind,source={},target=/feature,readonly", staged.display());
    let run = ["run", "--rm", "--mount", &mount, "drawbridge-test/base:bookworm", "sh", "-c", BARE];
    let done = bed.docker(&run).output();
    let _gone = std::fs::remove_dir_all(staged.join("../.."));
    done.succeeded().says("egress is NOT enforced");
}
