//! The ground wall: what the host or the next launch executes, bound read-only in the dev container.
//!
//! A read-only bind alone is no wall. The container can rename a *parent* of the bound path and make
//! a new one in its place, and the engine would follow a symbolic link put there at the next start.
//! Only a mount point cannot be renamed or replaced from inside, so every folder on the way down from
//! the workspace's own mount is pinned: bound onto itself, writable.
//!
//! A bind whose source is missing fails `up`, so only what exists, and what a fresh clone has, is
//! bound. Binds drop off without a sign when the host replaces their target (git checkout), so nothing
//! here claims protection: `prove` and `probe` compare with the mount table.

use std::collections::{BTreeMap, BTreeSet};

use crate::project::{Entry, Layout, References, RelPath, Snapshot};
use crate::protect::{Bind, Ground};
use crate::yaml::literal;

/// What to bind, and what cannot be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Protected {
    /// Paths that exist, none inside another.
    pub(crate) paths: Vec<RelPath>,
    /// Paths that exist here and not in a fresh clone.
    pub(crate) ignored: Vec<RelPath>,
    /// Paths in folders of sources: pinning those would make `git mv` fail across them.
    pub(crate) loose: Vec<RelPath>,
}

/// What a configuration names.
#[derive(Clone, Copy)]
pub(crate) struct Named<'a> {
    pub(crate) config: &'a RelPath,
    pub(crate) layout: &'a Layout,
    pub(crate) references: &'a References,
    /// Compose files, and the Dockerfiles that they build from.
    pub(crate) compose: &'a BTreeSet<RelPath>,
    pub(crate) dockerfiles: &'a BTreeSet<RelPath>,
    /// Folder of the first Compose file, whose `.env` decides variables.
    pub(crate) project_dir: &'a RelPath,
}

/// Paths of a repository that `level` protects, whatever the configuration says.
pub(crate) fn fixed(snapshot: &Snapshot, level: Ground) -> Vec<RelPath> {
    let mut paths = match level {
        Ground::Off => return Vec::new(),
        Ground::Config | Ground::Editor | Ground::Strict => {
            vec![".devcontainer", ".devcontainer.json", ".github/hooks"]
        }
    };
    if level >= Ground::Editor {
        paths.push(".vscode");
    }
    if level >= Ground::Strict {
        paths.extend([".idea", ".helix", ".zed", ".mcp.json", ".claude/settings.json"]);
    }
    if !snapshot.facts.is_worktree {
        paths.push(".git/hooks");
        if level >= Ground::Strict {
            paths.push(".git/config");
        }
    }
    let mut paths: Vec<RelPath> = paths.into_iter().filter_map(RelPath::new).collect();
    paths.extend(snapshot.facts.hooks_path.clone());
    paths
}

/// The paths that `level` protects.
pub(crate) fn protected(snapshot: &Snapshot, level: Ground, named: Named<'_>) -> Protected {
    if level == Ground::Off {
        return Protected::default();
    }
    // Whether folders on the way may be pinned.
    let mut wanted: BTreeMap<RelPath, bool> = BTreeMap::new();
    let sources = named.references.dockerfiles.iter().chain(&named.references.features);
    wanted.extend(sources.chain(named.dockerfiles).map(|path| (path.clone(), false)));
    wanted.extend(fixed(snapshot, level).into_iter().map(|path| (path, true)));
    wanted.extend(named.compose.iter().map(|path| (path.clone(), true)));
    wanted.extend([(named.layout.dir.clone(), true), (named.config.clone(), true)]);
    wanted.extend(named.project_dir.join(".env").map(|path| (path, true)));

    let mut protected = Protected::default();
    // Sorted, so a folder comes before what is in it.
    for (path, pinnable) in wanted {
        let there = path == named.layout.dir || is_there(snapshot, &path);
        let covered = protected.paths.iter().any(|outer| path.is_within(outer));
        if path.as_str().is_empty() || !there || covered {
            continue;
        }
        if snapshot.facts.git_ignored.contains(&path) {
            protected.ignored.push(path);
        } else if !pinnable && path.parts().count() > 1 {
            protected.loose.push(path);
        } else {
            protected.paths.push(path);
        }
    }
    protected
}

/// A symbolic link is left out: a bind would follow it to wherever it points.
fn is_there(snapshot: &Snapshot, path: &RelPath) -> bool {
    !matches!(snapshot.get(path), Some(Entry::Symlink)) && snapshot.exists(path)
}

/// A mount that holds the workspace or a part of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Mounted {
    /// What of the workspace.
    pub(crate) part: RelPath,
    /// Where that is in the container, as Compose text.
    pub(crate) target: String,
    /// Names of the folders between the mount point and `target`; empty when they are the same.
    pub(crate) below: Vec<String>,
}

/// A bind in our Compose file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Mount {
    /// Path in the container; first, because that is the order of mounting.
    pub(crate) target: String,
    /// Host path relative to the workspace, `..` included.
    pub(crate) source: String,
    pub(crate) read_only: bool,
}

