//! `read-only-bind-source-missing`: a protecting bind covers nothing.

use crate::audit::{Cx, FixKind, Rule, Severity, Sink, Strength};

pub(super) static RULE: Rule = Rule {
    id: "read-only-bind-source-missing",
    code: "DB809",
    title: "a protecting read-only bind has no source: the start fails, or an empty folder appears",
    severity: Severity::Medium,
    fix: FixKind::None,
    strength: Strength::ContainerProof,
    since: "0.1.0",
    docs: include_str!("read_only_bind_source_missing.md"),
    check,
};

fn check(rule: &'static Rule, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for view in &cx.configs {
        for used in view.mounts.iter().filter(|used| used.mount.read_only) {
            let Some(part) = used.part.as_ref().filter(|part| !part.as_str().is_empty()) else { continue };
            let known = cx.snapshot.get(part).is_some() || cx.snapshot.get(&part.parent()).is_some();
            if known && !cx.snapshot.exists(part) {
                let message = format!(
                    "{}`{part}` does not exist: the start fails, or an empty folder takes its place, and a process can make the real one",
                    used.whose()
                );
                sink.at(rule, &used.spot, message).about(&view.path);
            }
        }
    }
}
