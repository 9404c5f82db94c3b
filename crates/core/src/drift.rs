//! What changed since the developer last looked, in files that the host executes or the next launch
//! follows.
//!
//! The baseline lies on the host, outside of the workspace, and holds whole texts: a change can be
//! shown and taken back although the container rewrote the file.

mod content;
mod inside;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use drawbridge_jsonc::{Node, parse};
use serde::{Deserialize, Serialize};

use crate::audit::hooks;
use crate::compose;
use crate::project::{Entry, RelPath, Snapshot, is_config};

pub use content::{Content, Other};
pub use inside::{Inside, InsideDrift, of_extensions};

/// Version of [`Baseline`]; a reader refuses another one.
pub const VERSION: u32 = 1;

/// What the developer has seen.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Baseline {
    /// [`VERSION`].
    pub version: u32,
    /// What was found, by path.
    pub files: BTreeMap<RelPath, Content>,
    /// Folders that were looked at. Not kept: only the files in them count.
    #[serde(skip)]
    pub folders: BTreeSet<RelPath>,
    /// Settings and extensions of the editor in containers that somebody looked into, by the devcontainer.json
    /// that they were made from.
    #[serde(default)]
    pub inside: BTreeMap<String, Inside>,
    /// Files without any execute permission.
    #[serde(default)]
    pub not_executable: BTreeSet<RelPath>,
}

/// One file that is not as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Drift {
    /// The file.
    pub path: RelPath,
    /// How it differs.
    pub kind: DriftKind,
    /// What that means, a sentence each; the worst first.
    pub what: Vec<String>,
    /// In the baseline.
    #[serde(skip)]
    pub before: Option<Content>,
    /// Now.
    #[serde(skip)]
    pub after: Option<Content>,
}

impl Drift {
    /// Whether its text can be put back as it was: there is one on both sides, or nothing, and not the same.
    pub fn can_be_put_back(&self) -> bool {
        let is_text =
            |content: &Option<Content>| content.as_ref().is_none_or(|content| content.text().is_some());
        self.before != self.after && is_text(&self.before) && is_text(&self.after)
    }
}

impl Baseline {
    /// Takes one file over as it is in `now`. What could not be compared then still cannot.
    pub fn accept(&mut self, path: &RelPath, now: &Self) {
        match now.files.get(path) {
            Some(content) => self.files.insert(path.clone(), content.clone()),
            None => self.files.remove(path),
        };
        if now.not_executable.contains(path) {
            self.not_executable.insert(path.clone());
        } else {
            self.not_executable.remove(path);
        }
    }
}

/// How a file differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum DriftKind {
    /// It was not there.
    Added,
    /// It is gone.
    Removed,
    /// It says something else.
    Changed,
}

/// Names with a meaning wherever they lie in the root folder.
const NAMES: [&str; 24] = [
    ".mcp.json",
    ".envrc",
    "mise.toml",
    ".mise.toml",
    ".nvim.lua",
    ".nvimrc",
    ".exrc",
    ".vimrc",
    ".dir-locals.el",
    ".tool-versions",
    ".pre-commit-config.yaml",
    "lefthook.yml",
    ".gitattributes",
    ".gitmodules",
    "package.json",
    ".npmrc",
    ".yarnrc.yml",
    ".pnpmfile.cjs",
    "bunfig.toml",
    ".env",
    ".gitconfig",
    "Makefile",
    "justfile",
    "Taskfile.yml",
];
/// Beginnings of paths that editors other than VS Code and JetBrains follow.
const OTHER_EDITORS: [&str; 7] =
    [".helix/", ".zed/", ".nvim.lua", ".nvimrc", ".exrc", ".vimrc", ".dir-locals.el"];
/// Folders of which every file that was read counts.
const FOLDERS: [&str; 11] = [
    ".devcontainer",
    ".vscode",
    ".idea",
    ".helix",
    ".zed",
    ".git",
    ".github/hooks",
    ".claude",
    ".cursor",
    ".codex",
    ".gemini",
];

