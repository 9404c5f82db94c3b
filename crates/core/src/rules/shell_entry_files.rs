//! `shell-entry-files`: files that shells and git tools of the host execute on entry or commit.

use drawbridge_text::Span;

use crate::audit::{Cx, FixKind, Rule, Severity, Sink, Spot, Strength};
use crate::project::RelPath;

pub(super) static RULE: Rule = Rule {
    id: "shell-entry-files",
    code: "DB808",
    title: "a shell or git tool of the host executes files of the workspace",
    severity: Severity::Low,
    fix: FixKind::None,
    strength: Strength::ContainerProof,
    since: "0.1.0",
    docs: include_str!("shell_entry_files.md"),
    check,
};

const FILES: [(&str, &str); 7] = [
    (".envrc", "direnv runs it after `direnv allow`, which asks again after each change"),
    ("mise.toml", "mise runs its hooks and templates once it is trusted"),
    (".mise.toml", "mise runs its hooks and templates once it is trusted"),
    (".tool-versions", "the version manager installs what it names"),
    (".pre-commit-config.yaml", "its hooks run at a commit on this machine, when they are installed"),
    ("lefthook.yml", "its hooks run at a commit on this machine, when they are installed"),
    (".husky", "its hooks run at a commit on this machine, when they are installed"),
];

fn check(rule: &'static Rule, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for (name, why) in FILES.iter().filter(|(name, _)| cx.exists(name)) {
        let Some(file) = RelPath::new(name) else { continue };
        sink.at(rule, &Spot { file, span: Span::at(0) }, format!("`{name}`: {why}"));
    }
}
