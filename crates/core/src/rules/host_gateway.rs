//! `host-gateway`: a name in the container leads to the host's services.

use crate::audit::{Cx, FixKind, Rule, Severity, Sink, Strength};

pub(super) static RULE: Rule = Rule {
    id: "host-gateway",
    code: "DB305",
    title: "a name in the container leads to services of the host",
    severity: Severity::Low,
    fix: FixKind::Unsafe,
    strength: Strength::ContainerProof,
    since: "0.1.0",
    docs: include_str!("host_gateway.md"),
    check,
};

fn check(rule: &'static Rule, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for view in cx.configs.iter().filter(|view| !view.protected) {
        for used in view.flag("add-host").into_iter().chain(view.items("extra_hosts")) {
            if used.value.contains("host-gateway") {
                let message = format!(
                    "{}`{}`: what listens on the host's addresses answers the container",
                    used.whose(),
                    used.value
                );
                let finding = sink.at(rule, &used.spot, message).about(&view.path);
                finding.removable(used.remove(&used.value), &used.spot, used.removal);
            }
        }
    }
}