/// Members of devcontainer.json that run or open something, and what.
const MEMBERS: [(&str, &str); 12] = [
    ("initializeCommand", "runs on YOUR computer at every start"),
    ("privileged", "gives the container every device of the host"),
    ("mounts", "mounts folders or volumes"),
    ("workspaceMount", "decides what of the host is mounted"),
    ("runArgs", "decides the container's rights and network"),
    ("capAdd", "adds capabilities"),
    ("securityOpt", "changes the engine's profiles"),
    ("features", "run as root in the build, and may add mounts"),
    ("image", "decides what runs in the container"),
    ("build", "decides what runs in the container"),
    ("dockerComposeFile", "decides services, mounts and networks"),
    ("customizations", "installs extensions and settings"),
];

/// The files of a snapshot that count. What has no text is [`Other::Unknown`] until the host looks at it.
pub fn baseline(snapshot: &Snapshot) -> Baseline {
    let named = named_files(snapshot);
    let hooks = hooks::folders(snapshot);
    let counts = |path: &RelPath| {
        is_config(path)
            || hooks.iter().any(|folder| path.is_within(folder))
            || named.contains(path)
            || NAMES.contains(&path.as_str())
            || path.as_str().ends_with(".code-workspace")
            || FOLDERS.iter().any(|folder| RelPath::new(folder).is_some_and(|folder| path.is_within(&folder)))
    };
    let unknown = |why: &dyn fmt::Display| Content::Other(Other::Unknown(why.to_string()));
    let (mut files, mut folders) = (BTreeMap::new(), BTreeSet::new());
    for (path, entry) in snapshot.files.iter().filter(|(path, _)| counts(path)) {
        let content = match entry {
            Entry::Text(text) => Content::Text(text.clone()),
            Entry::Symlink => unknown(&"a symbolic link"),
            Entry::Present(why) => unknown(why),
            Entry::Unreadable(why) => unknown(why),
            Entry::Dir(_) => {
                folders.insert(path.clone());
                continue;
            }
            Entry::Missing => continue,
        };
        files.insert(path.clone(), content);
    }
    for folder in hooks.iter().filter(|folder| hides_a_hook(snapshot, folder)) {
        files.insert(folder.clone(), unknown(&"a hook behind more names than are read"));
    }
    let not_executable = &snapshot.facts.not_executable;
    let not_executable = not_executable.iter().filter(|path| files.contains_key(*path)).cloned().collect();
    Baseline { version: VERSION, files, folders, inside: BTreeMap::new(), not_executable }
}

/// Whether a folder of hooks has one that nobody looked at: who writes there could hide it behind other names.
fn hides_a_hook(snapshot: &Snapshot, folder: &RelPath) -> bool {
    let Some(Entry::Dir(names)) = snapshot.get(folder) else { return false };
    let mut names = names.iter().filter(|name| hooks::is_hook(name));
    names.any(|name| folder.join(name).is_none_or(|path| snapshot.get(&path).is_none()))
}

/// Compose files and Dockerfiles that configurations name.
fn named_files(snapshot: &Snapshot) -> BTreeSet<RelPath> {
    let mut named = BTreeSet::new();
    for (path, entry) in snapshot.files.iter().filter(|(path, _)| is_config(path)) {
        let Some(root) = entry.text().and_then(|text| parse(text).root) else { continue };
        let references = crate::project::References::of(path, &root);
        named.extend(compose::references(snapshot, &references.compose));
        named.extend(references.dockerfiles);
    }
    named
}

