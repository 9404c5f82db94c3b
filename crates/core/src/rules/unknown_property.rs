//! `unknown-property`: a property that no tool reads.

use crate::audit::{Cx, FixKind, Rule, Severity, Sink, Strength};

pub(super) static RULE: Rule = Rule {
    id: "unknown-property",
    code: "DB909",
    title: "a property that no tool reads is written",
    severity: Severity::Info,
    fix: FixKind::None,
    strength: Strength::Cosmetic,
    since: "0.1.0",
    docs: include_str!("unknown_property.md"),
    check,
};

fn check(rule: &'static Rule, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for view in &cx.configs {
        for unknown in view.config.iter().flat_map(|config| &config.unknown) {
            let message = format!(
                "`{}` is not a property of devcontainer.json: what it was meant to do does not happen",
                unknown.value
            );
            sink.at(rule, &view.spot(unknown.span), message).about(&view.path);
        }
    }
}
