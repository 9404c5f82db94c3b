//! Keeps a file of this machine out of commits, without touching the repository's own `.gitignore`.

use std::collections::BTreeSet;
use std::path::Path;

use drawbridge_core::project::RelPath;

use crate::files::{FileError, Found, Root};
use crate::journal::FileChange;
use crate::workspace::Workspace;

/// A list of patterns above this is none that git reads.
const CAP: u64 = 1 << 20;

/// What has to be done so that git ignores a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ignoring {
    /// Nothing: it is ignored, or there is no git.
    Done,
    /// Write this, as part of the same journal entry.
    Change(FileChange),
    /// Call [`Outside::write`]: the list is not in the workspace (a linked worktree, a subfolder).
    Outside(Outside),
    /// The path is committed, so nothing ignores it.
    Tracked,
}

/// A list outside of the workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outside {
    folder: std::path::PathBuf,
    name: String,
    text: Vec<u8>,
}

/// Looks how git sees `path`.
pub fn ignoring(workspace: &Workspace, path: &str) -> Ignoring {
    let (Some(git), Some(relative)) = (workspace.git(), RelPath::new(path)) else {
        return Ignoring::Done;
    };
    if git.ignored(&BTreeSet::from([relative])).iter().any(|found| found.as_str() == path) {
        return Ignoring::Done;
    }
    if git.is_tracked(path) {
        return Ignoring::Tracked;
    }
    let Some(list) = git.exclude_file() else { return Ignoring::Done };
    let prefix = if git.prefix().is_empty() { String::new() } else { format!("{}/", git.prefix()) };
    let pattern = format!("/{prefix}{path}");
    let below = list.strip_prefix(workspace.path()).ok().and_then(Path::to_str);
    if let Some(below) = below {
        let before = match workspace.root().read(below, CAP) {
            Ok(Found::File(file)) => Some(file.bytes),
            _ => None,
        };
        let after = appended(before.clone().unwrap_or_default(), &pattern);
        return Ignoring::Change(FileChange { path: below.to_owned(), before, after: Some(after) });
    }
    let (Some(folder), Some(name)) = (list.parent(), list.file_name().and_then(|name| name.to_str())) else {
        return Ignoring::Done;
    };
    let before = match Root::open(folder).and_then(|root| root.read(name, CAP)) {
        Ok(Found::File(file)) => file.bytes,
        _ => Vec::new(),
    };
    let text = appended(before, &pattern);
    Ignoring::Outside(Outside { folder: folder.to_owned(), name: name.to_owned(), text })
}

impl Outside {
    /// Writes the list.
    pub fn write(&self) -> Result<(), FileError> {
        Root::open(&self.folder)?.replace(&self.name, &self.text, None, ".drawbridge-exclude.tmp")
    }
}

fn appended(mut text: Vec<u8>, pattern: &str) -> Vec<u8> {
    if text.last().is_some_and(|last| *last != b'\n') {
        text.push(b'\n');
    }
    text.extend_from_slice(pattern.as_bytes());
    text.push(b'\n');
    text
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    fn git(dir: &Path, args: &[&str]) {
        let identity = ["-c", "user.name=T", "-c", "user.email=t@host.example"];
        let done = Command::new("git").args(identity).args(args).current_dir(dir).output().unwrap();
        assert!(done.status.success(), "{done:?}");
    }

    fn workspace(folder: &Path) -> Workspace {
        Workspace::find(Some(folder), folder).unwrap()
    }

    #[test]
    fn a_pattern_is_added_once() {
        let dir = tempfile::tempdir().unwrap();
        git(dir.path(), &["init", "-q"]);
        let found = workspace(dir.path());
        let Ignoring::Change(change) = ignoring(&found, ".devcontainer/.env") else { panic!("no change") };
        assert_eq!(change.path, ".git/info/exclude");
        let text = String::from_utf8(change.after.clone().unwrap()).unwrap();
        assert!(text.ends_with("\n/.devcontainer/.env\n"), "{text}");
        std::fs::write(dir.path().join(&change.path), text).unwrap();
        assert_eq!(ignoring(&found, ".devcontainer/.env"), Ignoring::Done);
    }

    #[test]
    fn a_committed_file_is_reported() {
        let dir = tempfile::tempdir().unwrap();
        git(dir.path(), &["init", "-q"]);
        std::fs::write(dir.path().join(".env"), "A=1\n").unwrap();
        git(dir.path(), &["add", ".env"]);
        assert_eq!(ignoring(&workspace(dir.path()), ".env"), Ignoring::Tracked);
    }

    #[test]
    fn a_linked_worktree_has_its_list_elsewhere() {
        let dir = tempfile::tempdir().unwrap();
        let main = dir.path().join("main");
        std::fs::create_dir(&main).unwrap();
        git(&main, &["init", "-q"]);
        git(&main, &["commit", "-q", "--allow-empty", "-m", "x"]);
        git(&main, &["worktree", "add", "-q", "../linked"]);
        let linked = workspace(&dir.path().join("linked"));
        let Ignoring::Outside(outside) = ignoring(&linked, ".env") else { panic!("not outside") };
        outside.write().unwrap();
        assert_eq!(ignoring(&linked, ".env"), Ignoring::Done);
    }

    #[test]
    fn without_git_nothing_is_done() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(ignoring(&workspace(dir.path()), ".env"), Ignoring::Done);
    }
}
