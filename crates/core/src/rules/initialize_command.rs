//! `initialize-command`: a command of the workspace runs on the developer's computer.

use drawbridge_jsonc::{Edit, Pointer};

use super::editor_log;
use crate::audit::{Cx, FixKind, Rule, Safety, Severity, Sink, Strength};

pub(super) static RULE: Rule = Rule {
    id: "initialize-command",
    code: "DB603",
    title: "a command of the workspace runs on your computer at every start",
    severity: Severity::High,
    fix: FixKind::Unsafe,
    strength: Strength::ContainerProof,
    since: "0.1.0",
    docs: include_str!("initialize_command.md"),
    check,
};

fn check(rule: &'static Rule, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for view in &cx.configs {
        let Some(member) = view.member("initializeCommand").filter(|member| !member.value.is_null()) else {
            continue;
        };
        let message = "`initializeCommand` runs on this machine at every start, not in the container";
        let edits = vec![Edit::Remove { at: Pointer::root().key("initializeCommand") }];
        let finding = sink.at(rule, &view.spot(member.span), message).about(&view.path);
        finding.fix(Safety::Unsafe, "Remove `initializeCommand`", &view.path, edits);
        if view.protected {
            // The container cannot write the file any more; a commit still can.
            finding.severity(Severity::Medium);
        }
    }
    editor_log::report(rule, cx, sink);
}
