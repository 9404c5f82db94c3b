//! `host-network`: the container is on the host's own network.

use crate::audit::{Cx, FixKind, Rule, Severity, Sink, Strength};
use crate::compose::Edit;

pub(super) static RULE: Rule = Rule {
    id: "host-network",
    code: "DB302",
    title: "the container is on the host's own network, with every service on localhost",
    severity: Severity::High,
    fix: FixKind::Unsafe,
    strength: Strength::ContainerProof,
    since: "0.1.0",
    docs: include_str!("host_network.md"),
    check,
};

const WHY: &str = "every service on the host's localhost answers the container";

fn check(rule: &'static Rule, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for view in &cx.configs {
        let flags = view.flag("network").into_iter().chain(view.flag("net"));
        for used in flags.filter(|used| used.value == "host") {
            let what = "--network=host";
            let finding = sink.at(rule, &used.spot, format!("`{what}`: {WHY}")).about(&view.path);
            finding.removable(used.remove(what), &used.spot, used.removal);
        }
        for (name, service) in view.services() {
            if let Some(mode) = service.network_mode.as_ref().filter(|mode| mode.value == "host") {
                let message = format!("service `{name}`: `network_mode: host`: {WHY}");
                let spot = view.compose_spot(mode);
                let removal = Edit::Remove { at: mode.place };
                let finding = sink.at(rule, &spot, message).about(&view.path);
                finding.removable("Remove `network_mode: host`", &spot, Some(removal.into()));
            }
        }
    }
}
