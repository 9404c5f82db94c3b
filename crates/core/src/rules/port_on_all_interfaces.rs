//! `port-on-all-interfaces`: a published port is open to the local network.

use crate::audit::{Cx, FixKind, Rule, Safety, Severity, Sink, Strength};
use crate::compose::{Edit, Published, is_everywhere, split, word_on_loopback};

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
            for port in service.published.iter().filter(|port| port.file != view.layout.overlay) {
                let Published { port: number, is_open, variable } = &port.value;
                let why = match (is_open, variable) {
                    (false, None) => continue,
                    (true, None) => WHY.to_owned(),
                    (true, Some(text)) => {
                        format!("is open on every interface of the host unless `{text}` gets another address")
                    }
                    (false, Some(text)) => format!(
                        "has its address from `{text}`: another value, in `.env` too, opens it on every \
                         interface of the host; write the address before the variable"
                    ),
                };
                let message = format!("service `{name}`: port `{number}` {why}");
                let edit = Edit::Loopback { at: port.place };
                let finding = sink.at(rule, &view.compose_spot(port), message).about(&view.path);
                finding.fix(Safety::Unsafe, FIX, &port.file, edit);
                if !is_open {
                    finding.severity(Severity::Low);
                }
            }
        }
    }
}

/// `HOST:CONTAINER`, `IP:HOST:CONTAINER`, `[v6]:HOST:CONTAINER`, `CONTAINER`, each with `/udp` or without; an address
/// from a variable may be any.
pub(super) fn is_open(value: &str) -> bool {
    let value = value.split('/').next().unwrap_or_default();
    match split(value).as_slice() {
        [ip, _, _] => ip.contains('$') || is_everywhere(ip.trim_matches(['[', ']'])),
        _ => true,
    }
}
