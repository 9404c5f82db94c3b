//! `ignore-without-reason`: a comment that waives nothing.

use drawbridge_text::Span;

use crate::audit::{Cx, FixKind, Rule, Severity, Sink, Spot, Strength, waivers};

pub(super) static RULE: Rule = Rule {
    id: "ignore-without-reason",
    code: "DB911",
    title: "a `drawbridge-ignore` comment without a reason waives nothing",
    severity: Severity::Low,
    fix: FixKind::None,
    strength: Strength::ContainerProof,
    since: "0.1.0",
    docs: include_str!("ignore_without_reason.md"),
    check,
};

fn check(rule: &'static Rule, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for (path, entry) in &cx.snapshot.files {
        let Some(text) = entry.text() else { continue };
        for waiver in waivers(text) {
            let unknown = waiver.rules.iter().find(|name| super::find(name).is_none());
            let message = match (waiver.reason.is_empty(), unknown) {
                (true, _) => "write `drawbridge-ignore RULE: reason`".to_owned(),
                (false, Some(name)) => format!("there is no rule `{name}`"),
                (false, None) => continue,
            };
            let start = text.split_inclusive('\n').take(waiver.line - 1).map(str::len).sum();
            let length = text[start..].lines().next().unwrap_or_default().len();
            let spot = Spot { file: path.clone(), span: Span::new(start, start + length) };
            sink.at(rule, &spot, message);
        }
    }
}
