//! `second-network`: the container or a neighbour is on the gate's network and on another one.

use std::collections::BTreeSet;

use crate::audit::{Cx, FixKind, Rule, Severity, Sink, Strength, View};
use crate::compose;

pub(super) static RULE: Rule = Rule {
    id: "second-network",
    code: "DB304",
    title: "a second network leads round the gate",
    severity: Severity::High,
    fix: FixKind::None,
    strength: Strength::ContainerProof,
    since: "0.1.0",
    docs: include_str!("second_network.md"),
    check,
};

fn check(rule: &'static Rule, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for view in cx.configs.iter().filter(|view| view.protected) {
        let gate = view.layout.named("drawbridge");
        let ours = our_networks(cx, view);
        let Some(Ok(model)) = &view.compose else { continue };
        for (name, service) in &model.services {
            let joined = service.joined();
            let is_gate_itself = service.at.file == view.layout.overlay && name.starts_with("drawbridge");
            if is_gate_itself || !joined.contains(gate.as_str()) {
                continue;
            }
            let others: Vec<&str> = joined
                .iter()
                .copied()
                .filter(|network| *network != gate && !ours.contains(*network))
                .collect();
            if !others.is_empty() {
                let message = format!(
                    "service `{name}` is on the gate's network and on `{}`: what it can reach there, the container reaches through it",
                    others.join("`, `")
                );
                sink.at(rule, &view.compose_spot(&service.at), message).about(&view.path);
            }
        }
    }
}

/// Networks that our file gives to services.
fn our_networks(cx: &Cx<'_>, view: &View<'_>) -> BTreeSet<String> {
    let overlay = compose::load(cx.snapshot, std::slice::from_ref(&view.layout.overlay));
    let services = overlay.map(|model| model.services).unwrap_or_default();
    services
        .into_iter()
        .filter(|(name, _)| !name.starts_with("drawbridge"))
        .flat_map(|(_, service)| service.networks.into_iter().map(|network| network.name))
        .collect()
}
