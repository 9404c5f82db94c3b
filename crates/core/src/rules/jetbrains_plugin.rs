//! `jetbrains-plugin`: plugins are installed into the back end, without a version.

use drawbridge_jsonc::Node;

use crate::audit::{Cx, FixKind, Rule, Severity, Sink, Strength};
use crate::jetbrains::is_agent_plugin;

pub(super) static RULE: Rule = Rule {
    id: "jetbrains-plugin",
    code: "DB904",
    title: "plugins are installed into the JetBrains back end without a version",
    severity: Severity::Low,
    fix: FixKind::None,
    strength: Strength::ContainerProof,
    since: "0.1.0",
    docs: include_str!("jetbrains_plugin.md"),
    check,
};

fn check(rule: &'static Rule, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for view in &cx.configs {
        let customizations = view.get("customizations");
        let Some(list) = customizations.and_then(|node| node.get("jetbrains")?.member("plugins")) else {
            continue;
        };
        let texts = list.value.as_array().unwrap_or_default().iter().filter_map(Node::as_str);
        let ids: Vec<&str> = texts.filter(|id| !is_agent_plugin(id)).collect();
        if !ids.is_empty() {
            let message = format!(
                "`{}`: installed in the newest version; what the back end loads may reach the client",
                ids.join("`, `")
            );
            sink.at(rule, &view.spot(list.span), message).about(&view.path);
        }
    }
}
