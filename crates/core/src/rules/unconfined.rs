//! `unconfined`: the engine's profiles for system calls and paths are switched off.

use crate::audit::{Cx, FixKind, Rule, Severity, Sink, Strength};

pub(super) static RULE: Rule = Rule {
    id: "unconfined",
    code: "DB203",
    title: "the engine's seccomp, AppArmor or SELinux profile is switched off",
    severity: Severity::High,
    fix: FixKind::Unsafe,
    strength: Strength::ContainerProof,
    since: "0.1.0",
    docs: include_str!("unconfined.md"),
    check,
};

fn check(rule: &'static Rule, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    if cx.live.is_some_and(|live| live.privileges.seccomp == 0) {
        sink.live(
            rule,
            "Seccomp is 0",
            "no seccomp filter: system calls that attacked kernels before are open",
        );
    }
    for view in &cx.configs {
        for used in view.security_options() {
            let why = match used.value.as_str() {
                "seccomp=unconfined" => "system calls that attacked kernels before are open",
                "apparmor=unconfined" => "paths of `/proc` and `/sys` are open",
                "label=disable" => "SELinux does not separate the container from the host",
                "systempaths=unconfined" => "masked paths of `/proc` and `/sys` are open",
                "no-new-privileges=false" => "set-uid programs give root",
                _ => continue,
            };
            let message = format!("{}`{}`: {why}", used.whose(), used.value);
            let finding = sink.at(rule, &used.spot, message).about(&view.path);
            if used.value != "seccomp=unconfined" {
                finding.severity(Severity::Medium);
            }
            finding.removable(used.remove(&used.value), &used.spot, used.removal);
        }
    }
}
