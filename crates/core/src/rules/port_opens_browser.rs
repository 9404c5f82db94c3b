//! `port-opens-browser`: a port that opens in the container opens a page on the host.

use drawbridge_jsonc::{Edit, Node, Pointer};

use crate::audit::{Cx, FixKind, Rule, Safety, Severity, Sink, Strength};

pub(super) static RULE: Rule = Rule {
    id: "port-opens-browser",
    code: "DB406",
    title: "a process in the container opens pages in your browser",
    severity: Severity::Low,
    fix: FixKind::Unsafe,
    strength: Strength::Cosmetic,
    since: "0.1.0",
    docs: include_str!("port_opens_browser.md"),
    check,
};

fn check(rule: &'static Rule, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for view in &cx.configs {
        let Some(config) = &view.config else { continue };
        let ports = Pointer::root().key("portsAttributes");
        let listed = config.ports_attributes.map(Node::members).unwrap_or_default();
        let listed =
            listed.iter().map(|member| (&member.value, ports.key(member.key.as_str()), member.key.as_str()));
        let others = config
            .other_ports_attributes
            .map(|node| (node, Pointer::root().key("otherPortsAttributes"), "other ports"));
        for (node, at, name) in listed.chain(others) {
            let Some(action) = node.member("onAutoForward") else { continue };
            let opens = action.value.as_str().filter(|value| value.starts_with("open"));
            let Some(opens) = opens else { continue };
            let message =
                format!("port `{name}`: `{opens}`: whatever listens there first gets a page in your browser");
            let edits = vec![Edit::Set { at: at.key("onAutoForward"), value: "notify".into() }];
            sink.at(rule, &view.spot(action.span), message).about(&view.path).fix(
                Safety::Unsafe,
                "Notify instead",
                &view.path,
                edits,
            );
        }
    }
}
