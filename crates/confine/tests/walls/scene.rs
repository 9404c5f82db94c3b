//! A home and a workspace, and scripts that run inside and outside the walls.

use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

/// Sockets that stay in reach, separated by colons; read by `examples/confined.rs`.
pub(crate) const SOCKETS: &str = "CONFINED_SOCKETS";

/// Set to start with the walls that stand; read by `examples/confined.rs`.
pub(crate) const BEST_EFFORT: &str = "CONFINED_BEST_EFFORT";

/// The program that raises the walls; cargo builds examples with the tests.
fn confined() -> PathBuf {
    let own = std::env::current_exe().unwrap();
    own.ancestors().nth(2).unwrap().join("examples/confined")
}

/// The system's programs before those in the tester's home, which is out of reach inside the walls.
pub(crate) fn search_path() -> OsString {
    let mut path = OsString::from("/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:");
    path.push(std::env::var_os("PATH").unwrap_or_default());
    path
}

pub(crate) struct Scene {
    folder: tempfile::TempDir,
}

impl Scene {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for path in ["home/.ssh", "home/.vscode-server/extensions", "home/.config", "work/sub"] {
            fs::create_dir_all(folder.path().join(path)).unwrap();
        }
        fs::write(folder.path().join("home/.ssh/id"), "inert").unwrap();
        fs::write(folder.path().join("home/.gitconfig"), "[user]\n").unwrap();
        Self { folder }
    }

    /// The program that runs a command inside the walls.
    pub(crate) fn program() -> PathBuf {
        confined()
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    pub(crate) fn outside(&self, script: &str) -> Output {
        Command::new("sh")
            .args(["-c", script])
            .env("HOME", self.path("home"))
            .env("PATH", search_path())
            .output()
            .unwrap()
    }

    pub(crate) fn inside(&self, script: &str) -> Output {
        self.command(script).output().unwrap()
    }

    /// `script` inside the walls, about to run.
    pub(crate) fn command(&self, script: &str) -> Command {
        let mut command = Command::new(confined());
        command
            .args(["sh", "-c", script])
            .env("HOME", self.path("home"))
            .env("PATH", search_path())
            .env("SSH_AUTH_SOCK", "/tmp/marker.sock")
            .current_dir(self.path("work"));
        command
    }

    /// What `--prove` finds, one line for each door.
    pub(crate) fn proof(&self) -> Vec<String> {
        let output = Command::new(confined())
            .env("HOME", self.path("home"))
            .env("PATH", search_path())
            .env("XDG_RUNTIME_DIR", self.path("outside"))
            .current_dir(self.path("work"))
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", text(&output));
        text(&output).lines().map(str::to_owned).collect()
    }

    /// How `script` is run behind a second set of walls, from inside.
    pub(crate) fn again(script: &str) -> String {
        format!("{} sh -c '{script}'", confined().display())
    }

    /// `script` works outside and fails inside.
    #[track_caller]
    pub(crate) fn closed(&self, script: &str) {
        let outside = self.outside(script);
        assert!(outside.status.success(), "proves nothing, fails outside too: {script}\n{}", text(&outside));
        let inside = self.inside(script);
        assert!(!inside.status.success(), "open: {script}\n{}", text(&inside));
    }

    /// `script` works inside.
    #[track_caller]
    pub(crate) fn open(&self, script: &str) -> String {
        let inside = self.inside(script);
        assert!(inside.status.success(), "broken by the walls: {script}\n{}", text(&inside));
        String::from_utf8_lossy(&inside.stdout).into_owned()
    }
}

pub(crate) fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}
