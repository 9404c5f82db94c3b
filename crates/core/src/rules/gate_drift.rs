//! `gate-drift`: the gate's files are not what `protect` would write.

use crate::audit::{Cx, FixKind, Rule, Severity, Sink, Strength};
use crate::protect::{plan, recorded};

pub(super) static RULE: Rule = Rule {
    id: "gate-drift",
    code: "DB303",
    title: "the gate's files were changed since `drawbridge protect` wrote them",
    severity: Severity::Medium,
    fix: FixKind::None,
    strength: Strength::ContainerProof,
    since: "0.1.0",
    docs: include_str!("gate_drift.md"),
    check,
};

fn check(rule: &'static Rule, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for view in cx.configs.iter().filter(|view| view.protected) {
        let mut options = recorded(cx.snapshot, Some(&view.path)).unwrap_or_default();
        options.config = Some(view.path.clone());
        let what = match plan(cx.snapshot, &options) {
            Ok(plan) => {
                let changed: Vec<String> =
                    plan.changes.iter().map(|change| format!("`{}`", change.path)).collect();
                changed.join(", ")
            }
            Err(refusal) => refusal.message,
        };
        if !what.is_empty() {
            let message = format!("differs from what `drawbridge protect` would write: {what}");
            sink.at(rule, &view.top(), message).about(&view.path);
        }
    }
}
