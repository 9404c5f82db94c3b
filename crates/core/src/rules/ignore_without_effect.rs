//! `ignore-without-effect`: an entry of `ignores` in a policy that waives nothing.

use std::collections::BTreeMap;

use drawbridge_jsonc::{Edit, Node, parse};
use drawbridge_policy::{Ignore, LayerKind};

use super::policy_warnings::entry_at;
use crate::audit::{Cx, FixKind, Rule, Safety, Severity, Sink, Spot, Strength};
use crate::project::RelPath;

pub(super) static RULE: Rule = Rule {
    id: "ignore-without-effect",
    code: "DB914",
    title: "what a policy ignores has ended, or names no rule",
    severity: Severity::Low,
    fix: FixKind::Safe,
    strength: Strength::ContainerProof,
    since: "0.1.0",
    docs: include_str!("ignore_without_effect.md"),
    check,
};

fn check(rule: &'static Rule, cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let mut roots: BTreeMap<RelPath, Option<Node>> = BTreeMap::new();
    for entry in &cx.ignores.entries {
        let Some(message) = why(entry, cx) else { continue };
        if let (LayerKind::Repository, Some(file)) = (entry.layer, RelPath::new(&entry.written_in)) {
            let root = roots
                .entry(file.clone())
                .or_insert_with(|| cx.snapshot.text(&file).and_then(|text| parse(text).root));
            let written = root.as_ref().and_then(|root| entry_at(root, entry.span));
            let finding = sink.at(rule, &Spot { file: file.clone(), span: entry.span }, message);
            if let Some((at, _)) = written.filter(|_| entry.is_expired(cx.now)) {
                let edits = vec![Edit::Remove { at }];
                finding.fix(Safety::Safe, "Remove the entry that has ended", &file, edits);
            }
        } else {
            sink.host(rule, &entry.written_in, format!("ignores `{}`", entry.rule), message);
        }
    }
}

fn why(entry: &Ignore, cx: &Cx<'_>) -> Option<String> {
    if super::find(&entry.rule).is_none() {
        return Some(format!("there is no rule `{}`", entry.rule));
    }
    if entry.is_expired(cx.now) {
        let day = entry.last_day().unwrap_or_default();
        return Some(format!("`{}` was ignored until {day}: its findings are back", entry.rule));
    }
    let silenced = entry.layer == LayerKind::Repository && !cx.ignores.repository_counts;
    silenced.then(|| {
        format!(
            "`{}`: your own policy asks for a review, so what the repository ignores is shown",
            entry.rule
        )
    })
}
