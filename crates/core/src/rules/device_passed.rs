//! `device-passed`: a device of the host is in the container.

use crate::audit::{Cx, FixKind, Rule, Severity, Sink, Strength};

pub(super) static RULE: Rule = Rule {
    id: "device-passed",
    code: "DB209",
    title: "a device of the host is in the container",
    severity: Severity::Low,
    fix: FixKind::Unsafe,
    strength: Strength::ContainerProof,
    since: "0.1.0",
    docs: include_str!("device_passed.md"),
    check,
};

fn check(rule: &'static Rule, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for view in &cx.configs {
        for used in view.flag("device").into_iter().chain(view.items("devices")) {
            let device = used.value.split(':').next().unwrap_or_default();
            let severity = match device {
                "/dev/mem" | "/dev/kmem" | "/dev/port" => Severity::Critical,
                disk if ["/dev/sd", "/dev/nvme", "/dev/vd", "/dev/dm-", "/dev/mapper", "/dev/loop"]
                    .iter()
                    .any(|prefix| disk.starts_with(prefix)) =>
                {
                    Severity::High
                }
                "/dev/kvm" | "/dev/fuse" | "/dev/net/tun" | "/dev/dri" => Severity::Low,
                _ => Severity::Medium,
            };
            let message = format!(
                "{}`{device}` of the host: its driver takes requests from the container",
                used.whose()
            );
            let finding = sink.at(rule, &used.spot, message).about(&view.path).severity(severity);
            finding.removable(used.remove(device), &used.spot, used.removal);
        }
    }
}
