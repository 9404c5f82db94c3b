//! `eject`: everything of ours goes, the user's later edits stay.
//!
//! Unlike undo it needs no journal, so it works in a fresh clone; and unlike undo it gives back
//! values, not bytes: comments inside a value that was moved away are not in our file.

use crate::project::{RelPath, Snapshot, discover};
use crate::protect::source::{Source, open};
use crate::protect::{Change, Note, NoteKind, Refusal};

/// Everything `eject` would do.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Ejection {
    /// Configurations that are taken out of the gate.
    pub configs: Vec<RelPath>,
    /// Files to write or remove, in path order.
    pub changes: Vec<Change>,
    /// What the user must know, for example values that were edited since and stay.
    pub notes: Vec<Note>,
}

/// Plans the removal. `config: None` means every protected configuration.
///
/// # Errors
///
/// A [`Refusal`] when a configuration cannot be read, or nothing is protected.
pub fn eject(snapshot: &Snapshot, config: Option<&RelPath>) -> Result<Ejection, Refusal> {
    let mut ejected = Vec::new();
    let mut staying = false;
    let mut paths: Vec<RelPath> = discover(snapshot).into_iter().map(|found| found.path).collect();
    paths.extend(config.filter(|path| !paths.contains(path)).cloned());
    for path in paths {
        let asked = config.is_none_or(|config| *config == path);
        match open(snapshot, &path) {
            Ok(source) if source.record.is_some() && asked => ejected.push(source),
            Ok(source) => staying |= source.record.is_some(),
            // A broken configuration that nobody asked about is nobody's business here.
            Err(refusal) if config == Some(&path) => return Err(refusal),
            Err(_) => staying |= !asked,
        }
    }
    if ejected.is_empty() {
        let refusal = match config {
            Some(path) => Refusal::at(path, "this configuration is not protected"),
            None => Refusal::new("no configuration is protected"),
        };
        return Err(refusal.hint("`drawbridge` shows what is"));
    }
    let mut ejection = Ejection { configs: Vec::new(), changes: Vec::new(), notes: Vec::new() };
    for source in &ejected {
        take_out(snapshot, source, &mut ejection);
    }
    if !staying {
        ejection.remove(snapshot, &ejected[0].layout.readme);
    }
    ejection.notes.push(Note {
        kind: NoteKind::Warning,
        what: "the running container".to_owned(),
        why: "keeps its gate until it is rebuilt; then it has the engine's open network".to_owned(),
    });
    ejection.changes.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(ejection)
}

fn take_out(snapshot: &Snapshot, source: &Source<'_>, ejection: &mut Ejection) {
    ejection.configs.push(source.path.clone());
    if source.base != source.text {
        ejection.changes.push(Change {
            path: source.path.clone(),
            before: Some(source.text.to_owned()),
            after: Some(source.base.clone()),
        });
    }
    ejection.remove(snapshot, &source.layout.overlay);
    ejection.remove(snapshot, &source.layout.policy);
    for at in &source.edited {
        ejection.notes.push(Note {
            kind: NoteKind::Kept,
            what: at.clone(),
            why: "was edited after it was protected, so it stays as it is".to_owned(),
        });
    }
}

impl Ejection {
    fn remove(&mut self, snapshot: &Snapshot, path: &RelPath) {
        if let Some(text) = snapshot.text(path) {
            let before = Some(text.to_owned());
            self.changes.push(Change { path: path.clone(), before, after: None });
        }
    }
}
