//! SARIF 2.1.0, for code scanning: every rule, fingerprints that survive moved lines, fixes, waivers.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use drawbridge_core::audit::{Evidence, Finding, Fix, IgnoredBy, Location, Report, Rule, Severity};
use drawbridge_core::project::{RelPath, Snapshot};
use drawbridge_core::rules::RULES;
use drawbridge_text::LineIndex;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::document::{class, strength};
use crate::explain;

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// The report as a SARIF log. `snapshot` is what was audited; fixes are computed from it.
pub fn sarif(report: &Report, snapshot: &Snapshot, tool: &str) -> Value {
    let mut seen = BTreeMap::new();
    let mut results: Vec<Value> =
        report.findings.iter().map(|found| result(found, snapshot, &mut seen)).collect();
    for ignored in &report.ignored {
        let mut value = result(&ignored.finding, snapshot, &mut seen);
        let kind = if ignored.by == IgnoredBy::Comment { "inSource" } else { "external" };
        value["suppressions"] = json!([{ "kind": kind, "justification": ignored.reason }]);
        results.push(value);
    }
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "drawbridge",
                "version": tool,
                "rules": RULES.iter().map(|rule| descriptor(rule)).collect::<Vec<_>>(),
            } },
            "columnKind": "unicodeCodePoints",
            "results": results,
            "invocations": [{
                "executionSuccessful": true,
                "toolExecutionNotifications": report
                    .unseen
                    .iter()
                    .map(|unseen| json!({ "level": "note", "message": { "text": format!("not seen: {unseen}") } }))
                    .collect::<Vec<_>>(),
            }],
        }],
    })
}

fn descriptor(rule: &Rule) -> Value {
    json!({
        "id": rule.code,
        "name": rule.id,
        "shortDescription": { "text": rule.title },
        "fullDescription": { "text": rule.docs.split("\n\n").next().unwrap_or_default().replace('\n', " ") },
        "help": { "text": explain::page(rule), "markdown": explain::page(rule) },
        "defaultConfiguration": { "level": level(rule.severity) },
        "properties": {
            "tags": ["security", rule.category().title()],
            "security-severity": score(rule.severity),
            "fix-strength": strength(rule.strength),
        },
    })
}

fn result(found: &Finding, snapshot: &Snapshot, seen: &mut BTreeMap<String, usize>) -> Value {
    let index = RULES.iter().position(|rule| rule.code == found.rule.code).unwrap_or_default();
    let mut value = json!({
        "ruleId": found.rule.code,
        "ruleIndex": index,
        "level": level(found.severity),
        "message": { "text": found.message },
        "locations": found.evidence.iter().map(location).collect::<Vec<_>>(),
        "partialFingerprints": { "drawbridge/v1": fingerprint(found, seen) },
        "properties": { "class": class(found.class), "security-severity": score(found.severity) },
    });
    if let Some(fix) = found.fix.as_ref().and_then(|fix| change(fix, snapshot)) {
        value["fixes"] = json!([fix]);
    }
    value
}

fn location(evidence: &Evidence) -> Value {
    match evidence {
        Evidence::File(at) => json!({ "physicalLocation": {
            "artifactLocation": { "uri": uri(&at.file), "uriBaseId": "%SRCROOT%" },
            "region": region(at),
        } }),
        Evidence::Live(fact) => {
            json!({ "logicalLocations": [{ "fullyQualifiedName": fact, "kind": "resource" }] })
        }
        Evidence::Host { path, what } => {
            json!({ "logicalLocations": [{ "fullyQualifiedName": format!("{path}: {what}"), "kind": "resource" }] })
        }
    }
}

fn region(at: &Location) -> Value {
    json!({
        "startLine": at.line,
        "startColumn": at.column,
        "endLine": at.end_line,
        "endColumn": at.end_column.max(if at.line == at.end_line { at.column } else { 1 }),
    })
}

/// Rule, file and message, and which of several alike: lines may move.
fn fingerprint(found: &Finding, seen: &mut BTreeMap<String, usize>) -> String {
    let file = found.location().map(|at| at.file.as_str()).unwrap_or_default();
    let what = [found.rule.code, file, &found.message].join("\n");
    let count = seen.entry(what.clone()).or_default();
    *count += 1;
    let digest = Sha256::digest(format!("{what}\n{count}"));
    let mut print = String::with_capacity(32);
    for byte in digest.iter().take(16) {
        let _ = write!(print, "{byte:02x}");
    }
    print
}

fn change(fix: &Fix, snapshot: &Snapshot) -> Option<Value> {
    let text = snapshot.text(&fix.file)?;
    let edit = fix.text_edit(text)?;
    let index = LineIndex::new(text);
    let (start, end) = (index.line_col(edit.span.start), index.line_col(edit.span.end));
    Some(json!({
        "description": { "text": fix.title },
        "artifactChanges": [{
            "artifactLocation": { "uri": uri(&fix.file), "uriBaseId": "%SRCROOT%" },
            "replacements": [{
                "deletedRegion": {
                    "startLine": start.line, "startColumn": start.column,
                    "endLine": end.line, "endColumn": end.column,
                },
                "insertedContent": { "text": edit.insert },
            }],
        }],
    }))
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "note",
    }
}

/// What code scanning sorts by.
fn score(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "3.0",
        Severity::Info => "0.0",
    }
}

/// The path as a relative URI (RFC 3986).
fn uri(path: &RelPath) -> String {
    let mut uri = String::new();
    for byte in path.as_str().bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    uri
}
