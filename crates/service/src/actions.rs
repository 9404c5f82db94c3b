//! Quick fixes.

use drawbridge_core::audit::{Finding, Fixed, Input, Safety, fixed};
use drawbridge_core::project::{RelPath, Snapshot};
use drawbridge_text::LineIndex;

use crate::check::Places;
use crate::place::range;
use crate::project::now;
use crate::protected::personal_layers;
use crate::protocol::{Action, FixAll, Range, TextEdit};
use crate::{Error, Project};

/// Each fix reads its file again, and nobody reads a longer list.
const MAX_FINDINGS: usize = 100;

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
        let mut actions: Vec<Action> = Vec::new();
        for found in report.findings.iter().filter(|found| touches(found)).take(MAX_FINDINGS) {
            // The ports of a range have one fix.
            let known = |action: &Action| actions.iter().any(|one| one.edits == action.edits);
            actions.extend(action(found, &snapshot).filter(|action| !known(action)));
        }
        Ok(actions)
    }

    /// Every safe fix of `file` as one replacement; `None` when there is none.
    pub fn fix_all(&self, file: &str) -> Result<Option<FixAll>, Error> {
        let snapshot = self.snapshot()?;
        let layers = personal_layers();
        let input = Input { layers: &layers, ..Input::of(&snapshot, now()) };
        let done = fixed(&input, true, &[]);
        let own = done.into_iter().find(|fixed| fixed.change.path.as_str() == file);
        let Some(Fixed { change, .. }) = own else { return Ok(None) };
        let (Some(before), Some(after)) = (change.before, change.after) else { return Ok(None) };
        let Some(edit) = drawbridge_text::TextEdit::between(&before, &after) else { return Ok(None) };
        let range = range(&LineIndex::new(&before), edit.span);
        Ok(Some(FixAll { edits: vec![TextEdit { range, new_text: edit.insert }] }))
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
