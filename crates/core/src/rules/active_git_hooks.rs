//! `active-git-hooks`: scripts in the hooks folder that git on the host runs.

use drawbridge_text::Span;

use crate::audit::{Cx, FixKind, Rule, Severity, Sink, Spot, Strength, hooks};
use crate::project::RelPath;

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
        if names.is_empty() {
            continue;
        }
        let message =
            format!("`{}`: git runs them on whoever commits, merges or pushes here", names.join("`, `"));
        sink.at(rule, &Spot { file: folder, span: Span::at(0) }, message);
    }
}
