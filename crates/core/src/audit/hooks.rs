//! Scripts that git on the host runs by their names.

use crate::project::{Entry, RelPath, Snapshot};

/// Names of githooks(5), sorted. A file of another name is never run.
const NAMES: [&str; 28] = [
    "applypatch-msg",
    "commit-msg",
    "fsmonitor-watchman",
    "p4-changelist",
    "p4-post-changelist",
    "p4-pre-submit",
    "p4-prepare-changelist",
    "post-applypatch",
    "post-checkout",
    "post-commit",
    "post-index-change",
    "post-merge",
    "post-receive",
    "post-rewrite",
    "post-update",
    "pre-applypatch",
    "pre-auto-gc",
    "pre-commit",
    "pre-merge-commit",
    "pre-push",
    "pre-rebase",
    "pre-receive",
    "prepare-commit-msg",
    "proc-receive",
    "push-to-checkout",
    "reference-transaction",
    "sendemail-validate",
    "update",
];

/// Whether git runs a file of this name in a folder of hooks; on Windows a hook may end in `.exe`.
pub(crate) fn is_hook(name: &str) -> bool {
    NAMES.binary_search(&name.strip_suffix(".exe").unwrap_or(name)).is_ok()
}

/// Submodules that are looked at.
const MAX_MODULES: usize = 64;

/// The folders of hooks that git uses here: of the repository, and of its submodules.
pub(crate) fn folders(snapshot: &Snapshot) -> Vec<RelPath> {
    let own = snapshot.facts.hooks_path.clone().or_else(|| RelPath::new(".git/hooks"));
    let (modules, names) = submodules(snapshot);
    let of_modules = names.into_iter().take(MAX_MODULES).filter_map(|name| modules.join(name)?.join("hooks"));
    own.into_iter().chain(of_modules).collect()
}

/// What the hooks of were not looked at, in words.
pub(crate) fn unseen(snapshot: &Snapshot) -> Option<String> {
    let left = submodules(snapshot).1.len().saturating_sub(MAX_MODULES);
    (left > 0).then(|| format!("hooks of {left} submodules: those of {MAX_MODULES} others were looked at"))
}

/// The folder of the submodules, and their names, sorted.
fn submodules(snapshot: &Snapshot) -> (RelPath, Vec<&String>) {
    let folder = RelPath::new(".git/modules").unwrap_or_default();
    let mut names: Vec<&String> = match snapshot.get(&folder) {
        Some(Entry::Dir(names)) => names.iter().collect(),
        _ => Vec::new(),
    };
    names.sort();
    (folder, names)
}

/// Hooks of a folder that run, sorted. One without an execute permission does not (git says so and goes on).
pub(crate) fn running(snapshot: &Snapshot, folder: &RelPath) -> Vec<RelPath> {
    let Some(Entry::Dir(names)) = snapshot.get(folder) else { return Vec::new() };
    let hooks = names.iter().filter(|name| is_hook(name)).filter_map(|name| folder.join(name));
    let runs = |path: &RelPath| {
        !snapshot.facts.not_executable.contains(path) && !matches!(snapshot.get(path), Some(Entry::Dir(_)))
    };
    let mut hooks: Vec<RelPath> = hooks.filter(runs).collect();
    hooks.sort();
    hooks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted() {
        assert!(NAMES.is_sorted());
        assert!(is_hook("pre-commit.exe") && !is_hook("pre-commit.old") && !is_hook("README"));
    }

    #[test]
    fn only_what_can_run_in_the_folder_that_counts_runs() {
        let mut snapshot = Snapshot::default();
        let path = |text: &str| RelPath::new(text).expect("a path");
        let names = |names: &[&str]| Entry::Dir(names.iter().map(|name| (*name).to_owned()).collect());
        let all = ["pre-push", "pre-commit", "post-merge", "update", "pre-commit.sample"];
        snapshot.files.insert(path(".git/hooks"), names(&all));
        snapshot.files.insert(path(".git/hooks/post-merge"), names(&[]));
        snapshot.files.insert(path("hooks"), names(&["pre-commit"]));
        snapshot.facts.not_executable.insert(path(".git/hooks/pre-push"));
        let all = |snapshot: &Snapshot| -> Vec<RelPath> {
            folders(snapshot).iter().flat_map(|folder| running(snapshot, folder)).collect()
        };
        assert_eq!(all(&snapshot), [path(".git/hooks/pre-commit"), path(".git/hooks/update")]);
        snapshot.facts.hooks_path = Some(path("hooks"));
        assert_eq!(all(&snapshot), [path("hooks/pre-commit")], "git looks nowhere else then");
        snapshot.files.insert(path(".git/modules"), names(&["lib"]));
        snapshot.files.insert(path(".git/modules/lib/hooks"), names(&["post-checkout"]));
        assert_eq!(all(&snapshot)[1..], [path(".git/modules/lib/hooks/post-checkout")]);
    }
}
