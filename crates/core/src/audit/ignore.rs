//! `drawbridge-ignore RULE: reason` in a comment beside the line, or on the line above it.
//!
//! The file may have been written by what the audit is about, so an ignored finding is counted and
//! shown with its reason, never dropped.

use super::finding::Finding;
use crate::project::{RelPath, Snapshot};

const WORD: &str = "drawbridge-ignore";

/// A finding that a comment waives.
#[derive(Debug, Clone, PartialEq)]
pub struct Ignored {
    /// What was found.
    pub finding: Finding,
    /// Why that is accepted.
    pub reason: String,
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

/// Takes the findings that a comment waives out of `findings`.
pub(crate) fn split(snapshot: &Snapshot, findings: Vec<Finding>) -> (Vec<Finding>, Vec<Ignored>) {
    let mut cache: std::collections::BTreeMap<RelPath, Vec<Waiver<'_>>> = std::collections::BTreeMap::new();
    let (mut open, mut ignored) = (Vec::new(), Vec::new());
    for finding in findings {
        let Some((file, line)) = finding.location().map(|at| (at.file.clone(), at.line)) else {
            open.push(finding);
            continue;
        };
        let known = cache
            .entry(file.clone())
            .or_insert_with(|| snapshot.text(&file).map(waivers).unwrap_or_default());
        let names = |waiver: &&Waiver<'_>| {
            !waiver.reason.is_empty()
                && (waiver.line == line || waiver.line + 1 == line)
                && waiver.rules.iter().any(|rule| *rule == finding.rule.id || *rule == finding.rule.code)
        };
        match known.iter().find(names) {
            Some(waiver) => ignored.push(Ignored { reason: waiver.reason.to_owned(), finding }),
            None => open.push(finding),
        }
    }
    (open, ignored)
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
