//! `new-privileges-allowed`: set-uid programs work in the container.

use crate::audit::{Cx, FixKind, Rule, Severity, Sink, Strength};

pub(super) static RULE: Rule = Rule {
    id: "new-privileges-allowed",
    code: "DB210",
    title: "set-uid programs in the container give root",
    severity: Severity::Info,
    fix: FixKind::None,
    strength: Strength::ContainerProof,
    since: "0.1.0",
    docs: include_str!("new_privileges_allowed.md"),
    check,
};

fn check(rule: &'static Rule, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    if let Some(live) = cx.live {
        let off = !live.privileges.no_new_privs && live.privileges.bounding != 0;
        if off {
            let fact = format!("NoNewPrivs is 0 for user {}", live.uid);
            sink.live(rule, fact, "set-uid programs in the container give root");
        }
        return;
    }
    for view in cx.configs.iter().filter(|view| view.config.is_some()) {
        let is_set = view.security_options().iter().any(|used| {
            used.value.starts_with("no-new-privileges") && used.value != "no-new-privileges=false"
        });
        if !is_set {
            let message = "set-uid programs work: `\"securityOpt\": [\"no-new-privileges:true\"]` stops them, and sudo with them";
            sink.at(rule, &view.top(), message).inferred().about(&view.path);
        }
    }
}
