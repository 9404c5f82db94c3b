//! Edits of the repository's policy file, together with the copy of its text in our Compose file.

use std::collections::BTreeSet;
use std::ops::Range;

use drawbridge_core::project::{Entry, RelPath, Snapshot};
use drawbridge_core::protect::{self, Options, Plan, Refusal};
use drawbridge_jsonc::{Edit, Node, PatchError, Pointer, parse, patch};
use drawbridge_policy::{Diagnostic, Host, Layer, LayerKind, load};
use serde_json::{Value, json};

use crate::journal::FileChange;

/// The variable of the gate's service that holds the policy.
const POLICY_KEY: &str = "DRAWBRIDGE_POLICY:";

/// Where the overlay's variables lead programs that need the gate's certificate.
const TRUST: &str = "/trust/bundle.pem";

/// A list of the policy file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum List {
    /// What may be reached.
    Allow,
    /// What may not, whatever any list allows.
    Deny,
}

/// A rule as a person writes it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NewRule {
    /// A host, or a rule in the policy's string form.
    pub text: String,
    /// Why.
    pub reason: Option<String>,
    /// `YYYY-MM-DD`.
    pub until: Option<String>,
}

/// What an edit comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edited {
    /// Files to write; empty when the policy says so already.
    pub changes: Vec<FileChange>,
    /// The new text of the policy file.
    pub text: String,
    /// The reason could not be kept, because the rule has only a string form.
    pub reason_dropped: bool,
    /// The gate now looks into a connection, and the container's variables do not lead its programs to
    /// the gate's certificate yet.
    pub trust_missing: bool,
}

/// Why the policy was not edited.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EditError {
    /// The policy file is not there or not readable as text.
    #[error("`{path}` is missing or not a text file")]
    NoPolicy {
        /// The file.
        path: RelPath,
    },
    /// The edit does not apply.
    #[error("`{path}` cannot be edited: {source}")]
    Patch {
        /// The file.
        path: RelPath,
        /// Why.
        #[source]
        source: PatchError,
    },
    /// The result would not be a policy; its text comes along for showing lines.
    #[error("the policy would not load")]
    Invalid {
        /// What is wrong.
        diagnostics: Vec<Diagnostic>,
        /// The text that is wrong.
        text: String,
    },
    /// The Compose file could not be written anew.
    #[error(transparent)]
    Refused(#[from] Refusal),
}

/// Appends a rule.
pub fn add(
    snapshot: &Snapshot,
    options: &Options,
    plan: &Plan,
    list: List,
    rule: &NewRule,
    now: i64,
) -> Result<Edited, EditError> {
    add_all(snapshot, options, plan, list, std::slice::from_ref(rule), now)
}

/// Appends rules, in one edit.
pub fn add_all(
    snapshot: &Snapshot,
    options: &Options,
    plan: &Plan,
    list: List,
    rules: &[NewRule],
    now: i64,
) -> Result<Edited, EditError> {
    let before = text(snapshot, plan)?;
    let known = known(plan, before, now)?;
    let key = list.key();
    let alone = |value: &Value| {
        let text = json!({"version": 1, key: [value]}).to_string();
        self::known(plan, &text, now).ok()
    };
    let mut edits = Vec::new();
    let mut reason_dropped = false;
    for rule in rules {
        let string = Value::String(rule.text.clone());
        let mut value = object(rule);
        // The object must mean what the string means; else the string it is.
        let mut dropped = false;
        if rule.reason.is_none() && rule.until.is_none() || alone(&value) != alone(&string) {
            dropped = rule.reason.is_some() || rule.until.is_some();
            value = string;
        }
        if !alone(&value).is_some_and(|new| !new.is_empty() && new.is_subset(&known)) {
            edits.push(Edit::Append { at: Pointer::root().key(key), value });
            reason_dropped |= dropped;
        }
    }
    if edits.is_empty() {
        return Ok(Edited::nothing(before));
    }
    let mut edited = edited(snapshot, options, plan, &edits, now)?;
    edited.reason_dropped = reason_dropped;
    Ok(edited)
}

/// Removes every entry of `allow` that is about exactly this host.
pub fn remove(
    snapshot: &Snapshot,
    options: &Options,
    plan: &Plan,
    host: &str,
    now: i64,
) -> Result<Edited, EditError> {
    let before = text(snapshot, plan)?;
    let root = parse(before).root;
    let items = root.as_ref().and_then(|root| root.get("allow")).and_then(Node::as_array);
    let about = |node: &Node| {
        let text = node.as_str().or_else(|| node.get("host").and_then(Node::as_str));
        text.is_some_and(|text| text == host || same_host(text, host))
    };
    let at = |index| Pointer::root().key("allow").index(index);
    let edits: Vec<Edit> = items
        .unwrap_or_default()
        .iter()
        .enumerate()
        .rev()
        .filter(|(_, node)| about(node))
        .map(|(index, _)| Edit::Remove { at: at(index) })
        .collect();
    if edits.is_empty() {
        return Ok(Edited::nothing(before));
    }
    edited(snapshot, options, plan, &edits, now)
}

