//! Settings whose value opens something, wherever a process of the container can write them.

use drawbridge_jsonc::Edit;
use serde_json::Value;

use crate::audit::{Cx, FixKind, Origin, Rule, Safety, Severity, Sink, Strength};

/// What one rule looks for.
struct Row {
    id: &'static str,
    key: &'static str,
    /// Whether the value opens something.
    opens: fn(&Value) -> bool,
    why: &'static str,
}

const fn rule(
    id: &'static str,
    code: &'static str,
    severity: Severity,
    title: &'static str,
    docs: &'static str,
) -> Rule {
    Rule {
        id,
        code,
        title,
        severity,
        fix: FixKind::Unsafe,
        strength: Strength::Cosmetic,
        since: "0.1.0",
        docs,
        check,
    }
}

pub(super) static ALL_INTERFACES: Rule = rule(
    "forward-to-all-interfaces",
    "DB403",
    Severity::High,
    "forwarded ports are open to everybody on the local network",
    include_str!("forward_to_all_interfaces.md"),
);
pub(super) static BROWSER: Rule = rule(
    "external-browser-setting",
    "DB604",
    Severity::Critical,
    "a setting that the container can write names a program to start on the host",
    include_str!("external_browser_setting.md"),
);
pub(super) static LOCAL_TERMINAL: Rule = rule(
    "untrusted-local-terminal",
    "DB605",
    Severity::High,
    "terminals of the host open in an untrusted window",
    include_str!("untrusted_local_terminal.md"),
);
pub(super) static EXTENSION_KIND: Rule = rule(
    "extension-kind-override",
    "DB606",
    Severity::High,
    "extensions are moved between container and host",
    include_str!("extension_kind_override.md"),
);
pub(super) static ASKS_NOBODY: Rule = rule(
    "agent-asks-nobody",
    "DB607",
    Severity::High,
    "the coding agent runs tools without asking",
    include_str!("agent_asks_nobody.md"),
);

fn is_true(value: &Value) -> bool {
    value == &Value::Bool(true)
}

fn is_written(value: &Value) -> bool {
    !value.is_null() && value.as_str() != Some("")
}

/// `{"/.*/": true}` and the like: every command.
fn approves_all(value: &Value) -> bool {
    let members = value.as_object().into_iter().flatten();
    members.into_iter().any(|(pattern, allowed)| {
        let pattern = pattern.trim_matches('/');
        matches!(pattern, ".*" | "^.*$" | "*" | "." | "^.*" | ".+")
            && (is_true(allowed) || allowed.get("approve").is_some_and(is_true))
    })
}

const ROWS: [Row; 10] = [
    Row {
        id: "forward-to-all-interfaces",
        key: "remote.localPortHost",
        opens: |value| value.as_str() == Some("allInterfaces"),
        why: "a process in the container publishes itself on your network",
    },
    Row {
        id: "external-browser-setting",
        key: "workbench.externalBrowser",
        opens: is_written,
        why: "the next link that is opened starts that program on the host",
    },
    Row {
        id: "untrusted-local-terminal",
        key: "terminal.integrated.allowInUntrustedWorkspace",
        opens: is_true,
        why: "an extension in the container opens a shell on the host",
    },
    Row {
        id: "extension-kind-override",
        key: "remote.extensionKind",
        opens: |value| value.as_object().is_some_and(|map| !map.is_empty()),
        why: "code of the container runs on the host, or a protecting extension leaves it, at the next reload",
    },
    Row {
        id: "agent-asks-nobody",
        key: "chat.tools.global.autoApprove",
        opens: is_true,
        why: "every tool of the agent runs unasked",
    },
    Row {
        id: "agent-asks-nobody",
        key: "chat.tools.autoApprove",
        opens: is_true,
        why: "every tool of the agent runs unasked, in versions that read the old name",
    },
    Row {
        id: "agent-asks-nobody",
        key: "chat.tools.terminal.autoApprove",
        opens: approves_all,
        why: "every command of the agent runs unasked",
    },
    Row {
        id: "agent-asks-nobody",
        key: "chat.mcp.discovery.enabled",
        opens: |value| is_true(value) || value.as_object().is_some_and(|map| map.values().any(is_true)),
        why: "MCP servers that other programs configured are started",
    },
    Row {
        id: "agent-asks-nobody",
        key: "claudeCode.allowDangerouslySkipPermissions",
        opens: is_true,
        why: "every tool of the agent runs unasked",
    },
    Row {
        id: "agent-asks-nobody",
        key: "chat.permissions.default",
        opens: |value| value.as_str().is_some_and(|mode| mode.to_ascii_lowercase().contains("auto")),
        why: "every tool of the agent runs unasked",
    },
];

fn check(rule: &'static Rule, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for setting in cx.settings() {
        let matching =
            |row: &&Row| row.id == rule.id && row.key == setting.key && (row.opens)(&setting.value);
        let Some(row) = ROWS.iter().find(matching) else { continue };
        let message = format!("`{}` is {}: {}", setting.key, setting.value, row.why);
        match &setting.origin {
            Origin::File { spot, at } => {
                let edits = vec![Edit::Remove { at: at.clone() }];
                let title = format!("Remove `{}`", setting.key);
                sink.at(rule, spot, message).fix(Safety::Unsafe, title, &spot.file, edits);
            }
            Origin::Machine { path } => {
                sink.live(rule, format!("{path}: {} = {}", setting.key, setting.value), message);
            }
        }
    }
}
