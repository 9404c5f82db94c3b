//! The ground wall: what the host or the next launch executes, bound read-only in the dev container.
//!
//! A bind whose source is missing fails `up`, so only what exists, and what a fresh clone has, is
//! bound. Such a bind drops off without a sign when the host replaces its target (git checkout), so
//! nothing here claims protection: `prove` and `probe` compare with the mount table.

use std::collections::BTreeSet;

use crate::project::{Entry, Layout, References, RelPath, Snapshot};
use crate::protect::Ground;

/// What to bind, and what cannot be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Protected {
    /// Paths that exist, none inside another.
    pub(crate) paths: Vec<RelPath>,
    /// Paths that exist here and not in a fresh clone.
    pub(crate) ignored: Vec<RelPath>,
}

/// The paths that `level` protects.
///
/// `used` are files that the configuration and its Compose files name, `project_dir` is the folder of
/// the first Compose file.
pub(crate) fn protected(
    snapshot: &Snapshot,
    level: Ground,
    layout: &Layout,
    config: &RelPath,
    references: &References,
    used: &BTreeSet<RelPath>,
    project_dir: &RelPath,
) -> Protected {
    if level == Ground::Off {
        return Protected::default();
    }
    let mut wanted: BTreeSet<RelPath> = BTreeSet::from([layout.dir.clone(), config.clone()]);
    wanted.extend(fixed(&[".devcontainer", ".devcontainer.json", ".github/hooks"]));
    wanted.extend(references.dockerfiles.iter().chain(&references.features).cloned());
    wanted.extend(used.iter().cloned());
    wanted.extend(project_dir.join(".env"));
    wanted.extend(snapshot.facts.hooks_path.clone());
    if !snapshot.facts.is_worktree {
        wanted.extend(fixed(&[".git/hooks"]));
    }
    if level >= Ground::Editor {
        wanted.extend(fixed(&[".vscode"]));
    }
    if level >= Ground::Strict {
        wanted.extend(fixed(&[".idea", ".mcp.json", ".claude/settings.json"]));
        if !snapshot.facts.is_worktree {
            wanted.extend(fixed(&[".git/config"]));
        }
    }
    let there = |path: &RelPath| *path == layout.dir || is_there(snapshot, path);
    let (ignored, wanted): (Vec<RelPath>, Vec<RelPath>) = wanted
        .into_iter()
        .filter(|path| !path.as_str().is_empty() && there(path))
        .partition(|path| snapshot.facts.git_ignored.contains(path));
    let mut protected = Protected { paths: Vec::new(), ignored };
    // Sorted, so a folder comes before what is in it.
    for path in wanted {
        if !protected.paths.iter().any(|outer| path.is_within(outer)) {
            protected.paths.push(path);
        }
    }
    let paths = &protected.paths;
    protected.ignored.retain(|path| !paths.iter().any(|outer| path.is_within(outer)));
    protected
}

fn fixed(paths: &'static [&'static str]) -> impl Iterator<Item = RelPath> {
    paths.iter().filter_map(|path| RelPath::new(path))
}

/// A symbolic link is left out: a bind would follow it to wherever it points.
fn is_there(snapshot: &Snapshot, path: &RelPath) -> bool {
    !matches!(snapshot.get(path), Some(Entry::Symlink)) && snapshot.exists(path)
}
