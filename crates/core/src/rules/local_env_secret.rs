//! `local-env-secret`: a secret of the host's environment is copied into the container.

use drawbridge_bridge::variables::is_secret;
use drawbridge_jsonc::{Node, NodeKind};

use crate::audit::{Cx, FixKind, Rule, Severity, Sink, Strength, View};
use crate::devcontainer::variable::{Piece, Variable, pieces};

pub(super) static RULE: Rule = Rule {
    id: "local-env-secret",
    code: "DB517",
    title: "a secret of your shell is copied into the container",
    severity: Severity::Medium,
    fix: FixKind::None,
    strength: Strength::ContainerProof,
    since: "0.1.0",
    docs: include_str!("local_env_secret.md"),
    check,
};

/// Properties whose values reach the container.
const PROPERTIES: [&str; 5] = ["containerEnv", "remoteEnv", "build", "runArgs", "features"];

fn check(rule: &'static Rule, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for view in &cx.configs {
        for property in PROPERTIES {
            if let Some(node) = view.get(property) {
                walk(rule, view, node, sink);
            }
        }
        for (name, service) in view.services() {
            for (variable, value) in &service.environment {
                // `NAME` alone takes the value from the shell, like `NAME: ${NAME}`.
                let copied =
                    value.as_ref().is_none_or(|value| value.starts_with("${") || value.starts_with('$'));
                if copied && is_secret(variable) && service.at.file != view.layout.overlay {
                    let message = format!(
                        "service `{name}`: `{variable}` of your shell reaches every process of the container"
                    );
                    sink.at(rule, &view.compose_spot(&service.at), message).about(&view.path);
                }
            }
        }
    }
}

fn walk(rule: &'static Rule, view: &View<'_>, node: &Node, sink: &mut Sink<'_>) {
    match &node.kind {
        NodeKind::String(text) => {
            for piece in pieces(text) {
                if let Piece::Variable(Variable::LocalEnv { name, .. }) = piece
                    && is_secret(name)
                {
                    let message = format!("`{name}` of your shell reaches every process of the container");
                    sink.at(rule, &view.spot(node.span), message).about(&view.path);
                }
            }
        }
        NodeKind::Array(items) => {
            for item in items {
                walk(rule, view, item, sink);
            }
        }
        NodeKind::Object(members) => {
            for member in members {
                walk(rule, view, &member.value, sink);
            }
        }
        _ => {}
    }
}
