//! The editor's own settings on the developer's machine: the layer that a container cannot undo.

use drawbridge_jsonc::parse;
use serde_json::Value;

use crate::audit::{Cx, FixKind, HostFile, HostFileKind, Rule, Severity, Sink, Strength};

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
        fix: FixKind::None,
        strength: Strength::ContainerProof,
        since: "0.1.0",
        docs,
        check,
    }
}

use Severity::{High, Low, Medium};

pub(super) static TRUST_OFF: Rule = rule(
    "workspace-trust-off",
    "DB615",
    High,
    "workspace trust is off, so every folder runs what it brings",
    include_str!("workspace_trust_off.md"),
);
pub(super) static NEVER_ASKS: Rule = rule(
    "trust-prompt-never",
    "DB616",
    Medium,
    "the editor does not ask whether a folder is trusted",
    include_str!("trust_prompt_never.md"),
);
pub(super) static TASKS: Rule = rule(
    "automatic-tasks",
    "DB617",
    Medium,
    "automatic tasks are one click away, or on",
    include_str!("automatic_tasks.md"),
);
pub(super) static ALLOW_LIST: Rule = rule(
    "no-extension-allow-list",
    "DB618",
    Medium,
    "any extension can be installed, from inside the container too",
    include_str!("no_extension_allow_list.md"),
);
pub(super) static URI: Rule = rule(
    "uri-handler-trust",
    "DB620",
    Low,
    "links start extensions or open files without asking",
    include_str!("uri_handler_trust.md"),
);
pub(super) static DEFAULTS: Rule = rule(
    "host-defaults-inject",
    "DB622",
    Medium,
    "the editor adds Features, extensions or dotfiles to every container",
    include_str!("host_defaults_inject.md"),
);

fn check(rule: &'static Rule, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for file in cx.host.iter().filter(|file| file.kind == HostFileKind::Settings) {
        let settings = parse(&file.text).root.map_or(Value::Null, |root| root.to_json());
        let get = |key: &str| settings.get(key);
        for (what, message) in complaints(rule.id, &get, cx, file) {
            sink.host(rule, &file.path, what, format!("{}: {message}", file.product));
        }
    }
}

type Get<'s> = dyn Fn(&str) -> Option<&'s Value> + 's;

/// What is written (or not), and what that means.
fn complaints(id: &str, get: &Get<'_>, cx: &Cx<'_>, file: &HostFile) -> Vec<(String, String)> {
    let shown = |key: &str| {
        get(key).map_or_else(|| format!("`{key}` is not set"), |value| format!("`{key}`: {value}"))
    };
    let found = |key: &str, message: &str| vec![(shown(key), message.to_owned())];
    match id {
        "workspace-trust-off" if get("security.workspace.trust.enabled") == Some(&Value::Bool(false)) => {
            found("security.workspace.trust.enabled", "every folder is trusted: remove the line")
        }
        "trust-prompt-never" => {
            let key = "security.workspace.trust.startupPrompt";
            match get(key).and_then(Value::as_str) {
                Some("always" | "once") => Vec::new(),
                _ => found(key, "set it to `always`: since 1.139 the default is to ask never"),
            }
        }
        "automatic-tasks" => match get("task.allowAutomaticTasks").and_then(Value::as_str) {
            Some("off") => Vec::new(),
            Some(_) => found(
                "task.allowAutomaticTasks",
                "tasks of a folder start when it is opened: set it to `off`",
            ),
            None => found(
                "task.allowAutomaticTasks",
                "set it to `off`: unset still shows a button that allows them",
            ),
        },
        "no-extension-allow-list" => {
            let by_policy = cx.host.iter().any(|other| {
                other.kind == HostFileKind::Policy
                    && other.product == file.product
                    && other.text.contains("AllowedExtensions")
            });
            let open =
                get("extensions.allowed").is_none_or(|value| value.get("*") == Some(&Value::Bool(true)));
            if open && !by_policy {
                found(
                    "extensions.allowed",
                    "list the publishers that you trust: it also stops packages that the container installs on the host",
                )
            } else {
                Vec::new()
            }
        }
        "uri-handler-trust" => {
            let mut all = Vec::new();
            if get("extensions.confirmedUriHandlerExtensionIds")
                .and_then(Value::as_array)
                .is_some_and(|ids| !ids.is_empty())
            {
                all.extend(found(
                    "extensions.confirmedUriHandlerExtensionIds",
                    "links start these extensions without asking",
                ));
            }
            for key in [
                "security.promptForLocalFileProtocolHandling",
                "security.promptForRemoteFileProtocolHandling",
            ] {
                if get(key) == Some(&Value::Bool(false)) {
                    all.extend(found(key, "links open files without asking: remove the line"));
                }
            }
            all
        }
        "host-defaults-inject" => {
            let keys = [
                "dev.containers.defaultFeatures",
                "dev.containers.defaultExtensions",
                "dotfiles.repository",
                "dev.containers.dotfiles.repository",
            ];
            let is_set = |value: &Value| {
                !(value.is_null()
                    || value == ""
                    || value.as_array().is_some_and(Vec::is_empty)
                    || value.as_object().is_some_and(serde_json::Map::is_empty))
            };
            keys.into_iter()
                .filter(|key| get(key).is_some_and(is_set))
                .flat_map(|key| {
                    found(key, "is added to every container: review it like the project's own configuration")
                })
                .collect()
        }
        _ => Vec::new(),
    }
}
