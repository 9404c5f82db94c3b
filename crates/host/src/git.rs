//! The few facts that only git knows, without letting the repository's configuration run anything.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use drawbridge_core::project::RelPath;

use crate::process::{Program, Tools};

/// A repository around a workspace.
#[derive(Debug)]
pub struct Git {
    root: PathBuf,
    prefix: String,
    tools: Tools,
}

impl Git {
    pub(crate) fn new(root: &Path, workspace: &Path, tools: Tools) -> Self {
        let below = workspace.strip_prefix(root).unwrap_or(Path::new(""));
        let names: Vec<_> = below.iter().map(|name| name.to_string_lossy()).collect();
        Self { root: root.to_owned(), prefix: names.join("/"), tools }
    }

    /// The repository's top folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The way from there down to the workspace; empty when they are the same.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// `core.hooksPath`, when it points into the workspace.
    pub(crate) fn hooks_path(&self) -> Option<RelPath> {
        let output = self.git().args(["config", "--type=path", "--get", "core.hooksPath"]);
        let output = output.capture().ok().filter(crate::process::Output::ok)?;
        let path = self.root.join(output.text());
        let below = path.strip_prefix(self.workspace()).ok()?;
        RelPath::new(below.to_str()?).filter(|path| !path.as_str().is_empty())
    }

    /// Those of `paths` that git ignores; none when git cannot tell.
    pub fn ignored<'a>(&self, paths: impl IntoIterator<Item = &'a RelPath>) -> BTreeSet<RelPath> {
        let mut input = Vec::new();
        for path in paths.into_iter().filter(|path| !path.as_str().is_empty()) {
            input.extend_from_slice(path.as_str().as_bytes());
            input.push(0);
        }
        let program = self.git().dir(&self.workspace());
        let output = program.args(["check-ignore", "-z", "--stdin"]).stdin(input).capture();
        let Ok(output) = output else { return BTreeSet::new() };
        output
            .stdout
            .split(|byte| *byte == 0)
            .filter_map(|path| RelPath::new(std::str::from_utf8(path).ok()?))
            .filter(|path| !path.as_str().is_empty())
            .collect()
    }

    /// Whether a path of the workspace is committed or staged.
    pub fn is_tracked(&self, path: &str) -> bool {
        let program = self.git().dir(&self.workspace());
        let output = program.args(["ls-files", "--error-unmatch", "--", path]).capture();
        output.is_ok_and(|output| output.ok())
    }

    /// The file of this clone that lists ignored paths without being committed; `None` in a
    /// repository that git does not understand.
    pub fn exclude_file(&self) -> Option<PathBuf> {
        let output = self.git().args(["rev-parse", "--git-path", "info/exclude"]);
        let output = output.capture().ok().filter(crate::process::Output::ok)?;
        Some(self.root.join(output.text())).filter(|_| !output.text().is_empty())
    }

    fn workspace(&self) -> PathBuf {
        if self.prefix.is_empty() { self.root.clone() } else { self.root.join(&self.prefix) }
    }

    /// The configuration of the repository is hostile: `core.fsmonitor` names a program to run.
    fn git(&self) -> Program {
        self.tools
            .program("git")
            .args(["-c", "core.fsmonitor=false"])
            .env("GIT_OPTIONAL_LOCKS", "0")
            .env("GIT_TERMINAL_PROMPT", "0")
            .dir(&self.root)
            .deadline(Duration::from_secs(10))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::process::Command;

    use super::*;

    fn git(dir: &Path, args: &[&str]) {
        let done = Command::new("git").args(args).current_dir(dir).output().unwrap();
        assert!(done.status.success(), "{done:?}");
    }

    #[test]
    fn knows_what_is_ignored_and_where_hooks_are() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        git(&root, &["init", "-q"]);
        fs::create_dir_all(root.join("sub")).unwrap();
        fs::write(root.join(".gitignore"), ".env\n").unwrap();
        git(&root, &["config", "core.hooksPath", "sub/hooks"]);
        let sub = Git::new(&root, &root.join("sub"), Tools::default());
        let paths = [".env", "x"].map(|path| RelPath::new(path).unwrap());
        assert_eq!(sub.ignored(&paths), BTreeSet::from([RelPath::new(".env").unwrap()]));
        assert_eq!(sub.hooks_path(), RelPath::new("hooks"));
        assert_eq!(sub.exclude_file(), Some(root.join(".git/info/exclude")));
    }

    #[test]
    fn the_repository_cannot_make_us_run_a_program() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        git(&root, &["init", "-q"]);
        let proof = root.join("ran");
        let script = root.join("monitor");
        fs::write(&script, format!("#!/bin/sh\ntouch '{}'\n", proof.display())).unwrap();
        let mut mode = script.metadata().unwrap().permissions();
        std::os::unix::fs::PermissionsExt::set_mode(&mut mode, 0o755);
        fs::set_permissions(&script, mode).unwrap();
        git(&root, &["config", "core.fsmonitor", script.to_str().unwrap()]);
        let found = Git::new(&root, &root, Tools::default());
        found.ignored(&[RelPath::new("x").unwrap()]);
        found.hooks_path();
        found.exclude_file();
        assert!(!proof.exists());
    }
}