/// Binds for `paths` in every mount that shows them, with the pins they need, in mounting order.
pub(crate) fn mounts(paths: &[RelPath], mounted: &[Mounted]) -> Vec<Mount> {
    let mut mounts = BTreeSet::new();
    for mount in mounted {
        let mut used = false;
        for path in paths {
            let Some(rest) = below(path, &mount.part) else {
                // The mount shows a part of a protected folder.
                if mount.part.is_within(path) && mount.below.is_empty() {
                    mounts.insert(bind(&mount.target, mount.part.as_str(), true));
                }
                continue;
            };
            used = true;
            let mut at = mount.part.clone();
            let mut target = mount.target.clone();
            let parts: Vec<&str> = rest.split('/').collect();
            for (index, part) in parts.iter().enumerate() {
                at = at.join(part).unwrap_or_default();
                target = format!("{target}/{}", literal(part));
                mounts.insert(bind(&target, at.as_str(), index + 1 == parts.len()));
            }
        }
        if used {
            mounts.extend(above(mount));
        }
    }
    mounts.into_iter().collect()
}

/// Pins from the mount point down to the workspace itself.
fn above(mount: &Mounted) -> impl Iterator<Item = Mount> {
    let count = mount.below.len();
    (0..count).map(move |up| {
        let target = mount.target.rsplitn(up + 1, '/').last().unwrap_or_default();
        let source = if up == 0 { ".".to_owned() } else { vec![".."; up].join("/") };
        bind(target, &source, false)
    })
}

fn bind(target: &str, source: &str, read_only: bool) -> Mount {
    Mount { target: target.to_owned(), source: source.to_owned(), read_only }
}

/// The way from `part` down to `path`; `None` when it is not below.
fn below<'a>(path: &'a RelPath, part: &RelPath) -> Option<&'a str> {
    let rest = path.as_str().strip_prefix(part.as_str())?;
    if part.as_str().is_empty() {
        return Some(rest);
    }
    rest.strip_prefix('/')
}

/// The read-only ones, for those who look whether they are still there.
pub(crate) fn binds(mounts: &[Mount]) -> Vec<Bind> {
    let bind = |mount: &Mount| {
        Some(Bind { source: RelPath::new(&mount.source)?, target: with_defaults(&mount.target) })
    };
    mounts.iter().filter(|mount| mount.read_only).filter_map(bind).collect()
}

/// Compose text as it is without any variable set.
fn with_defaults(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((head, tail)) = rest.split_once('$') {
        plain.push_str(head);
        let variable = tail.strip_prefix('{').and_then(|inner| inner.split_once('}'));
        rest = match (variable, tail.strip_prefix('$')) {
            (_, Some(after)) => {
                plain.push('$');
                after
            }
            (Some((inside, after)), None) => {
                plain.push_str(inside.split_once('-').map_or("", |(_, default)| default));
                after
            }
            (None, None) => {
                plain.push('$');
                tail
            }
        };
    }
    plain + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(paths: &[&str], part: &str, target: &str, below: &[&str]) -> String {
        let paths: Vec<RelPath> = paths.iter().filter_map(|path| RelPath::new(path)).collect();
        let mounted = Mounted {
            part: RelPath::new(part).expect("a path"),
            target: target.to_owned(),
            below: below.iter().map(|name| (*name).to_owned()).collect(),
        };
        let line = |mount: &Mount| {
            format!("{} > {} {}", mount.source, mount.target, if mount.read_only { "ro" } else { "pin" })
        };
        mounts(&paths, &[mounted]).iter().map(line).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn pins_every_folder_on_the_way() {
        insta::assert_snapshot!(check(&[".devcontainer", ".git/hooks", ".git/config"], "", "/w", &[]), @r"
        .devcontainer > /w/.devcontainer ro
        .git > /w/.git pin
        .git/config > /w/.git/config ro
        .git/hooks > /w/.git/hooks ro
        ");
    }

    #[test]
    fn pins_the_workspace_inside_a_larger_mount() {
        insta::assert_snapshot!(
            check(&[".devcontainer"], "", "/workspaces/root/services/api", &["services", "api"]),
            @r"
        .. > /workspaces/root/services pin
        . > /workspaces/root/services/api pin
        .devcontainer > /workspaces/root/services/api/.devcontainer ro
        "
        );
    }

    #[test]
    fn tells_plain_paths() {
        let cases =
            [("/w/${A_B:-sh-op}/x", "/w/sh-op/x"), ("/a$$b", "/a$b"), ("/${X-}/$", "//$"), ("/${", "/${")];
        for (text, plain) in cases {
            assert_eq!(with_defaults(text), plain);
        }
    }

    #[test]
    fn follows_parts_of_the_workspace() {
        assert_eq!(
            check(&["app/compose.yml", ".devcontainer"], "app", "/app", &[]),
            "app/compose.yml > /app/compose.yml ro"
        );
        assert_eq!(check(&[".devcontainer"], ".devcontainer/x", "/x", &[]), ".devcontainer/x > /x ro");
    }
}
