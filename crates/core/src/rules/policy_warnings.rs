//! What the policy file itself opens too wide, in the words of the policy loader: one rule for each
//! of its warnings that is a way out.

use drawbridge_policy::{Layer, LayerKind, load};

use crate::audit::{Cx, FixKind, Rule, Severity, Sink, Spot, Strength};

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

pub(super) static SHARED: Rule = rule(
    "shared-host-allowed",
    "DB306",
    Severity::Medium,
    "the policy opens a host where anybody can put and fetch content",
    include_str!("shared_host_allowed.md"),
);
pub(super) static REASONLESS: Rule = rule(
    "allow-without-reason",
    "DB307",
    Severity::Low,
    "the policy opens much and does not say why",
    include_str!("allow_without_reason.md"),
);
pub(super) static EXPIRED: Rule = rule(
    "allow-expired",
    "DB308",
    Severity::Low,
    "an entry of the policy has expired",
    include_str!("allow_expired.md"),
);
pub(super) static NOT_ENFORCED: Rule = rule(
    "policy-not-enforced",
    "DB309",
    Severity::High,
    "the policy asks to observe instead of to enforce",
    include_str!("policy_not_enforced.md"),
);
pub(super) static BROKEN: Rule = rule(
    "policy-does-not-load",
    "DB310",
    Severity::High,
    "the policy does not load, so the gate opens nothing and nobody knows what it was meant to open",
    include_str!("policy_does_not_load.md"),
);

/// The loader's codes of a rule; none for errors.
fn codes(id: &str) -> &'static [&'static str] {
    match id {
        "shared-host-allowed" => &["shared-host"],
        "allow-without-reason" => &["no-reason"],
        "allow-expired" => &["expired"],
        "policy-not-enforced" => &["repository-cannot-grant"],
        _ => &[],
    }
}

fn check(rule: &'static Rule, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for view in &cx.configs {
        let file = &view.layout.policy;
        let Some(text) = cx.snapshot.text(file) else { continue };
        let layer = Layer { kind: LayerKind::Repository, file: file.to_string(), text: text.to_owned() };
        let found = match load(&[layer], cx.now) {
            Ok(loaded) if rule.id != BROKEN.id => loaded.warnings,
            Err(errors) if rule.id == BROKEN.id => errors.into_iter().take(1).collect(),
            _ => continue,
        };
        for warning in found.into_iter().filter(|w| rule.id == BROKEN.id || codes(rule.id).contains(&w.code))
        {
            let spot = Spot { file: file.clone(), span: warning.span };
            sink.at(rule, &spot, warning.message).about(&view.path);
        }
    }
}
