//! `app-port`: the legacy property publishes on every interface.

use drawbridge_jsonc::Edit;

use super::port_on_all_interfaces::is_open;
use crate::audit::{Cx, FixKind, Rule, Severity, Sink, Strength};
use crate::compose::word_on_loopback;
use crate::devcontainer::PortEntry;

pub(super) static RULE: Rule = Rule {
    id: "app-port",
    code: "DB402",
    title: "`appPort` opens a port to everybody on the local network",
    severity: Severity::Medium,
    fix: FixKind::Unsafe,
    strength: Strength::ContainerProof,
    since: "0.1.0",
    docs: include_str!("app_port.md"),
    check,
};

fn check(rule: &'static Rule, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for view in &cx.configs {
        let ports = view.config.as_ref().map(|config| config.app_ports.as_slice()).unwrap_or_default();
        for port in ports {
            // The CLI publishes a number on 127.0.0.1 and hands text to the engine as it is.
            let PortEntry::Text(text) = &port.value else { continue };
            if is_open(text) {
                let message =
                    format!("`appPort` `{text}` is open on every interface of the host; use `forwardPorts`");
                let spot = view.spot(port.span);
                let edit = word_on_loopback(text)
                    .map(|own| vec![Edit::Set { at: port.at.clone(), value: own.into() }].into());
                let finding = sink.at(rule, &spot, message).about(&view.path);
                finding.removable("Publish for this machine only", &spot, edit);
            }
        }
    }
}
