//! Finds the project and reads of it what the planner asks for.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use drawbridge_core::audit;
use drawbridge_core::project::{Entry, HostFacts, MAX_FILE, NoText, RelPath, Snapshot, wanted};

use crate::files::{FileError, Found, Root};
use crate::git::Git;
use crate::process::Tools;
use crate::sidecar::pinned;
use crate::variables;

/// The planner's questions have an end; this keeps a mistake there from becoming a loop.
const MAX_ROUNDS: usize = 64;
/// A project's folder.
#[derive(Debug)]
pub struct Workspace {
    root: Root,
    git: Option<Git>,
    limits: Limits,
}

/// A hostile workspace may have any number of them.
#[derive(Debug)]
struct Limits {
    /// Paths that are looked at.
    files: usize,
    /// Names of one folder that are kept.
    names: usize,
}

/// What is at a path.
struct Read {
    entry: Entry,
    /// Permissions of a file that was read.
    mode: Option<u32>,
    /// Of a folder, every name is in the entry.
    is_whole: bool,
}

/// Why there is no workspace.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WorkspaceError {
    /// The folder does not exist or cannot be entered.
    #[error("`{}` cannot be opened", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// The reason.
        #[source]
        source: std::io::Error,
    },
    /// A file of it could not be read.
    #[error(transparent)]
    File(#[from] FileError),
}

impl Workspace {
    /// Opens `folder` as it is, or finds the project around `current`: the nearest folder up to the
    /// git root that has a dev container configuration, else the git root, else `current` itself.
    pub fn find(folder: Option<&Path>, current: &Path) -> Result<Self, WorkspaceError> {
        let start = folder.unwrap_or(current);
        let real = start
            .canonicalize()
            .map_err(|source| WorkspaceError::Folder { path: start.to_owned(), source })?;
        let git_root = real.ancestors().find(|folder| folder.join(".git").symlink_metadata().is_ok());
        let chosen = match (folder, git_root) {
            (None, Some(git_root)) => real
                .ancestors()
                .take_while(|folder| folder.starts_with(git_root))
                .find(|folder| has_configuration(folder))
                .unwrap_or(git_root),
            _ => &real,
        };
        let git = git_root.map(|git_root| Git::new(git_root, chosen, Tools::outside(chosen)));
        let limits = Limits { files: 4_096, names: 10_000 };
        Ok(Self { root: Root::open(chosen)?, git, limits })
    }

    /// The real path of the folder.
    pub fn path(&self) -> &Path {
        self.root.path()
    }

    /// The folder, for reading beneath it.
    pub fn root(&self) -> &Root {
        &self.root
    }

    /// Git, when the folder is in a repository.
    pub fn git(&self) -> Option<&Git> {
        self.git.as_ref()
    }

    /// The folder's name.
    pub fn name(&self) -> String {
        base_name(self.path())
    }

    /// Programs of this machine, never of the workspace.
    pub fn tools(&self) -> Tools {
        Tools::outside(self.git.as_ref().map_or(self.path(), Git::root))
    }

    /// Reads everything the planner wants to know. `config` is a configuration that the user named;
    /// it may lie where none is looked for.
    pub fn snapshot(&self, config: Option<&RelPath>) -> Result<Snapshot, WorkspaceError> {
        let read = config.map(|config| self.read(config)).transpose()?;
        self.complete(config.cloned().zip(read.map(|read| read.entry)), &BTreeMap::new(), &[wanted])
    }

    /// As [`snapshot`](Self::snapshot), with what the audit looks at beside it.
    pub fn audit_snapshot(&self, config: Option<&RelPath>) -> Result<Snapshot, WorkspaceError> {
        let first = config.cloned().zip(config.map(|config| self.read(config)).transpose()?);
        let first = first.map(|(path, read)| (path, read.entry));
        self.complete(first, &BTreeMap::new(), &[wanted, audit::wanted])
    }

    /// As [`audit_snapshot`](Self::audit_snapshot), where the entries in `open` stand for files that an editor
    /// has not saved. A link stays a link: what tools follow is what counts.
    pub fn open_snapshot(&self, open: &BTreeMap<RelPath, Entry>) -> Result<Snapshot, WorkspaceError> {
        self.complete(None, open, &[wanted, audit::wanted])
    }

    /// As [`snapshot`](Self::snapshot) of the workspace with a file that is still to be written.
    pub fn snapshot_with(&self, path: &RelPath, text: &str) -> Result<Snapshot, WorkspaceError> {
        self.complete(Some((path.clone(), Entry::Text(text.to_owned()))), &BTreeMap::new(), &[wanted])
    }

