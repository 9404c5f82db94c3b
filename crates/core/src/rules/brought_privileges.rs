//! `brought-privileges`: the image or a Feature adds mounts, privileges or customizations that no file shows.

use serde_json::Value;

use crate::audit::{Cx, FixKind, Rule, Severity, Sink, Strength};
use crate::devcontainer::merge::Entry;

pub(super) static RULE: Rule = Rule {
    id: "brought-privileges",
    code: "DB905",
    title: "the image or a Feature adds mounts or privileges that no file of the project shows",
    severity: Severity::Medium,
    fix: FixKind::None,
    strength: Strength::ContainerProof,
    since: "0.1.0",
    docs: include_str!("brought_privileges.md"),
    check,
};

fn check(rule: &'static Rule, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for view in &cx.configs {
        let Some(brought) = cx.brought.and_then(|all| all.get(&view.path)) else { continue };
        let entries = brought.image.iter().flatten().chain(brought.features.iter().flatten());
        for entry in entries {
            let who = entry.get("id").and_then(Value::as_str).unwrap_or("the image");
            for (severity, what) in brings(entry) {
                sink.at(rule, &view.top(), format!("`{who}` {what}")).about(&view.path).severity(severity);
            }
        }
    }
}

/// What an entry adds, and how bad that is.
fn brings(entry: &Entry) -> Vec<(Severity, String)> {
    let mut found = Vec::new();
    if entry.get("privileged") == Some(&Value::Bool(true)) {
        found.push((Severity::High, "makes the container privileged".to_owned()));
    }
    for mount in list(entry, "mounts") {
        let shown = mount.as_str().map_or_else(|| mount.to_string(), str::to_owned);
        if shown.contains("bind") {
            found.push((Severity::Medium, format!("mounts `{shown}`")));
        }
    }
    for capability in list(entry, "capAdd").filter_map(Value::as_str) {
        found.push((Severity::Medium, format!("adds the capability `{capability}`")));
    }
    let options = list(entry, "securityOpt").filter_map(Value::as_str);
    for option in options.filter(|option| !option.starts_with("no-new-privileges")) {
        found.push((Severity::Medium, format!("sets `{option}`")));
    }
    for key in ["containerEnv", "remoteEnv"] {
        for (name, value) in entry.get(key).and_then(Value::as_object).into_iter().flatten() {
            if value.as_str().is_some_and(|value| value.contains("${localEnv:") || value.contains("${env:")) {
                let value = value.as_str().unwrap_or_default();
                found.push((Severity::Medium, format!("sets `{name}` to `{value}` of this machine")));
            }
        }
    }
    found.extend(customizations(entry));
    found
}

/// Extensions, plugins and settings, a line for each tool.
fn customizations(entry: &Entry) -> impl Iterator<Item = (Severity, String)> {
    let tools = entry.get("customizations").and_then(Value::as_object).into_iter().flatten();
    tools.filter_map(|(tool, custom)| {
        let names = |key: &str| {
            let listed = custom.get(key).and_then(Value::as_array).into_iter().flatten();
            let listed: Vec<&str> = listed.filter_map(Value::as_str).collect();
            listed.join("`, `")
        };
        let settings = custom.get("settings").and_then(Value::as_object).into_iter().flatten();
        let settings: Vec<&str> = settings.map(|(key, _)| key.as_str()).collect();
        let parts = [
            ("extensions", names("extensions")),
            ("plugins", names("plugins")),
            ("settings", settings.join("`, `")),
        ];
        let parts: Vec<String> = parts
            .into_iter()
            .filter(|(_, names)| !names.is_empty())
            .map(|(sort, names)| format!("{sort} `{names}`"))
            .collect();
        (!parts.is_empty()).then(|| (Severity::Info, format!("gives `{tool}` the {}", parts.join(" and "))))
    })
}

fn list<'e>(entry: &'e Entry, key: &str) -> impl Iterator<Item = &'e Value> {
    entry.get(key).and_then(Value::as_array).into_iter().flatten()
}
