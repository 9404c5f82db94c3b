//! `active-git-hooks`: scripts in the hooks folder that git on the host runs.

use drawbridge_text::Span;

use crate::audit::{Cx, FixKind, Rule, Severity, Sink, Spot, Strength, hooks};
use crate::project::{Entry, RelPath, Snapshot};

pub(super) static RULE: Rule = Rule {
    id: "active-git-hooks",
    code: "DB804",
    title: "git on the host runs scripts of this folder",
    severity: Severity::Medium,
    fix: FixKind::None,
    strength: Strength::ContainerProof,
    since: "0.1.0",
    docs: include_str!("active_git_hooks.md"),
    check,
};

fn check(rule: &'static Rule, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for folder in hooks::folders(cx.snapshot) {
        let hooks = hooks::running(cx.snapshot, &folder);
        let names: Vec<&str> = hooks.iter().filter_map(RelPath::name).collect();
        let listed = (!names.is_empty()).then(|| {
            format!("`{}`: git runs them on whoever commits, merges or pushes here", names.join("`, `"))
        });
        let unlisted = unlisted(cx.snapshot, &folder).map(str::to_owned);
        let spot = Spot { file: folder, span: Span::at(0) };
        for message in listed.into_iter().chain(unlisted) {
            sink.at(rule, &spot, message);
        }
    }
}

/// Why the list of a folder's hooks may not be all of them.
fn unlisted(snapshot: &Snapshot, folder: &RelPath) -> Option<&'static str> {
    match snapshot.get(folder)? {
        Entry::Symlink => Some("a symbolic link: git follows it to whatever hooks are there"),
        Entry::Unreadable(_) => Some("not readable here: a hook may be in it"),
        _ if snapshot.facts.partly_listed.contains(folder) => {
            Some("more names than are read: a hook may be behind them")
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::{Input, audit};

    #[test]
    fn a_folder_that_nobody_listed_may_hold_a_hook() {
        let folder = RelPath::new(".git/hooks").expect("a path");
        for (entry, said) in [
            (Entry::Symlink, vec!["a symbolic link: git follows it to whatever hooks are there"]),
            (Entry::Unreadable("denied".to_owned()), vec!["not readable here: a hook may be in it"]),
            (Entry::Dir(vec!["pre-commit.sample".to_owned()]), vec![]),
        ] {
            let mut snapshot = Snapshot::default();
            snapshot.files.insert(folder.clone(), entry);
            let found = audit(&Input::of(&snapshot, 0)).findings.into_iter();
            let own: Vec<String> =
                found.filter(|found| found.rule.id == RULE.id).map(|found| found.message).collect();
            assert_eq!(own, said);
        }
    }
}
