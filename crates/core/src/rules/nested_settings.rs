//! `nested-settings`: settings of Dev Containers are written as objects, which it does not read.

use drawbridge_jsonc::{Edit, Node, Pointer};
use serde_json::Value;

use crate::audit::{Cx, FixKind, Rule, Safety, Severity, Sink, Strength};

pub(super) static RULE: Rule = Rule {
    id: "nested-settings",
    code: "DB704",
    title: "settings are written as nested objects, which Dev Containers does not read",
    severity: Severity::Medium,
    fix: FixKind::Safe,
    strength: Strength::Cosmetic,
    since: "0.1.0",
    docs: include_str!("nested_settings.md"),
    check,
};

/// First parts of keys that no extension uses as a key by itself.
const GROUPS: [&str; 10] =
    ["dev", "remote", "git", "github", "terminal", "security", "chat", "extensions", "task", "workbench"];
const MAX_DEPTH: usize = 6;

fn check(rule: &'static Rule, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for view in &cx.configs {
        let at = Pointer::root().key("customizations").key("vscode").key("settings");
        let settings = view.parsed.root.as_ref().and_then(|root| root.at(&at));
        for member in settings.map(Node::members).unwrap_or_default() {
            if !GROUPS.contains(&member.key.as_str()) || member.value.members().is_empty() {
                continue;
            }
            let mut flat = Vec::new();
            flatten(&member.key, &member.value, MAX_DEPTH, &mut flat);
            let mut edits = vec![Edit::Remove { at: at.key(member.key.as_str()) }];
            edits.extend(
                flat.iter().map(|(key, value)| Edit::Set { at: at.key(key.as_str()), value: value.clone() }),
            );
            let names: Vec<String> = flat.iter().map(|(key, _)| format!("`{key}`")).collect();
            let message =
                format!("write {} as flat keys: Dev Containers does not look into objects", names.join(", "));
            sink.at(rule, &view.spot(member.span), message).about(&view.path).fix(
                Safety::Safe,
                "Write flat keys",
                &view.path,
                edits,
            );
        }
    }
}

fn flatten(key: &str, node: &Node, depth: usize, flat: &mut Vec<(String, Value)>) {
    // The remaining levels are values of settings such as `terminal.integrated.env.linux`.
    let is_value =
        key.starts_with("terminal.integrated.env.") || key.starts_with("terminal.integrated.profiles.");
    match node.as_object() {
        Some(members) if depth > 0 && !members.is_empty() && !is_value => {
            for member in members {
                flatten(&format!("{key}.{}", member.key), &member.value, depth - 1, flat);
            }
        }
        _ => flat.push((key.to_owned(), node.to_json())),
    }
}
