//! Files that the audit and the review of drift read beside those that the planner needs.

use std::collections::BTreeSet;

use drawbridge_jsonc::parse;

use super::hooks;
use crate::project::{Entry, RelPath, Snapshot, is_config, lock_file};

/// More files of one folder than anybody reads.
const MAX_LISTED: usize = 64;

/// Files with a fixed place.
const FILES: [&str; 41] = [
    ".vscode/settings.json",
    ".vscode/tasks.json",
    ".vscode/launch.json",
    ".vscode/mcp.json",
    ".vscode/extensions.json",
    ".idea/startup.xml",
    ".idea/workspace.xml",
    ".idea/watcherTasks.xml",
    ".git/config",
    ".git/config.worktree",
    ".git",
    ".helix/languages.toml",
    ".zed/settings.json",
    ".zed/tasks.json",
    ".nvim.lua",
    ".nvimrc",
    ".exrc",
    ".vimrc",
    ".dir-locals.el",
    ".mcp.json",
    ".cursor/mcp.json",
    ".claude/settings.json",
    ".claude/settings.local.json",
    ".codex/config.toml",
    ".gemini/settings.json",
    ".envrc",
    "mise.toml",
    ".mise.toml",
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
    "Makefile",
    "justfile",
    "Taskfile.yml",
];

/// Folders whose names count.
const FOLDERS: [&str; 6] = [".vscode", ".idea", ".git/hooks", ".github/hooks", ".husky", ".git/modules"];

/// What the host must read next, as [`crate::project::wanted`]; ask both until both are empty.
pub fn wanted(snapshot: &Snapshot) -> Vec<RelPath> {
    let mut want = BTreeSet::new();
    if snapshot.get(&RelPath::root()).is_none() {
        return Vec::new();
    }
    let path = |text: &str| RelPath::new(text);
    want.extend(FILES.iter().chain(&FOLDERS).filter_map(|text| path(text)));
    want.extend(listed(snapshot, "", |name| name.ends_with(".code-workspace")));
    want.extend(listed(snapshot, ".github/hooks", |name| name.strip_suffix(".json").is_some()));
    for (path, entry) in snapshot.files.iter().filter(|(path, _)| is_config(path)) {
        let root = entry.text().and_then(|text| parse(text).root);
        let mounts = root.as_ref().and_then(|root| root.get("mounts")?.as_array()).unwrap_or_default();
        want.extend(mounts.iter().take(MAX_LISTED).filter_map(|mount| bound(mount.as_str()?)));
        want.extend(lock_file(path));
    }
    for folder in hooks::folders(snapshot) {
        want.extend(listed(snapshot, folder.as_str(), |name| name.strip_suffix(".sample").is_none()));
        want.insert(folder);
    }
    for module in listed(snapshot, ".git/modules", |_| true) {
        want.extend(module.join("config"));
    }
    want.into_iter().filter(|path| snapshot.get(path).is_none()).collect()
}

/// Whether rules read the text of a file of this name, which then must be one.
pub(crate) fn has_text(path: &RelPath) -> bool {
    FILES.contains(&path.as_str()) || path.as_str().ends_with(".code-workspace")
}

/// The part of the workspace that a `--mount` text binds.
fn bound(mount: &str) -> Option<RelPath> {
    let (_, rest) = mount.split_once("${localWorkspaceFolder}/")?;
    RelPath::new(rest.split(',').next()?)
}

fn listed(snapshot: &Snapshot, folder: &str, wanted: impl Fn(&str) -> bool) -> Vec<RelPath> {
    let folder = RelPath::new(folder).unwrap_or_default();
    let Some(Entry::Dir(names)) = snapshot.get(&folder) else { return Vec::new() };
    let mut names: Vec<&String> = names.iter().filter(|name| wanted(name)).collect();
    names.sort();
    names.into_iter().take(MAX_LISTED).filter_map(|name| folder.join(name)).collect()
}
