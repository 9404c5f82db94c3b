//! One write or undo, step by step, and what happens when it stops between two steps.

use super::entry::{Entry, FileRecord, Image, State, hash};
use super::store::Store;
use super::{FILE_CAP, FileChange, JournalError};
use crate::files::{FileBytes, FileError, Found, Root};

/// What was found unfinished, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recovery {
    /// The entry's command.
    pub command: String,
    /// What was done.
    pub kind: RecoveryKind,
    /// Files that somebody changed in between; they were left as they are.
    pub left: Vec<String>,
}

/// See [`Recovery`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecoveryKind {
    /// Every file was written; only the last mark was missing.
    Completed,
    /// The files are as they were before.
    RolledBack,
    /// An undo was carried to its end.
    Undone,
}

/// Checks that every file is as the change expects and stores the entry.
pub(super) fn begin(
    root: &Root,
    store: &Store,
    command: &str,
    follows: bool,
    time: i64,
    changes: &[&FileChange],
) -> Result<Entry, JournalError> {
    let mut files = Vec::new();
    let mut folders: Vec<String> = Vec::new();
    for change in changes {
        let found = current(root, &change.path)?;
        let mode = found.as_ref().map(|file| file.mode);
        if found.map(|file| file.bytes) != change.before {
            return Err(JournalError::Stale { path: change.path.clone() });
        }
        if mode.is_some_and(|mode| mode & 0o222 == 0) {
            return Err(FileError::ReadOnly { path: change.path.clone() }.into());
        }
        for folder in root.missing_folders(&change.path)? {
            if change.after.is_some() && !folders.contains(&folder) {
                folders.push(folder);
            }
        }
        files.push(FileRecord {
            path: change.path.clone(),
            before: change.before.as_deref().map(|bytes| Image::of(bytes, mode)),
            after: change.after.as_deref().map(|bytes| Image::of(bytes, mode)),
        });
    }
    let id = store.entries()?.last().map_or(1, |last| last.id + 1);
    let state = State::Applying;
    let command = command.to_owned();
    let entry = Entry { version: 1, id, time, command, follows, state, files, folders };
    let before: Vec<_> = changes.iter().map(|change| change.before.clone()).collect();
    store.create(&entry, &before)?;
    Ok(entry)
}

/// Writes file number `index` of the entry.
pub(super) fn write_one(
    root: &Root,
    entry: &Entry,
    index: usize,
    change: &FileChange,
) -> Result<(), JournalError> {
    let record = &entry.files[index];
    match (&change.after, &record.after) {
        (Some(bytes), Some(image)) => {
            let within = |folder: &&String| {
                record.path.strip_prefix(folder.as_str()).is_some_and(|rest| rest.starts_with('/'))
            };
            for folder in entry.folders.iter().filter(within) {
                root.create_folder(folder)?;
            }
            root.replace(&record.path, bytes, image.mode, &temporary(entry, index))?;
        }
        _ => root.remove_file(&record.path)?,
    }
    Ok(())
}

/// Finishes an entry that was interrupted; `None` when it was not.
pub(super) fn recover(
    root: &Root,
    store: &Store,
    entry: &mut Entry,
) -> Result<Option<Recovery>, JournalError> {
    let undoing = match entry.state {
        State::Applying => false,
        State::Undoing => true,
        State::Applied | State::Undone | State::RolledBack => return Ok(None),
    };
    remove_temporaries(root, entry);
    let all_written = |file: &FileRecord| is(root, &file.path, file.after.as_ref());
    let complete = !undoing && entry.files.iter().all(|file| matches!(all_written(file), Ok(true)));
    let (kind, state, left) = if complete {
        (RecoveryKind::Completed, State::Applied, Vec::new())
    } else {
        let left = put_back(root, store, entry)?;
        remove_folders(root, entry)?;
        if undoing {
            (RecoveryKind::Undone, State::Undone, left)
        } else {
            (RecoveryKind::RolledBack, State::RolledBack, left)
        }
    };
    entry.state = state;
    store.save(entry)?;
    Ok(Some(Recovery { command: entry.command.clone(), kind, left }))
}

