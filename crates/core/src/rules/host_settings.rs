//! The editor's own settings on the developer's machine: the layer that a container cannot undo.

use drawbridge_bridge::policies::{Form, POLICIES};
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
        let settings = Settings::of(cx, file);
        for (key, message) in complaints(rule.id, &settings) {
            let (path, what) = settings.place(key);
            sink.host(rule, path, what, format!("{}: {message}", file.product));
        }
    }
}

/// An editor's user settings, with what policies decide.
struct Settings<'a> {
    file: &'a HostFile,
    written: Value,
    /// Setting, policy, its value and the place of the policy.
    decided: Vec<(&'static str, &'static str, Value, &'a str)>,
}

impl<'a> Settings<'a> {
    fn of(cx: &'a Cx<'_>, file: &'a HostFile) -> Self {
        let written = parse(&file.text).root.map_or(Value::Null, |root| root.to_json());
        let mut decided: Vec<(&str, &str, Value, &str)> = Vec::new();
        let of_machine =
            |other: &&HostFile| other.kind == HostFileKind::Policy && other.product == file.product;
        for source in cx.host.iter().filter(of_machine) {
            let values = parse(&source.text).root.map_or(Value::Null, |root| root.to_json());
            for policy in POLICIES.iter().filter(|policy| policy.only.is_none_or(|only| only == file.product))
            {
                let is_new = decided.iter().all(|(key, ..)| *key != policy.setting);
                let value = values.get(policy.name).and_then(|value| applied(policy.form, value));
                if let Some(value) = value.filter(|_| is_new) {
                    decided.push((policy.setting, policy.name, value, &source.path));
                }
            }
        }
        Self { file, written, decided }
    }

    fn get(&self, key: &str) -> Option<&Value> {
        let decided = self.decided.iter().find(|(setting, ..)| *setting == key);
        decided.map(|(_, _, value, _)| value).or_else(|| self.written.get(key))
    }

    /// Where a setting gets its value, and what is written there.
    fn place(&self, key: &str) -> (&str, String) {
        if let Some((_, policy, value, path)) = self.decided.iter().find(|(setting, ..)| *setting == key) {
            return (path, format!("policy `{policy}`: {value}"));
        }
        let value = self.written.get(key);
        let what = value.map_or_else(|| format!("`{key}` is not set"), |value| format!("`{key}`: {value}"));
        (&self.file.path, what)
    }
}

/// The value that the editor takes from a policy; one of another form counts for nothing.
fn applied(form: Form, value: &Value) -> Option<Value> {
    match form {
        Form::Json => serde_json::from_str(value.as_str()?).ok(),
        Form::Flag => value.as_bool().or_else(|| Some(value.as_u64()? != 0)).map(Value::Bool),
    }
}

/// Keys whose values, or lack of one, open something, and what that means.
fn complaints(id: &str, settings: &Settings<'_>) -> Vec<(&'static str, &'static str)> {
    let get = |key: &str| settings.get(key);
    let found = |key, message| vec![(key, message)];
    match id {
        "workspace-trust-off" if get("security.workspace.trust.enabled") == Some(&Value::Bool(false)) => {
            found("security.workspace.trust.enabled", "every folder is trusted: remove it")
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
            let everybody = |value: &Value| value.get("*").is_some_and(|any| any != &Value::Bool(false));
            if get("extensions.allowed").is_none_or(everybody) {
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

#[cfg(test)]
mod tests {
    use crate::audit::{HostFile, HostFileKind, Input, audit};
    use crate::project::Snapshot;

    /// What trust in folders is complained of, when `product` has such a setting and such policies, the highest first.
    fn trust(product: &str, settings: &str, policies: &[&str]) -> Vec<String> {
        let file = |kind, text: &str| HostFile {
            kind,
            product: product.to_owned(),
            path: "p".to_owned(),
            text: text.to_owned(),
        };
        let policies = policies.iter().map(|text| file(HostFileKind::Policy, text));
        let host: Vec<HostFile> = policies.chain([file(HostFileKind::Settings, settings)]).collect();
        let snapshot = Snapshot::default();
        let report = audit(&Input { host: &host, ..Input::of(&snapshot, 0) });
        let of_rule = report.findings.into_iter().filter(|found| found.rule.id == "workspace-trust-off");
        of_rule.map(|found| format!("{:?}", found.evidence)).collect()
    }

    #[test]
    fn the_highest_policy_that_counts_decides() {
        let off = r#"{"security.workspace.trust.enabled": false}"#;
        let (yes, no) = (r#"{"WorkspaceTrustEnabled": true}"#, r#"{"WorkspaceTrustEnabled": 0}"#);
        assert_eq!(trust("Cursor", off, &[]).len(), 1);
        assert_eq!(trust("Cursor", off, &[yes, no]), [""; 0]);
        assert_eq!(trust("Cursor", off, &["{", yes]), [""; 0], "a file that says nothing is passed over");
        assert_eq!(trust("Cursor", off, &[r#"{"WorkspaceTrustEnabled": "true"}"#]).len(), 1);
        assert_eq!(trust("VS Code", off, &[yes]).len(), 1, "it has no such policy");
        let found = trust("Cursor", "{}", &[no, yes]);
        assert!(found.len() == 1 && found[0].contains("policy `WorkspaceTrustEnabled`: false"), "{found:?}");
    }
}
