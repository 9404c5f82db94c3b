//! `privileged-container`: the container is started with every capability and device.

use drawbridge_jsonc::{Edit, Pointer};

use crate::audit::{Cx, FixKind, Rule, Safety, Severity, Sink, Strength};
use crate::compose;

pub(super) static RULE: Rule = Rule {
    id: "privileged-container",
    code: "DB201",
    title: "the container has every capability and device of the host",
    severity: Severity::Critical,
    fix: FixKind::Unsafe,
    strength: Strength::ContainerProof,
    since: "0.1.0",
    docs: include_str!("privileged_container.md"),
    check,
};

const WHY: &str = "root in this container is root on this machine";

/// The capabilities of Linux 5.8; a privileged container has at least these.
pub(super) const EVERY: u64 = (1 << 40) - 1;

fn check(rule: &'static Rule, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    if let Some(live) = cx.live.filter(|live| live.privileges.bounding & EVERY == EVERY) {
        let fact = format!("CapBnd is {:016x}", live.privileges.bounding);
        sink.live(rule, fact, format!("every capability is there: {WHY}"));
    }
    for view in &cx.configs {
        // Readers disagree on which duplicate wins, so every occurrence counts.
        let members = view.parsed.root.as_ref().map(drawbridge_jsonc::Node::members).unwrap_or_default();
        for member in members.iter().filter(|member| member.key == "privileged") {
            if member.value.as_bool() == Some(true) {
                let edits = vec![Edit::Remove { at: Pointer::root().key("privileged") }];
                sink.at(rule, &view.spot(member.span), format!("`privileged`: {WHY}")).about(&view.path).fix(
                    Safety::Unsafe,
                    "Remove `privileged`",
                    &view.path,
                    edits,
                );
            }
        }
        // The last use of a switch counts.
        if let Some(flag) = view.flags.iter().rfind(|flag| flag.name == "privileged").filter(|flag| flag.on) {
            let spot = view.spot(flag.value.span);
            sink.at(rule, &spot, format!("`--privileged`: {WHY}")).about(&view.path);
        }
        for (name, service) in view.services() {
            if let Some(at) = service.privileged.as_ref().filter(|at| at.file != view.layout.overlay) {
                let message = format!("service `{name}` is privileged: {WHY}");
                let spot = view.compose_spot(at);
                let removal = compose::Edit::Remove { at: at.place };
                let finding = sink.at(rule, &spot, message).about(&view.path);
                finding.removable("Remove `privileged`", &spot, Some(removal.into()));
            }
        }
    }
}