/// What is not as in the baseline, by path.
pub fn compare(before: &Baseline, now: &Baseline) -> Vec<Drift> {
    let paths: BTreeSet<&RelPath> = before.files.keys().chain(now.files.keys()).collect();
    paths
        .into_iter()
        .filter_map(|path| {
            let folder = Content::Other(Other::Folder);
            let old = before.files.get(path);
            let new = now.files.get(path).or_else(|| now.folders.contains(path).then_some(&folder));
            let (kind, what) = match (old, new) {
                (Some(old), Some(new)) if old.is_as(new) => {
                    let can_run = before.not_executable.contains(path) && !now.not_executable.contains(path);
                    if !(can_run && path.name().is_some_and(hooks::is_hook)) {
                        return None;
                    }
                    (
                        DriftKind::Changed,
                        vec![
                            "can be executed now, and git on YOUR computer runs hooks of this name"
                                .to_owned(),
                        ],
                    )
                }
                (Some(_), Some(_)) => (DriftKind::Changed, describe(path, old, new)),
                (None, _) => (DriftKind::Added, describe(path, old, new)),
                (_, None) => (DriftKind::Removed, describe(path, old, new)),
            };
            Some(Drift { path: path.clone(), kind, what, before: old.cloned(), after: new.cloned() })
        })
        .collect()
}

fn describe(path: &RelPath, before: Option<&Content>, after: Option<&Content>) -> Vec<String> {
    let mut what = Vec::new();
    let other = content::describe(before, after);
    let (old, new) = (before.and_then(Content::text), after.and_then(Content::text));
    // Members are not taken away where nobody could read them.
    let json = |text: Option<&str>| text.filter(|_| other.is_none()).and_then(|text| parse(text).root);
    let (before, after) = (json(old), json(new));
    if is_config(path) {
        members(&MEMBERS, before.as_ref(), after.as_ref(), &mut what);
    } else if path.as_str() == "package.json" {
        let scripts = |root: Option<&Node>| root.and_then(|root| root.get("scripts")).cloned();
        keys(
            scripts(before.as_ref()).as_ref(),
            scripts(after.as_ref()).as_ref(),
            "script",
            "runs where npm runs it",
            &mut what,
        );
    } else if path.as_str().starts_with(".git/") && path.as_str().contains("/hooks/") {
        what.push("git on YOUR computer runs it".to_owned());
    } else if path.as_str() == ".vscode/tasks.json" {
        what.push("tasks run on YOUR computer in a local window".to_owned());
    } else if path.as_str().starts_with(".git/") {
        what.push("git on YOUR computer follows it".to_owned());
    } else if path.as_str().ends_with("mcp.json") {
        what.push("an agent on YOUR computer starts what it names".to_owned());
    } else if OTHER_EDITORS.iter().any(|name| path.as_str().starts_with(name)) {
        what.push("another editor on YOUR computer follows it".to_owned());
    }
    what.extend(other);
    if what.is_empty() {
        what.push(lines(old, new));
    }
    what
}

fn lines(old: Option<&str>, new: Option<&str>) -> String {
    let count = |text: Option<&str>| text.map_or(0, |text| text.lines().count());
    format!("{} lines before, {} now", count(old), count(new))
}

fn members(known: &[(&str, &str)], before: Option<&Node>, after: Option<&Node>, what: &mut Vec<String>) {
    for (key, means) in known {
        let value = |root: Option<&Node>| root.and_then(|root| root.get(key)).map(Node::to_json);
        match (value(before), value(after)) {
            (None, Some(_)) => what.push(format!("adds `{key}`: {means}")),
            (Some(_), None) => what.push(format!("takes `{key}` away: it {means}")),
            (Some(old), Some(new)) if old != new => what.push(format!("changes `{key}`: it {means}")),
            _ => {}
        }
    }
}

fn keys(before: Option<&Node>, after: Option<&Node>, noun: &str, means: &str, what: &mut Vec<String>) {
    let names: BTreeSet<&str> = [before, after]
        .into_iter()
        .flatten()
        .flat_map(|node| node.members().iter().map(|member| member.key.as_str()))
        .collect();
    for name in names {
        let value = |node: Option<&Node>| node.and_then(|node| node.get(name)).map(Node::to_json);
        match (value(before), value(after)) {
            (old, new) if old == new => {}
            (None, _) => what.push(format!("adds {noun} `{name}`: {means}")),
            (_, None) => what.push(format!("takes {noun} `{name}` away")),
            _ => what.push(format!("changes {noun} `{name}`: {means}")),
        }
    }
}

#[cfg(test)]
mod tests;
