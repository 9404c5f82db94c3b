//! `no-egress-gate`: nothing decides where the container connects to.

use crate::audit::{Cx, FixKind, Rule, Severity, Sink, Strength, View};

pub(super) static RULE: Rule = Rule {
    id: "no-egress-gate",
    code: "DB301",
    title: "a process in the container reaches every host",
    severity: Severity::High,
    fix: FixKind::None,
    strength: Strength::ContainerProof,
    since: "0.1.0",
    docs: include_str!("no_egress_gate.md"),
    check,
};

fn check(rule: &'static Rule, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for view in cx.configs.iter().filter(|view| !view.protected && !is_offline(view)) {
        let message =
            "egress open: a process in the container reaches every host; `drawbridge protect` closes it";
        sink.at(rule, &view.top(), message).about(&view.path).inferred();
    }
}

fn is_offline(view: &View<'_>) -> bool {
    let mut flags = view.flags.iter().filter(|flag| matches!(flag.name, "network" | "net"));
    let mode = view.service().and_then(|(_, service)| service.network_mode.as_ref());
    flags.next_back().is_some_and(|flag| flag.value.value == "none")
        || mode.is_some_and(|mode| mode.value == "none")
}
