//! Writes files so that a crash loses nothing and `undo` puts every byte back.
//!
//! Kept outside the workspace, in `$XDG_STATE_HOME/drawbridge/<hash of the real path>/`, because a
//! container can write the workspace. The entry, with the bytes and modes that were there before,
//! is on disk before the first file is touched; a write that was interrupted is rolled back, and an
//! undo that was interrupted is completed, when the journal is opened next.

mod entry;
mod error;
mod store;
mod transaction;

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use drawbridge_core::protect::Change;

use crate::files::Root;

pub use entry::{Entry, FileRecord, State};
pub use error::JournalError;
pub use transaction::{Recovery, RecoveryKind};

use store::Store;

/// A file above this is none that we edit.
const FILE_CAP: u64 = 16 << 20;

/// A whole file before and after; `None` means that it does not exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileChange {
    /// Relative to the workspace, `/`-separated.
    pub path: String,
    /// The bytes on which the change is based; anything else on disk is an error.
    pub before: Option<Vec<u8>>,
    /// The bytes to write.
    pub after: Option<Vec<u8>>,
}

impl From<&Change> for FileChange {
    fn from(change: &Change) -> Self {
        let bytes = |text: &Option<String>| text.as_ref().map(|text| text.clone().into_bytes());
        Self {
            path: change.path.as_str().to_owned(),
            before: bytes(&change.before),
            after: bytes(&change.after),
        }
    }
}

/// The journal of one workspace, locked against other processes while it is open.
#[derive(Debug)]
pub struct Journal {
    root: Root,
    store: Store,
}

/// What an undo did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undone {
    /// The entries that were undone, newest first.
    pub entries: Vec<Entry>,
    /// Folders of ours that stay because something else is in them now.
    pub kept_folders: Vec<String>,
}

impl Journal {
    /// Opens the journal of `workspace` below `state_home` and finishes what was interrupted.
    pub fn open(workspace: &Path, state_home: &Path) -> Result<(Self, Vec<Recovery>), JournalError> {
        let real = workspace
            .canonicalize()
            .map_err(|source| JournalError::State { path: workspace.to_owned(), source })?;
        let root = Root::open(&real)?;
        let store = Store::open(state_home, &real)?;
        let mut recovered = Vec::new();
        for mut entry in store.entries()? {
            if let Some(recovery) = transaction::recover(&root, &store, &mut entry)? {
                recovered.push(recovery);
            }
        }
        Ok((Self { root, store }, recovered))
    }

    /// Writes `changes`, all or none. `follows` marks a change that belongs to the one before it and
    /// is undone with it.
    ///
    /// Returns `None` when nothing has to be written.
    pub fn apply(
        &mut self,
        command: &str,
        follows: bool,
        changes: &[FileChange],
    ) -> Result<Option<Entry>, JournalError> {
        let changes: Vec<&FileChange> =
            changes.iter().filter(|change| change.before != change.after).collect();
        if changes.is_empty() {
            return Ok(None);
        }
        let mut entry = transaction::begin(&self.root, &self.store, command, follows, now(), &changes)?;
        for (index, change) in changes.iter().enumerate() {
            if let Err(error) = transaction::write_one(&self.root, &entry, index, change) {
                transaction::recover(&self.root, &self.store, &mut entry)?;
                return Err(error);
            }
        }
        entry.state = State::Applied;
        self.store.save(&entry)?;
        Ok(Some(entry))
    }

    /// Undoes the newest entry, with those that follow it. `None` when there is nothing to undo.
    ///
    /// Refuses, and changes nothing, when a file is not as the entry left it.
    pub fn undo(&mut self) -> Result<Option<Undone>, JournalError> {
        let applied: Vec<Entry> =
            self.store.entries()?.into_iter().filter(|e| e.state == State::Applied).collect();
        let mut chosen = Vec::new();
        for entry in applied.into_iter().rev() {
            let last = !entry.follows;
            chosen.push(entry);
            if last {
                break;
            }
        }
        if chosen.is_empty() {
            return Ok(None);
        }
        transaction::check_undo(&self.root, &chosen)?;
        let mut kept_folders = Vec::new();
        for entry in &mut chosen {
            kept_folders.extend(transaction::undo(&self.root, &self.store, entry)?);
        }
        Ok(Some(Undone { entries: chosen, kept_folders }))
    }

    /// All entries, oldest first.
    pub fn history(&self) -> Result<Vec<Entry>, JournalError> {
        self.store.entries()
    }

    /// Where the bytes before a change are kept.
    pub fn folder(&self) -> &Path {
        self.store.folder()
    }
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
