//! `extension-unpinned`: extensions are installed in whatever version is newest.

use drawbridge_jsonc::Node;

use crate::audit::{Cx, FixKind, Rule, Severity, Sink, Strength};

pub(super) static RULE: Rule = Rule {
    id: "extension-unpinned",
    code: "DB903",
    title: "extensions follow every release, and each can reach the host through the editor",
    severity: Severity::Info,
    fix: FixKind::None,
    strength: Strength::ContainerProof,
    since: "0.1.0",
    docs: include_str!("extension_unpinned.md"),
    check,
};

fn check(rule: &'static Rule, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for view in &cx.configs {
        let Some(root) = &view.parsed.root else { continue };
        let listed = root.get("customizations").and_then(|node| node.get("vscode")?.get("extensions"));
        for list in [listed, root.get("extensions")].into_iter().flatten() {
            let ids = list.as_array().unwrap_or_default().iter().filter_map(Node::as_str);
            let open: Vec<&str> = ids.filter(|id| is_open(id)).collect();
            if !open.is_empty() {
                let named: Vec<&str> = open.iter().take(3).copied().collect();
                let more =
                    if open.len() > 3 { format!(" and {} more", open.len() - 3) } else { String::new() };
                let message = format!("`{}`{more}: write `ID@VERSION`", named.join("`, `"));
                sink.at(rule, &view.spot(list.span), message).about(&view.path);
            }
        }
    }
}

/// `PUBLISHER.NAME` without a version. A `-` before it leaves it out, and a package (`/opt/x.vsix`) has its version.
fn is_open(id: &str) -> bool {
    !id.starts_with('-') && !id.contains(['@', '/', '\\']) && id.contains('.')
}
