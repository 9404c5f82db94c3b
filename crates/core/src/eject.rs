//! `eject`: everything of ours goes, the user's later edits stay.

use crate::project::{RelPath, Snapshot};
use crate::protect::{Change, Note, Refusal};

/// Everything `eject` would do.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Ejection {
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
pub fn eject(_snapshot: &Snapshot, _config: Option<&RelPath>) -> Result<Ejection, Refusal> {
    Ok(Ejection { changes: Vec::new(), notes: Vec::new() })
}