    /// The text of one file; `None` when it is none, or no UTF-8, or too large.
    pub fn text(&self, path: &RelPath) -> Option<String> {
        match self.read(path).ok()?.entry {
            Entry::Text(text) => Some(text),
            _ => None,
        }
    }

    fn complete(
        &self,
        first: Option<(RelPath, Entry)>,
        open: &BTreeMap<RelPath, Entry>,
        questions: &[fn(&Snapshot) -> Vec<RelPath>],
    ) -> Result<Snapshot, WorkspaceError> {
        let mut snapshot = Snapshot { facts: self.facts(), ..Snapshot::default() };
        snapshot.files.extend(first);
        for round in 0.. {
            let paths: BTreeSet<RelPath> = questions.iter().flat_map(|wanted| wanted(&snapshot)).collect();
            let room = self.limits.files.saturating_sub(snapshot.files.len());
            if paths.is_empty() || room == 0 || round == MAX_ROUNDS {
                snapshot.facts.unread = paths.len();
                break;
            }
            for path in paths.into_iter().take(room) {
                let Read { mut entry, mode, is_whole } = self.read(&path)?;
                if let (Entry::Text(_) | Entry::Present(_) | Entry::Missing, Some(unsaved)) =
                    (&entry, open.get(&path))
                {
                    entry = unsaved.clone();
                }
                if cfg!(unix) && mode.is_some_and(|mode| mode & 0o111 == 0) {
                    snapshot.facts.not_executable.insert(path.clone());
                }
                if !is_whole {
                    snapshot.facts.partly_listed.insert(path.clone());
                }
                snapshot.files.insert(path, entry);
            }
        }
        if let Some(git) = &self.git {
            snapshot.facts.git_ignored = git.ignored(snapshot.files.keys());
        }
        Ok(snapshot)
    }

    fn read(&self, path: &RelPath) -> Result<Read, WorkspaceError> {
        let of = |entry| Read { entry, mode: None, is_whole: true };
        if path.as_str().is_empty() {
            return Ok(self.listing(path));
        }
        if path.as_str().contains('\\') {
            return Ok(of(Entry::Unreadable("a backslash in its name".to_owned())));
        }
        Ok(match self.root.read(path.as_str(), MAX_FILE as u64)? {
            Found::Missing => of(Entry::Missing),
            Found::File(file) => {
                let entry = match String::from_utf8(file.bytes) {
                    Ok(text) => Entry::Text(text),
                    Err(error) => Entry::Present(NoText::NotUtf8 { at: error.utf8_error().valid_up_to() }),
                };
                Read { mode: Some(file.mode), ..of(entry) }
            }
            Found::TooLarge { size } => of(Entry::Present(NoText::TooLarge { size })),
            Found::Special => of(Entry::Present(NoText::NotAFile)),
            Found::Directory => self.listing(path),
            Found::Symlink { .. } => of(Entry::Symlink),
            Found::Denied { why } => of(Entry::Unreadable(why)),
        })
    }

    fn listing(&self, path: &RelPath) -> Read {
        let (entry, is_whole) = match self.root.list(path.as_str(), self.limits.names) {
            Ok((names, is_whole)) => (Entry::Dir(names), is_whole),
            Err(FileError::Io { source, .. }) => (Entry::Unreadable(source.to_string()), true),
            Err(error) => (Entry::Unreadable(error.to_string()), true),
        };
        Read { entry, mode: None, is_whole }
    }

    fn facts(&self) -> HostFacts {
        let gate_image = variables::config_home().and_then(|home| pinned::read(&home));
        let mut facts = HostFacts { workspace_name: self.name(), gate_image, ..HostFacts::default() };
        if let Some(git) = &self.git {
            facts.git_root_prefix = Some(git.prefix().to_owned());
            facts.git_root_name = (!git.prefix().is_empty()).then(|| base_name(git.root()));
            facts.is_worktree = git.root().join(".git").symlink_metadata().is_ok_and(|m| m.is_file());
            facts.hooks_path = git.hooks_path();
        }
        facts
    }
}

fn has_configuration(folder: &Path) -> bool {
    folder.join(".devcontainer.json").is_file() || folder.join(".devcontainer").is_dir()
}

