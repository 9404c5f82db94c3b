//! `host-namespace`: the container shares processes, memory, name, users or cgroups with the host.

use crate::audit::{Cx, FixKind, Rule, Severity, Sink, Strength};

pub(super) static RULE: Rule = Rule {
    id: "host-namespace",
    code: "DB204",
    title: "the container shares processes, memory or users with the host",
    severity: Severity::High,
    fix: FixKind::Unsafe,
    strength: Strength::ContainerProof,
    since: "0.1.0",
    docs: include_str!("host_namespace.md"),
    check,
};

/// Flag of `docker run`, key of Compose, what is shared.
const NAMESPACES: [(&str, &str, &str); 5] = [
    ("pid", "pid", "the host's processes are seen, and with root signalled and read"),
    ("ipc", "ipc", "shared memory of the host's programs is open"),
    ("uts", "uts", "the host's name can be changed"),
    ("userns", "userns_mode", "root in the container is root outside"),
    ("cgroupns", "cgroup", "the host's control groups are seen"),
];

fn check(rule: &'static Rule, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for view in &cx.configs {
        for (flag, key, why) in NAMESPACES {
            let flags = view.flag(flag).into_iter().map(|used| (used, format!("--{flag}=host")));
            let keys = view.key(key).into_iter().map(|used| (used, format!("{key}: host")));
            for (used, what) in flags.chain(keys).filter(|(used, _)| used.value == "host") {
                let message = format!("{}`{what}`: {why}", used.whose());
                let finding = sink.at(rule, &used.spot, message).about(&view.path);
                finding.removable(used.remove(&what), &used.spot, used.removal);
            }
        }
    }
}
