//! What changed since the developer last looked, in files that the host executes or the next launch
//! follows.
//!
//! The baseline lies on the host, outside of the workspace, and holds whole texts: a change can be
//! shown and taken back although the container rewrote the file.

mod inside;

use std::collections::{BTreeMap, BTreeSet};

use drawbridge_jsonc::{Node, parse};
use serde::{Deserialize, Serialize};

use crate::audit::hooks;
use crate::compose;
use crate::project::{Entry, RelPath, Snapshot, is_config};

pub use inside::{Inside, InsideDrift, of_extensions};

/// Version of [`Baseline`]; a reader refuses another one.
pub const VERSION: u32 = 1;

/// What the developer has seen.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Baseline {
    /// [`VERSION`].
    pub version: u32,
    /// Texts by path.
    pub files: BTreeMap<RelPath, String>,
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
    /// Its text in the baseline.
    #[serde(skip)]
    pub before: Option<String>,
    /// Its text now.
    #[serde(skip)]
    pub after: Option<String>,
}

impl Drift {
    /// Whether its text can be put back as it was: there is one on both sides, or none, and not the same.
    pub fn can_be_put_back(&self) -> bool {
        let is_text = |text: &Option<String>| !matches!(text.as_deref(), Some(LINK | NO_TEXT));
        self.before != self.after && is_text(&self.before) && is_text(&self.after)
    }
}

impl Baseline {
    /// Takes one file over as it is in `now`.
    pub fn accept(&mut self, path: &RelPath, now: &Self) {
        match now.files.get(path) {
            Some(text) => self.files.insert(path.clone(), text.clone()),
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

/// Stands for the text of a symbolic link.
const LINK: &str = "(a symbolic link)";
/// Stands for the text of a file that is too large or not UTF-8.
const NO_TEXT: &str = "(no text)";

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

/// The files of a snapshot that count, with their texts.
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
    let files = snapshot.files.iter().filter(|(path, _)| counts(path));
    let files = files.filter_map(|(path, entry)| match entry {
        Entry::Text(text) => Some((path.clone(), text.clone())),
        // That it is a link is what counts: tools follow it.
        Entry::Symlink => Some((path.clone(), LINK.to_owned())),
        Entry::Present(_) => Some((path.clone(), NO_TEXT.to_owned())),
        _ => None,
    });
    let files: BTreeMap<RelPath, String> = files.collect();
    let not_executable = &snapshot.facts.not_executable;
    let not_executable = not_executable.iter().filter(|path| files.contains_key(*path)).cloned().collect();
    Baseline { version: VERSION, files, inside: BTreeMap::new(), not_executable }
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
            let (old, new) = (before.files.get(path), now.files.get(path));
            let (kind, what) = match (old, new) {
                (Some(old), Some(new)) if old == new => {
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
                (Some(old), Some(new)) => (DriftKind::Changed, describe(path, Some(old), Some(new))),
                (None, new) => (DriftKind::Added, describe(path, None, new.map(String::as_str))),
                (old, None) => (DriftKind::Removed, describe(path, old.map(String::as_str), None)),
            };
            Some(Drift { path: path.clone(), kind, what, before: old.cloned(), after: new.cloned() })
        })
        .collect()
}

fn describe(path: &RelPath, old: Option<&str>, new: Option<&str>) -> Vec<String> {
    let mut what = Vec::new();
    let json = |text: Option<&str>| text.and_then(|text| parse(text).root);
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
mod tests {
    use super::*;
    use crate::project::NoText;

    fn of(files: &[(&str, &str)]) -> Baseline {
        let mut snapshot = Snapshot::default();
        for (path, text) in files {
            let path = RelPath::new(path).expect("a path");
            snapshot.files.insert(path, Entry::Text((*text).to_owned()));
        }
        baseline(&snapshot)
    }

    fn check(before: &[(&str, &str)], now: &[(&str, &str)]) -> String {
        let drift = compare(&of(before), &of(now));
        drift
            .iter()
            .map(|drift| format!("{:?} {}: {}", drift.kind, drift.path, drift.what.join("; ")))
            .collect::<Vec<_>>()
            .join("\n")
    }

    #[test]
    fn a_hook_that_can_run_now_is_a_change_and_has_nothing_to_put_back() {
        let hook = RelPath::new(".git/hooks/pre-commit").expect("a path");
        let mut before = of(&[(hook.as_str(), "#!/bin/sh\n"), ("package.json", "{}")]);
        let mut now = before.clone();
        before.not_executable = before.files.keys().cloned().collect();
        let drift = compare(&before, &now);
        let [only] = drift.as_slice() else { panic!("{drift:?}") };
        assert_eq!((&only.path, only.kind, only.can_be_put_back()), (&hook, DriftKind::Changed, false));
        before.accept(&hook, &now);
        assert_eq!(compare(&before, &now), []);
        now.not_executable.insert(hook);
        assert_eq!(compare(&before, &now), [], "one that cannot run any more is no danger");
    }

    #[test]
    fn a_program_as_a_hook_is_seen_although_it_is_no_text() {
        let mut snapshot = Snapshot::default();
        let path = |text: &str| RelPath::new(text).expect("a path");
        snapshot.facts.hooks_path = Some(path(".husky/_"));
        snapshot.files.insert(path(".husky/_/pre-push"), Entry::Present(NoText::NotUtf8 { at: 0 }));
        let drift = compare(&Baseline::default(), &baseline(&snapshot));
        let [only] = drift.as_slice() else { panic!("{drift:?}") };
        assert_eq!((only.path.as_str(), only.can_be_put_back()), (".husky/_/pre-push", false));
    }

    #[test]
    fn says_what_a_change_means() {
        let config = ".devcontainer/devcontainer.json";
        insta::assert_snapshot!(
            check(
                &[(config, r#"{"image": "a", "mounts": []}"#), ("package.json", r#"{"scripts": {"test": "x"}}"#), (".envrc", "a"), (".helix/languages.toml", "a")],
                &[
                    (config, r#"{"image": "a", "initializeCommand": "x", "mounts": ["y"]}"#),
                    ("package.json", r#"{"scripts": {"test": "x", "postinstall": "y"}}"#),
                    (".git/hooks/pre-commit", "x"),
                    (".helix/languages.toml", "b"),
                    (".dir-locals.el", "x"),
                ],
            ),
            @r"
        Changed .devcontainer/devcontainer.json: adds `initializeCommand`: runs on YOUR computer at every start; changes `mounts`: it mounts folders or volumes
        Added .dir-locals.el: another editor on YOUR computer follows it
        Removed .envrc: 1 lines before, 0 now
        Added .git/hooks/pre-commit: git on YOUR computer runs it
        Changed .helix/languages.toml: another editor on YOUR computer follows it
        Changed package.json: adds script `postinstall`: runs where npm runs it
        "
        );
    }

    #[test]
    fn sources_and_comments_alone_do_not_count_or_are_shown_as_lines() {
        assert_eq!(check(&[("src/main.rs", "a")], &[("src/main.rs", "b")]), "");
        assert!(
            check(&[(".devcontainer.json", "{}")], &[(".devcontainer.json", "// x\n{}")]).contains("2 now")
        );
    }
}
