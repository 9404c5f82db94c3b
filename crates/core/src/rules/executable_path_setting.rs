//! `executable-path-setting`: a workspace setting names a program of the workspace.

use serde_json::Value;

use crate::audit::{Cx, FixKind, Origin, Rule, Severity, Sink, Strength};

pub(super) static RULE: Rule = Rule {
    id: "executable-path-setting",
    code: "DB610",
    title: "a workspace setting names a program of the workspace, which a local window runs on the host",
    severity: Severity::Low,
    fix: FixKind::None,
    strength: Strength::ContainerProof,
    since: "0.1.0",
    docs: include_str!("executable_path_setting.md"),
    check,
};

const WORDS: [&str; 12] = [
    "path",
    "executable",
    "command",
    "tsdk",
    "interpreterpath",
    "nodepath",
    "binpath",
    "executablepath",
    "serverpath",
    "runtime",
    "shell",
    "automationprofile",
];

fn check(rule: &'static Rule, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for setting in &cx.workspace_settings {
        let last = setting.key.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
        let names_program = WORDS.iter().any(|word| last.ends_with(word))
            || setting.key.starts_with("terminal.integrated.profiles")
            || setting.key.starts_with("terminal.integrated.automationProfile");
        let Some(path) = first_workspace_path(&setting.value).filter(|_| names_program) else { continue };
        if let Origin::File { spot, .. } = &setting.origin {
            let message = format!(
                "`{}` runs `{path}` of the workspace, on this machine in a local window",
                setting.key
            );
            sink.at(rule, spot, message);
        }
    }
}

/// A path below the workspace that looks like a program and not like a folder of packages.
fn first_workspace_path(value: &Value) -> Option<&str> {
    match value {
        Value::String(text) => {
            let inside = text.starts_with("./") || text.starts_with("${workspaceFolder");
            (inside && !text.ends_with('/') && !text.contains("node_modules/typescript/lib"))
                .then_some(text.as_str())
        }
        Value::Array(items) => items.iter().find_map(first_workspace_path),
        Value::Object(members) => members.values().find_map(first_workspace_path),
        _ => None,
    }
}
