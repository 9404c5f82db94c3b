//! `container-env-self-reference`: a variable of the container that does not exist yet.

use crate::audit::{Cx, FixKind, Rule, Severity, Sink, Strength};

pub(super) static RULE: Rule = Rule {
    id: "container-env-self-reference",
    code: "DB907",
    title: "`containerEnv` uses a variable that the container does not have yet",
    severity: Severity::Medium,
    fix: FixKind::None,
    strength: Strength::ContainerProof,
    since: "0.1.0",
    docs: include_str!("container_env_self_reference.md"),
    check,
};

fn check(rule: &'static Rule, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for view in &cx.configs {
        let variables =
            view.config.as_ref().map(|config| config.container_env.as_slice()).unwrap_or_default();
        for (name, value) in variables {
            if value.value.contains("${containerEnv:") {
                let message = format!(
                    "`{name}` is set to the text `{}`: use `remoteEnv`, which is filled in later",
                    value.value
                );
                sink.at(rule, &view.spot(value.span), message).about(&view.path);
            }
        }
    }
}
