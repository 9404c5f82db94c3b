//! `dangerous-capability`: an added capability opens the container's isolation or its network.

use super::privileged_container::EVERY;
use crate::audit::{Cx, FixKind, Rule, Severity, Sink, Strength};

pub(super) static RULE: Rule = Rule {
    id: "dangerous-capability",
    code: "DB202",
    title: "an added capability opens the container's isolation or its network",
    severity: Severity::High,
    fix: FixKind::Unsafe,
    strength: Strength::ContainerProof,
    since: "0.1.0",
    docs: include_str!("dangerous_capability.md"),
    check,
};

/// What a capability gives; `None` for those that stay within the container.
pub(super) fn gives(capability: &str) -> Option<&'static str> {
    Some(match capability {
        "ALL" => "every capability: root in the container is nearly root on the host",
        "SYS_ADMIN" => "mounts, namespaces and much of the kernel",
        "SYS_MODULE" => "code loaded into the kernel",
        "SYS_RAWIO" => "raw disks and memory",
        "DAC_READ_SEARCH" => "files of the host by their handles",
        "BPF" | "PERFMON" => "programs in the kernel and memory of other processes",
        "SYS_BOOT" => "reboot, or another kernel",
        "NET_ADMIN" => "the container's network set-up, and with it the gate's walls",
        "MAC_ADMIN" | "MAC_OVERRIDE" => "the security module's rules",
        "SYSLOG" => "kernel addresses and messages",
        _ => return None,
    })
}

/// Bits of capabilities(7).
const BITS: [(u32, &str); 11] = [
    (2, "DAC_READ_SEARCH"),
    (12, "NET_ADMIN"),
    (16, "SYS_MODULE"),
    (17, "SYS_RAWIO"),
    (21, "SYS_ADMIN"),
    (22, "SYS_BOOT"),
    (32, "MAC_OVERRIDE"),
    (33, "MAC_ADMIN"),
    (34, "SYSLOG"),
    (38, "PERFMON"),
    (39, "BPF"),
];

fn check(rule: &'static Rule, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    if let Some(live) = cx.live.filter(|live| live.privileges.bounding & EVERY != EVERY) {
        let mask = live.privileges.bounding | live.privileges.effective;
        for (bit, name) in BITS.iter().filter(|(bit, _)| mask & (1 << bit) != 0) {
            let gives = gives(name).unwrap_or_default();
            sink.live(rule, format!("bit {bit} of the capabilities is set"), format!("`{name}`: {gives}"));
        }
    }
    for view in &cx.configs {
        for used in view.capabilities() {
            let Some(gives) = gives(&used.value) else { continue };
            let message = format!("{}adds `{}`: {gives}", used.whose(), used.value);
            let finding = sink.at(rule, &used.spot, message).about(&view.path);
            if used.value == "ALL" {
                finding.severity(Severity::Critical);
            }
            finding.removable(used.remove(&used.value), &used.spot, used.removal);
        }
    }
}
