//! `duplicate-key`: a key is written twice, and readers differ on which one counts.

use crate::audit::{Cx, FixKind, Rule, Severity, Sink, Strength};

pub(super) static RULE: Rule = Rule {
    id: "duplicate-key",
    code: "DB906",
    title: "a key is written twice, and readers differ on which one counts",
    severity: Severity::Medium,
    fix: FixKind::None,
    strength: Strength::ContainerProof,
    since: "0.1.0",
    docs: include_str!("duplicate_key.md"),
    check,
};

fn check(rule: &'static Rule, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for view in &cx.configs {
        for twice in &view.parsed.duplicates {
            let Some(last) = twice.spans.last() else { continue };
            let message = format!(
                "`{}` is written {} times; the Dev Containers CLI takes this one",
                twice.at,
                twice.spans.len()
            );
            sink.at(rule, &view.spot(*last), message).about(&view.path);
        }
    }
}
