//! Applies what `--fix` may apply, as whole-file changes.

use super::finding::{Finding, Safety};
use super::{Input, audit};
use crate::project::{Entry, RelPath, Snapshot};
use crate::protect::Change;

/// More than any workspace has findings that can be fixed.
const MAX_FIXES: usize = 500;

/// A file before and after its fixes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fixed {
    /// The file before and after.
    pub change: Change,
    /// What was done, in order.
    pub titles: Vec<String>,
}

/// Applies every safe fix if `safe`, and every fix of the rules in `wanted`.
///
/// The audit runs again after each, because an edit moves what other edits address.
pub fn fixed(input: &Input<'_>, safe: bool, wanted: &[String]) -> Vec<Fixed> {
    let mut snapshot = input.snapshot.clone();
    let mut done: Vec<Fixed> = Vec::new();
    let mut failed: Vec<(String, RelPath)> = Vec::new();
    for _ in 0..MAX_FIXES {
        let report = audit(&Input { snapshot: &snapshot, ..*input });
        let applies = |finding: &&Finding| {
            finding.fix.as_ref().is_some_and(|fix| {
                let named = wanted.iter().any(|name| name == finding.rule.id || name == finding.rule.code);
                ((safe && fix.safety == Safety::Safe) || named)
                    && !failed.contains(&(finding.message.clone(), fix.file.clone()))
            })
        };
        let Some(finding) = report.findings.iter().find(applies) else { break };
        let Some(fix) = &finding.fix else { break };
        let text = snapshot.text(&fix.file).unwrap_or_default().to_owned();
        match fix.text_edit(&text) {
            Some(edit) => {
                record(&mut snapshot, &mut done, &fix.file, &fix.title, text.clone(), edit.apply(&text));
            }
            // Nothing to change, or not possible: the finding stays, and with it the message.
            None => failed.push((finding.message.clone(), fix.file.clone())),
        }
    }
    done
}

fn record(
    snapshot: &mut Snapshot,
    done: &mut Vec<Fixed>,
    path: &RelPath,
    title: &str,
    before: String,
    after: String,
) {
    snapshot.files.insert(path.clone(), Entry::Text(after.clone()));
    if let Some(known) = done.iter_mut().find(|known| known.change.path == *path) {
        known.change.after = Some(after);
        known.titles.push(title.to_owned());
    } else {
        let change = Change { path: path.clone(), before: Some(before), after: Some(after) };
        done.push(Fixed { change, titles: vec![title.to_owned()] });
    }
}
