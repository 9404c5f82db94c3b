//! The journal's folder: one folder per entry, `entry.json` and the bytes that were there before.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::entry::{Entry, hash};
use super::{FILE_CAP, JournalError};

#[derive(Debug)]
pub(super) struct Store {
    folder: PathBuf,
    /// Held for as long as the journal is open.
    lock: File,
}

impl Store {
    pub(super) fn open(state_home: &Path, workspace: &Path) -> Result<Self, JournalError> {
        let key = hash(workspace.as_os_str().as_encoded_bytes());
        let folder = state_home.join(&key[..16]);
        let entries = folder.join("entries");
        make_private(&entries).map_err(|source| state(&entries, source))?;
        let path = folder.join("lock");
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(|source| state(&path, source))?;
        lock.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => JournalError::Busy,
            TryLockError::Error(source) => state(&path, source),
        })?;
        // For people who look into the folder.
        let note = folder.join("workspace");
        let text = format!("{}\n", workspace.display());
        if fs::read_to_string(&note).ok().as_deref() != Some(&text) {
            write_synced(&note, text.as_bytes()).map_err(|source| state(&note, source))?;
        }
        Ok(Self { folder, lock })
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// All entries, oldest first. What a crash left half-made is not one of them.
    pub(super) fn entries(&self) -> Result<Vec<Entry>, JournalError> {
        let folder = self.folder.join("entries");
        let listing = fs::read_dir(&folder).map_err(|source| state(&folder, source))?;
        let mut entries = Vec::new();
        for found in listing {
            let path = found.map_err(|source| state(&folder, source))?.path();
            if path.extension().is_some() {
                drop(fs::remove_dir_all(&path));
                continue;
            }
            let path = path.join("entry.json");
            let text = fs::read(&path).map_err(|source| state(&path, source))?;
            let entry: Entry =
                serde_json::from_slice(&text).map_err(|_| JournalError::Damaged { path: path.clone() })?;
            if entry.version != 1 {
                return Err(JournalError::Damaged { path });
            }
            entries.push(entry);
        }
        entries.sort_by_key(|entry| entry.id);
        Ok(entries)
    }

    /// Stores a new entry with the bytes of each file, in one step.
    pub(super) fn create(&self, entry: &Entry, before: &[Option<Vec<u8>>]) -> Result<(), JournalError> {
        let unfinished = self.entry_folder(entry.id).with_extension("tmp");
        let create = || -> io::Result<()> {
            drop(fs::remove_dir_all(&unfinished));
            make_private(&unfinished)?;
            for (index, bytes) in before.iter().enumerate() {
                if let Some(bytes) = bytes {
                    write_synced(&unfinished.join(index.to_string()), bytes)?;
                }
            }
            write_synced(&unfinished.join("entry.json"), &serde_json::to_vec_pretty(entry)?)?;
            sync(&unfinished)?;
            fs::rename(&unfinished, self.entry_folder(entry.id))?;
            sync(&self.folder.join("entries"))
        };
        create().map_err(|source| state(&unfinished, source))
    }

    /// Stores a new state of an entry.
    pub(super) fn save(&self, entry: &Entry) -> Result<(), JournalError> {
        let path = self.entry_folder(entry.id).join("entry.json");
        let unfinished = path.with_extension("tmp");
        let save = || -> io::Result<()> {
            write_synced(&unfinished, &serde_json::to_vec_pretty(entry)?)?;
            fs::rename(&unfinished, &path)?;
            sync(&self.entry_folder(entry.id))
        };
        save().map_err(|source| state(&path, source))
    }

    /// The bytes of file number `index` before the entry.
    pub(super) fn before(&self, entry: &Entry, index: usize) -> Result<Vec<u8>, JournalError> {
        let path = self.saved(entry, index);
        let bytes = fs::read(&path).map_err(|source| state(&path, source))?;
        let wanted = entry.files.get(index).and_then(|file| file.before.as_ref());
        if bytes.len() as u64 > FILE_CAP || wanted.is_none_or(|i| i.sha256 != hash(&bytes)) {
            return Err(JournalError::Damaged { path });
        }
        Ok(bytes)
    }

    /// Where those bytes are.
    pub(super) fn saved(&self, entry: &Entry, index: usize) -> PathBuf {
        self.entry_folder(entry.id).join(index.to_string())
    }

    fn entry_folder(&self, id: u64) -> PathBuf {
        self.folder.join("entries").join(format!("{id:06}"))
    }
}

impl Drop for Store {
    /// A program that another thread is starting holds a copy of the handle for a moment; closing
    /// ours would leave the lock to it.
    fn drop(&mut self) {
        drop(self.lock.unlock());
    }
}

fn state(path: &Path, source: io::Error) -> JournalError {
    JournalError::State { path: path.to_owned(), source }
}

/// The files before a change may hold secrets.
fn make_private(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

fn write_synced(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(unix)]
fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync(_folder: &Path) -> io::Result<()> {
    Ok(())
}
