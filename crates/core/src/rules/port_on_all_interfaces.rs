//! `port-on-all-interfaces`: a published port is open to the local network.

use crate::audit::{Cx, FixKind, Rule, Safety, Severity, Sink, Strength};
use crate::compose::{Edit, word_on_loopback};

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

const FIX: &str = "Publish for this machine only";
const WHY: &str = "is open on every interface of the host; write `127.0.0.1:` before it";

fn check(rule: &'static Rule, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for view in &cx.configs {
        for flag in view.flags.iter().filter(|flag| flag.name == "publish" && is_open(&flag.value.value)) {
            let (text, spot) = (&flag.value.value, view.spot(flag.value.span));
            let edit = word_on_loopback(text).and_then(|own| flag.with_value(&own));
            let finding = sink.at(rule, &spot, format!("port `{text}` {WHY}")).about(&view.path);
            finding.removable(FIX, &spot, edit.map(|edit| vec![edit].into()));
        }
        for (name, service) in view.services() {
            for port in service.ports.iter().filter(|port| port.file != view.layout.overlay) {
                let ip = port.value.host_ip.as_deref().unwrap_or_default();
                if ip.is_empty() || is_any(ip) {
                    let message = format!("service `{name}`: port `{}` {WHY}", port.value.target);
                    let edit = Edit::Loopback { at: port.place };
                    let finding = sink.at(rule, &view.compose_spot(port), message).about(&view.path);
                    finding.fix(Safety::Unsafe, FIX, &port.file, edit);
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