fn base_name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn found(folder: Option<&Path>, current: &Path) -> PathBuf {
        Workspace::find(folder, current).unwrap().path().to_owned()
    }

    #[test]
    fn the_nearest_configuration_inside_the_repository_wins() {
        let dir = tempfile::tempdir().unwrap();
        let base = dir.path().canonicalize().unwrap();
        fs::create_dir_all(base.join("repo/.git")).unwrap();
        fs::create_dir_all(base.join("repo/api/.devcontainer")).unwrap();
        fs::create_dir_all(base.join("repo/api/src")).unwrap();
        fs::create_dir_all(base.join("repo/web/src")).unwrap();
        fs::create_dir_all(base.join(".devcontainer")).unwrap();
        assert_eq!(found(None, &base.join("repo/api/src")), base.join("repo/api"));
        assert_eq!(found(None, &base.join("repo/web/src")), base.join("repo"));
        assert_eq!(found(Some(&base.join("repo/web/src")), &base), base.join("repo/web/src"));
        fs::create_dir_all(base.join("plain/sub")).unwrap();
        assert_eq!(found(None, &base.join("plain/sub")), base.join("plain/sub"));
    }

    #[test]
    fn reads_what_the_planner_wants_and_tells_what_it_cannot() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join(".devcontainer");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("devcontainer.json"), "{\"image\": \"debian:12\"}").unwrap();
        let workspace = Workspace::find(None, dir.path()).unwrap();
        let snapshot = workspace.snapshot(None).unwrap();
        let config = RelPath::new(".devcontainer/devcontainer.json").unwrap();
        assert_eq!(snapshot.text(&config), Some("{\"image\": \"debian:12\"}"));
        assert_eq!(wanted(&snapshot), []);
        fs::remove_file(folder.join("devcontainer.json")).unwrap();
        std::os::unix::fs::symlink("/etc/hostname", folder.join("devcontainer.json")).unwrap();
        let snapshot = workspace.snapshot(None).unwrap();
        assert_eq!(snapshot.get(&config), Some(&Entry::Symlink));
    }

    #[cfg(unix)]
    #[test]
    fn a_hook_without_an_execute_permission_is_known() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let hooks = dir.path().join(".git/hooks");
        fs::create_dir_all(&hooks).unwrap();
        for (name, mode) in [("pre-commit", 0o644), ("pre-push", 0o700)] {
            fs::write(hooks.join(name), "#!/bin/sh\n").unwrap();
            fs::set_permissions(hooks.join(name), fs::Permissions::from_mode(mode)).unwrap();
        }
        let workspace = Workspace::find(Some(dir.path()), dir.path()).unwrap();
        let snapshot = workspace.audit_snapshot(None).unwrap();
        let found: Vec<&str> = snapshot.facts.not_executable.iter().map(RelPath::as_str).collect();
        assert_eq!(found, [".git/hooks/pre-commit"]);
        let report = audit::audit(&audit::Input::of(&snapshot, 0));
        let hooks: Vec<&str> = report
            .findings
            .iter()
            .filter(|found| found.rule.code == "DB804")
            .map(|found| found.message.as_str())
            .collect();
        assert!(hooks.len() == 1 && hooks[0].starts_with("`pre-push`: git runs"), "{hooks:?}");
    }

    #[test]
    fn what_hides_behind_too_many_names_or_files_is_said() {
        let dir = tempfile::tempdir().unwrap();
        let write = |path: &str| {
            let path = dir.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        };
        let found = |limits: Limits| {
            let workspace = Workspace::find(Some(dir.path()), dir.path()).unwrap();
            let snapshot = Workspace { limits, ..workspace }.audit_snapshot(None).unwrap();
            let audit::Report { findings, unseen, .. } = audit::audit(&audit::Input::of(&snapshot, 0));
            let hooks = findings.into_iter().filter(|found| found.rule.code == "DB804");
            (hooks.map(|found| found.message).collect::<Vec<_>>(), unseen)
        };
        (0..10).for_each(|name| write(&format!(".git/hooks/a{name}")));
        let (none, usual) = found(Limits { files: 4_096, names: 10 });
        assert_eq!(none, [""; 0]);
        let (hooks, unseen) = found(Limits { files: 4_096, names: 9 });
        assert_eq!(hooks, ["more names than are read: a hook may be behind them"]);
        let new =
            |unseen: Vec<String>| unseen.into_iter().filter(|one| !usual.contains(one)).collect::<Vec<_>>();
        assert_eq!(new(unseen), ["`.git/hooks`: it has more names than are read"]);
        (0..66).for_each(|module| write(&format!(".git/modules/{module}/hooks/post-checkout")));
        let (_, unseen) = found(Limits { files: 4_096, names: 100 });
        assert_eq!(new(unseen), ["hooks of 2 submodules: those of 64 others were looked at"]);
        let (_, unseen) = found(Limits { files: 60, names: 100 });
        assert!(unseen.iter().any(|one| one.ends_with(" files: there are too many")), "{unseen:?}");
    }
}
