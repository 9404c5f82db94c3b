//! `lossy-mount`: options of a mount are dropped in Compose configurations.

use crate::audit::{Cx, FixKind, Rule, Severity, Sink, Strength};
use crate::devcontainer::Kind;

pub(super) static RULE: Rule = Rule {
    id: "lossy-mount",
    code: "DB910",
    title: "`readonly` and other options of `mounts` are dropped in a Compose configuration",
    severity: Severity::Medium,
    fix: FixKind::None,
    strength: Strength::ContainerProof,
    since: "0.1.0",
    docs: include_str!("lossy_mount.md"),
    check,
};

fn check(rule: &'static Rule, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for view in &cx.configs {
        let Some(config) = view.config.as_ref().filter(|config| config.kind == Kind::Compose) else {
            continue;
        };
        for mount in config.mounts.iter().filter(|mount| !mount.value.is_plain()) {
            let lost =
                if mount.value.read_only { "`readonly`, so that it is writable" } else { "its options" };
            let message = format!(
                "`{}`: the Dev Containers CLI drops {lost}; write it as a volume of the service",
                mount.value.target
            );
            sink.at(rule, &view.spot(mount.span), message).about(&view.path);
        }
    }
}
