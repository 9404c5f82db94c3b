//! `jetbrains-port-exposed`: the back end listens on every interface.

use crate::audit::{Cx, FixKind, Rule, Severity, Sink, Strength};

pub(super) static RULE: Rule = Rule {
    id: "jetbrains-port-exposed",
    code: "DB407",
    title: "the JetBrains back end listens on every interface of the container",
    severity: Severity::Medium,
    fix: FixKind::None,
    strength: Strength::ContainerProof,
    since: "0.1.0",
    docs: include_str!("jetbrains_port_exposed.md"),
    check,
};

fn check(rule: &'static Rule, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for listener in cx.live.iter().flat_map(|live| &live.listeners) {
        let is_backend = matches!(listener.port, 5990..=5999 | 63342..=63361);
        if is_backend && matches!(listener.address.as_str(), "0.0.0.0" | "::") {
            let place = format!("{}:{}", listener.address, listener.port);
            let process = listener.process.as_deref().unwrap_or("an unknown process");
            sink.live(
                rule,
                format!("{process} listens on {place}"),
                format!("`{place}`: neighbours on the container's networks reach the back end"),
            );
        }
    }
}
