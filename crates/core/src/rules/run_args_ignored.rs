//! `run-args-ignored`: flags that a Compose configuration never uses.

use crate::audit::{Cx, FixKind, Rule, Severity, Sink, Strength};
use crate::devcontainer::Kind;

pub(super) static RULE: Rule = Rule {
    id: "run-args-ignored",
    code: "DB913",
    title: "`runArgs` and `appPort` do nothing in a Compose configuration",
    severity: Severity::Medium,
    fix: FixKind::None,
    strength: Strength::ContainerProof,
    since: "0.1.0",
    docs: include_str!("run_args_ignored.md"),
    check,
};

fn check(rule: &'static Rule, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for view in &cx.configs {
        if !view.config.as_ref().is_some_and(|config| config.kind == Kind::Compose) {
            continue;
        }
        for key in ["runArgs", "appPort", "workspaceMount"] {
            let Some(member) = view.member(key) else { continue };
            let empty = member.value.as_array().is_some_and(<[_]>::is_empty) || member.value.is_null();
            if !empty {
                let message =
                    format!("`{key}` is not read in a Compose configuration: write it in the service");
                sink.at(rule, &view.spot(member.span), message).about(&view.path);
            }
        }
    }
}
