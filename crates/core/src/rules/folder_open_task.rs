//! `folder-open-task`: a task runs when the folder is opened.

use drawbridge_jsonc::{Edit, Node, Pointer, parse};

use crate::audit::{Cx, FixKind, Rule, Safety, Severity, Sink, Spot, Strength};

pub(super) static RULE: Rule = Rule {
    id: "folder-open-task",
    code: "DB608",
    title: "a task runs when the folder is opened, on the host in a local window",
    severity: Severity::High,
    fix: FixKind::Unsafe,
    strength: Strength::ContainerProof,
    since: "0.1.0",
    docs: include_str!("folder_open_task.md"),
    check,
};

fn check(rule: &'static Rule, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let Some((path, text)) = cx.text(".vscode/tasks.json") else { return };
    let Some(root) = parse(text).root else { return };
    let tasks = root.get("tasks").and_then(Node::as_array).unwrap_or_default();
    for (index, task) in tasks.iter().enumerate() {
        let Some(options) = task.member("runOptions") else { continue };
        if options.value.get("runOn").and_then(Node::as_str) != Some("folderOpen") {
            continue;
        }
        let name = task.get("label").or_else(|| task.get("taskName")).and_then(Node::as_str);
        let name = name.unwrap_or("a task");
        let spot = Spot { file: path.clone(), span: options.span };
        let at = Pointer::root().key("tasks").index(index).key("runOptions").key("runOn");
        let message =
            format!("`{name}` runs when the folder is opened; in a local window that is on this machine");
        sink.at(rule, &spot, message).fix(Safety::Unsafe, "Remove `runOn`", &path, vec![Edit::Remove { at }]);
    }
}
