//! Runs the built program in a workspace of its own, without an engine and without the caller's
//! environment.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A workspace and a journal, both temporary.
pub(crate) struct Bed {
    dir: tempfile::TempDir,
}

impl Bed {
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("shop")).unwrap();
        Self { dir }
    }

    /// With one devcontainer.json.
    pub(crate) fn with_config(text: &str) -> Self {
        let bed = Self::new();
        bed.write(".devcontainer/devcontainer.json", text);
        bed
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.dir.path().join("shop").join(path)
    }

    /// A path beside the workspace.
    pub(crate) fn outside(&self, path: &str) -> PathBuf {
        self.dir.path().join(path)
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap()
    }

    /// The program, ready to be given more; nothing of the caller's environment is left.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_drawbridge"));
        command
            .args(arguments)
            .current_dir(self.path(""))
            .env_clear()
            .env("HOME", self.dir.path())
            .env("PATH", "/nonexistent")
            .stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// A program that stands in for `docker`, for answers that no engine here gives; the folder to put on
    /// `PATH`.
    pub(crate) fn docker(&self, script: &str) -> PathBuf {
        use std::os::unix::fs::PermissionsExt;
        let folder = self.outside("stand-in");
        fs::create_dir(&folder).unwrap();
        let program = folder.join("docker");
        fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        folder
    }

    /// Runs it and gives exit code, standard output and standard error.
    pub(crate) fn said(&self, arguments: &[&str]) -> (i32, String, String) {
        let output = self.run(arguments);
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status.code().expect("not ended by a signal"), text(output.stdout), text(output.stderr))
    }

    /// Modes and bytes of everything in the workspace, by path.
    pub(crate) fn tree(&self) -> BTreeMap<String, (u32, Vec<u8>)> {
        tree(&self.path(""))
    }
}

fn tree(root: &Path) -> BTreeMap<String, (u32, Vec<u8>)> {
    use std::os::unix::fs::PermissionsExt;
    let mut found = BTreeMap::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let meta = path.symlink_metadata().unwrap();
            let bytes = if meta.is_file() { fs::read(&path).unwrap() } else { Vec::new() };
            let name = path.strip_prefix(root).unwrap().display().to_string();
            found.insert(name, (meta.permissions().mode(), bytes));
            if meta.is_dir() {
                folders.push(path);
            }
        }
    }
    found
}
