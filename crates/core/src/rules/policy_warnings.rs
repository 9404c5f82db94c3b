//! What the policy file itself opens too wide, in the words of the policy loader: one rule for each
//! of its warnings that is a way out.

use drawbridge_jsonc::{Edit, Node, Pointer, parse};
use drawbridge_policy::{Layer, LayerKind, load};
use drawbridge_text::Span;
use serde_json::{Value, json};

use crate::audit::{Cx, FixKind, Rule, Safety, Severity, Sink, Spot, Strength};

const fn rule(
    id: &'static str,
    code: &'static str,
    (severity, fix): (Severity, FixKind),
    title: &'static str,
    docs: &'static str,
) -> Rule {
    Rule { id, code, title, severity, fix, strength: Strength::ContainerProof, since: "0.1.0", docs, check }
}

pub(super) static SHARED: Rule = rule(
    "shared-host-allowed",
    "DB306",
    (Severity::Medium, FixKind::Unsafe),
    "the policy opens a host where anybody can put and fetch content",
    include_str!("shared_host_allowed.md"),
);
pub(super) static REASONLESS: Rule = rule(
    "allow-without-reason",
    "DB307",
    (Severity::Low, FixKind::None),
    "the policy opens much and does not say why",
    include_str!("allow_without_reason.md"),
);
pub(super) static EXPIRED: Rule = rule(
    "allow-expired",
    "DB308",
    (Severity::Low, FixKind::Safe),
    "an entry of the policy has expired",
    include_str!("allow_expired.md"),
);
pub(super) static NOT_ENFORCED: Rule = rule(
    "policy-not-enforced",
    "DB309",
    (Severity::High, FixKind::Unsafe),
    "the policy asks to observe instead of to enforce",
    include_str!("policy_not_enforced.md"),
);
pub(super) static BROKEN: Rule = rule(
    "policy-does-not-load",
    "DB310",
    (Severity::High, FixKind::None),
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
        let root = parse(text).root;
        for warning in found.into_iter().filter(|w| rule.id == BROKEN.id || codes(rule.id).contains(&w.code))
        {
            let spot = Spot { file: file.clone(), span: warning.span };
            let finding = sink.at(rule, &spot, warning.message).about(&view.path);
            let entry = root.as_ref().and_then(|root| entry_at(root, spot.span));
            if let Some((safety, title, edit)) = entry.and_then(|(at, node)| fix(rule.id, at, node)) {
                finding.fix(safety, title, file, vec![edit]);
            }
        }
    }
}

fn fix(rule: &str, at: Pointer, entry: &Node) -> Option<(Safety, String, Edit)> {
    let list = at.segments().next()?.to_owned();
    match (rule, list.as_str()) {
        ("allow-expired", "allow" | "use") => {
            Some((Safety::Safe, "Remove the entry that has ended".to_owned(), Edit::Remove { at }))
        }
        ("policy-not-enforced", "mode") => {
            Some((Safety::Unsafe, "Remove `mode`".to_owned(), Edit::Remove { at }))
        }
        ("policy-not-enforced" | "shared-host-allowed", "allow") => {
            Some((Safety::Unsafe, "Remove the entry".to_owned(), Edit::Remove { at }))
        }
        ("shared-host-allowed", "use") => {
            let (at, value) = match entry.as_str() {
                Some(name) => (at, Value::from(format!("{name}:read"))),
                None => (at.key("read"), json!(true)),
            };
            Some((Safety::Unsafe, "Allow reading only".to_owned(), Edit::Set { at, value }))
        }
        _ => None,
    }
}

/// The member of a policy, or the entry of one of its lists, that is written here.
pub(super) fn entry_at(root: &Node, span: Span) -> Option<(Pointer, &Node)> {
    root.members().iter().find_map(|member| {
        let at = Pointer::root().key(member.key.as_str());
        if member.value.span == span {
            return Some((at, &member.value));
        }
        let entries = member.value.as_array()?;
        let index = entries.binary_search_by_key(&span.start, |entry| entry.span.start).ok()?;
        Some((at.index(index), &entries[index])).filter(|(_, entry)| entry.span == span)
    })
}
