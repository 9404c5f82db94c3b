//! `launch-browser-executable`: a debug configuration names a program that starts on the host.

use drawbridge_jsonc::{Node, parse};

use crate::audit::{Cx, FixKind, Rule, Severity, Sink, Spot, Strength};

pub(super) static RULE: Rule = Rule {
    id: "launch-browser-executable",
    code: "DB609",
    title: "a debug configuration starts a program on the host",
    severity: Severity::Medium,
    fix: FixKind::None,
    strength: Strength::ContainerProof,
    since: "0.1.0",
    docs: include_str!("launch_browser_executable.md"),
    check,
};

fn check(rule: &'static Rule, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let Some((path, text)) = cx.text(".vscode/launch.json") else { return };
    let Some(root) = parse(text).root else { return };
    for launch in root.get("configurations").and_then(Node::as_array).unwrap_or_default() {
        let kind = launch.get("type").and_then(Node::as_str).unwrap_or_default();
        let is_browser = matches!(kind.trim_start_matches("pwa-"), "chrome" | "msedge");
        if let Some(member) = launch.member("runtimeExecutable").filter(|_| is_browser) {
            let program = member.value.as_str().unwrap_or_default();
            // Names of channels, not programs.
            if matches!(program, "stable" | "canary" | "dev" | "beta" | "*" | "custom" | "") {
                continue;
            }
            let message =
                format!("`{program}` starts on this machine at F5, also in a dev container's window");
            sink.at(rule, &Spot { file: path.clone(), span: member.span }, message);
        }
    }
}