/// Refuses unless every file will be, entry after entry, as that entry left it.
pub(super) fn check_undo(root: &Root, newest_first: &[Entry]) -> Result<(), JournalError> {
    // What a file will hold once the newer entries are undone.
    let mut expected: Vec<(&str, Option<&Image>)> = Vec::new();
    for entry in newest_first {
        for file in &entry.files {
            let known = expected.iter().rev().find(|(path, _)| *path == file.path);
            let fine = match known {
                Some((_, image)) => image.map(|i| &i.sha256) == file.after.as_ref().map(|i| &i.sha256),
                None => is(root, &file.path, file.after.as_ref())?,
            };
            if !fine {
                return Err(JournalError::ChangedSince { path: file.path.clone(), saved: None });
            }
            expected.push((&file.path, file.before.as_ref()));
        }
    }
    Ok(())
}

/// Puts the files back; returns the folders that stay.
pub(super) fn undo(root: &Root, store: &Store, entry: &mut Entry) -> Result<Vec<String>, JournalError> {
    entry.state = State::Undoing;
    store.save(entry)?;
    if let Some(path) = put_back(root, store, entry)?.into_iter().next() {
        let index = entry.files.iter().position(|file| file.path == path);
        let saved = index.map(|index| store.saved(entry, index)).filter(|saved| saved.exists());
        return Err(JournalError::ChangedSince { path, saved });
    }
    let kept = remove_folders(root, entry)?;
    entry.state = State::Undone;
    store.save(entry)?;
    Ok(kept)
}

/// Puts back every file that is as the entry wrote it, last first; returns those that are neither
/// that nor as before.
fn put_back(root: &Root, store: &Store, entry: &Entry) -> Result<Vec<String>, JournalError> {
    let mut left = Vec::new();
    for (index, file) in entry.files.iter().enumerate().rev() {
        if is(root, &file.path, file.before.as_ref())? {
            continue;
        }
        if !is(root, &file.path, file.after.as_ref())? {
            left.push(file.path.clone());
            continue;
        }
        match &file.before {
            Some(image) => {
                let bytes = store.before(entry, index)?;
                root.replace(&file.path, &bytes, image.mode, &temporary(entry, index))?;
            }
            None => root.remove_file(&file.path)?,
        }
    }
    Ok(left)
}

fn remove_folders(root: &Root, entry: &Entry) -> Result<Vec<String>, JournalError> {
    let mut kept = Vec::new();
    for folder in entry.folders.iter().rev() {
        if !root.remove_empty_folder(folder)? {
            kept.push(folder.clone());
        }
    }
    Ok(kept)
}

fn remove_temporaries(root: &Root, entry: &Entry) {
    for (index, file) in entry.files.iter().enumerate() {
        let name = temporary(entry, index);
        let path = match file.path.rsplit_once('/') {
            Some((folder, _)) => format!("{folder}/{name}"),
            None => name,
        };
        // One that cannot be removed is replaced by the next write.
        drop(root.remove_file(&path));
    }
}

fn temporary(entry: &Entry, index: usize) -> String {
    format!(".drawbridge-{}-{index}.tmp", entry.id)
}

fn is(root: &Root, path: &str, image: Option<&Image>) -> Result<bool, JournalError> {
    let found = match root.read(path, FILE_CAP)? {
        Found::File(file) => Some(hash(&file.bytes)),
        Found::Missing => None,
        _ => return Ok(false),
    };
    Ok(found.as_ref() == image.map(|image| &image.sha256))
}

fn current(root: &Root, path: &str) -> Result<Option<FileBytes>, JournalError> {
    match root.read(path, FILE_CAP)? {
        Found::File(file) => Ok(Some(file)),
        Found::Missing => Ok(None),
        Found::Symlink { at } => Err(FileError::Symlink { path: at }.into()),
        Found::Denied { why } => {
            Err(FileError::Io { path: path.to_owned(), action: "read", source: std::io::Error::other(why) }
                .into())
        }
        Found::TooLarge { .. } | Found::Directory | Found::Special => {
            Err(JournalError::Stale { path: path.to_owned() })
        }
    }
}
