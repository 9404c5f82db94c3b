//! Entries of `ignores`. The gate has no use for them; the audit has.

use drawbridge_jsonc::Node;

use super::{IgnoreEntry, fields};
use crate::LayerKind;
use crate::report::Report;

const KEYS: [&str; 4] = ["rule", "file", "reason", "until"];

/// `{ "rule": …, "file": …, "reason": …, "until": … }`; a repository has to say until when.
pub(super) fn read(node: &Node, report: &mut Report<'_>) -> Option<IgnoreEntry> {
    if !fields::is_object(node, "an entry of `ignores`", report) {
        return None;
    }
    fields::check_keys(node, &KEYS, report);
    let Some(rule) = node.get("rule") else {
        report.error(node.span, "no-rule", "the entry has no `rule`", None);
        return None;
    };
    let rule = fields::string(rule, "rule", report)?.to_owned();
    let file = node.get("file").and_then(|file| fields::string(file, "file", report)).map(str::to_owned);
    let written = fields::note(node, report);
    let Some(reason) = written.reason else {
        let hint = "add `\"reason\": \"…\"`: it is shown in every report";
        report.error(node.span, "no-reason", "the entry does not say why", Some(hint));
        return None;
    };
    if written.until.is_none() && report.kind() == LayerKind::Repository {
        let hint = "add `\"until\": \"2027-01-31\"`; your own policy may leave it out";
        report.error(node.span, "no-until", "what a repository ignores has to end", Some(hint));
        return None;
    }
    Some(IgnoreEntry { rule, file, reason, until: written.until, span: node.span })
}
