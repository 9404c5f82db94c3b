//! `secret-in-configuration`: a token is written out where everybody with the repository reads it.

use drawbridge_jsonc::{Node, NodeKind};

use crate::audit::{Cx, FixKind, Rule, Severity, Sink, Strength, View};

pub(super) static RULE: Rule = Rule {
    id: "secret-in-configuration",
    code: "DB518",
    title: "a token is written out in the configuration",
    severity: Severity::High,
    fix: FixKind::None,
    strength: Strength::ContainerProof,
    since: "0.1.0",
    docs: include_str!("secret_in_configuration.md"),
    check,
};

/// Prefixes of tokens and the least length of what follows.
const TOKENS: [(&str, usize, &str); 16] = [
    ("ghp_", 30, "a GitHub token"),
    ("gho_", 30, "a GitHub token"),
    ("ghs_", 30, "a GitHub token"),
    ("github_pat_", 40, "a GitHub token"),
    ("glpat-", 18, "a GitLab token"),
    ("sk-ant-", 30, "an Anthropic key"),
    ("sk-proj-", 30, "an OpenAI key"),
    ("AKIA", 16, "an AWS access key"),
    ("ASIA", 16, "an AWS access key"),
    ("AIza", 33, "a Google API key"),
    ("xoxb-", 20, "a Slack token"),
    ("xoxp-", 20, "a Slack token"),
    ("npm_", 34, "an npm token"),
    ("hf_", 30, "a Hugging Face token"),
    ("dckr_pat_", 20, "a Docker token"),
    ("-----BEGIN ", 10, "a private key"),
];

fn check(rule: &'static Rule, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for view in &cx.configs {
        if let Some(root) = &view.parsed.root {
            walk(rule, view, root, sink);
        }
        for (name, service) in view.services().filter(|(_, service)| service.at.file != view.layout.overlay) {
            for (variable, value) in &service.environment {
                if let Some(what) = value.as_deref().and_then(token) {
                    let message = format!("service `{name}`: `{variable}` is {what}");
                    sink.at(rule, &view.compose_spot(&service.at), message).about(&view.path);
                }
            }
        }
    }
}

fn walk(rule: &'static Rule, view: &View<'_>, node: &Node, sink: &mut Sink<'_>) {
    match &node.kind {
        NodeKind::String(text) => {
            if let Some(what) = token(text) {
                let message =
                    format!("{what} is written out: revoke it, everybody with the repository has it");
                sink.at(rule, &view.spot(node.span), message).about(&view.path);
            }
        }
        NodeKind::Array(items) => {
            for item in items {
                walk(rule, view, item, sink);
            }
        }
        NodeKind::Object(members) => {
            for member in members {
                walk(rule, view, &member.value, sink);
            }
        }
        _ => {}
    }
}

/// What a text holds, if it looks like a token. The token itself is never shown.
fn token(text: &str) -> Option<&'static str> {
    TOKENS.iter().find_map(|(prefix, least, what)| {
        let rest = &text[text.find(prefix)? + prefix.len()..];
        let length = rest.chars().take_while(|c| c.is_ascii_alphanumeric() || "_- ".contains(*c)).count();
        let is_key = *prefix != "-----BEGIN " || rest.contains("PRIVATE KEY");
        let is_example = rest.to_ascii_lowercase().contains("xxxx") || rest.contains("EXAMPLE");
        (length >= *least && is_key && !is_example).then_some(*what)
    })
}
