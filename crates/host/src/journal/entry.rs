//! What one entry holds.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// One write of several files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Of this format.
    pub version: u32,
    /// Counts up.
    pub id: u64,
    /// Unix seconds.
    pub time: i64,
    /// The command that wrote, for people.
    pub command: String,
    /// It belongs to the entry before it and is undone with it.
    pub follows: bool,
    /// How far it is.
    pub state: State,
    /// The files, in the order of writing.
    pub files: Vec<FileRecord>,
    /// Folders that were made for them, outermost first.
    pub folders: Vec<String>,
}

/// One file of an entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileRecord {
    /// Relative to the workspace.
    pub path: String,
    /// What was there; the bytes lie beside the entry.
    pub before: Option<Image>,
    /// What was written.
    pub after: Option<Image>,
}

/// A file's content and mode.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Image {
    /// Hexadecimal.
    pub sha256: String,
    /// Permission bits; `None` is the user's default for a new file.
    pub mode: Option<u32>,
}

/// How far an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Files are being written.
    Applying,
    /// All files are written.
    Applied,
    /// Files are being put back.
    Undoing,
    /// All files are back.
    Undone,
    /// Writing was interrupted and all files are back.
    RolledBack,
}

impl Image {
    pub(super) fn of(bytes: &[u8], mode: Option<u32>) -> Self {
        Self { sha256: hash(bytes), mode }
    }
}

pub(super) fn hash(bytes: &[u8]) -> String {
    format!("{:x}", Sha256::digest(bytes))
}
