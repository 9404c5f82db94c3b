//! `extension-changed`: an extension in the container is not what it was when the developer looked.

use crate::audit::{Cx, FixKind, Rule, Severity, Sink, Strength};
use crate::drift::{DriftKind, of_extensions};

pub(super) static RULE: Rule = Rule {
    id: "extension-changed",
    code: "DB815",
    title: "an extension in the container is not what it was at the baseline",
    severity: Severity::High,
    fix: FixKind::None,
    strength: Strength::ContainerProof,
    since: "0.1.0",
    docs: include_str!("extension_changed.md"),
    check,
};

fn check(rule: &'static Rule, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let (Some(live), Some(recorded)) = (cx.live, cx.recorded) else { return };
    for drift in of_extensions(recorded, live) {
        let severity = match drift.kind {
            DriftKind::Changed => Severity::High,
            // Installing, updating and removing is what people do.
            DriftKind::Added | DriftKind::Removed => Severity::Medium,
        };
        sink.live(rule, drift.path, drift.what.join("; ")).severity(severity);
    }
}
