//! `git-config-executes`: the repository's git configuration runs programs.

use crate::audit::{Cx, FixKind, GitEntry, Rule, Severity, Sink, Spot, Strength, entries};
use crate::project::RelPath;

pub(super) static RULE: Rule = Rule {
    id: "git-config-executes",
    code: "DB803",
    title: "the repository's git configuration runs a program on whoever uses git here",
    severity: Severity::High,
    fix: FixKind::None,
    strength: Strength::ContainerProof,
    since: "0.1.0",
    docs: include_str!("git_config_executes.md"),
    check,
};

fn check(rule: &'static Rule, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let is_config = |path: &RelPath| {
        let text = path.as_str();
        matches!(text, ".git/config" | ".git/config.worktree")
            || (text.starts_with(".git/modules/") && text.ends_with("/config"))
    };
    for (path, entry) in cx.snapshot.files.iter().filter(|(path, _)| is_config(path)) {
        for found in entry.text().map(entries).unwrap_or_default() {
            if let Some(when) = runs(&found) {
                let spot = Spot { file: path.clone(), span: found.span };
                sink.at(rule, &spot, format!("`{} = {}` runs {when}", found.key, found.value));
            }
        }
    }
}

/// When git runs what the entry names; `None` when it runs nothing.
pub(super) fn runs(entry: &GitEntry) -> Option<&'static str> {
    let (section, name) = entry.key.rsplit_once('.')?;
    let section = section.split('.').next().unwrap_or_default();
    let is_flag =
        matches!(entry.value.as_str(), "true" | "false" | "yes" | "no" | "on" | "off" | "1" | "0" | "");
    match (section, name) {
        ("core", "fsmonitor") if !is_flag => Some("at the first `git status`"),
        ("core", "sshcommand") => Some("at every fetch and push over ssh"),
        ("core", "pager") => Some("when git shows anything"),
        ("core" | "sequence", "editor") => Some("when a message is written"),
        ("core", "askpass") => Some("when a password is needed"),
        ("core", "hookspath") => Some("the hooks in that folder"),
        ("core", "gitproxy") => Some("at every fetch"),
        ("credential", "helper") if entry.value.starts_with(['!', '/', '.']) => {
            Some("when a password is needed")
        }
        ("diff", "command" | "textconv" | "external") => Some("at `git diff`"),
        ("filter", "clean" | "smudge" | "process") if !entry.value.starts_with("git-lfs ") => {
            Some("at `git add` and checkout")
        }
        ("merge", "driver") => Some("at a merge"),
        ("mergetool" | "difftool", "cmd" | "path") => Some("when the tool is started"),
        ("gpg", "program") => Some("when a commit is signed"),
        ("alias", _) if entry.value.starts_with('!') => Some("when the alias is used"),
        ("remote", "uploadpack" | "receivepack" | "vcs") => Some("at a fetch or push"),
        ("include" | "includeif", "path") => Some("what another file says"),
        ("protocol", "allow") if entry.key.starts_with("protocol.ext.") => Some("any command as a remote"),
        ("pager", _) if !is_flag => Some("when git shows anything"),
        _ => None,
    }
}