fn edited(
    snapshot: &Snapshot,
    options: &Options,
    plan: &Plan,
    edits: &[Edit],
    now: i64,
) -> Result<Edited, EditError> {
    let before = text(snapshot, plan)?;
    let failed = |source| EditError::Patch { path: plan.policy.clone(), source };
    let after = match patch(before, edits).map_err(failed)? {
        Some(edit) => edit.apply(before),
        None => before.to_owned(),
    };
    known(plan, &after, now)?;
    let mut changes = vec![FileChange {
        path: plan.policy.as_str().to_owned(),
        before: Some(before.as_bytes().to_vec()),
        after: Some(after.as_bytes().to_vec()),
    }];
    let mut next = snapshot.clone();
    next.files.insert(plan.policy.clone(), Entry::Text(after.clone()));
    // Drift elsewhere is for `protect` to show, not for this edit to carry along.
    let renewed = protect::plan(&next, options)?;
    let overlay = renewed.changes.iter().find(|change| change.path == plan.overlay);
    let leads = |text: Option<&str>| text.is_some_and(|text| text.contains(TRUST));
    let trust_missing =
        overlay.is_some_and(|change| leads(change.after.as_deref()) && !leads(change.before.as_deref()));
    if let Some((old, new)) = overlay.and_then(|c| c.before.as_deref().zip(c.after.as_deref()))
        && let (Some(here), Some(there)) = (inline_policy(old), inline_policy(new))
    {
        let after = format!("{}{}{}", &old[..here.start], &new[there], &old[here.end..]);
        changes.push(FileChange {
            path: plan.overlay.as_str().to_owned(),
            before: Some(old.as_bytes().to_vec()),
            after: Some(after.into_bytes()),
        });
    }
    Ok(Edited { changes, text: after, reason_dropped: false, trust_missing })
}

/// Where our Compose file holds the policy's text: from its key to the next line that is not deeper.
fn inline_policy(overlay: &str) -> Option<Range<usize>> {
    let mut at = 0;
    let mut found: Option<(usize, usize)> = None;
    for line in overlay.split_inclusive('\n') {
        let indent = line.len() - line.trim_start_matches(' ').len();
        match found {
            None if line.trim_start().starts_with(POLICY_KEY) => found = Some((at, indent)),
            Some((start, key)) if !line.trim().is_empty() && indent <= key => return Some(start..at),
            _ => {}
        }
        at += line.len();
    }
    found.map(|(start, _)| start..at)
}

impl Edited {
    fn nothing(text: &str) -> Self {
        Self { changes: Vec::new(), text: text.to_owned(), reason_dropped: false, trust_missing: false }
    }
}

impl List {
    fn key(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Deny => "deny",
        }
    }
}

fn text<'a>(snapshot: &'a Snapshot, plan: &Plan) -> Result<&'a str, EditError> {
    snapshot.text(&plan.policy).ok_or_else(|| EditError::NoPolicy { path: plan.policy.clone() })
}

/// The rules of the text in their canonical form, with what they do.
fn known(plan: &Plan, text: &str, now: i64) -> Result<BTreeSet<String>, EditError> {
    let layer = Layer { kind: LayerKind::Repository, file: plan.policy.to_string(), text: text.to_owned() };
    let loaded = load(&[layer], now)
        .map_err(|diagnostics| EditError::Invalid { diagnostics, text: text.to_owned() })?;
    let shown = |rule: &drawbridge_policy::Rule| format!("{:?} {}", rule.action(), rule.source().text);
    Ok(loaded.policy.rules().map(shown).collect())
}

/// The object form of a rule in string form.
fn object(rule: &NewRule) -> Value {
    let mut object = drawbridge_policy::object_form(&rule.text);
    let mut put = |key: &str, value: &Option<String>| {
        if let Some(value) = value {
            object.insert(key.to_owned(), value.as_str().into());
        }
    };
    put("reason", &rule.reason);
    put("until", &rule.until);
    Value::Object(object)
}

fn same_host(left: &str, right: &str) -> bool {
    matches!((Host::parse(left), Host::parse(right)), (Ok(left), Ok(right)) if left == right)
}

#[cfg(test)]
mod tests;
