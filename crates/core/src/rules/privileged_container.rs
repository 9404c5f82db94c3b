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
        let mut flags = view.flags.iter().rev().filter(|flag| flag.name == "privileged").peekable();
        if let Some(flag) = flags.peek().copied().filter(|flag| flag.on) {
            // What was said before it would count again.
            let removals: Option<Vec<_>> =
                flags.filter(|flag| flag.on).map(|flag| flag.removal.clone()).collect();
            let spot = view.spot(flag.value.span);
            let finding = sink.at(rule, &spot, format!("`--privileged`: {WHY}")).about(&view.path);
            let removal = removals.map(|removals| removals.concat().into());
            finding.removable("Remove `--privileged`", &spot, removal);
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
