//! Texts to layers, and policies to JSON.

use drawbridge_policy::{Action, Diagnostic, Layer, LayerKind, load, object_form};
use serde_json::{Value, json};

use crate::gate::InForce;
use crate::log::clip;
use crate::paths::POLICY_FILE;
use crate::sources::{Sources, Text};
use crate::state::{Accepted, Grant, Observation, Source};

/// The layers of a policy. The host's own files must be readable if they exist: leaving out an
/// organisation's denials would loosen.
pub(super) fn layers(
    sources: &Sources,
    accepted: Option<&Accepted>,
    grants: &[Grant],
    observe: Option<&Observation>,
) -> Result<Vec<Layer>, Vec<String>> {
    let mut layers = Vec::new();
    let own = [
        (LayerKind::Organisation, "organisation.jsonc", &sources.organisation),
        (LayerKind::Personal, "personal.jsonc", &sources.personal),
    ];
    for (kind, file, text) in own {
        match text {
            Text::Present(text) => layers.push(layer(kind, file, text.clone())),
            Text::Missing => {}
            Text::Unreadable(why) => return Err(vec![format!("{file}:1:1: error: {why}")]),
        }
    }
    if let Some(accepted) = accepted {
        let file = match accepted.source {
            Source::Folder => POLICY_FILE,
            Source::Inline => "DRAWBRIDGE_POLICY",
        };
        layers.push(layer(LayerKind::Repository, file, accepted.text.clone()));
    }
    if !grants.is_empty() || observe.is_some() {
        layers.push(layer(LayerKind::Grants, "grants", grants_text(grants, observe)));
    }
    Ok(layers)
}

/// Whether the host's own layers want the repository's policy to be looked at first. Layers that
/// do not load say nothing here; they stop the start when the policy is loaded.
pub(super) fn requires_review(sources: &Sources, now: i64) -> bool {
    let loaded = layers(sources, None, &[], None).ok().and_then(|layers| load(&layers, now).ok());
    loaded.is_some_and(|loaded| loaded.policy.requires_review())
}

/// Grants in the grammar of a policy file.
pub(super) fn grants_text(grants: &[Grant], observe: Option<&Observation>) -> String {
    let rules: Vec<Value> = grants.iter().map(rule).collect();
    let mut text = json!({ "version": 1, "allow": rules });
    if let Some(Observation { reason, until }) = observe {
        text["mode"] = json!({ "observe": { "until": until, "reason": reason } });
    }
    text.to_string()
}

fn rule(grant: &Grant) -> Value {
    let mut rule = Value::Object(object_form(&grant.host));
    rule["reason"] = grant.reason.as_str().into();
    if let Some(port) = grant.port {
        rule["ports"] = json!([port]);
    }
    if let Some(until) = grant.until {
        rule["until"] = until.into();
    }
    if grant.private {
        rule["private"] = true.into();
    }
    rule
}

fn layer(kind: LayerKind, file: &str, text: String) -> Layer {
    Layer { kind, file: file.to_owned(), text }
}

/// `file:line:column: …`, with the next step behind it.
pub(super) fn lines(diagnostics: &[Diagnostic]) -> Vec<String> {
    let line = |diagnostic: &Diagnostic| match &diagnostic.hint {
        Some(hint) => clip(&format!("{diagnostic} (hint: {hint})")),
        None => clip(&diagnostic.to_string()),
    };
    diagnostics.iter().map(line).collect()
}

/// The rules in force, in the order of the layers.
pub(super) fn effective(in_force: &InForce, now: i64) -> Value {
    let rules: Vec<Value> = in_force
        .policy
        .rules()
        .map(|rule| {
            let mut value = json!(rule.source());
            value["action"] = if rule.action() == Action::Allow { "allow" } else { "deny" }.into();
            value["expired"] = rule.is_expired(now).into();
            value
        })
        .collect();
    json!({ "generation": in_force.generation, "rules": rules })
}
