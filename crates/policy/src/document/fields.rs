//! Typed access to members, with one wording for every wrong type.

use drawbridge_jsonc::Node;
use drawbridge_text::Span;

use crate::date;
use crate::report::{Note, Report};

/// Longest reason in characters; it is quoted in answers and logs.
const MAX_REASON: usize = 300;

pub(super) fn is_object(node: &Node, what: &str, report: &mut Report<'_>) -> bool {
    let fits = node.as_object().is_some();
    if !fits {
        report.error(node.span, "wrong-type", format!("{what} is an object, not {}", node.describe()), None);
    }
    fits
}

pub(super) fn string<'n>(node: &'n Node, key: &str, report: &mut Report<'_>) -> Option<&'n str> {
    typed(node, node.as_str(), key, "a string", report)
}

pub(super) fn array<'n>(node: &'n Node, key: &str, report: &mut Report<'_>) -> Option<&'n [Node]> {
    typed(node, node.as_array(), key, "an array", report)
}

pub(super) fn boolean(node: &Node, key: &str, report: &mut Report<'_>) -> Option<bool> {
    typed(node, node.as_bool(), key, "`true` or `false`", report)
}

/// An array of strings, with the node of each.
pub(super) fn strings<'n>(node: &'n Node, key: &str, report: &mut Report<'_>) -> Option<Vec<&'n str>> {
    let elements = array(node, key, report)?;
    elements.iter().map(|element| string(element, key, report)).collect()
}

/// The position of the string in `choices`.
pub(super) fn choice(node: &Node, key: &str, choices: &[&str], report: &mut Report<'_>) -> Option<usize> {
    let text = string(node, key, report)?;
    let found = choices.iter().position(|choice| *choice == text);
    if found.is_none() {
        let known = choices.iter().map(|choice| format!("`{choice}`")).collect::<Vec<_>>().join(", ");
        report.error(
            node.span,
            "unknown-value",
            format!("`{text}` is not a value of `{key}`"),
            Some(&format!("use one of {known}")),
        );
    }
    found
}

pub(super) fn check_keys(node: &Node, known: &[&str], report: &mut Report<'_>) {
    for member in node.members() {
        if !known.contains(&member.key.as_str()) {
            unknown(&member.key, member.key_span, known, report);
        }
    }
}

pub(super) fn unknown(key: &str, span: Span, known: &[&str], report: &mut Report<'_>) {
    let hint = match known.iter().find(|candidate| is_near(key, candidate)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("known keys: {}", known.join(", ")),
    };
    report.error(span, "unknown-key", format!("`{key}` is not a key of this object"), Some(&hint));
}

/// `reason` and `until` of an object.
pub(super) fn note(node: &Node, report: &mut Report<'_>) -> Note {
    Note {
        reason: node.get("reason").and_then(|node| reason(node, report)),
        until: node.get("until").and_then(|node| until(node, report)),
    }
}

fn reason(node: &Node, report: &mut Report<'_>) -> Option<String> {
    let text = string(node, "reason", report)?.trim();
    if text.is_empty() {
        report.error(
            node.span,
            "bad-reason",
            "the reason is empty",
            Some("say what the rule is for, or leave the key out"),
        );
    } else if text.chars().count() > MAX_REASON {
        report.error(
            node.span,
            "bad-reason",
            format!("the reason is longer than {MAX_REASON} characters"),
            None,
        );
    } else if text.contains(char::is_control) {
        report.error(node.span, "bad-reason", "the reason holds a control character", None);
    }
    Some(text.to_owned())
}

fn until(node: &Node, report: &mut Report<'_>) -> Option<i64> {
    let end = match node.as_str() {
        Some(text) => date::end_of_day(text),
        None => node.as_i64().filter(|seconds| (0..=date::MAX).contains(seconds)),
    };
    if end.is_none() {
        report.error(
            node.span,
            "bad-date",
            "`until` is neither a date nor a time in unix seconds",
            Some("write the last day as `\"2027-01-31\"` (UTC, inclusive)"),
        );
    }
    end
}

fn typed<T>(node: &Node, value: Option<T>, key: &str, wanted: &str, report: &mut Report<'_>) -> Option<T> {
    if value.is_none() {
        report.error(
            node.span,
            "wrong-type",
            format!("`{key}` takes {wanted}, not {}", node.describe()),
            None,
        );
    }
    value
}

/// Equal but for case, one letter more, less or other, or two swapped.
pub(super) fn is_near(key: &str, candidate: &str) -> bool {
    let (left, right): (Vec<char>, Vec<char>) =
        (key.to_lowercase().chars().take(40).collect(), candidate.to_lowercase().chars().collect());
    let start = left.iter().zip(&right).take_while(|(a, b)| a == b).count();
    let (left, right) = (&left[start..], &right[start..]);
    let end = left.iter().rev().zip(right.iter().rev()).take_while(|(a, b)| a == b).count();
    let (left, right) = (&left[..left.len() - end], &right[..right.len() - end]);
    match (left, right) {
        ([a, b], [c, d]) => a == d && b == c,
        _ => left.len() <= 1 && right.len() <= 1,
    }
}
