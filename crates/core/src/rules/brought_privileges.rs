//! `brought-privileges`: the image or a Feature adds mounts or privileges that no file shows.

use serde_json::Value;

use crate::audit::{Cx, FixKind, Rule, Severity, Sink, Strength};

pub(super) static RULE: Rule = Rule {
    id: "brought-privileges",
    code: "DB905",
    title: "the image or a Feature adds mounts or privileges that no file of the project shows",
    severity: Severity::Medium,
    fix: FixKind::None,
    strength: Strength::ContainerProof,
    since: "0.1.0",
    docs: include_str!("brought_privileges.md"),
    check,
};

fn check(rule: &'static Rule, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let Some(brought) = &cx.snapshot.facts.brought else { return };
    let [view] = cx.configs.as_slice() else { return };
    let entries = brought.image.iter().flatten().chain(brought.features.iter().flatten());
    for entry in entries {
        let who = entry.get("id").and_then(Value::as_str).unwrap_or("the image");
        if entry.get("privileged") == Some(&Value::Bool(true)) {
            let message = format!("`{who}` makes the container privileged");
            sink.at(rule, &view.top(), message).about(&view.path).severity(Severity::High);
        }
        for mount in entry.get("mounts").and_then(Value::as_array).into_iter().flatten() {
            let shown = mount.as_str().map_or_else(|| mount.to_string(), str::to_owned);
            if shown.contains("bind") {
                sink.at(rule, &view.top(), format!("`{who}` mounts `{shown}`")).about(&view.path);
            }
        }
    }
}
