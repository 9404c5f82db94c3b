//! Quick fixes.

use drawbridge_core::audit::{Finding, Safety};
use drawbridge_core::project::{RelPath, Snapshot};
use drawbridge_text::LineIndex;

use crate::check::Places;
use crate::place::range;
use crate::protocol::{Action, Range, TextEdit};
use crate::{Error, Project};

impl Project {
    /// Fixes of what was found in `file` and touches `at`.
    pub fn actions(&self, file: &str, at: Range) -> Result<Vec<Action>, Error> {
        let (snapshot, report) = self.audited()?;
        let mut places = Places::new(&snapshot);
        let asked = RelPath::new(file);
        let mut touches = |found: &&Finding| {
            found.location().is_some_and(|place| {
                let own = (Some(&place.file) == asked.as_ref()).then(|| places.range(place));
                own.is_some_and(|own| own.start <= at.end && at.start <= own.end)
            })
        };
        let found = report.findings.iter().filter(|found| touches(found));
        Ok(found.filter_map(|found| action(found, &snapshot)).collect())
    }

    /// Every safe fix of `file`, for "fix all".
    pub fn safe_actions(&self, file: &str) -> Result<Vec<Action>, Error> {
        let (snapshot, report) = self.audited()?;
        let all = report.findings.iter().filter_map(|found| action(found, &snapshot));
        Ok(all.filter(|action| action.safe && action.file == file).collect())
    }
}

fn action(found: &Finding, snapshot: &Snapshot) -> Option<Action> {
    let fix = found.fix.as_ref()?;
    let text = snapshot.text(&fix.file)?;
    let edit = fix.text_edit(text)?;
    let edits = vec![TextEdit { range: range(&LineIndex::new(text), edit.span), new_text: edit.insert }];
    Some(Action {
        title: fix.title.clone(),
        code: found.rule.code,
        rule: found.rule.id,
        safe: fix.safety == Safety::Safe,
        file: fix.file.as_str().to_owned(),
        edits,
    })
}
