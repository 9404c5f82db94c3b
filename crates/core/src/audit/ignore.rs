//! What somebody accepted: `drawbridge-ignore RULE: reason` in a comment beside the line or on the line above
//! it, or an entry of `ignores` in a policy.
//!
//! The file may have been written by what the audit is about, so an ignored finding is counted and
//! shown with its reason, never dropped.

use std::collections::BTreeMap;

use drawbridge_policy::{Ignore, LayerKind};

use super::context::Cx;
use super::finding::{Evidence, Finding};
use super::rule::Class;
use crate::project::RelPath;

const WORD: &str = "drawbridge-ignore";

/// A finding that somebody accepted.
#[derive(Debug, Clone, PartialEq)]
pub struct Ignored {
    /// What was found.
    pub finding: Finding,
    /// Why that is accepted.
    pub reason: String,
    /// Where that is written.
    pub by: IgnoredBy,
    /// The last day, for people.
    pub until: Option<String>,
}

/// Where it is written that a finding is accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IgnoredBy {
    /// In a comment beside it.
    Comment,
    /// In `ignores` of a policy.
    Policy(LayerKind),
}

/// One comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Waiver<'t> {
    /// 1-based.
    pub(crate) line: usize,
    pub(crate) rules: Vec<&'t str>,
    /// Empty when none is given, and then it waives nothing.
    pub(crate) reason: &'t str,
}

/// The comments of a text.
pub(crate) fn waivers(text: &str) -> Vec<Waiver<'_>> {
    if !text.contains(WORD) {
        return Vec::new();
    }
    (1..).zip(text.lines()).filter_map(|(line, text)| waiver(line, text)).collect()
}

fn waiver(line: usize, text: &str) -> Option<Waiver<'_>> {
    let (before, rest) = text.split_once(WORD)?;
    let before = before.trim_end();
    if !["//", "#", "<!--", "/*", ";"].iter().any(|comment| before.ends_with(comment)) {
        return None;
    }
    let rest = rest.trim_end_matches("-->").trim_end_matches("*/");
    let (rules, reason) = rest.split_once(':').unwrap_or((rest, ""));
    let rules = rules.split([',', ' ']).map(str::trim).filter(|rule| !rule.is_empty()).collect();
    Some(Waiver { line, rules, reason: reason.trim() })
}

/// Takes the findings that a comment or a policy waives out of `findings`.
///
/// A trusted layer may waive everything. The repository may be hostile: its comments and its policy waive
/// what its own files say, and never what was seen in the running container or on the host.
pub(crate) fn split(cx: &Cx<'_>, findings: Vec<Finding>) -> (Vec<Finding>, Vec<Ignored>) {
    let mut cache: BTreeMap<RelPath, Vec<Waiver<'_>>> = BTreeMap::new();
    let (mut open, mut ignored) = (Vec::new(), Vec::new());
    for finding in findings {
        if let Some(entry) = by_policy(cx, &finding) {
            let (by, until) = (IgnoredBy::Policy(entry.layer), entry.last_day());
            ignored.push(Ignored { reason: entry.reason.clone(), by, until, finding });
            continue;
        }
        let at = finding.location().filter(|_| cx.ignores.repository_counts && is_of_a_file(&finding));
        let Some((file, line)) = at.map(|at| (at.file.clone(), at.line)) else {
            open.push(finding);
            continue;
        };
        let known = cache
            .entry(file.clone())
            .or_insert_with(|| cx.snapshot.text(&file).map(waivers).unwrap_or_default());
        let names = |waiver: &&Waiver<'_>| {
            !waiver.reason.is_empty()
                && (waiver.line == line || waiver.line + 1 == line)
                && waiver.rules.iter().any(|rule| *rule == finding.rule.id || *rule == finding.rule.code)
        };
        match known.iter().find(names) {
            Some(waiver) => ignored.push(Ignored {
                reason: waiver.reason.to_owned(),
                by: IgnoredBy::Comment,
                until: None,
                finding,
            }),
            None => open.push(finding),
        }
    }
    (open, ignored)
}

/// The entry of a policy that waives it now.
fn by_policy<'c>(cx: &'c Cx<'_>, finding: &Finding) -> Option<&'c Ignore> {
    cx.ignores.entries.iter().find(|entry| {
        let may = entry.layer.is_trusted() || (cx.ignores.repository_counts && is_of_a_file(finding));
        let rule = entry.rule == finding.rule.id || entry.rule == finding.rule.code;
        let file = entry.file.as_deref();
        let here = file.is_none_or(|file| finding.location().is_some_and(|at| at.file.as_str() == file));
        may && rule && here && !entry.is_expired(cx.now)
    })
}

/// Whether it rests on what the workspace's files say, and on nothing that was seen.
fn is_of_a_file(finding: &Finding) -> bool {
    finding.class != Class::Observed
        && finding.evidence.iter().all(|evidence| matches!(evidence, Evidence::File(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_is_one_only_where_a_comment_is() {
        let read = |text| waivers(text).into_iter().map(|found| (found.rules, found.reason)).next();
        assert_eq!(
            read("  \"privileged\": true, // drawbridge-ignore privileged-container: needs kvm"),
            Some((vec!["privileged-container"], "needs kvm"))
        );
        assert_eq!(read("# drawbridge-ignore DB101, DB102: a: b"), Some((vec!["DB101", "DB102"], "a: b")));
        assert_eq!(read("// drawbridge-ignore DB101"), Some((vec!["DB101"], "")));
        assert_eq!(read("\"drawbridge-ignore DB101: x\""), None);
    }
}
