//! `port-on-all-interfaces`: a published port is open to the local network.

use crate::audit::{Cx, FixKind, Rule, Safety, Severity, Sink, Strength};
use crate::compose::Edit;

pub(super) static RULE: Rule = Rule {
    id: "port-on-all-interfaces",
    code: "DB401",
    title: "a published port is open to everybody on the local network",
    severity: Severity::Medium,
    fix: FixKind::Unsafe,
    strength: Strength::ContainerProof,
    since: "0.1.0",
    docs: include_str!("port_on_all_interfaces.md"),
    check,
};

const WHY: &str = "is open on every interface of the host; write `127.0.0.1:` before it";

fn check(rule: &'static Rule, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for view in &cx.configs {
        for used in view.flag("publish").into_iter().filter(|used| is_open(&used.value)) {
            sink.at(rule, &used.spot, format!("port `{}` {WHY}", used.value)).about(&view.path);
        }
        for (name, service) in view.services() {
            for port in service.ports.iter().filter(|port| port.file != view.layout.overlay) {
                let ip = port.value.host_ip.as_deref().unwrap_or_default();
                if ip.is_empty() || is_any(ip) {
                    let message = format!("service `{name}`: port `{}` {WHY}", port.value.target);
                    let edit = Edit::Loopback { at: port.place };
                    let finding = sink.at(rule, &view.compose_spot(port), message).about(&view.path);
                    finding.fix(Safety::Unsafe, "Publish for this machine only", &port.file, edit);
                }
            }
        }
    }
}

/// `HOST:CONTAINER`, `IP:HOST:CONTAINER`, `[v6]:HOST:CONTAINER`, `CONTAINER`.
fn is_open(value: &str) -> bool {
    let value = value.split('/').next().unwrap_or_default();
    if let Some((ip, _)) = value.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        return is_any(ip);
    }
    match value.split(':').collect::<Vec<_>>().as_slice() {
        [ip, _, _] => ip.is_empty() || is_any(ip),
        _ => true,
    }
}

fn is_any(ip: &str) -> bool {
    matches!(ip.trim_matches(['[', ']']), "0.0.0.0" | "::" | "0")
}
