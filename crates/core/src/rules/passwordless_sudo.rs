//! `passwordless-sudo`: the user of the container becomes root at will.

use drawbridge_jsonc::Node;

use crate::audit::{Cx, FixKind, Rule, Severity, Sink, Spot, Strength, instructions};

pub(super) static RULE: Rule = Rule {
    id: "passwordless-sudo",
    code: "DB206",
    title: "every process of the container becomes root without a password",
    severity: Severity::Medium,
    fix: FixKind::None,
    strength: Strength::ContainerProof,
    since: "0.1.0",
    docs: include_str!("passwordless_sudo.md"),
    check,
};

const WHY: &str = "a second user in the container is no wall, because every process becomes root";

fn check(rule: &'static Rule, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    if let Some(live) = cx.live.filter(|live| live.privileges.sudo) {
        sink.live(rule, format!("user {} may run everything with sudo and no password", live.uid), WHY);
    }
    for view in &cx.configs {
        let features = view.config.as_ref().map(|config| config.features.as_slice()).unwrap_or_default();
        for (id, options) in features {
            let name = id.value.rsplit('/').next().unwrap_or_default();
            let is_none = options.get("username").and_then(Node::as_str) == Some("none");
            if name.split([':', '@']).next() == Some("common-utils") && !is_none {
                let message = format!("`{}` gives the user sudo without a password: {WHY}", id.value);
                sink.at(rule, &view.spot(id.span), message).about(&view.path).inferred();
            }
        }
        for file in &view.dockerfiles {
            let Some(text) = cx.snapshot.text(file) else { continue };
            for found in instructions(text).into_iter().filter(|found| found.rest.contains("NOPASSWD")) {
                let spot = Spot { file: file.clone(), span: found.span };
                sink.at(rule, &spot, format!("`NOPASSWD`: {WHY}")).about(&view.path);
            }
        }
    }
}
