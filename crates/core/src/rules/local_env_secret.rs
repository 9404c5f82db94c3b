//! `local-env-secret`: a secret of the host's environment is copied into the container.

use drawbridge_bridge::variables::is_secret;
use drawbridge_jsonc::{Edit, Node, NodeKind, Pointer};

use crate::audit::{Cx, FixKind, Rule, Safety, Severity, Sink, Strength, View};
use crate::devcontainer::variable::{Piece, Variable, pieces};

pub(super) static RULE: Rule = Rule {
    id: "local-env-secret",
    code: "DB517",
    title: "a secret of your shell is copied into the container",
    severity: Severity::Medium,
    fix: FixKind::Unsafe,
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
                walk(rule, view, node, &Pointer::root().key(property), sink);
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

fn walk(rule: &'static Rule, view: &View<'_>, node: &Node, at: &Pointer, sink: &mut Sink<'_>) {
    match &node.kind {
        NodeKind::String(text) => {
            for piece in pieces(text) {
                if let Piece::Variable(Variable::LocalEnv { name, .. }) = piece
                    && is_secret(name)
                {
                    let message = format!("`{name}` of your shell reaches every process of the container");
                    let spot = view.spot(node.span);
                    let finding = sink.at(rule, &spot, message).about(&view.path);
                    if let Some((what, edits)) = removal(view, node, at) {
                        finding.fix(Safety::Unsafe, format!("Remove `{what}`"), &view.path, edits);
                    }
                }
            }
        }
        NodeKind::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                walk(rule, view, item, &at.index(index), sink);
            }
        }
        NodeKind::Object(members) => {
            for member in members {
                walk(rule, view, &member.value, &at.key(member.key.as_str()), sink);
            }
        }
        _ => {}
    }
}

/// What takes the variable, argument, option or flag away that this text is the value of, and its name.
fn removal(view: &View<'_>, node: &Node, at: &Pointer) -> Option<(String, Vec<Edit>)> {
    match at.segments().collect::<Vec<_>>().as_slice() {
        ["containerEnv" | "remoteEnv", name] | ["build", "args", name] | ["features", _, name] => {
            Some(((*name).to_owned(), vec![Edit::Remove { at: at.clone() }]))
        }
        ["runArgs", _] => {
            let index =
                view.flags.binary_search_by_key(&node.span.start, |flag| flag.value.span.start).ok()?;
            let flag = &view.flags[index];
            Some((format!("--{}", flag.name), flag.removal.clone()?))
        }
        _ => None,
    }
}
